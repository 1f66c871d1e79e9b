"""Figures that are words: the segment of a customer and its status, declared once like the measures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Case, Expression, ExpressionWrapper, F, Q, Value, When
from django.db.models.fields import CharField, DateField
from django.db.models.functions import NullIf

from customers.rfm import label_of
from customers.rfm_segments import SCORES, SEGMENTS
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
RFM_SEGMENT = TextMeasure(
    name="rfm_segment",
    label="RFM segment",
    definition="The name of the RFM score, by the scales in force, as the RFM report shows it.",
    values=tuple(segment.label for segment in SEGMENTS.values()),
    expression=lambda: label_of(F("customer__rfm__segment")),
)
RFM_SCORE = TextMeasure(
    name="rfm_score",
    label="RFM score",
    definition="Recency, frequency and monetary value, a digit from 1 to 5 each, such as 545; empty without an order.",
    values=SCORES,
    expression=lambda: NullIf(F("customer__rfm__score"), Value(""), output_field=CharField()),
)
RFM = (RFM_SEGMENT, RFM_SCORE)

TEXT_MEASURES: Mapping[str, TextMeasure] = MappingProxyType({each.name: each for each in (SEGMENT, STATUS, *RFM)})


@dataclass(frozen=True, kw_only=True)
class DayMeasure:
    """A day about one customer that is no figure of its documents; `expression` gives the one of a CustomerRollup."""

    name: str
    label: str
    definition: str
    expression: Callable[[], Expression]


RFM_SINCE = DayMeasure(
    name="rfm_since",
    label="In this RFM segment since",
    definition="First day with figures from which on the customer has been in its RFM segment.",
    expression=lambda: ExpressionWrapper(F("customer__rfm__since"), DateField()),
)
DAY_MEASURES: Mapping[str, DayMeasure] = MappingProxyType({RFM_SINCE.name: RFM_SINCE})
