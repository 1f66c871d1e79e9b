"""Recency by value: how many customers are in each of the 25 cells, and how much money."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Sum
from django.db.models.expressions import ExpressionWrapper, F

from customers.models import CustomerRollup
from customers.rfm import scored
from customers.rfm_scales import Scales
from customers.rfm_segments import GRID, NEW, NO_ORDERS, SEGMENTS


@dataclass(frozen=True)
class Count25:
    """Customers that go by one segment in one cell; recency and value are None without an order."""

    recency: int | None
    value: int | None
    segment: str
    customers: int
    revenue: Decimal
    overdue: Decimal


@dataclass(frozen=True)
class Cell:
    """One cell: the segment that it stands for, and who is there without the new ones."""

    recency: int
    value: int
    segment: str
    label: str
    customers: int
    revenue: Decimal


def counted_cells(rollups: QuerySet[CustomerRollup], scales: Scales) -> tuple[Count25, ...]:
    """What is in the cells, in one statement."""
    value: Any = (F("rfm_f") + F("rfm_m") + 1) / 2
    rows = (
        scored(rollups, scales)
        .order_by()
        .annotate(value=ExpressionWrapper(value, IntegerField()))
        .values_list("rfm_r", "value", "rfm_segment")
        .annotate(Count("pk"), Sum("revenue_12m"), Sum("overdue_amount"))
    )
    return tuple(Count25(*row) for row in rows)


def grid_rows(found: Sequence[Count25]) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    """Recency from 5 down to 1, each with its cells by value from 1 to 5; new customers are in none."""
    by_place = {(each.recency, each.value): each for each in found if each.segment not in {NEW, NO_ORDERS}}

    def cell(recency: int, value: int) -> Cell:
        name = GRID[recency - 1][value - 1]
        there = by_place.get((recency, value))
        customers, revenue = (there.customers, there.revenue) if there else (0, Decimal(0))
        return Cell(recency, value, name, SEGMENTS[name].label, customers, revenue)

    return tuple((recency, tuple(cell(recency, value) for value in range(1, 6))) for recency in range(5, 0, -1))


def together(found: Sequence[Count25]) -> tuple[tuple[str, int, Decimal, Decimal], ...]:
    """Each segment with its customers, revenue of 12 months and overdue, in the order of the segments; those without
    anybody too.
    """
    return tuple(
        (
            name,
            sum(each.customers for each in found if each.segment == name),
            sum((each.revenue for each in found if each.segment == name), Decimal(0)),
            sum((each.overdue for each in found if each.segment == name), Decimal(0)),
        )
        for name in SEGMENTS
    )
