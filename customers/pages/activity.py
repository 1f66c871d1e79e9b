"""A year of a customer, week by week: how many orders, deliveries, invoices and payments each week had."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncWeek

from customers import formats
from customers.companies import counting
from customers.pages.scope import Scope
from customers.parts import held_by
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment

WEEKS, LEVELS = 53, 4
CELL, STEP = 16, 20
KINDS: tuple[tuple[str, Any, str], ...] = (
    ("Orders", ErpOrder, "ordered_on"),
    ("Deliveries", ErpDelivery, "shipped_on"),
    ("Invoices", ErpInvoice, "revenue_on"),
    ("Payments", ErpPayment, "paid_on"),
)


@dataclass(frozen=True)
class Cell:
    """A week of one kind in the map: where it stands, how strong it is (0 to 4), and what it says."""

    x: int
    y: int
    level: int
    title: str


@dataclass(frozen=True)
class WeekRow:
    """A week of the table; it begins on a Monday."""

    monday: date
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Activity:
    """The map in a box of `width` by `height`, and the weeks with anything as a table, the newest first."""

    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    weeks: tuple[WeekRow, ...]
    totals: tuple[int, ...]
    start: date
    width: int = WEEKS * STEP
    height: int = len(KINDS) * STEP


def build_activity(scope: Scope) -> Activity:
    """53 weeks up to that of the day; one query a kind."""
    as_of = scope.figures.as_of
    last = as_of - timedelta(days=as_of.weekday())
    mondays = [last - timedelta(weeks=WEEKS - 1 - place) for place in range(WEEKS)]
    counts = [_by_week(model, day, scope, mondays[0], as_of) for _, model, day in KINDS]
    cells = [
        cell
        for row, ((label, _, _), known) in enumerate(zip(KINDS, counts, strict=True))
        for cell in _cells(label, row, known, mondays)
    ]
    weeks = [WeekRow(monday, tuple(known.get(monday, 0) for known in counts)) for monday in reversed(mondays)]
    return Activity(
        labels=tuple(label for label, _, _ in KINDS),
        cells=tuple(cells),
        weeks=tuple(week for week in weeks if any(week.counts)),
        totals=tuple(sum(known.values()) for known in counts),
        start=mondays[0],
    )


def _by_week(model: Any, day: str, scope: Scope, start: date, end: date) -> Mapping[date, int]:
    rows = counting(model).filter(held_by(model, scope.keys), **{f"{day}__range": (start, end)}).order_by()
    return dict(rows.annotate(week=TruncWeek(day)).values_list("week").annotate(count=Count("pk")))


def _cells(label: str, row: int, known: Mapping[date, int], mondays: list[date]) -> list[Cell]:
    most = max(known.values(), default=0)
    nouns = label.lower()
    return [
        Cell(
            x=place * STEP,
            y=row * STEP,
            level=-(-known.get(monday, 0) * LEVELS // most) if most else 0,
            title=f"Week of {formats.day(monday)}: {known.get(monday, 0)} {nouns}",
        )
        for place, monday in enumerate(mondays)
    ]
