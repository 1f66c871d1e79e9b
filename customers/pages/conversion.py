"""Which exchange rates made a sum: per currency and origin of the rate the documents, their amount, and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, DateField, F, Max, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from integration_hub.config import hub
from integration_hub.models import (
    ErpAllocation,
    ErpCurrencyRate,
    ErpInvoice,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    SfOpportunity,
)

OWN, STATED, BOOKS, INVOICE, TABLE = "own", "stated", "books", "invoice", "table"
ORIGINS: Mapping[str, str] = {
    OWN: "is the reporting currency",
    STATED: "the rate that the ERP wrote on each document",
    BOOKS: "the document’s own rate to {asked}, the currency of the books, then the ERP’s rate table for {asked}",
    INVOICE: "the rate of its invoice",
    TABLE: "the ERP’s rate table, the latest rate up to the document’s day",
}
# Customers/sql derives the rate of each document; these columns say what it was derived from.
SUMMARY = """
select currency, origin, asked, count(*), sum(amount), min(rate), max(rate), sum(counted), min(day), max(day)
from ({documents}) as document(counted, currency, origin, asked, amount, rate, day)
where counted is not null
group by currency, origin, asked order by (origin = 'own') desc, currency, origin, asked
"""


@dataclass(frozen=True)
class Conversion:
    """Documents of one currency whose rates come from one place: `amount` in that currency makes `counted` in the
    reporting currency. `first_rate_on` and `last_rate_on` are the days of the oldest and newest rate used of the rate
    table, None where it was not asked.
    """

    currency: str
    origin: str
    words: str
    count: int
    amount: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    counted: Decimal
    first_rate_on: date | None
    last_rate_on: date | None

    @property
    def is_own(self) -> bool:
        """Whether nothing was converted."""
        return self.origin == OWN


@dataclass(frozen=True)
class _Summed:
    """One row of the summary, in its order. `asked` is the currency that the rate table was asked for."""

    currency: str
    origin: str
    asked: str
    count: int
    amount: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    counted: Decimal
    first: date | None
    last: date | None


def conversions(documents: "QuerySet[Any]", as_of: date) -> tuple[Conversion, ...]:
    """The currencies of all documents of a sum, the reporting currency first. Two queries, however many they are."""
    parts = _summary(documents)
    return tuple(
        Conversion(
            currency=part.currency or "no currency",
            origin=part.origin,
            words=ORIGINS[part.origin].format(asked=part.asked),
            count=part.count,
            amount=part.amount,
            lowest=part.lowest,
            highest=part.highest,
            counted=part.counted,
            first_rate_on=first,
            last_rate_on=last,
        )
        for part, (first, last) in zip(parts, _rate_days(parts, as_of), strict=True)
    )


def _summary(documents: "QuerySet[Any]") -> list[_Summed]:
    columns = _columns(documents)
    chosen = documents.order_by().annotate(**columns).values_list("counted", *columns)
    statement, parameters = chosen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(SUMMARY.format(documents=statement), parameters)
        return [_Summed(*row) for row in cursor.fetchall()]


def _columns(documents: "QuerySet[Any]") -> dict[str, Combinable]:
    """Of each document, in this order: currency, origin of the rate, the currency the rate table was asked for, amount
    in the document's currency, rate, day.
    """
    of_model = COLUMNS[documents.model]
    currency: Combinable = of_model["currency"]
    amount: Combinable = of_model["amount"]
    if "share" in documents.query.annotations:
        amount = F("net_amount") * F("share")
    if "account_share" in documents.query.annotations:
        amount = amount * F("account_share")
    return {
        "in_currency": currency,
        "rate_origin": _origin(documents.model),
        "table_currency": _asked(documents.model, currency),
        "own_amount": amount,
        "used_rate": of_model["rate"],
        "rate_day": of_model["day"],
    }


def _origin(model: type) -> Case:
    reporting = hub().company.reporting_currency
    text = CharField()
    table = Value(TABLE, output_field=text)
    if model in HEADERS:
        of = HEADERS[model]
        stated = Q(**{f"{of}exchange_rate__gt": 0})
        return Case(
            When(**{f"{of}currency": reporting}, then=Value(OWN, output_field=text)),
            When(stated & Q(**{f"{of}company_currency": reporting}), then=Value(STATED, output_field=text)),
            When(stated & ~Q(**{f"{of}company_currency": ""}), then=Value(BOOKS, output_field=text)),
            default=table,
        )
    if model in {SfOpportunity, ErpPayment}:
        currencies = ("", reporting) if model is SfOpportunity else (reporting,)
        return Case(When(currency__in=currencies, then=Value(OWN, output_field=text)), default=table)
    item = "" if model is ErpOpenItem else "open_item__"
    billed = F(f"{item}invoice__currency")
    own = Q(**{f"{item}currency": reporting}) | Q(**{f"{item}currency": "", f"{item}invoice__currency": reporting})
    invoiced = Q(**{f"{item}currency": billed}) | Q(**{f"{item}currency": "", f"{item}invoice__isnull": False})
    return Case(
        When(own, then=Value(OWN, output_field=text)),
        When(invoiced, then=Value(INVOICE, output_field=text)),
        default=table,
    )


def _asked(model: type, currency: Combinable) -> Combinable:
    """The currency that the rate table was asked for: that of the document, or of the company whose books it is in."""
    nothing = Value("", output_field=CharField())
    asked: dict[str, Combinable] = {TABLE: currency}
    if model in HEADERS:
        asked[BOOKS] = F(f"{HEADERS[model]}company_currency")
    found = (When(rate_origin=origin, then=of_table) for origin, of_table in asked.items())
    return Case(*found, default=nothing, output_field=CharField())


def _of_item(prefix: str) -> Coalesce:
    """The currency of an item: its own, else that of its invoice."""
    return Coalesce(
        NullIf(F(f"{prefix}currency"), Value("")),
        F(f"{prefix}invoice__currency"),
        Value(""),
        output_field=CharField(),
    )


# Documents that may carry a rate of their own, and where it stands.
HEADERS: Mapping[type, str] = {ErpInvoice: "", ErpOrder: "", ErpOrderLine: "order__"}
COLUMNS: Mapping[type, Mapping[str, Any]] = {
    ErpInvoice: {
        "currency": F("currency"),
        "amount": F("revenue_amount"),
        "rate": F("reporting_rate"),
        "day": F("revenue_on"),
    },
    ErpOrder: {
        "currency": F("currency"),
        "amount": F("net_amount"),
        "rate": F("reporting_rate"),
        "day": F("ordered_on"),
    },
    ErpOrderLine: {
        "currency": F("order__currency"),
        "amount": F("net_amount"),
        "rate": F("order__reporting_rate"),
        "day": F("order__ordered_on"),
    },
    ErpPayment: {
        "currency": F("currency"),
        "amount": F("open_now"),
        "rate": F("reporting_rate"),
        "day": F("paid_on"),
    },
    ErpOpenItem: {
        "currency": _of_item(""),
        "amount": F("open_now"),
        "rate": F("reporting_rate"),
        "day": Coalesce("issued_on", "invoice__revenue_on", "due_on", output_field=DateField()),
    },
    ErpAllocation: {
        "currency": _of_item("open_item__"),
        "amount": F("amount"),
        "rate": F("open_item__reporting_rate"),
        "day": Coalesce("open_item__issued_on", "open_item__invoice__revenue_on", output_field=DateField()),
    },
    SfOpportunity: {
        "currency": F("currency"),
        "amount": F("amount"),
        "rate": F("reporting_rate"),
        "day": F("close_on"),
    },
}


def _rate_days(parts: Sequence[_Summed], as_of: date) -> list[tuple[date | None, date | None]]:
    """Of each part: from which day the rates of the table held that counted on its first and last document's day. Rates
    are stated from the currency to the reporting one or the other way round.
    """
    wanted: dict[str, Max] = {}
    for index, part in enumerate(parts):
        if part.asked:
            either = Q(currency=part.asked) | Q(base=part.asked)
            wanted[f"first_{index}"] = Max("valid_from", filter=either & Q(valid_from__lte=part.first or as_of))
            wanted[f"last_{index}"] = Max("valid_from", filter=either & Q(valid_from__lte=part.last or as_of))
    if not wanted:
        return [(None, None)] * len(parts)
    reporting = hub().company.reporting_currency
    rates = ErpCurrencyRate.objects.live().filter(Q(base=reporting) | Q(currency=reporting), rate__gt=0)
    found = rates.aggregate(**wanted)
    return [(found.get(f"first_{index}"), found.get(f"last_{index}")) for index in range(len(parts))]
