"""Figures that are words: the segment of a customer and its status, declared once like the measures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Case, Expression, ExpressionWrapper, F, Q, Value, When
from django.db.models.fields import CharField, DateField
from django.db.models.functions import NullIf

from customers.habits import (
    DROP_PERCENT,
    LAPSED_AFTER_DAYS,
    LATE_FROM_DAYS,
    ORDERING,
    PAYING,
    VERY_LATE_FROM_DAYS,
    ordering_words,
    paying_words,
)
from customers.rfm import SCORED_BY, label_of
from customers.rfm_segments import SCORES, SEGMENTS
from customers.segments import USUAL, all_segments, segment_expression
from customers.stages import MEANING, STAGES, stage_words

CUSTOMER, PROSPECT = "Customer", "Prospect"


@dataclass(frozen=True, kw_only=True)
class TextMeasure:
    """Words about one customer. `values` are all there can be, none where it may be any; `expression` gives the one of
    a CustomerRollup. `rests_on` are the measures that it gives away.
    """

    name: str
    label: str
    definition: str
    values: tuple[str, ...]
    expression: Callable[[], Expression]
    rests_on: frozenset[str] = frozenset()

    @property
    def length(self) -> int:
        """Characters of the longest value; 0 where that is not known."""
        return max((len(value) for value in self.values), default=0)


def _status() -> Expression:
    prospect = When(Q(customer__is_prospect=True), then=Value(PROSPECT))
    return Case(prospect, default=Value(CUSTOMER), output_field=CharField())


SEGMENT = TextMeasure(
    name="segment",
    label="Segment",
    definition="Revenue class, standing and deal class at the usual thresholds, as the segmentation report shows them.",
    values=all_segments(),
    expression=lambda: segment_expression(USUAL),
    rests_on=frozenset({"revenue_last_year", "overdue_amount", "average_deal_size"}),
)
STATUS = TextMeasure(
    name="status",
    label="Status",
    definition="A customer has an ERP customer linked to its account; a prospect has none yet. The stage tells more.",
    values=(CUSTOMER, PROSPECT),
    expression=_status,
)
STAGE = TextMeasure(
    name="stage",
    label="Stage",
    definition=MEANING,
    values=tuple(STAGES.values()),
    expression=stage_words,
    rests_on=frozenset({"last_order_on"}),
)
RFM_SEGMENT = TextMeasure(
    name="rfm_segment",
    label="RFM segment",
    definition="The name of the RFM score, by the scales in force, as the RFM report shows it.",
    values=tuple(segment.label for segment in SEGMENTS.values()),
    expression=lambda: label_of(F("customer__rfm__segment")),
    rests_on=SCORED_BY,
)
RFM_SCORE = TextMeasure(
    name="rfm_score",
    label="RFM score",
    definition="Recency, frequency and monetary value, a digit from 1 to 5 each, such as 545; empty without an order.",
    values=SCORES,
    expression=lambda: NullIf(F("customer__rfm__score"), Value(""), output_field=CharField()),
    rests_on=SCORED_BY,
)
RFM = (RFM_SEGMENT, RFM_SCORE)

ORDERING_STATUS = TextMeasure(
    name="ordering",
    label="Ordering",
    definition=f"Lapsed after {LAPSED_AFTER_DAYS} days without an order; at risk when quieter than its own rhythm, or "
    f"when revenue of 12 months is down by {DROP_PERCENT}% or more, as the report on lapsed customers shows it.",
    values=tuple(ORDERING.values()),
    expression=ordering_words,
    rests_on=frozenset({"last_order_on", "revenue_12m", "revenue_prior_12m"}),
)
PAYING_HABIT = TextMeasure(
    name="paying",
    label="Payment habit",
    definition=f"Late from {LATE_FROM_DAYS} day after the due date on average, very late from {VERY_LATE_FROM_DAYS} "
    "days, as the report on payment behaviour shows it.",
    values=tuple(PAYING.values()),
    expression=paying_words,
    rests_on=frozenset({"days_late_paid"}),
)
SENT_SEGMENTS = TextMeasure(
    name="segments",
    label="Saved segments",
    definition='The names of all saved segments marked "send to Salesforce" that the account is in, in alphabetical '
    'order with "; " between; empty for none.',
    values=(),
    expression=lambda: NullIf(F("customer__sent_segments__names"), Value(""), output_field=CharField()),
)

TEXT_MEASURES: Mapping[str, TextMeasure] = MappingProxyType(
    {each.name: each for each in (SEGMENT, STATUS, STAGE, *RFM, ORDERING_STATUS, PAYING_HABIT, SENT_SEGMENTS)}
)


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
SEGMENTS_SINCE = DayMeasure(
    name="segments_since",
    label="In these saved segments since",
    definition="First day from which on the account has been in just these saved segments; empty for none.",
    expression=lambda: Case(
        When(customer__sent_segments__names="", then=Value(None)),
        default=F("customer__sent_segments__since"),
        output_field=DateField(),
    ),
)
DAY_MEASURES: Mapping[str, DayMeasure] = MappingProxyType({each.name: each for each in (RFM_SINCE, SEGMENTS_SINCE)})
# They give away whatever the rules of users name.
OF_SAVED_SEGMENTS = frozenset({SENT_SEGMENTS.name, SEGMENTS_SINCE.name})
