"""The RFM segment of a customer, its scores with what they were given for, and since when."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from customers import formats
from customers.hidden import rests_on
from customers.models import RfmMembership
from customers.pages.scope import Scope
from customers.rfm import SCORED_BY, Score, score_of
from customers.rfm_in_force import scales_in_force
from customers.rfm_scales import LABELS, Scales, from_stored, limit_words
from customers.rfm_segments import NEW, SEGMENTS, segment_label
from integration_hub.prepared import prepared


@dataclass(frozen=True)
class RfmPart:
    """One of the three scores: the figures it was given for, each with the page of its documents, and what it takes."""

    label: str
    score: int
    figures: tuple[tuple[str, str], ...]
    takes: str


@dataclass(frozen=True)
class RfmCard:
    """The segment with its score, sentence and parts; `since` is None where it is not known, `before` the segment it
    came from, empty for none that is known.
    """

    label: str
    digits: str
    sentence: str
    since: date | None
    before: str
    new: str
    parts: tuple[RfmPart, ...]


@rests_on(*SCORED_BY)
def build_rfm(scope: Scope) -> RfmCard:
    """The segment at the day that is shown, by the scales in force now; since when is known of the newest day alone."""
    kept = None
    if not scope.past and not scope.group:
        kept = next(iter(_kept((scope.customer.pk,))), None)
    scales = from_stored(kept.calibration.scales) if kept and kept.calibration else scales_in_force()
    score = score_of(scope.figures, scales)
    known = kept if kept and kept.segment == score.segment else None
    return RfmCard(
        label=segment_label(score.segment),
        digits=score.digits,
        sentence=SEGMENTS[score.segment].sentence,
        since=known.since if known else None,
        before=segment_label(known.before) if known else "",
        new=f"First order fewer than {scales.new_days} days ago." if score.segment == NEW else "",
        parts=_parts(scope, scales, score),
    )


@prepared
def _kept(customers: tuple[int, ...]) -> "QuerySet[RfmMembership]":
    return RfmMembership.objects.filter(customer__in=customers).select_related("calibration")


def _parts(scope: Scope, scales: Scales, score: Score) -> tuple[RfmPart, ...]:
    if score.recency is None or score.frequency is None or score.monetary is None:
        return ()
    orders = "order_count_12m" if scales.orders == "12m" else "order_count"
    given = {
        "recency": (score.recency, ((f"{formats.days(score.days)} since the last order", "last_order_on"),)),
        "frequency": (score.frequency, ((formats.plural(score.orders, "order"), orders),)),
        "monetary": (score.monetary, _money(scope, scales)),
    }
    return tuple(
        RfmPart(
            LABELS[name],
            points,
            tuple((words, scope.figure_url(measure)) for words, measure in figures),
            limit_words(scales, name, points, scope.currency),
        )
        for name, (points, figures) in given.items()
    )


def _money(scope: Scope, scales: Scales) -> tuple[tuple[str, str], ...]:
    """The stored figures that the money is made of."""
    rollup = scope.figures
    last = (f"{formats.money(rollup.revenue_12m, scope.currency)} in 12 months", "revenue_12m")
    if scales.amount == "24m":
        return last, (
            f"{formats.money(rollup.revenue_prior_12m, scope.currency)} in the 12 before",
            "revenue_prior_12m",
        )
    if scales.amount == "average":
        parts = rollup.order_parts_12m
        return last, (
            f"{formats.quantity(parts, 'order' if parts == 1 else 'orders')} with a rate in 12 months",
            "order_parts_12m",
        )
    return (last,)
