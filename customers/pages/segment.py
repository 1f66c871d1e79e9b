"""The segment of a customer and how it is set: the rules with their thresholds, and this customer's inputs."""

from dataclasses import dataclass
from decimal import Decimal

from customers import formats
from customers.hidden import rests_on
from customers.measures_text import SEGMENT
from customers.models import CustomerRollup
from customers.pages.scope import Scope
from customers.segments import DEAL_CLASSES, REVENUE_CLASSES, STANDINGS, USUAL, Thresholds, class_of, segment_words


@dataclass(frozen=True)
class SegmentPart:
    """One of the three classes: its word, what decides it, this customer's input, and the rule in words."""

    word: str
    label: str
    value: Decimal | None
    url: str
    rule: str


@dataclass(frozen=True)
class SegmentCard:
    """The whole segment and its parts."""

    words: str
    parts: tuple[SegmentPart, ...]


@rests_on(SEGMENT.name)
def build_segment(scope: Scope) -> SegmentCard:
    """The segment at the usual thresholds, as the segmentation report shows it."""
    rollup: CustomerRollup = scope.figures
    revenue, standing, deals = class_of(rollup, USUAL)
    parts = (
        SegmentPart(
            REVENUE_CLASSES[revenue],
            "Revenue last year",
            rollup.revenue_last_year,
            scope.figure_url("revenue_last_year"),
            _revenue_rule(scope, USUAL),
        ),
        SegmentPart(
            STANDINGS[standing],
            "Overdue",
            rollup.overdue_amount,
            scope.figure_url("overdue_amount"),
            f"Overdue from {_amount(scope, USUAL.overdue)}, in good standing below.",
        ),
        SegmentPart(
            DEAL_CLASSES[deals],
            "Average won deal",
            rollup.average_deal_size,
            scope.figure_url("average_deal_size"),
            f"Big from {_amount(scope, USUAL.deal)} on average, of deals won in 12 months.",
        ),
    )
    return SegmentCard(segment_words(revenue, standing, deals), parts)


def _revenue_rule(scope: Scope, thresholds: Thresholds) -> str:
    large, medium = _amount(scope, thresholds.large), _amount(scope, thresholds.medium)
    return f"Large from {large}, medium from {medium}, small below."


def _amount(scope: Scope, value: Decimal) -> str:
    return formats.money(value, scope.currency, places=0)
