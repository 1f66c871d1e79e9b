"""The days that a figure looks at, in words: both ranges where it is compared with the same days of another year."""

from dataclasses import replace
from datetime import date

from customers import formats
from customers.calendar import Period
from customers.measures import get_measure


def period_words(measure: str, as_of: date) -> str:
    """1 Jan to 23 Nov 2026; "up to 23 Nov 2026" for a measure without a period."""
    period = get_measure(measure).period(as_of)
    return range_words(period) if period else f"up to {formats.day(as_of)}"


def range_words(period: Period) -> str:
    """Both ends, the year once where both lie in the same, and what must be said beside them: (6 weeks and 3 days)."""
    note = f" ({period.note})" if period.note else ""
    return f"{formats.day_short(period.start, period.end)} to {formats.day(period.end)}{note}"


def compared_words(measure: str, other: str, as_of: date) -> str:
    """Both ranges of a comparison. Short where only the year differs: 1 Jan to 23 Nov, 2026 against 2025.
    As many weeks and days are named once.
    """
    here, there = get_measure(measure).period(as_of), get_measure(other).period(as_of)
    noted = (here and here.note) or (there and there.note)
    if here and there and not noted and _days(here) == _days(there) and here.start.year == here.end.year:
        first, last = formats.day_short(here.start, here.end), formats.day_short(here.end, here.end)
        return f"{first} to {last}, {here.end.year} against {there.end.year}"
    if here and there and here.note == there.note != "":
        return f"{range_words(replace(here, note=''))} against {range_words(there)}"
    return f"{period_words(measure, as_of)} against {period_words(other, as_of)}"


def weeks_words(this: Period, other: Period) -> str:
    """ ", 53 weeks against 52 weeks" where two fiscal years are of different length, else nothing."""
    return f", {this.note} against {other.note}" if this.note != other.note else ""


def _days(period: Period) -> tuple[int, int, int, int, int]:
    """The ends without their years, and how many years lie between."""
    start, end = period.start, period.end
    return start.month, start.day, end.month, end.day, end.year - start.year
