"""The aging buckets, declared once: figures, colours and counts follow from here. Their columns are stored per day, so
the bounds are fixed and no setting.
"""

from dataclasses import dataclass
from datetime import date

NEVER, ALWAYS = -(10**6), 10**6


@dataclass(frozen=True)
class Bucket:
    """Items so many days old or late, both ends included; both None for items without that date."""

    name: str
    label: str
    css: str
    first: int | None
    last: int | None

    def holds(self, days: int | None) -> bool:
        """Whether an item so many days late lies here."""
        if self.first is None or self.last is None:
            return days is None
        return days is not None and self.first <= days <= self.last


BY_DUE_DATE = (
    Bucket("aging_not_due", "Not due", "a0", NEVER, 0),
    Bucket("aging_1_30", "1 to 30 days", "a1", 1, 30),
    Bucket("aging_31_60", "31 to 60 days", "a2", 31, 60),
    Bucket("aging_61_90", "61 to 90 days", "a3", 61, 90),
    Bucket("aging_over_90", "Over 90 days", "a4", 91, ALWAYS),
    Bucket("aging_no_due_date", "No due date", "a5", None, None),
)
# By the day an item was issued. Nothing is issued after the day of the figures.
BY_DOCUMENT_DATE = (
    Bucket("0-30", "0 to 30 days old", "a0", NEVER, 30),
    Bucket("31-60", "31 to 60 days old", "a1", 31, 60),
    Bucket("61-90", "61 to 90 days old", "a2", 61, 90),
    Bucket("over-90", "Over 90 days old", "a4", 91, ALWAYS),
    Bucket("undated", "No document date", "a5", None, None),
)
# The lateness classes of single items, in the colours of their buckets.
LATENESS = {"aging_1_30": "b1", "aging_31_60": "b2", "aging_61_90": "b3", "aging_over_90": "b4"}


def lateness_class(days_late: int | None) -> str:
    """The colour class of an item that is so many days late; empty where it is not late."""
    return next((LATENESS[one.name] for one in BY_DUE_DATE if one.name in LATENESS and one.holds(days_late)), "")


def days_since(day: date | None, as_of: date) -> int | None:
    """Whole days from a day to the day of the figures; None for no day."""
    return (as_of - day).days if day else None
