"""What a measure is: one figure with its name, its meaning in words, and the documents that make it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Literal

from django.db.models import F, QuerySet

from customers.calendar import Period, periods
from customers.counted import Documents, annotated
from customers.known import mine, with_keys
from customers.models import Customer, CustomerRollup
from customers.parts import Mine, in_parts

Kind = Literal["sum", "count", "min", "max", "ratio"]
Customers = QuerySet[Customer]
Rows = Callable[[Customers, date, Period], Documents]
Figure = Decimal | int | date | None


# How the rows of a figure lead to the ERP customer where that is not by their own column; None where they are no
# documents of an ERP.
OWNERS: Mapping[str, str | None] = {
    "order_line": "order__customer",
    "allocation": "open_item__customer",
    "opportunity": None,
}


class Unit(Enum):
    """What a figure is measured in: MONEY is the reporting currency, MONEY_DAYS that currency times days, PERCENT 0 to
    100. PARTS are documents of which a shared one counts with its part of 1.
    """

    MONEY = "money"
    COUNT = "count"
    PARTS = "parts"
    DAYS = "days"
    DATE = "date"
    MONEY_DAYS = "money_days"
    PERCENT = "percent"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure. `better` says which direction is good news, "" for neither; `rows` gives the documents of customers
    at a day within the figure's period. `counted_as` names the count of the same documents, some of which have no rate
    and add nothing to an amount.

    A ratio has no documents of its own but a numerator and a denominator, both measures that are sums or counts, and a
    `factor`: numerator / denominator * factor, rounded to `places`.
    """

    name: str
    label: str
    unit: Unit
    kind: Kind
    definition: str
    document_kind: str = ""
    better: Literal["up", "down", ""] = ""
    rows: Rows | None = None
    counted_as: str = ""
    period_name: str = ""
    numerator: str = ""
    denominator: str = ""
    factor: int = 1
    places: int = 2

    @property
    def column(self) -> str:
        """The CustomerRollup field that stores it."""
        return self.name

    def period(self, as_of: date) -> Period | None:
        """The days whose documents count; None for a figure that looks at everything up to the day."""
        if not self.period_name:
            return None
        return periods(as_of)[self.period_name]

    def value(self, rollup: CustomerRollup) -> Figure:
        """The stored figure."""
        figure: Figure = getattr(rollup, self.column)
        return figure

    def documents(self, customers: Customers, as_of: date) -> Documents:
        """The documents that make the figure at a day, each with `counted`: an amount in the reporting currency, 1 for
        a count, days or a date for a min or max. Raises TypeError for a ratio: open its two parts instead.
        """
        if self.rows is None:
            raise TypeError(f"{self.name} is a ratio: open {self.numerator} and {self.denominator}.")
        customers = with_keys(customers)
        found = self.rows(customers, as_of, self.period(as_of) or Period(date.min, as_of))
        return self._in_parts(found, mine(customers))

    def _in_parts(self, documents: Documents, whose: Mine) -> Documents:
        """The same documents, of those that a rule divides only the part that adds to the customers, beside the `whole`
        and which `share` of it that is; a count counts them for each of the customers, or by their part.
        """
        path = OWNERS.get(self.document_kind, "customer")
        if not whose.is_divided or path is None:
            return documents
        if self.kind == "count":
            return annotated(documents, counted=whose.times(path))
        if self.unit is Unit.PARTS:
            return annotated(documents, account_share=whose.share_of(path), counted=F("account_share"))
        if self.kind != "sum":
            return documents
        return in_parts(documents, whose, path)

    def ratio(self, numerator: Decimal | int, denominator: Decimal | int) -> Decimal | None:
        """The ratio of two sums, rounded half up once; None where there is nothing to divide by."""
        return ratio_of(numerator, denominator, self.factor, self.places)


def ratio_of(numerator: Decimal | int, denominator: Decimal | int, factor: int = 1, places: int = 2) -> Decimal | None:
    """numerator / denominator * factor, rounded half up to `places`; None where there is nothing to divide by."""
    if denominator <= 0:
        return None
    exact = Decimal(numerator) * factor / Decimal(denominator)
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
