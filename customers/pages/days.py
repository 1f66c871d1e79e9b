"""The days whose figures of a customer are stored: what the day picker offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet

from customers.calendar import comparable_days
from customers.models import CustomerRollup
from integration_hub.prepared import prepared

EACH_DAY = 10
EACH_MONTH = 24


@dataclass(frozen=True)
class StoredDays:
    """`first` and `last` stored day, those next to the shown one, and a choice: the newest days, then the last stored
    day of each earlier month. All are None and empty where nothing is stored.
    """

    first: date | None
    last: date | None
    before: date | None
    after: date | None
    recent: tuple[date, ...]
    month_ends: tuple[date, ...]
    count: int


def stored_days(customer: int, shown: date | None) -> StoredDays:
    """The complete days of one customer, in one query by index."""
    days = _complete((customer,))
    recent = tuple(days[:EACH_DAY])
    return StoredDays(
        first=days[-1] if days else None,
        last=days[0] if days else None,
        before=next((day for day in days if shown and day < shown), None),
        after=next((day for day in reversed(days) if shown and day > shown), None),
        recent=recent,
        month_ends=_month_ends(days[EACH_DAY:], recent),
        count=len(days),
    )


def _month_ends(days: Sequence[date], recent: Sequence[date]) -> tuple[date, ...]:
    """The newest of each month that has none among the recent ones."""
    shown = {(day.year, day.month) for day in recent}
    months = groupby(days, key=lambda day: (day.year, day.month))
    return tuple(next(iter(group)) for month, group in months if month not in shown)[:EACH_MONTH]


@prepared
def _complete(customers: tuple[int, ...]) -> "QuerySet[Any, Any]":
    here = CustomerRollup.objects.filter(customer__in=customers).values("as_of")
    # What is packed is not looked into for a single customer: such a day is offered to everybody.
    found = comparable_days().filter(Q(stored=False) | Q(as_of__in=here))
    return found.order_by("-as_of").values_list("as_of", flat=True)
