"""What each score takes, in words, for one or two settings beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from customers.rfm_scales import AMOUNTS, LABELS, ORDERS, Scales, limit_words

MADE_OF = {
    "recency": "Days since the last order",
    "frequency": "Number of orders",
    "monetary": "Revenue, net of credit notes",
}


@dataclass(frozen=True)
class Step:
    """One score of one scale: what it takes, and what it would take by other scales, empty where that is the same."""

    score: int
    words: str
    other: str


@dataclass(frozen=True)
class ScaleRows:
    """One of the three scales: what is counted, and its five steps from 5 down to 1."""

    label: str
    counts: str
    steps: tuple[Step, ...]


def scale_rows(scales: Scales, currency: str, other: Scales | None = None) -> tuple[ScaleRows, ...]:
    """The three scales with each step in words."""
    counts = counted(other or scales)
    return tuple(
        ScaleRows(label, counts[name], tuple(_step(scales, other, name, score, currency) for score in (5, 4, 3, 2, 1)))
        for name, label in LABELS.items()
    )


def counted(scales: Scales) -> Mapping[str, str]:
    """By scale what it counts."""
    return {"recency": MADE_OF["recency"], "frequency": ORDERS[scales.orders], "monetary": AMOUNTS[scales.amount]}


def new_words(scales: Scales) -> str:
    """Who is new, in a sentence."""
    if not scales.new_days:
        return "Nobody counts as new: a first order is scored like any other."
    return f"New is whoever placed the first order fewer than {scales.new_days} days ago, whatever the scores say."


def _step(scales: Scales, other: Scales | None, name: str, score: int, currency: str) -> Step:
    words = limit_words(scales, name, score, currency)
    then = limit_words(other, name, score, currency) if other else ""
    return Step(score, words, "" if then == words else then)
