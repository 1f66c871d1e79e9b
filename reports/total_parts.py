"""A total that is a ratio, as the two sums it is made of."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.urls import reverse

from customers.measures import Measure, get_measure
from customers.models import CustomerRollup


@dataclass(frozen=True)
class TotalPart:
    """Numerator or denominator over the selection; `path` lists its documents."""

    role: str
    measure: Measure
    value: Decimal | int
    path: str


@dataclass(frozen=True)
class TotalRatio:
    """The figure and what divides it."""

    value: Decimal | None
    parts: tuple[TotalPart, TotalPart]


def total_parts(report: str, measure: Measure, rows: QuerySet[CustomerRollup]) -> TotalRatio:
    """Both sums over all rows of the selection, and their ratio."""
    above = _part(report, "Divided", measure.numerator, rows)
    below = _part(report, "by", measure.denominator, rows)
    return TotalRatio(measure.ratio(above.value, below.value), (above, below))


def _part(report: str, role: str, name: str, rows: QuerySet[CustomerRollup]) -> TotalPart:
    measure = get_measure(name)
    return TotalPart(role, measure, stored_total(measure, rows), reverse("reports:figure", args=[report, name]))


def stored_total(measure: Measure, rows: QuerySet[CustomerRollup]) -> Decimal | int:
    """The sum of a stored sum or count over all rows, unrounded."""
    total: Decimal | int | None = rows.order_by().aggregate(total=Sum(measure.column))["total"]
    return total or 0
