"""The money that no account shows: its share of revenue and of overdue, kept for every day with figures."""

from datetime import date
from decimal import Decimal

from customers.calendar import comparable_days
from customers.measures_shape import ratio_of
from customers.models import UnlinkedDay
from customers.statements import run


def store(as_of: date) -> None:
    """Keep the sums of a day, in the transaction that rolled it up, and those of earlier days that have none."""
    run("unlinked_day", as_of=as_of)


def kept_days(as_of: date, most: int) -> list[UnlinkedDay]:
    """The newest days up to one, ascending; only those that can be compared with it."""
    days = UnlinkedDay.objects.filter(as_of__lte=as_of, as_of__in=comparable_days().values("as_of"))
    return sorted(days.order_by("-as_of")[:most], key=lambda day: day.as_of)


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Percent to one place; None where there is no whole."""
    return ratio_of(part, whole, 100, 1) if whole > 0 else None
