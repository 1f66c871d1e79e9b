"""Days from one to another, and the same days a year before."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included.

    `label` names the period where it has a name, such as "2026/27" or "Q1 2026"; `note` says what a reader must know
    who compares it, such as "53 weeks". Periods of the same days are equal.
    """

    start: date
    end: date
    label: str = field(default="", compare=False)
    note: str = field(default="", compare=False)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


def year_earlier(day: date) -> date:
    """The same day one year before; the last day of a month leads to the last day of that month (28 or 29 February)."""
    before = day - relativedelta(years=1)
    return before + relativedelta(day=31) if is_month_end(day) else before


def is_month_end(day: date) -> bool:
    """Whether the next day is in another month."""
    return (day + DAY).month != day.month


def last_12_months(as_of: date) -> Period:
    """The twelve months that end with the day."""
    return Period(year_earlier(as_of) + DAY, as_of)
