"""Columns that a role does not see, although it may open the customer; hub.toml says which ([access.hidden]).

What shows several figures at once (a tile, a sentence, a card) says with `rests_on` which ones, and is left out as a
whole when one of them is hidden. Whatever does not say is left out as soon as anything is hidden.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from customers.measures import MEASURES
from customers.measures_receivables import AGING, PARTS
from customers.measures_text import OF_SAVED_SEGMENTS, RFM_SINCE, SEGMENT, TEXT_MEASURES
from customers.rfm import SCORED_BY
from integration_hub.config import hub

# What can be hidden besides measures: name -> label, as pages call it. Whoever shows another one adds it here.
ATTRIBUTES: Mapping[str, str] = MappingProxyType({"credit_limit": "Credit limit"})
# The segment names the classes of these figures.
CLASSIFIED_BY = SEGMENT.rests_on
# Sums and what they are made of: where one of such figures is hidden, the rest would give it away, added up or taken
# off. What is open adds up from its ages, and from what can be done about it; what is overdue from some of each.
_OPEN = frozenset({"open_amount", "overdue_amount"})
_AGES, _PARTS = (frozenset(measure.name for measure in measures) for measures in (AGING, PARTS))
# Two numbers of the same orders, which differ only where a rule divides them.
_PRICED = frozenset({"priced_order_count_12m", "order_parts_12m"})
ADD_UP = ((_OPEN, _AGES), (_OPEN, _PARTS), (_PRICED, _PRICED))
# What a list of open items and a statement of account give away.
OWED = _OPEN | _AGES | _PARTS | {"credits_amount"}
# What the pages from won to cash are made of.
HANDED_OVER = frozenset({"won_amount_12m", "order_intake"})
_RESTS_ON = "rests_on"
Builder = TypeVar("Builder", bound=Callable[..., Any])


def hidden_from(role: str) -> frozenset[str]:
    """Names of the measures and attributes that a role does not see: those of hub.toml, and what follows from them."""
    return hidden_with({name for name, roles in hub().access.hidden.items() if role in roles})


def hidden_with(names: Iterable[str]) -> frozenset[str]:
    """These measures and attributes, and whatever else would show them or give them away. A ratio is hidden with either
    of its parts, since its page opens both, a text such as the segment with any figure that it gives away, the parts
    of a sum with the sum and with each other, and the names of saved segments, whose rules may rest on any figure, as
    soon as anything is hidden.
    """
    return _closed(frozenset(names))


@lru_cache(maxsize=256)
def _closed(names: frozenset[str]) -> frozenset[str]:
    """Asked several times by every page, about the few sets that roles have."""
    named = set(names)
    named |= {part for sums, parts in ADD_UP if named & (sums | parts) for part in parts}
    made_of = {measure.name for measure in MEASURES.values() if named & {measure.numerator, measure.denominator}}
    texts = {text.name for text in TEXT_MEASURES.values() if (named | made_of) & text.rests_on}
    since = {RFM_SINCE.name} if (named | made_of) & SCORED_BY else set()
    return frozenset(named | made_of | texts | since | (OF_SAVED_SEGMENTS if named else set()))


def hidden_fields(hidden: frozenset[str]) -> frozenset[str]:
    """Account fields that the push fills with a hidden figure, or that hold what the ERP calls by a hidden name: they
    would show it under another one.
    """
    if not hidden:
        return frozenset()
    compared = {master.salesforce_field for name, master in hub().masters.compared.items() if name in hidden}
    return frozenset({field.field for field in hub().push.fields if field.measure in hidden} | compared - {""})


def rests_on(*names: str) -> Callable[[Builder], Builder]:
    """Declare the measures and attributes that a function's result shows or gives away."""

    def declared(builder: Builder) -> Builder:
        setattr(builder, _RESTS_ON, frozenset(names))
        return builder

    return declared


def may_show(builder: Callable[..., Any], hidden: frozenset[str]) -> bool:
    """Whether what a function builds may be shown to somebody from whom these columns are hidden."""
    if not hidden:
        return True
    names: frozenset[str] | None = getattr(builder, _RESTS_ON, None)
    return names is not None and not names & hidden


def shown(builders: Iterable[Builder], hidden: frozenset[str]) -> tuple[Builder, ...]:
    """The functions whose results may be shown."""
    return tuple(builder for builder in builders if may_show(builder, hidden))


def unknown_columns() -> tuple[str, ...]:
    """Names in [access.hidden] that no measure and no attribute has."""
    return tuple(name for name in hub().access.hidden if name not in MEASURES and name not in ATTRIBUTES)
