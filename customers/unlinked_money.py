"""The money that no account shows: its share of revenue and of overdue, kept for every day with figures."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from customers.calendar import comparable_days
from customers.measures_shape import ratio_of
from customers.models import Customer, CustomerRollup, RollupDay, UnlinkedDay
from customers.statements import run

Sums = Mapping[str, Decimal]
"""The columns of UnlinkedDay."""


def store(as_of: date) -> None:
    """Keep the sums of a day, in the transaction that rolled it up, and those of earlier days that have none."""
    run("unlinked_day", as_of=as_of)


def part_of(customers: Q, as_of: date) -> Sums:
    """What some customers add to the sums of a day; the condition is on Customer."""
    among = list(Customer.objects.filter(customers).values_list("pk", flat=True))
    alone = Q(customer__account=None)
    found = CustomerRollup.objects.filter(as_of=as_of, customer__in=among).aggregate(
        customers=Count("pk", filter=alone & (~Q(revenue_12m=0) | ~Q(overdue_amount=0))),
        unlinked_revenue=Sum("revenue_12m", filter=alone),
        revenue=Sum("revenue_12m"),
        unlinked_overdue=Sum("overdue_amount", filter=alone),
        overdue=Sum("overdue_amount"),
    )
    return {name: value or Decimal(0) for name, value in found.items()}


def move(before: Sums, after: Sums, as_of: date) -> None:
    """Bring the sums of a day up to date where only some customers changed; all days where some day has none."""
    days = RollupDay.objects.exclude(as_of__in=UnlinkedDay.objects.values("as_of"))
    if days.exists() or not UnlinkedDay.objects.filter(as_of=as_of).exists():
        store(as_of)
        return
    moved: Any = {name: F(name) + after[name] - before[name] for name in before}
    UnlinkedDay.objects.filter(as_of=as_of).update(**moved)


def kept_days(as_of: date, most: int) -> list[UnlinkedDay]:
    """The newest days up to one, ascending; only those that can be compared with it."""
    days = UnlinkedDay.objects.filter(as_of__lte=as_of, as_of__in=comparable_days().values("as_of"))
    return sorted(days.order_by("-as_of")[:most], key=lambda day: day.as_of)


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Percent to one place; None where there is no whole."""
    return ratio_of(part, whole, 100, 1) if whole > 0 else None
