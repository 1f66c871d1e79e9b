"""Which documents belong together: order, delivery, invoice, payment, by header, by line and by stated links."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from customers.access import User, visible
from integration_hub.models import (
    ErpAllocation,
    ErpDelivery,
    ErpDeliveryLine,
    ErpDocumentLink,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
)

MOST = 200


@dataclass(frozen=True)
class Node:
    """One document of the chain."""

    kind: str
    number: str
    url: str
    day: date | None
    status: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class Chain:
    """The documents around one document, oldest first, only those that the user may see."""

    orders: tuple[Node, ...] = ()
    deliveries: tuple[Node, ...] = ()
    invoices: tuple[Node, ...] = ()
    payments: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Keys:
    """Keys of documents by kind."""

    orders: set[str] = field(default_factory=set)
    deliveries: set[str] = field(default_factory=set)
    invoices: set[str] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)


def chain_of_order(order: ErpOrder, user: User) -> Chain:
    """Forward from an order: what was delivered, billed and paid for it."""
    keys = Keys(orders={order.key})
    keys.deliveries.update(_deliveries_of(keys.orders))
    keys.invoices.update(_invoices_of(keys.orders, keys.deliveries))
    keys.payments.update(_payments_of(keys.invoices))
    return _chain(keys, user)


def chain_of_delivery(delivery: ErpDelivery, user: User) -> Chain:
    """Back to the orders a delivery fulfils, forward to what billed it."""
    keys = Keys(deliveries={delivery.key})
    lines = ErpDeliveryLine.objects.live().filter(delivery=delivery.key)
    keys.orders.update(
        _present(lines.values_list("order_line__order", flat=True)), _linked_from("order", keys.deliveries)
    )
    keys.orders.update(_present([delivery.order_id]))
    order_lines = lines.exclude(order_line=None).values("order_line")
    billed = ErpInvoiceLine.objects.live().filter(order_line__in=order_lines, delivery_line__in=lines.values("key"))
    keys.invoices.update(_present(billed.values_list("invoice", flat=True)), _linked_to("invoice", keys.deliveries))
    keys.payments.update(_payments_of(keys.invoices))
    return _chain(keys, user)


def chain_of_invoice(invoice: ErpInvoice, user: User) -> Chain:
    """Back to the orders and deliveries an invoice bills, forward to what settled it."""
    keys = Keys(invoices={invoice.key})
    lines = ErpInvoiceLine.objects.live().filter(invoice=invoice.key)
    keys.orders.update(_present([invoice.order_id]), _present(lines.values_list("order_line__order", flat=True)))
    keys.orders.update(_linked_from("order", keys.invoices))
    keys.deliveries.update(_present(lines.values_list("delivery_line__delivery", flat=True)))
    keys.deliveries.update(_linked_from("delivery", keys.invoices))
    keys.payments.update(_payments_of(keys.invoices))
    return _chain(keys, user)


def chain_of_payment(payment: ErpPayment, user: User) -> Chain:
    """Back to the invoices a payment settles."""
    keys = Keys(payments={payment.key})
    allocations = ErpAllocation.objects.live().filter(payment=payment.key)
    keys.invoices.update(
        _present(allocations.values_list("invoice", flat=True)), _linked_from("invoice", keys.payments)
    )
    return _chain(keys, user)


def _deliveries_of(orders: set[str]) -> set[str]:
    by_line = ErpDeliveryLine.objects.live().filter(
        order_line__in=ErpOrderLine.objects.filter(order__in=orders).values("key")
    )
    by_header = ErpDelivery.objects.live().filter(order__in=orders)
    return (
        _present(by_line.values_list("delivery", flat=True))
        | _present(by_header.values_list("key", flat=True))
        | _linked_to("delivery", orders)
    )


def _invoices_of(orders: set[str], deliveries: set[str]) -> set[str]:
    by_line = ErpInvoiceLine.objects.live().filter(
        order_line__in=ErpOrderLine.objects.filter(order__in=orders).values("key")
    )
    by_header = ErpInvoice.objects.live().filter(order__in=orders)
    return (
        _present(by_line.values_list("invoice", flat=True))
        | _present(by_header.values_list("key", flat=True))
        | _linked_to("invoice", orders | deliveries)
    )


def _payments_of(invoices: set[str]) -> set[str]:
    allocated = ErpAllocation.objects.live().filter(Q(invoice__in=invoices) | Q(open_item__invoice__in=invoices))
    return _present(allocated.values_list("payment", flat=True)) | _linked_to("payment", invoices)


def _linked_to(kind: str, keys: set[str]) -> set[str]:
    links = ErpDocumentLink.objects.live().filter(from_key__in=keys, to_kind=kind)
    return _present(links.values_list("to_key", flat=True))


def _linked_from(kind: str, keys: set[str]) -> set[str]:
    links = ErpDocumentLink.objects.live().filter(to_key__in=keys, from_kind=kind)
    return _present(links.values_list("from_key", flat=True))


def _present(keys: Iterable[str | None]) -> set[str]:
    return {key for key in keys if key}


def _chain(keys: Keys, user: User) -> Chain:
    return Chain(
        orders=_nodes(ErpOrder, "order", keys.orders, "ordered_on", "net_amount", user),
        deliveries=_nodes(ErpDelivery, "delivery", keys.deliveries, "shipped_on", "", user),
        invoices=_nodes(ErpInvoice, "invoice", keys.invoices, "issued_on", "net_amount", user),
        payments=_nodes(ErpPayment, "payment", keys.payments, "paid_on", "amount", user),
    )


def _nodes(model: Any, kind: str, keys: set[str], day: str, amount: str, user: User) -> tuple[Node, ...]:
    if not keys:
        return ()
    rows: QuerySet[Any] = visible(model.objects.filter(key__in=keys), user).order_by(day, "key")[:MOST]
    return tuple(
        Node(
            kind=row.get_kind_display() if kind == "invoice" else kind.capitalize(),
            number=row.number or row.key,
            url=reverse(f"customers:{kind}", args=(row.key,)),
            day=getattr(row, day),
            status=row.get_status_display() if hasattr(row, "get_status_display") else "",
            amount=getattr(row, amount) if amount else None,
            currency=getattr(row, "currency", ""),
        )
        for row in rows
    )
