"""The day that figures stand at, and the company's fiscal calendar: every period that a page, report or query names."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from customers.fiscal_months import MonthYears
from customers.fiscal_weeks import WeekYears
from customers.fiscal_years import FiscalYears
from customers.models import RollupDay
from customers.period import DAY, Period, last_12_months, year_earlier
from integration_hub.config import Company, hub
from integration_hub.one_request import once
from integration_hub.prepared import prepared

__all__ = [
    "DAY",
    "Period",
    "calendar_of",
    "comparable_days",
    "current_day",
    "fiscal_calendar",
    "fiscal_month",
    "fiscal_quarter",
    "fiscal_year",
    "is_behind",
    "last_12_months",
    "periods",
    "year_earlier",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PATTERNS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}


def current_day() -> date | None:
    """The day whose figures pages, reports and the push show; None before the first roll-up, and from a change of
    currency, calendar or companies until everything is recomputed: nothing is shown under a wrong name. A page reads it
    once.
    """
    return once("current day", _read_current_day)


def _read_current_day() -> date | None:
    return next(iter(_newest_day()), None)


@prepared
def _newest_day() -> "QuerySet[Any, Any]":
    newest: QuerySet[Any, Any] = comparable_days().filter(current=True).order_by("-as_of")
    return newest.values_list("as_of", flat=True)[:1]


def comparable_days() -> QuerySet[RollupDay]:
    """The days whose figures are in today's currency, by today's calendar, of the same companies."""
    return RollupDay.objects.filter(basis__in=("", hub().company.basis))


def is_behind() -> bool:
    """Whether there are figures, but of another currency, calendar or choice of companies than hub.toml has now."""
    return RollupDay.objects.filter(current=True).exists() and current_day() is None


def fiscal_calendar() -> FiscalYears:
    """The company's calendar, as hub.toml has it."""
    return calendar_of(hub().company)


@lru_cache(maxsize=16)
def calendar_of(company: Company) -> FiscalYears:
    """The calendar that [company] describes."""
    if company.calendar == "months":
        return MonthYears(company.fiscal_year_start)
    return WeekYears(
        company.fiscal_year_start,
        weeks=PATTERNS[company.calendar],
        last_day=WEEKDAYS.index(company.week_ends),
        nearest=company.year_end == "nearest",
    )


def fiscal_year(day: date) -> Period:
    """The fiscal year that a day lies in, named 2026 or 2026/27."""
    return fiscal_calendar().fiscal_year(day)


def fiscal_quarter(day: date) -> Period:
    """The fiscal quarter that a day lies in, named Q1 2026."""
    return fiscal_calendar().fiscal_quarter(day)


def fiscal_month(day: date) -> Period:
    """The fiscal month that a day lies in, named January 2026, or P1 2026 where months are made of weeks."""
    return fiscal_calendar().fiscal_month(day)


def periods(as_of: date) -> Mapping[str, Period]:
    """Every period that a measure may name, at a day."""
    return _periods(fiscal_calendar(), as_of)


@lru_cache(maxsize=64)
def _periods(calendar: FiscalYears, as_of: date) -> Mapping[str, Period]:
    return calendar.periods(as_of)
