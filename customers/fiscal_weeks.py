"""Fiscal years of 52 or 53 whole weeks, in quarters of 4-4-5 weeks or the like.

A year ends on a given weekday: the last one of a month, or the one nearest to the month's end. In the National Retail
Federation's 4-5-4 calendar that is the Saturday nearest to 31 January. The 53rd week belongs to the last month.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from customers.fiscal_years import FiscalYears
from customers.period import DAY, Period

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class WeekYears(FiscalYears):
    """`weeks` are those of the three months of a quarter, `last_day` the weekday on which weeks end (0: Monday);
    `nearest` says whether years end on the one nearest to the end of the month before `first_month`, else on the last
    one of that month.
    """

    weeks: tuple[int, int, int]
    last_day: int
    nearest: bool

    def number(self, day: date) -> int:
        """That of the year by months, unless the day lies in the few days between both beginnings."""
        number = self.nominal_number(day)
        if day > self._end(number):
            return number + 1
        return number - 1 if day <= self._end(number - 1) else number

    def year(self, number: int) -> Period:
        """The year from the day after the end of the one before."""
        start, end = self._end(number - 1) + DAY, self._end(number)
        weeks = (end + DAY - start) // WEEK
        return Period(start, end, self.year_label(number), f"{weeks} weeks")

    def months(self, number: int) -> tuple[Period, ...]:
        """Twelve months of whole weeks, named P1 to P12; the last takes a 53rd week."""
        year, label = self.year(number), self.year_label(number)
        found, start = [], year.start
        for index in range(12):
            end = year.end if index == 11 else start + self.weeks[index % 3] * WEEK - DAY
            found.append(Period(start, end, f"P{index + 1} {label}", f"{(end + DAY - start) // WEEK} weeks"))
            start = end + DAY
        return tuple(found)

    def same_days_last_year(self, as_of: date) -> Period:
        """As many weeks and days from the start of the year before. Of a 53rd week that had no like, so nothing can
        stand against it: the comparison is with the whole year then, and says so.
        """
        this, before = self.fiscal_year(as_of), self.year(self.number(as_of) - 1)
        end = before.start + (as_of - this.start)
        if end > before.end:
            return Period(before.start, before.end, before.label, "52 weeks, as that year had no week 53")
        return Period(before.start, end, before.label, _weeks_words((end - before.start).days + 1))

    def to_date_note(self, as_of: date) -> str:
        """How many weeks and days."""
        return _weeks_words((as_of - self.fiscal_year(as_of).start).days + 1)

    def _end(self, number: int) -> date:
        """The last day of a year."""
        month_end = date(number + 1, self.first_month, 1) - DAY
        back = (month_end.weekday() - self.last_day) % 7
        return month_end + timedelta(days=7 - back) if self.nearest and back > 3 else month_end - timedelta(days=back)


def _weeks_words(days: int) -> str:
    """6 weeks and 3 days."""
    weeks, rest = divmod(days, 7)
    parts = [
        f"{count} {noun if count == 1 else noun + 's'}" for count, noun in ((weeks, "week"), (rest, "day")) if count
    ]
    return " and ".join(parts)
