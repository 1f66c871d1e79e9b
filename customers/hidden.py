"""Columns that a role does not see, although it may open the customer; hub.toml says which ([access.hidden])."""

from collections.abc import Mapping
from types import MappingProxyType

from customers.measures import MEASURES
from integration_hub.config import hub

# What can be hidden besides measures: name -> label, as pages call it. Whoever shows another one adds it here.
ATTRIBUTES: Mapping[str, str] = MappingProxyType({"credit_limit": "Credit limit"})


def hidden_from(role: str) -> frozenset[str]:
    """Names of the measures and attributes that a role does not see; a ratio is hidden with either of its parts, since
    its page opens both.
    """
    named = {name for name, roles in hub().access.hidden.items() if role in roles}
    made_of = {measure.name for measure in MEASURES.values() if named & {measure.numerator, measure.denominator}}
    return frozenset(named | made_of)


def unknown_columns() -> tuple[str, ...]:
    """Names in [access.hidden] that no measure and no attribute has."""
    return tuple(name for name in hub().access.hidden if name not in MEASURES and name not in ATTRIBUTES)
