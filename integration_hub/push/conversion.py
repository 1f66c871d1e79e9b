"""Finds the rate of a day from the reporting currency to another one; a missing rate is never guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from integration_hub.models import ErpCurrencyRate

NO_RATE = "NO_EXCHANGE_RATE"
# What is stated is what is used, so a rate worked out from others is cut to digits that a person can retype.
_STATED = Context(prec=12)


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is worth `factor` units of `currency` from `valid_from` on."""

    currency: str
    base: str
    factor: Decimal
    valid_from: date

    def words(self, amount: Decimal) -> str:
        """ "1,000.00 EUR at 1.0853 USD per EUR of 2026-11-20"."""
        factor = f"{self.factor.normalize():f}"
        return f"{amount:,.2f} {self.base} at {factor} {self.currency} per {self.base} of {self.valid_from}"


def rates_at(day: date, base: str, currencies: Iterable[str]) -> dict[str, Rate]:
    """The rate from `base` to each currency that has one at the day: stated directly, the other way round, or through
    one third currency. The newest counts; of two equally new ones the direct one.
    """
    stated = _stated(day)
    found = ((currency, _rate(stated, base, currency)) for currency in sorted(set(currencies) - {"", base}))
    return {currency: rate for currency, rate in found if rate is not None}


def _stated(day: date) -> Mapping[tuple[str, str], Rate]:
    """(from, to) -> the newest rate at the day, both directions."""
    rows = ErpCurrencyRate.objects.live().filter(valid_from__lte=day, rate__gt=0)
    rows = rows.order_by("currency", "base", "-valid_from", "key").distinct("currency", "base")
    direct = {
        (row.currency, row.base): Rate(row.base, row.currency, row.rate, row.valid_from)
        for row in rows
        if row.rate is not None and row.valid_from is not None
    }
    turned = {
        (rate.currency, rate.base): Rate(
            rate.base, rate.currency, _STATED.divide(Decimal(1), rate.factor), rate.valid_from
        )
        for rate in direct.values()
    }
    newer = {
        pair: rate for pair, rate in turned.items() if pair not in direct or rate.valid_from > direct[pair].valid_from
    }
    return direct | newer


def _rate(stated: Mapping[tuple[str, str], Rate], base: str, currency: str) -> Rate | None:
    if (base, currency) in stated:
        return stated[base, currency]
    through = [
        Rate(currency, base, _STATED.multiply(first.factor, second.factor), min(first.valid_from, second.valid_from))
        for (start, middle), first in sorted(stated.items())
        if start == base and (second := stated.get((middle, currency))) is not None
    ]
    return max(through, key=lambda rate: rate.valid_from, default=None)
