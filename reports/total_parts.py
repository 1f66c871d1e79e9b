"""A total that is a ratio, as the two sums it is made of."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse

from customers.measures import Measure, get_measure
from customers.models import CustomerRollup
from reports.columns import stored_total


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


def total_parts(measure: Measure, rows: QuerySet[CustomerRollup]) -> TotalRatio:
    """Both sums over all rows of the selection, and their ratio."""
    above = _part("Divided", measure.numerator, rows)
    below = _part("by", measure.denominator, rows)
    return TotalRatio(measure.ratio(above.value, below.value), (above, below))


def _part(role: str, name: str, rows: QuerySet[CustomerRollup]) -> TotalPart:
    measure = get_measure(name)
    return TotalPart(role, measure, stored_total(measure, rows), reverse("reports:figure", args=[name]))
