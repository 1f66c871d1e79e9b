"""Receivables of one customer or group: aging, what can be done about each part, currencies, the longest overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from customers import formats
from customers.aging import BY_DOCUMENT_DATE, BY_DUE_DATE
from customers.charts import Segment, share_bar
from customers.counted_payments import payments_at
from customers.hidden import rests_on
from customers.known import mine, prepared_for
from customers.measures import get_measure
from customers.measures_receivables import PARTS
from customers.models import Customer
from customers.pages.open_totals import OpenTotals, totals_of
from customers.pages.overdue_items import ItemRow, item_rows
from customers.pages.scope import Scope
from customers.pages.without_rate import overdue_in_no_total
from customers.parts import in_parts

BAR = 1000
BY_DOCUMENT = "document"


@dataclass(frozen=True)
class Share:
    """A bucket or part of the open amount, in the reporting currency, with its number of items and its rows."""

    measure: str
    label: str
    css: str
    amount: Decimal
    url: str
    count: int


@dataclass(frozen=True)
class CurrencyLine:
    """What is open in one currency, in that currency; `counted` is the open amount in the reporting currency, None
    where none of it has a rate.
    """

    currency: str
    open_amount: Decimal
    overdue: Decimal
    credits: Decimal
    unallocated: Decimal
    counted: Decimal | None
    url: str


@dataclass(frozen=True)
class Receivables:
    """The receivables card; amounts in the reporting currency. `available` is what could be set off: credits and
    payments not allocated; `net` is what is overdue beyond that; `without_rate` says what is overdue in no amount.
    """

    overdue: Decimal
    overdue_url: str
    without_rate: str
    open_amount: Decimal
    open_url: str
    credits: Decimal
    credits_url: str
    unallocated: Decimal
    unallocated_url: str
    available: Decimal
    net: Decimal
    buckets: tuple[Share, ...]
    by_document: bool
    due_url: str
    document_url: str
    bar: tuple[Segment, ...]
    bar_text: str
    parts: tuple[Share, ...]
    currencies: tuple[CurrencyLine, ...]
    items: tuple[ItemRow, ...]
    item_count: int
    shown_total: Decimal
    usual_days_late: Decimal | None
    unusual: Share

    @property
    def net_formula(self) -> str:
        """How `net` comes from the figures beside it; empty where it is 0 because more is available than overdue."""
        if self.available < 0:
            return "overdue_amount"
        return "overdue_amount - unallocated_amount + credits_amount" if self.net else ""

    @property
    def anything(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.open_amount or self.credits or self.unallocated or self.currencies)


@rests_on(
    "overdue_amount",
    "overdue_count",
    "open_amount",
    "credits_amount",
    "unallocated_amount",
    *(bucket.name for bucket in BY_DUE_DATE),
)
def build_receivables(scope: Scope, aging: str = "") -> Receivables:
    """Stored figures of the rollup, and the open items behind them at its day; `aging` "document" ages them by the day
    they were issued instead of the day they are due.
    """
    rollup = scope.figures
    usual = rollup.days_late_paid
    totals = totals_of(scope)
    shown = item_rows(
        _longest_overdue(scope.customers, rollup.as_of, totals.longest), rollup.as_of, usual_days_late=usual
    )
    by_document = aging == BY_DOCUMENT
    buckets = _by_document(scope, totals.owed) if by_document else _by_due_date(scope, totals.owed)
    words = [(one.css, one.amount, f"{one.label}: {formats.money(one.amount, scope.currency)}") for one in buckets]
    available = rollup.unallocated_amount - rollup.credits_amount
    unusual = totals.where(owed=True, unusual=True)
    return Receivables(
        overdue=rollup.overdue_amount,
        overdue_url=scope.figure_url("overdue_amount"),
        without_rate=overdue_in_no_total(totals),
        open_amount=rollup.open_amount,
        open_url=scope.figure_url("open_amount"),
        credits=rollup.credits_amount,
        credits_url=scope.figure_url("credits_amount"),
        unallocated=rollup.unallocated_amount,
        unallocated_url=scope.figure_url("unallocated_amount"),
        available=available,
        net=max(rollup.overdue_amount - max(available, Decimal(0)), Decimal(0)),
        buckets=buckets,
        by_document=by_document,
        due_url=scope.url("detail"),
        document_url=scope.url("detail", aging=BY_DOCUMENT),
        bar=share_bar(words, length=BAR),
        bar_text="; ".join(title for _, _, title in words),
        parts=_parts(scope, totals.owed),
        currencies=_currencies(scope, totals),
        items=shown,
        item_count=rollup.overdue_count,
        shown_total=sum((item.counted for item in shown if item.counted is not None), Decimal(0)),
        usual_days_late=usual,
        unusual=Share("total", "", "", unusual.counted, scope.url("open_items", show="unusual"), unusual.count),
    )


def _by_due_date(scope: Scope, owed: OpenTotals) -> tuple[Share, ...]:
    shares = []
    for bucket in BY_DUE_DATE:
        amount: Decimal = getattr(scope.figures, bucket.name)
        count = owed.where(due=bucket.name).count
        if bucket.first is not None or amount or count:
            shares.append(Share(bucket.name, bucket.label, bucket.css, amount, scope.figure_url(bucket.name), count))
    return tuple(shares)


def _by_document(scope: Scope, owed: OpenTotals) -> tuple[Share, ...]:
    shares = []
    for bucket in BY_DOCUMENT_DATE:
        found = owed.where(age=bucket.name)
        if bucket.first is not None or found.count:
            url = scope.url("open_items", age=bucket.name)
            shares.append(Share("total", bucket.label, bucket.css, found.counted, url, found.count))
    return tuple(shares)


def _parts(scope: Scope, owed: OpenTotals) -> tuple[Share, ...]:
    """Every part of the open amount with its stored figure; they add up to it."""
    shares = []
    for measure in PARTS:
        found = owed.where(part=measure.name)
        amount: Decimal = getattr(scope.figures, measure.name)
        shares.append(Share(measure.name, measure.label, "", amount, scope.figure_url(measure.name), found.count))
    return tuple(shares)


def _currencies(scope: Scope, totals: OpenTotals) -> tuple[CurrencyLine, ...]:
    """One line per currency; none where everything is in the reporting currency and the figures already say it."""
    unallocated = _unallocated(scope)
    found = {group.currency for group in totals.groups} | set(unallocated)
    if found <= {scope.currency}:
        return ()
    return tuple(_line(scope, totals, currency, unallocated) for currency in sorted(found))


def _line(scope: Scope, totals: OpenTotals, currency: str, unallocated: Mapping[str, Decimal]) -> CurrencyLine:
    mine = totals.where(currency=currency)
    owed = mine.where(owed=True)
    rated = any(group.converted for group in owed.groups) or not owed.groups
    return CurrencyLine(
        currency=currency,
        open_amount=owed.amount,
        overdue=owed.where(overdue=True).amount,
        credits=mine.where(owed=False).amount,
        unallocated=unallocated.get(currency, Decimal(0)),
        counted=owed.counted if rated else None,
        url=scope.url("open_items", currency=currency or "none"),
    )


def _unallocated(scope: Scope) -> dict[str, Decimal]:
    sums = _unallocated_sums(scope.customers, scope.figures.as_of)
    return {currency: total for currency, total in sums if total}


@prepared_for
def _longest_overdue(customers: QuerySet[Customer], as_of: date, keys: tuple[str, ...]) -> QuerySet[Any]:
    overdue = get_measure("overdue_amount").documents(customers, as_of).filter(key__in=keys)
    return overdue.select_related("invoice").order_by("due_on", "key")


@prepared_for
def _unallocated_sums(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    payments = in_parts(payments_at(customers, as_of), mine(customers), columns=("open_now",)).order_by("currency")
    sums: QuerySet[Any, Any] = payments.values_list("currency").annotate(total=Sum("open_now"))
    return sums
