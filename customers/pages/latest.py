"""The newest documents of a customer, whatever their kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from customers import formats
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment

SHOWN = 6


@dataclass(frozen=True)
class Event:
    """One document as an event; `icon` only repeats its kind."""

    day: date
    icon: str
    headline: str
    detail: str
    url: str


def build_latest(keys: Sequence[str], as_of: date) -> tuple[Event, ...]:
    """The newest orders, deliveries, invoices and payments up to a day, newest first."""
    events = [*_orders(keys, as_of), *_deliveries(keys, as_of), *_invoices(keys, as_of), *_payments(keys, as_of)]
    return tuple(sorted(events, key=lambda event: event.day, reverse=True)[:SHOWN])


def _orders(keys: Sequence[str], as_of: date) -> list[Event]:
    found = ErpOrder.objects.live().filter(customer__in=keys, ordered_on__lte=as_of).order_by("-ordered_on", "key")[:SHOWN]
    return [
        Event(
            order.ordered_on,
            "package",
            f"Order {order.number}",
            f"{formats.money(order.net_amount, order.currency)}, {order.get_status_display().lower()}",
            reverse("customers:order", args=(order.key,)),
        )
        for order in found
    ]


def _deliveries(keys: Sequence[str], as_of: date) -> list[Event]:
    found = ErpDelivery.objects.live().filter(customer__in=keys, shipped_on__lte=as_of).order_by("-shipped_on", "key")[:SHOWN]
    return [
        Event(
            delivery.shipped_on,
            "truck",
            f"{'Return' if delivery.is_return else 'Delivery'} {delivery.number}",
            ", ".join(filter(None, (delivery.get_status_display().lower(), delivery.carrier))),
            reverse("customers:delivery", args=(delivery.key,)),
        )
        for delivery in found
    ]


def _invoices(keys: Sequence[str], as_of: date) -> list[Event]:
    found = ErpInvoice.objects.live().filter(customer__in=keys, revenue_on__lte=as_of).order_by("-revenue_on", "key")[:SHOWN]
    return [
        Event(
            invoice.revenue_on,
            "receipt",
            f"{invoice.get_kind_display()} {invoice.number}",
            f"{formats.money(invoice.net_amount, invoice.currency)} net, {invoice.get_status_display().lower()}",
            reverse("customers:invoice", args=(invoice.key,)),
        )
        for invoice in found
    ]


def _payments(keys: Sequence[str], as_of: date) -> list[Event]:
    found = ErpPayment.objects.live().filter(customer__in=keys, paid_on__lte=as_of).order_by("-paid_on", "key")[:SHOWN]
    return [
        Event(
            payment.paid_on,
            "credit-card",
            f"Payment {payment.number}".strip(),
            formats.money(payment.amount, payment.currency),
            reverse("customers:payment", args=(payment.key,)),
        )
        for payment in found
    ]
