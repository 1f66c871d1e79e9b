"""How a customer pays: how late as a habit, the last payments, and what is later than that habit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import ExpressionWrapper, F, QuerySet, Sum

from customers import formats
from customers.addresses import document_address
from customers.companies import counting
from customers.counted_receivables import DaysBetween
from customers.hidden import rests_on
from customers.pages.receivables import Receivables
from customers.pages.scope import Scope
from customers.paging import newest_query, parts_of
from customers.parts import NUMBER, held_by
from integration_hub.models import ErpAllocation, ErpPayment
from integration_hub.prepared import prepared

SHOWN = 5


@dataclass(frozen=True)
class PaymentRow:
    """One payment in its own currency; `lateness` says how late its items were on average, weighted by amount."""

    number: str
    url: str
    paid_on: date | None
    lateness: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class PaymentHabit:
    """The card about paying; `habit` and `verdict` are one sentence in two parts."""

    habit: str
    verdict: str
    unusual_url: str
    late_url: str
    to_pay: Decimal | None
    to_pay_url: str
    payments: tuple[PaymentRow, ...]


@rests_on("days_late_paid", "days_to_pay", "overdue_amount", "overdue_count")
def build_payment_habit(scope: Scope, receivables: Receivables) -> PaymentHabit:
    """The stored habit, the newest payments up to the day, and the overdue items of the receivables card against it."""
    usual = receivables.usual_days_late
    return PaymentHabit(
        habit=habit(usual),
        verdict=verdict(usual, receivables.unusual.count, receivables.item_count),
        unusual_url=receivables.unusual.url if receivables.unusual.count and usual is not None else "",
        late_url=scope.figure_url("days_late_paid"),
        to_pay=scope.figures.days_to_pay,
        to_pay_url=scope.figure_url("days_to_pay"),
        payments=last_payments(scope, SHOWN),
    )


def habit(usual: Decimal | None) -> str:
    """The habit in words: usually pays 9 days late."""
    if usual is None:
        return "No payment in 12 months tells how this customer pays"
    rounded = usual.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return "Usually pays on time" if rounded == 0 else f"Usually pays {formats.lateness(rounded)}"


def verdict(usual: Decimal | None, unusual: int, overdue: int) -> str:
    """What the habit means for what is overdue now."""
    if usual is None:
        return f"{formats.plural(overdue, 'item')} overdue" if overdue else ""
    if unusual:
        return f"{formats.plural(unusual, 'item')} {'is' if unusual == 1 else 'are'} later than that"
    return "what is overdue is within that habit" if overdue else "nothing is overdue"


def last_payments(scope: Scope, most: int) -> tuple[PaymentRow, ...]:
    """The newest payments up to the scope's day; two queries."""
    payments = _newest(scope.keys, scope.as_of, most)
    late = _lateness(tuple(payment.key for payment in payments))
    return tuple(
        PaymentRow(
            number=payment.number or payment.key,
            url=document_address("payment", payment.key),
            paid_on=payment.paid_on,
            lateness=late.get(payment.key, ""),
            amount=payment.amount,
            currency=payment.currency,
        )
        for payment in payments
    )


@prepared
def _newest(keys: tuple[str, ...], as_of: date | None, most: int) -> QuerySet[Any]:
    every = counting(ErpPayment).only("key", "number", "paid_on", "amount", "currency")
    parts = parts_of(keys, lambda whose: every.filter(held_by(ErpPayment, whose), paid_on__lte=as_of))
    return newest_query(parts, "paid_on", most)


def _lateness(keys: tuple[str, ...]) -> Mapping[str, str]:
    """By payment: the average days from due date to payment of what it settled, weighted by amount."""
    return {
        payment: formats.lateness((above / below).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        for payment, above, below in _settled(keys)
    }


@prepared
def _settled(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """By payment the days weighted by amount, and the amount."""
    days = DaysBetween(F("payment__paid_on"), F("open_item__due_on"))
    settled = ErpAllocation.objects.live().filter(
        payment__in=keys, amount__gt=0, open_item__due_on__isnull=False, payment__paid_on__isnull=False
    )
    weighted = ExpressionWrapper(F("amount") * days, output_field=NUMBER)
    by_payment = settled.values_list("payment").order_by()
    sums: QuerySet[Any, Any] = by_payment.annotate(above=Sum(weighted), below=Sum("amount"))
    return sums
