"""Fiscal years of twelve months."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from customers.fiscal_years import FiscalYears
from customers.period import DAY, Period, year_earlier


@dataclass(frozen=True)
class MonthYears(FiscalYears):
    """Years that begin on the first of `first_month` (1-12)."""

    def number(self, day: date) -> int:
        """The calendar year in which the fiscal year of a day begins."""
        return self.nominal_number(day)

    def year(self, number: int) -> Period:
        """The fiscal year that begins in a calendar year."""
        start = date(number, self.first_month, 1)
        return Period(start, start + relativedelta(years=1) - DAY, self.year_label(number))

    def months(self, number: int) -> tuple[Period, ...]:
        """Its twelve months."""
        first = date(number, self.first_month, 1)
        starts = [first + relativedelta(months=index) for index in range(13)]
        return tuple(Period(start, after - DAY, f"{start:%B %Y}") for start, after in pairwise(starts))

    def same_days_last_year(self, as_of: date) -> Period:
        """As many months and days from the start of the year before; a month's last day leads to a month's last day."""
        return Period(self.year(self.number(as_of) - 1).start, year_earlier(as_of))

    def to_date_note(self, as_of: date) -> str:
        """Nothing: the days say it."""
        del as_of
        return ""
