"""The late-order radar: lines past their promised day, and how often orders arrive in full and on time."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from customers import counted
from customers.addresses import document_address
from customers.hidden import rests_on
from customers.known import prepared_for
from customers.measures import get_measure
from customers.models import Customer
from customers.pages.scope import Scope

SHOWN, LOOKED_AT = 8, 40
OTIF, OTIF_BEFORE = "otif", "otif_prior"


@dataclass(frozen=True)
class LateLine:
    """A line with something to deliver; `amount` is the undelivered part in the reporting currency, None where the
    order has no amount in it.
    """

    number: str
    url: str
    text: str
    due_on: date
    days_late: int
    missing: Decimal
    quantity: Decimal
    unit: str
    amount: Decimal | None
    hold: str


@dataclass(frozen=True)
class OnTime:
    """On time in full of 12 months; `value` in per cent is None where no order was delivered."""

    value: Decimal | None
    before: Decimal | None
    count: int
    of: int
    url: str
    before_url: str
    count_url: str
    of_url: str
    definition: str


@dataclass(frozen=True)
class LateLines:
    """The latest lines of all late ones, and the stored figures of all of them."""

    lines: tuple[LateLine, ...]
    count: int
    amount: Decimal
    url: str
    count_url: str
    on_time: OnTime


@rests_on("late_lines_amount", "late_lines_count", "late_orders_count", "otif", "otif_count_12m")
def build_late_lines(scope: Scope) -> LateLines:
    """The lines that are late the longest at the day of the scope."""
    rollup = scope.figures
    return LateLines(
        lines=tuple(_line(line, rollup.as_of) for line in _first(scope)),
        count=rollup.late_lines_count,
        amount=rollup.late_lines_amount,
        url=scope.figure_url("late_lines_amount"),
        count_url=scope.figure_url("late_lines_count"),
        on_time=OnTime(
            value=rollup.otif,
            before=rollup.otif_prior,
            count=rollup.otif_count_12m,
            of=rollup.delivered_orders_12m,
            url=scope.figure_url(OTIF),
            before_url=scope.figure_url(OTIF_BEFORE),
            count_url=scope.figure_url("otif_count_12m"),
            of_url=scope.figure_url("delivered_orders_12m"),
            definition=get_measure(OTIF).definition,
        ),
    )


def _first(scope: Scope) -> list[Any]:
    """The late lines that are due the longest. What was shipped is looked up for a few due lines only, unless most of
    those turn out to be delivered.
    """
    count, as_of = scope.figures.late_lines_count, scope.figures.as_of
    if not count:
        return []
    first = _late_among(scope.customers, as_of, tuple(_due(scope.customers, as_of)))
    return first if len(first) >= min(SHOWN, count) else _late(scope.customers, as_of)


@prepared_for
def _due(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    return counted.due_lines(customers, as_of).order_by("due", "key").values_list("key", flat=True)[:LOOKED_AT]


@prepared_for
def _late_among(customers: QuerySet[Customer], as_of: date, keys: tuple[str, ...]) -> QuerySet[Any]:
    return _longest(customers, as_of).filter(key__in=keys)[:SHOWN]


@prepared_for
def _late(customers: QuerySet[Customer], as_of: date) -> QuerySet[Any]:
    return _longest(customers, as_of)[:SHOWN]


def _longest(customers: QuerySet[Customer], as_of: date) -> QuerySet[Any]:
    late = get_measure("late_lines_amount").documents(customers, as_of)
    return late.select_related("order", "product").order_by("due", "key")


def _line(row: Any, as_of: date) -> LateLine:
    return LateLine(
        number=row.order.number or row.order.key,
        url=document_address("order", row.order.key),
        text=row.text or (row.product.name if row.product else ""),
        due_on=row.due,
        days_late=(as_of - row.due).days,
        missing=row.missing,
        quantity=row.quantity,
        unit=row.unit,
        amount=row.counted,
        hold=row.order.hold_reason,
    )
