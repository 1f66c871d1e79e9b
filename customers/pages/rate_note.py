"""Where a document's rate to the reporting currency comes from, and from which day it is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from customers import formats
from integration_hub.models import ErpCurrencyRate


@dataclass(frozen=True)
class RateNote:
    """One document currency in the reporting currency, and the same for the company's books where these differ.

    `words` name source and day. `company_amount` is the document's net at its own rate, None without one.
    """

    rate: Decimal | None
    words: str
    company_currency: str
    company_rate: Decimal | None
    company_amount: Decimal | None


def rate_note(row: Any, day: date | None, currency: str) -> RateNote:
    """The rule of customers/sql/derive_order.sql and derive_invoice.sql in words; one query where a table is asked."""
    own = row.exchange_rate if row.exchange_rate and row.exchange_rate > 0 else None
    has_books = own is not None and row.company_currency not in {"", row.currency}
    amount = formats.half_up(row.net_amount * own, 2) if has_books and row.net_amount is not None else None
    return RateNote(
        rate=row.reporting_rate,
        words=_words(row, day, currency, own),
        company_currency=row.company_currency if has_books else "",
        company_rate=own if has_books else None,
        company_amount=amount,
    )


def _words(row: Any, day: date | None, currency: str, own: Decimal | None) -> str:
    if row.currency == currency:
        return ""
    if row.reporting_rate is None:
        if not row.currency:
            return "The ERP names no currency."
        return "The document has no date, so no rate applies." if day is None else f"No rate up to {formats.day(day)}."
    has_books = own is not None and row.company_currency != row.currency
    if has_books and row.company_currency == currency:
        return f"The document’s own rate of {formats.day(day)}."
    if has_books and (valid_from := _valid_from(row.company_currency, currency, day)) is not None:
        return f"The document’s own rate and the ERP’s rate for {row.company_currency} of {formats.day(valid_from)}."
    return f"The ERP’s rate of {formats.day(_valid_from(row.currency, currency, day))}."


def _valid_from(currency: str, reporting: str, day: date | None) -> date | None:
    """The day of the rate that holds on a day, in either direction, as customers/sql/reporting_rate.sql takes it."""
    if day is None or not currency:
        return None
    pair = Q(currency=currency, base=reporting) | Q(currency=reporting, base=currency)
    rates = ErpCurrencyRate.objects.live().filter(pair, rate__gt=0, valid_from__lte=day)
    found: date | None = rates.order_by("-valid_from").values_list("valid_from", flat=True).first()
    return found
