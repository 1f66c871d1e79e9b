"""The day that figures stand at, and the periods that end there: fiscal years, same days last year, twelve months."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from dateutil.relativedelta import relativedelta

from customers.models import RollupDay
from integration_hub.one_request import once

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def current_day() -> date | None:
    """The day whose figures pages, reports and the push show; None before the first roll-up. A page reads it once."""
    return once("current day", _read_current_day)


def _read_current_day() -> date | None:
    return RollupDay.objects.filter(current=True).values_list("as_of", flat=True).order_by("-as_of").first()


def year_earlier(day: date) -> date:
    """The same day one year before; the last day of a month leads to the last day of that month (28 or 29 February)."""
    before = day - relativedelta(years=1)
    return before + relativedelta(day=31) if is_month_end(day) else before


def is_month_end(day: date) -> bool:
    """Whether the next day is in another month."""
    return (day + DAY).month != day.month


def fiscal_year(day: date, first_month: int) -> Period:
    """The fiscal year that a day lies in; it begins on the first of `first_month` (1-12)."""
    start = date(day.year if day.month >= first_month else day.year - 1, first_month, 1)
    return Period(start, start + relativedelta(years=1) - DAY)


def year_to_date(as_of: date, first_month: int) -> Period:
    """From the start of the fiscal year to the day itself."""
    return Period(fiscal_year(as_of, first_month).start, as_of)


def same_days_last_year(as_of: date, first_month: int) -> Period:
    """What year to date is compared with: as many months and days, one year before."""
    return Period(fiscal_year(as_of, first_month).start - relativedelta(years=1), year_earlier(as_of))


def years_back(as_of: date, first_month: int, years: int) -> Period:
    """A whole fiscal year, so many years before the one of the day."""
    start = fiscal_year(as_of, first_month).start - relativedelta(years=years)
    return Period(start, start + relativedelta(years=1) - DAY)


def last_12_months(as_of: date) -> Period:
    """The twelve months that end with the day."""
    return Period(year_earlier(as_of) + DAY, as_of)


@lru_cache(maxsize=64)
def periods(as_of: date, first_month: int) -> Mapping[str, Period]:
    """Every period that a measure may name."""
    return MappingProxyType(
        {
            "year_to_date": year_to_date(as_of, first_month),
            "same_days_last_year": same_days_last_year(as_of, first_month),
            "last_year": years_back(as_of, first_month, 1),
            "year_before_last": years_back(as_of, first_month, 2),
            "last_12_months": last_12_months(as_of),
            "prior_12_months": last_12_months(year_earlier(as_of)),
        }
    )
