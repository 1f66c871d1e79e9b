"""How often somebody buys: the usual gap between days of buying, and when silence is longer than usual."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from dateutil.relativedelta import relativedelta

from customers import formats
from customers.companies import counting
from customers.parts import held_by, parts_among
from customers.statements import fetch_planned
from integration_hub.models import ErpOrder

# Two gaps are the least that can be usual.
FEWEST_DAYS = 3
MONTHS = 24
TIMES_USUAL, DAYS_BEYOND_USUAL = 2, 14
RULE = (
    f"The usual gap is the median number of days between days with an order in the last {MONTHS} months; it takes "
    f"{FEWEST_DAYS} such days. Quiet is more than {TIMES_USUAL} usual gaps, and more than {DAYS_BEYOND_USUAL} days "
    "beyond one, since the last order."
)


def rhythm_start(as_of: date) -> date:
    """The first day that counts for the rhythm at a day: the day after the same day so many months ago."""
    return as_of - relativedelta(months=MONTHS) + timedelta(days=1)


def order_days(keys: Sequence[str], as_of: date) -> tuple[date, ...]:
    """The days of 24 months up to a day on which ERP customers ordered, ascending; no quotes, nothing cancelled."""
    if parts_among(keys):
        found = counting(ErpOrder).filter(held_by(ErpOrder, keys), ordered_on__range=(rhythm_start(as_of), as_of))
        days = found.exclude(status__in=("quote", "cancelled")).order_by("ordered_on")
        return tuple(days.values_list("ordered_on", flat=True).distinct())
    rows = fetch_planned("order_days", keys=list(keys), start=rhythm_start(as_of), end=as_of)
    return tuple(day for (day,) in rows)


def usual_gap(days: Sequence[date]) -> int | None:
    """The median number of days from one day to the next, of days in ascending order; None for fewer than three."""
    if len(days) < FEWEST_DAYS:
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return int(formats.half_up(Decimal(str(median(gaps))), 0))


def is_quiet(since: int, gap: int | None) -> bool:
    """Whether so many days without an order are beyond the usual gap; never without one."""
    return gap is not None and since > TIMES_USUAL * gap and since > gap + DAYS_BEYOND_USUAL
