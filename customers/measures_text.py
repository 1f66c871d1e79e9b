"""Figures that are words: the segment of a customer and its status, declared once like the measures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Case, Expression, Q, Value, When
from django.db.models.fields import CharField

from customers.segments import USUAL, all_segments, segment_expression

CUSTOMER, PROSPECT = "Customer", "Prospect"


@dataclass(frozen=True, kw_only=True)
class TextMeasure:
    """Words about one customer. `values` are all there can be; `expression` gives the one of a CustomerRollup."""

    name: str
    label: str
    definition: str
    values: tuple[str, ...]
    expression: Callable[[], Expression]

    @property
    def length(self) -> int:
        """Characters of the longest value."""
        return max(len(value) for value in self.values)


def _status() -> Expression:
    prospect = When(Q(customer__is_prospect=True), then=Value(PROSPECT))
    return Case(prospect, default=Value(CUSTOMER), output_field=CharField())


SEGMENT = TextMeasure(
    name="segment",
    label="Segment",
    definition="Revenue class, standing and deal class at the usual thresholds, as the segmentation report shows them.",
    values=all_segments(),
    expression=lambda: segment_expression(USUAL),
)
STATUS = TextMeasure(
    name="status",
    label="Status",
    definition="A customer has an ERP customer linked to its account; a prospect has none yet.",
    values=(CUSTOMER, PROSPECT),
    expression=_status,
)

TEXT_MEASURES: Mapping[str, TextMeasure] = MappingProxyType({each.name: each for each in (SEGMENT, STATUS)})
