"""What one look at one condition found of one subject."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Finding:
    """`value` is in the unit of the condition (config/alerts.py), more is worse; the words are those of its alert."""

    condition: str
    subject: str
    value: Decimal | int
    text: str = ""
    meaning: str = ""
    remedy: str = ""
    critical: bool = False


def clock_words(minutes: float) -> str:
    """A length of time for people, of minutes."""
    if minutes < 120:
        return "1 minute" if round(minutes) == 1 else f"{round(minutes)} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"
