"""Exchange rates of the demo company: one per month and currency, against the euro."""

from datetime import date
from decimal import Decimal
from random import Random

START = {"USD": 0.915, "GBP": 1.162, "CHF": 1.041}
# How much more a price is in numbers of that currency.
PRICES = {
    "EUR": Decimal(1),
    "USD": Decimal("1.12"),
    "GBP": Decimal("0.88"),
    "CHF": Decimal("1.05"),
    "JPY": Decimal(158),
}


class Rates:
    """Monthly rates from `first` to `last`; yen are missing on purpose."""

    def __init__(self, seed: int, first: date, last: date) -> None:
        rng = Random(f"{seed}/rates")
        self.rows: list[tuple[str, date, Decimal]] = []
        self._by_month: dict[tuple[str, int, int], Decimal] = {}
        for currency, start in START.items():
            rate = start
            for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
                year, month = divmod(number, 12)
                rate *= 1 + rng.uniform(-0.012, 0.012)
                exact = Decimal(f"{rate:.6f}")
                self.rows.append((currency, date(year, month + 1, 1), exact))
                self._by_month[currency, year, month + 1] = exact

    def to_books(self, currency: str, company: str, day: date) -> Decimal | None:
        """Units of the company's currency per unit of `currency` on that day; None where the ERP has no rate."""
        if currency == ("USD" if company == "20" else "EUR"):
            return Decimal(1)
        return self._by_month.get((currency, day.year, day.month))

    def price_factor(self, currency: str) -> Decimal:
        """By how much list prices in euro grow in that currency."""
        return PRICES[currency]
