"""What the operators of days ask at a day: intervals of days, the fiscal ones of the company's calendar."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from customers.calendar import DAY, Period, fiscal_calendar
from customers.rules.conditions import Condition, Known, Within
from customers.rules.operators import PERIODS, UNITS, BadValue, read_choice, read_day, read_whole
from customers.rules.snapshots import day_back


def within_last(values: tuple[str, ...], as_of: date) -> Within:
    """The last 30 days are the day itself and the 30 before it, as the scales of RFM have it; the last two months begin
    at the day two months before.
    """
    return Within(_back(values, as_of), as_of)


def longer_ago(values: tuple[str, ...], as_of: date) -> Within:
    """More than so many days ago: it begins the day before the first of `within_last`, so that the two have every day
    between them.
    """
    return Within(None, _back(values, as_of) - DAY)


def _back(values: tuple[str, ...], as_of: date) -> date:
    count, unit = (*values, "", "")[:2]
    return day_back(as_of, read_whole(count), read_choice(unit, UNITS, "unit of time"))


def in_period(values: tuple[str, ...], as_of: date) -> Within:
    """This or the last month, quarter or year of the company's fiscal calendar, to its last day."""
    period = fiscal_period(read_choice((*values, "")[0], PERIODS, "period"), as_of)
    return Within(period.start, period.end)


def fiscal_period(name: str, as_of: date) -> Period:
    """The period of that name; the last one is that of the day before this one begins."""
    calendar = fiscal_calendar()
    which, _, unit = name.partition("_")
    periods = {"month": calendar.fiscal_month, "quarter": calendar.fiscal_quarter, "year": calendar.fiscal_year}
    this = periods[unit](as_of)
    return this if which == "this" else periods[unit](this.start - DAY)


def _between(values: tuple[str, ...], _as_of: date) -> Within:
    first, last = (read_day((*values, "", "")[position]) for position in (0, 1))
    if first > last:
        raise BadValue(f"{first} is after {last}, so no day lies between; turn them around")
    return Within(first, last)


DATES: Mapping[str, Callable[[tuple[str, ...], date], Condition]] = MappingProxyType(
    {
        "within_last": within_last,
        "longer_ago": longer_ago,
        "in_period": in_period,
        "on_or_after": lambda values, _as_of: Within(read_day((*values, "")[0]), None),
        "before": lambda values, _as_of: Within(None, read_day((*values, "")[0]), high_excluded=True),
        "between_days": _between,
        "happened": lambda _values, _as_of: Known(known=True),
        "never": lambda _values, _as_of: Known(known=False),
    }
)
