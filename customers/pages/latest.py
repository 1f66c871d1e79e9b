"""The newest documents of a customer, whatever their kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from customers.paging import newest
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment

SHOWN = 6
# What a line shows, as far as a kind of document has it: reading every column takes longer than finding the rows.
SHOWN_COLUMNS = ("status", "kind", "is_return", "net_amount", "amount", "currency")


@dataclass(frozen=True)
class Event:
    """One document as an event; `icon` only repeats its kind. Amounts are net and in the document's own currency."""

    day: date
    icon: str
    headline: str
    state: str
    amount: Decimal | None
    currency: str
    url: str


def build_latest(keys: Sequence[str], as_of: date) -> tuple[Event, ...]:
    """The newest orders, deliveries, invoices and payments up to a day, newest first."""
    orders = (
        _event(row, row.ordered_on, "order", "package", "Order", row.net_amount)
        for row in _newest(ErpOrder, "ordered_on", keys, as_of)
    )
    deliveries = (
        _event(row, row.shipped_on, "delivery", "truck", "Return" if row.is_return else "Delivery", None)
        for row in _newest(ErpDelivery, "shipped_on", keys, as_of)
    )
    invoices = (
        _event(row, row.revenue_on, "invoice", "receipt", row.get_kind_display(), row.net_amount)
        for row in _newest(ErpInvoice, "revenue_on", keys, as_of)
    )
    payments = (
        _event(row, row.paid_on, "payment", "credit-card", "Payment", row.amount)
        for row in _newest(ErpPayment, "paid_on", keys, as_of)
    )
    events = (*orders, *deliveries, *invoices, *payments)
    return tuple(sorted(events, key=lambda event: event.day, reverse=True)[:SHOWN])


def _newest(model: Any, day: str, keys: Sequence[str], as_of: date) -> Iterable[Any]:
    columns = ["key", "number", day, *(name for name in SHOWN_COLUMNS if hasattr(model, name))]
    rows: QuerySet[Any] = model.objects.live().only(*columns)
    return newest([rows.filter(customer=key, **{f"{day}__lte": as_of}) for key in keys], day, SHOWN)


def _event(row: Any, day: date, kind: str, icon: str, label: str, amount: Decimal | None) -> Event:
    return Event(
        day=day,
        icon=icon,
        headline=f"{label} {row.number or row.key}",
        state=row.get_status_display() if hasattr(row, "get_status_display") else "",
        amount=amount,
        currency=getattr(row, "currency", ""),
        url=reverse(f"customers:{kind}", args=(row.key,)),
    )
