"""Which documents belong together, and by what evidence: line references, what the ERP states, allocations."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from customers.pages.settled_with import allocations_to
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
from integration_hub.prepared import prepared

# Evidence in words, the strongest first.
EVIDENCE = {
    "line": "by line",
    "allocation": "by allocation",
    "corrects": "by what it corrects",
    "stated": "stated by the ERP",
    "derived": "derived",
}
Evidence = dict[str, set[str]]


@dataclass(frozen=True)
class Links:
    """Keys of documents by kind, each with its evidence; the document in the middle has none."""

    orders: Evidence = field(default_factory=dict)
    deliveries: Evidence = field(default_factory=dict)
    invoices: Evidence = field(default_factory=dict)
    payments: Evidence = field(default_factory=dict)

    def of_kind(self, kind: str) -> Evidence:
        """The keys of order, delivery, invoice or payment."""
        kinds = {"order": self.orders, "delivery": self.deliveries, "invoice": self.invoices, "payment": self.payments}
        return kinds[kind]


def words(evidence: set[str]) -> str:
    """The strongest evidence in words; empty for the document in the middle."""
    return next((text for name, text in EVIDENCE.items() if name in evidence), "")


def links_of_order(order: ErpOrder) -> Links:
    """Forward from an order: what was delivered, billed and paid for it."""
    links = Links(orders={order.key: set()})
    orders = (order.key,)
    _add(links.deliveries, _delivered_by_line(orders), "line")
    _add(links.deliveries, _stated(orders, ErpDelivery), "stated")
    _add_links_from(links, links.orders, {"delivery", "invoice", "payment"})
    _add(links.invoices, _billed_by_line(orders), "line")
    _add(links.invoices, _stated(orders, ErpInvoice), "stated")
    _invoices_of_deliveries(links)
    _onwards(links)
    return links


def links_of_delivery(delivery: ErpDelivery) -> Links:
    """Back to the orders a delivery fulfils, forward to what billed it."""
    links = Links(deliveries={delivery.key: set()})
    lines = ErpDeliveryLine.objects.live().filter(delivery=delivery.key)
    _add(links.orders, lines.values_list("order_line__order", flat=True).distinct(), "line")
    _add(links.orders, [delivery.order_id], "stated")
    _add_links_to("order", links.orders, links.deliveries)
    billed = ErpInvoiceLine.objects.live().filter(
        order_line__in=lines.exclude(order_line=None).values("order_line"), delivery_line__in=lines.values("key")
    )
    _add(links.invoices, billed.values_list("invoice", flat=True).distinct(), "line")
    _add_links_from(links, links.deliveries, {"invoice"})
    _onwards(links)
    return links


def links_of_invoice(invoice: ErpInvoice) -> Links:
    """Back to the orders and deliveries an invoice bills, forward to what settled or corrects it."""
    links = Links(invoices={invoice.key: set()})
    _back(links)
    _add(links.invoices, [invoice.reverses_id], "corrects")
    _onwards(links)
    return links


def links_of_payment(payment: ErpPayment) -> Links:
    """Back to the invoices a payment settles, and to the orders and deliveries behind these."""
    links = Links(payments={payment.key: set()})
    allocations = ErpAllocation.objects.live().filter(payment=payment.key)
    for invoice, of_item in allocations.values_list("invoice", "open_item__invoice"):
        _add(links.invoices, [invoice or of_item], "allocation")
    _add_links_to("invoice", links.invoices, links.payments)
    _back(links)
    return links


@prepared
def _delivered_by_line(orders: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """Deliveries whose lines name lines of orders."""
    lines = ErpOrderLine.objects.filter(order__in=orders).values("key")
    by_line = ErpDeliveryLine.objects.live().filter(order_line__in=lines, delivery__isnull=False)
    return by_line.values_list("delivery", flat=True).distinct()


@prepared
def _billed_by_line(orders: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """Invoices whose lines name lines of orders."""
    lines = ErpOrderLine.objects.filter(order__in=orders).values("key")
    by_line = ErpInvoiceLine.objects.live().filter(order_line__in=lines, invoice__isnull=False)
    return by_line.values_list("invoice", flat=True).distinct()


@prepared
def _stated(orders: tuple[str, ...], model: Any) -> "QuerySet[Any, Any]":
    """Deliveries or invoices that name orders in their heads."""
    found: QuerySet[Any, Any] = model.objects.live().filter(order__in=orders).values_list("key", flat=True)
    return found


def _back(links: Links) -> None:
    """The orders and deliveries of the invoices."""
    if not links.invoices:
        return
    billed = tuple(links.invoices)
    for order, delivery in _behind(billed):
        _add(links.orders, [order], "line")
        _add(links.deliveries, [delivery], "line")
    _add(links.orders, _orders_named(billed), "stated")
    for kind, key, how in _linked_to(billed):
        _add(links.of_kind(kind), [key], _how(how))


@prepared
def _behind(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """Orders and deliveries that the lines of invoices name."""
    lines = ErpInvoiceLine.objects.live().filter(invoice__in=invoices)
    return lines.values_list("order_line__order", "delivery_line__delivery").distinct()


@prepared
def _orders_named(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    headers = ErpInvoice.objects.filter(key__in=invoices, order__isnull=False)
    return headers.values_list("order", flat=True).distinct()


@prepared
def _linked_to(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    rows = ErpDocumentLink.objects.live().filter(to_key__in=invoices, from_kind__in=("order", "delivery"))
    return rows.values_list("from_kind", "from_key", "how")


def _invoices_of_deliveries(links: Links) -> None:
    """Invoices that the ERP links with a delivery; one whose lines name other orders bills only those."""
    if not links.deliveries:
        return
    linked: Evidence = {}
    for _kind, key, how in _following(tuple(links.deliveries), frozenset({"invoice"})):
        _add(linked, [key], _how(how))
    new = set(linked) - set(links.invoices)
    if new:
        naming = ErpInvoiceLine.objects.live().filter(invoice__in=new, order_line__isnull=False)
        new -= set(naming.values_list("invoice", flat=True).distinct())
    for key, evidence in linked.items():
        if key in links.invoices or key in new:
            links.invoices.setdefault(key, set()).update(evidence)


def _onwards(links: Links) -> None:
    """Corrections of the invoices, and what settled them: payments and credit notes set off."""
    if not links.invoices:
        return
    billed = tuple(links.invoices)
    _add(links.invoices, _corrections(billed), "corrects")
    for payment, credit_note in _settling(billed):
        _add(links.payments, [payment], "allocation")
        _add(links.invoices, [credit_note], "allocation")
    _add(links.invoices, _set_off_against(billed), "allocation")
    _add_links_from(links, links.invoices, {"payment"})


@prepared
def _corrections(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return ErpInvoice.objects.live().filter(reverses__in=invoices).values_list("key", flat=True)


@prepared
def _settling(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return allocations_to(invoices).values_list("payment", "credit_note").distinct()


@prepared
def _set_off_against(credit_notes: tuple[str, ...]) -> "QuerySet[Any, Any]":
    set_off = ErpAllocation.objects.live().filter(credit_note__in=credit_notes)
    return set_off.values_list("invoice", flat=True).distinct()


def _add_links_from(links: Links, source: Iterable[str], kinds: set[str]) -> None:
    """What the ERP states, or a source derived, as following these documents."""
    for to_kind, to_key, how in _following(tuple(source), frozenset(kinds)):
        _add(links.of_kind(to_kind), [to_key], _how(how))


@prepared
def _following(sources: tuple[str, ...], kinds: frozenset[str]) -> "QuerySet[Any, Any]":
    rows = ErpDocumentLink.objects.live().filter(from_key__in=sources, to_kind__in=sorted(kinds))
    return rows.values_list("to_kind", "to_key", "how")


def _add_links_to(kind: str, into: Evidence, targets: Iterable[str]) -> None:
    rows = ErpDocumentLink.objects.live().filter(to_key__in=list(targets), from_kind=kind)
    for key, how in rows.values_list("from_key", "how"):
        _add(into, [key], _how(how))


def _how(how: str) -> str:
    return "stated" if how == "stated" else "derived"


def _add(into: Evidence, keys: Iterable[str | None], evidence: str) -> None:
    for key in keys:
        if key:
            into.setdefault(key, set()).add(evidence)
