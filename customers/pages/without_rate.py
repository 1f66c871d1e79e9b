"""What is overdue or still to deliver without a rate to the reporting currency: in no amount, and so said beside it."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum, Value
from django.db.models.functions import Round

from customers import counted, formats
from customers.counted import Documents
from customers.known import mine, prepared_for, with_keys
from customers.models import Customer
from customers.pages.open_totals import OpenTotals, totals_of
from customers.pages.scope import Scope
from customers.parts import NUMBER, Mine, in_parts
from integration_hub.one_request import once

Amounts = Iterable[tuple[str, Decimal | None]]
TO_DELIVER, TO_BILL = "to deliver", "to bill"


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
    """The overdue items without a rate; nothing is asked where everything was converted."""
    return overdue_in_no_total(totals_of(scope)) if scope.figures.not_converted_count else ""


def overdue_in_no_total(totals: OpenTotals) -> str:
    """The same of what is summed already."""
    owed = totals.where(owed=True, converted=False, overdue=True)
    return in_no_total(
        (currency, owed.where(currency=currency).amount) for currency in sorted({one.currency for one in owed.groups})
    )


def open_orders_words(scope: Scope) -> str:
    """What is still to deliver of orders without a rate."""
    return in_no_total(_orders(scope).get(TO_DELIVER, ()))


def not_billed_words(scope: Scope) -> str:
    """What is delivered and not billed of orders without a rate."""
    return in_no_total(_orders(scope).get(TO_BILL, ()))


def _orders(scope: Scope) -> Mapping[str, list[tuple[str, Decimal | None]]]:
    """Both by currency in one query, which is asked once for all cards of a page."""
    if not scope.figures.not_converted_count:
        return {}
    return once(
        f"orders without a rate {scope.customer.pk} {scope.group} {scope.figures.as_of}", lambda: _read_orders(scope)
    )


def _read_orders(scope: Scope) -> Mapping[str, list[tuple[str, Decimal | None]]]:
    found: dict[str, list[tuple[str, Decimal | None]]] = {}
    for what, currency, amount in sorted(
        _sums(with_keys(scope.customers), scope.figures.as_of), key=lambda row: row[:2]
    ):
        found.setdefault(what, []).append((currency, amount))
    return found


@prepared_for
def _sums(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    whose = mine(customers)
    to_deliver = _by_currency(TO_DELIVER, counted.open_orders(customers, as_of), whose)
    to_bill = _by_currency(TO_BILL, counted.delivered_not_invoiced(customers, as_of), whose)
    return to_deliver.union(to_bill, all=True)


def _by_currency(what: str, orders: Documents, whose: Mine) -> "QuerySet[Any, Any]":
    part = Round(F("net_amount") * F("share"), precision=2, output_field=NUMBER)
    found = counted.annotated(orders.filter(reporting_amount=None), own_amount=part, what=Value(what))
    parts = in_parts(found, whose, columns=("own_amount",)).order_by()
    sums: QuerySet[Any, Any] = parts.values_list("what", "currency").annotate(total=Sum("own_amount"))
    return sums
