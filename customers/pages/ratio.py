"""A ratio as its two parts: both figures open their own rows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from customers.measures import Measure, get_measure
from customers.models import CustomerRollup
from customers.pages.key_figures import figure_url


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


def build_ratio(measure: Measure, rollup: CustomerRollup) -> Ratio:
    """Both parts with their stored values."""
    above, below = get_measure(measure.numerator), get_measure(measure.denominator)
    return Ratio(measure.value(rollup), (_part("Divided", above, rollup), _part("by", below, rollup)))


def _part(role: str, measure: Measure, rollup: CustomerRollup) -> Part:
    value: Decimal | int | Any = measure.value(rollup)
    return Part(role, measure, value, figure_url(rollup, measure.name))
