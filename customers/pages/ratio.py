"""A ratio as its two parts: both figures open their own rows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from customers.measures import Measure, get_measure
from customers.pages.scope import Scope


@dataclass(frozen=True)
class Part:
    """Numerator or denominator."""

    role: str
    measure: Measure
    value: Any
    url: str


@dataclass(frozen=True)
class Ratio:
    """The figure and what divides it."""

    value: Any
    parts: tuple[Part, Part]


def build_ratio(measure: Measure, scope: Scope) -> Ratio:
    """Both parts with their stored values."""
    above, below = get_measure(measure.numerator), get_measure(measure.denominator)
    return Ratio(measure.value(scope.figures), (_part("Divided", above, scope), _part("by", below, scope)))


def _part(role: str, measure: Measure, scope: Scope) -> Part:
    value: Decimal | int | Any = measure.value(scope.figures)
    return Part(role, measure, value, scope.figure_url(measure.name))
