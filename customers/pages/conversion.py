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
    BOOKS: "the document’s rate to its company’s currency, then the ERP’s rate table",
    INVOICE: "the rate of its invoice",
    TABLE: "the ERP’s rate table, the latest rate up to the document’s day",
}
# Customers/sql derives the rate of each document; these columns say what it was derived from.
SUMMARY = """
select currency, origin, count(*), sum(amount), min(rate), max(rate), min(day), max(day), sum(counted)
from ({documents}) as document(counted, currency, origin, amount, rate, day)
group by currency, origin order by (origin = 'own') desc, currency, origin
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


def conversions(documents: "QuerySet[Any]", as_of: date) -> tuple[Conversion, ...]:
    """The currencies of all documents of a sum, the reporting currency first. Two queries, however many they are."""
    rows = _summary(documents)
    rate_days = _rate_days([row for row in rows if row[1] == TABLE], as_of)
    return tuple(
        Conversion(
            currency=currency or "no currency",
            origin=origin,
            words=ORIGINS[origin],
            count=count,
            amount=amount,
            lowest=lowest,
            highest=highest,
            counted=counted,
            first_rate_on=rate_days.get((currency, origin), (None, None))[0],
            last_rate_on=rate_days.get((currency, origin), (None, None))[1],
        )
        for currency, origin, count, amount, lowest, highest, _first, _last, counted in rows
    )


def _summary(documents: "QuerySet[Any]") -> list[tuple[Any, ...]]:
    columns = _columns(documents)
    chosen = documents.order_by().annotate(**columns).values_list("counted", *columns)
    statement, parameters = chosen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(SUMMARY.format(documents=statement), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _columns(documents: "QuerySet[Any]") -> dict[str, Combinable]:
    """Currency, origin of the rate, amount in that currency, rate and day of each document, in this order."""
    of_model = COLUMNS[documents.model]
    currency: Combinable = of_model["currency"]
    amount: Combinable = of_model["amount"]
    if "share" in documents.query.annotations:
        amount = F("net_amount") * F("share")
    return {
        "in_currency": currency,
        "rate_origin": _origin(documents.model),
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
        own = ("", reporting) if model is SfOpportunity else (reporting,)
        return Case(When(currency__in=own, then=Value(OWN, output_field=text)), default=table)
    item = "" if model is ErpOpenItem else "open_item__"
    billed = F(f"{item}invoice__currency")
    own = Q(**{f"{item}currency": reporting}) | Q(**{f"{item}currency": "", f"{item}invoice__currency": reporting})
    invoiced = Q(**{f"{item}currency": billed}) | Q(**{f"{item}currency": "", f"{item}invoice__isnull": False})
    return Case(
        When(own, then=Value(OWN, output_field=text)),
        When(invoiced, then=Value(INVOICE, output_field=text)),
        default=table,
    )


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


def _rate_days(rows: Sequence[tuple[Any, ...]], as_of: date) -> dict[tuple[str, str], tuple[date | None, date | None]]:
    """By currency and origin: from which day the rates held that counted on the first and on the last document's day.
    Rates are stated from the currency to the reporting one or the other way round.
    """
    wanted: dict[str, Max] = {}
    for index, (currency, _origin, _count, _amount, _low, _high, first, last, _counted) in enumerate(rows):
        either = Q(currency=currency) | Q(base=currency)
        wanted[f"first_{index}"] = Max("valid_from", filter=either & Q(valid_from__lte=first or as_of))
        wanted[f"last_{index}"] = Max("valid_from", filter=either & Q(valid_from__lte=last or as_of))
    if not wanted:
        return {}
    reporting = hub().company.reporting_currency
    rates = ErpCurrencyRate.objects.live().filter(Q(base=reporting) | Q(currency=reporting), rate__gt=0)
    found = rates.aggregate(**wanted)
    return {(row[0], row[1]): (found[f"first_{index}"], found[f"last_{index}"]) for index, row in enumerate(rows)}
