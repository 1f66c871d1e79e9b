"""The names that RFM scores go by. Every score has one, so nobody is "other".

`value` is the mean of frequency and monetary score, rounded up: 1 to 5. Recency and value make a grid of 25 cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class RfmSegment:
    """A name with a plain sentence on who is in it and what to do."""

    name: str
    label: str
    sentence: str


SEGMENTS: Mapping[str, RfmSegment] = MappingProxyType(
    {
        each.name: each
        for each in (
            RfmSegment(
                "champions", "Champions", "Ordered lately, and among the best in orders and revenue: look after."
            ),
            RfmSegment("loyal", "Loyal", "Order regularly and for good amounts: keep in touch, offer more."),
            RfmSegment("potential", "Potential", "Ordered lately, still with few orders or little revenue: develop."),
            RfmSegment("new", "New", "Placed the first order only lately, large or small: welcome."),
            RfmSegment("promising", "Promising", "Small, but ordered lately: win the next order."),
            RfmSegment(
                "attention",
                "Needs attention",
                "Middling customers whose last order is a while ago: ask before they leave.",
            ),
            RfmSegment("at_risk", "At risk", "Used to buy well, without an order for long: call."),
            RfmSegment(
                "cannot_lose", "Cannot lose", "Once among the best, without an order for long: win back in person."
            ),
            RfmSegment("hibernating", "Hibernating", "Small, without an order for a good while: a reminder is enough."),
            RfmSegment("lost", "Lost", "Small, and the last order is long ago: no effort."),
            RfmSegment(
                "no_orders", "No orders", "No order yet that counts: prospects, and customers before the first one."
            ),
        )
    }
)
NEW, NO_ORDERS = "new", "no_orders"
# By recency from 1 to 5, and in it by value from 1 to 5.
GRID: tuple[tuple[str, ...], ...] = (
    ("lost", "lost", "at_risk", "cannot_lose", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "attention", "attention", "loyal", "loyal"),
    ("promising", "potential", "loyal", "champions", "champions"),
    ("promising", "potential", "loyal", "champions", "champions"),
)
SCORES = tuple(
    f"{recency}{frequency}{monetary}"
    for recency in range(1, 6)
    for frequency in range(1, 6)
    for monetary in range(1, 6)
)


def value_of(frequency: int, monetary: int) -> int:
    """Frequency and monetary score as one, 1 to 5; halves go up."""
    return (frequency + monetary + 1) // 2


def segment_of(recency: int, frequency: int, monetary: int) -> str:
    """The segment of somebody who is not new."""
    return GRID[recency - 1][value_of(frequency, monetary) - 1]


def segment_label(name: str) -> str:
    """The words for a segment; empty for none."""
    return SEGMENTS[name].label if name in SEGMENTS else ""
