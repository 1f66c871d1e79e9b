"""The headline of the money that no account shows, for those who see everybody: two shares and how they move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from customers import formats
from customers.models import UnlinkedDay
from customers.pages.home.book import Book
from customers.unlinked_money import kept_days, share

REPORT = "unlinked-money"
DAYS, COMPARED_DAYS = 91, 28
WIDTH, HEIGHT = 240, 32
FEWEST = 2
RESTS_ON = frozenset({"revenue_12m", "overdue_amount"})


@dataclass(frozen=True)
class Share:
    """One share: percent and the amount behind it, what it was before in words, and its line in a box of 240 by 32."""

    label: str
    percent: str
    amount: str
    amount_url: str
    before: str
    better: bool | None
    line: str


@dataclass(frozen=True)
class Unlinked:
    """The headline; `url` is the report that lists whose money it is, `since` the first day of the lines."""

    shares: tuple[Share, ...]
    url: str
    since: str


def build_unlinked(book: Book, currency: str) -> Unlinked | None:
    """None where the book is not everybody's, a figure is hidden, or no day is kept yet."""
    if not book.everything or book.hidden & RESTS_ON:
        return None
    days = kept_days(book.as_of, DAYS)
    if not days or days[-1].as_of != book.as_of:
        return None
    revenue = [(day, day.unlinked_revenue, day.revenue) for day in days]
    overdue = [(day, day.unlinked_overdue, day.overdue) for day in days]
    return Unlinked(
        shares=(
            _share("of revenue, 12 months", "revenue_12m", revenue, currency),
            _share("of overdue", "overdue_amount", overdue, currency),
        ),
        url=reverse("reports:report", args=[REPORT]),
        since=formats.day(days[0].as_of) if len(days) > 1 else "",
    )


def _share(label: str, measure: str, days: Sequence[tuple[UnlinkedDay, Decimal, Decimal]], currency: str) -> Share:
    day, part, whole = days[-1]
    now = share(part, whole)
    earlier = [each for each in days if each[0].as_of <= day.as_of - timedelta(days=COMPARED_DAYS)] or list(days[:1])
    then, was = earlier[-1][0], share(earlier[-1][1], earlier[-1][2])
    compared = was is not None and now is not None and then is not day
    return Share(
        label=label,
        percent=_percent(now),
        amount=formats.money(part, currency),
        amount_url=reverse("reports:figure", args=[REPORT, measure]) if part else "",
        before=f"{_percent(was)} on {formats.day_short(then.as_of, day.as_of)}" if compared else "",
        better=None if not compared or now == was else bool(was is not None and now is not None and now < was),
        line=_line([share(part, whole) for _, part, whole in days]),
    )


def _percent(value: Decimal | None) -> str:
    return formats.UNKNOWN if value is None else formats.percent(value / 100)


def _line(values: Sequence[Decimal | None]) -> str:
    """From zero at the foot to the highest share at the top; days without a share are passed over."""
    known = [(number, value) for number, value in enumerate(values) if value is not None]
    if len(known) < FEWEST:
        return ""
    highest = max(value for _, value in known) or Decimal(1)
    last = len(values) - 1
    points = (
        f"{Decimal(WIDTH) * number / last:.1f} {HEIGHT - Decimal(HEIGHT - 2) * value / highest - 1:.1f}"
        for number, value in known
    )
    return "M" + " L".join(points)
