"""What every fiscal calendar answers: the year, quarter and month of a day, and the periods that measures look at."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from customers.period import Period, last_12_months, year_earlier


@dataclass(frozen=True)
class FiscalYears(ABC):
    """Fiscal years that begin with, or about the first of, `first_month` (1-12). A year goes by the number of the
    calendar year in which it begins, or about begins.
    """

    first_month: int

    @abstractmethod
    def number(self, day: date) -> int:
        """The number of the fiscal year that a day lies in."""

    @abstractmethod
    def year(self, number: int) -> Period:
        """The fiscal year of that number."""

    @abstractmethod
    def months(self, number: int) -> tuple[Period, ...]:
        """Its twelve months."""

    @abstractmethod
    def same_days_last_year(self, as_of: date) -> Period:
        """What the year up to a day is compared with."""

    @abstractmethod
    def to_date_note(self, as_of: date) -> str:
        """What must be said of the year up to a day beside its days."""

    def nominal_number(self, day: date) -> int:
        """The number of the year that a day lies in if years begin on the first of the month."""
        return day.year if day.month >= self.first_month else day.year - 1

    def year_label(self, number: int) -> str:
        """2026, or 2026/27 where it is no calendar year."""
        return str(number) if self.first_month == 1 else f"{number}/{(number + 1) % 100:02d}"

    def fiscal_year(self, day: date) -> Period:
        """The fiscal year that a day lies in."""
        return self.year(self.number(day))

    def fiscal_month(self, day: date) -> Period:
        """The month of the fiscal year that a day lies in."""
        return next(month for month in self.months(self.number(day)) if day in month)

    def fiscal_quarter(self, day: date) -> Period:
        """The three months of the fiscal year that a day lies in."""
        return next(quarter for quarter in self.quarters(self.number(day)) if day in quarter)

    def quarters(self, number: int) -> tuple[Period, ...]:
        """The four quarters of a fiscal year."""
        months, label = self.months(number), self.year_label(number)
        return tuple(
            Period(months[first].start, months[first + 2].end, f"Q{first // 3 + 1} {label}") for first in (0, 3, 6, 9)
        )

    def year_to_date(self, as_of: date) -> Period:
        """From the start of the fiscal year to the day itself."""
        this = self.fiscal_year(as_of)
        return replace(this, end=as_of, note=self.to_date_note(as_of))

    def periods(self, as_of: date) -> Mapping[str, Period]:
        """Every period that a measure may name. Twelve months are calendar months in every calendar."""
        number = self.number(as_of)
        return MappingProxyType(
            {
                "year_to_date": self.year_to_date(as_of),
                "same_days_last_year": self.same_days_last_year(as_of),
                "last_year": self.year(number - 1),
                "year_before_last": self.year(number - 2),
                "last_12_months": last_12_months(as_of),
                "prior_12_months": last_12_months(year_earlier(as_of)),
            }
        )
