"""What is overdue or still to deliver without a rate to the reporting currency: in no amount, and so said beside it."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Round

from customers import counted, formats
from customers.counted import Documents
from customers.known import mine, prepared_for
from customers.models import Customer
from customers.pages.open_totals import OpenTotals, open_totals
from customers.pages.scope import Scope
from customers.parts import NUMBER, in_parts
from integration_hub.one_request import once

Amounts = Iterable[tuple[str, Decimal | None]]


def in_no_total(amounts: Amounts) -> str:
    """Amounts by currency in words: ¥1.8M has no rate and is in no total; nothing where there is none."""
    named = [
        formats.money_compact(amount, currency) + ("" if currency else " without a currency")
        for currency, amount in amounts
        if amount
    ]
    if not named:
        return ""
    if len(named) == 1:
        return f"{named[0]} has no rate and is in no total"
    return f"{', '.join(named[:-1])} and {named[-1]} have no rate and are in no total"


def overdue_words(scope: Scope) -> str:
    """The overdue items without a rate."""
    return _once(scope, "overdue", lambda: overdue_in_no_total(open_totals(scope.customers, scope.figures.as_of)))


def overdue_in_no_total(totals: OpenTotals, **more: object) -> str:
    """The same of what is summed already; `more` narrows it."""
    owed = totals.where(owed=True, converted=False, **more)
    owed = owed.where(overdue=True)
    return in_no_total(
        (currency, owed.where(currency=currency).amount) for currency in sorted({one.currency for one in owed.groups})
    )


def open_orders_words(scope: Scope) -> str:
    """What is still to deliver of orders without a rate."""
    return _once(scope, "to deliver", lambda: in_no_total(_to_deliver(scope.customers, scope.figures.as_of)))


def not_billed_words(scope: Scope) -> str:
    """What is delivered and not billed of orders without a rate."""
    return _once(scope, "to bill", lambda: in_no_total(_to_bill(scope.customers, scope.figures.as_of)))


def _once(scope: Scope, what: str, words: Callable[[], str]) -> str:
    """Several cards of a page say the same; nothing is asked where everything was converted."""
    if not scope.figures.not_converted_count:
        return ""
    return once(f"without a rate: {what} {scope.customer.pk} {scope.group} {scope.figures.as_of}", words)


@prepared_for
def _to_deliver(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    return _by_currency(customers, counted.open_orders(customers, as_of))


@prepared_for
def _to_bill(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    return _by_currency(customers, counted.delivered_not_invoiced(customers, as_of))


def _by_currency(customers: QuerySet[Customer], orders: Documents) -> "QuerySet[Any, Any]":
    share = Round(F("net_amount") * F("share"), precision=2, output_field=NUMBER)
    found = counted.annotated(orders.filter(reporting_amount=None), own_amount=share)
    parts = in_parts(found, mine(customers), columns=("own_amount",)).order_by("currency")
    sums: QuerySet[Any, Any] = parts.values_list("currency").annotate(total=Sum("own_amount"))
    return sums
