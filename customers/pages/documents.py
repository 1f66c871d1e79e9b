"""One document with its lines and its chain: order, delivery, invoice, payment."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from customers.access import User, visible
from customers.aging import lateness_class
from customers.models import AccountLink, Customer
from customers.pages.chain import (
    Chain,
    chain_of_delivery,
    chain_of_invoice,
    chain_of_order,
    chain_of_payment,
)
from customers.pages.identity import Pill
from integration_hub.models import (
    ErpAllocation,
    ErpDelivery,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
)

NOT_BILLED = ("draft", "cancelled", "reversed")
ZERO = Decimal(0)


@dataclass(frozen=True)
class OrderLine:
    """A line with its quantities in its unit: `still_open` is what is neither delivered nor cancelled nor given up."""

    line: ErpOrderLine
    delivered: Decimal
    invoiced: Decimal
    still_open: Decimal


@dataclass(frozen=True)
class Instalment:
    """An open item of an invoice at a day."""

    item: ErpOpenItem
    open_amount: Decimal | None
    days_late: int
    css: str


@dataclass(frozen=True)
class Settlement:
    """What settled an item: a payment or a credit note, when, by how much."""

    label: str
    url_kind: str
    key: str
    day: date | None
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class Document:
    """What all four document pages show; the lists that a kind has not are empty."""

    kind: str
    label: str
    row: Any
    customer: Customer | None
    pills: tuple[Pill, ...]
    chain: Chain
    order_lines: tuple[OrderLine, ...] = ()
    delivery_lines: tuple[ErpDeliveryLine, ...] = ()
    invoice_lines: tuple[ErpInvoiceLine, ...] = ()
    lines_total: Decimal | None = None
    delivered_share: Decimal | None = None
    invoiced_share: Decimal | None = None
    instalments: tuple[Instalment, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    reversed_by: tuple[ErpInvoice, ...] = ()


def build_order(order: ErpOrder, user: User) -> Document:
    """An order with ordered, delivered, invoiced and open quantity per line."""
    lines = list(
        ErpOrderLine.objects.live().filter(order=order.key).select_related("product").order_by("position", "key")
    )
    delivered, invoiced = _delivered(lines), _invoiced(lines)
    order_lines = tuple(_order_line(order, line, delivered, invoiced) for line in lines)
    return Document(
        kind="order",
        label="Quote" if order.status == "quote" else "Order",
        row=order,
        customer=_customer(order.customer_id, user),
        pills=_pills(order, {"open": "pill-seg", "done": "pill-good", "cancelled": "pill-bad"}),
        chain=chain_of_order(order, user),
        order_lines=order_lines,
        delivered_share=_share([(one.line, one.delivered) for one in order_lines]),
        invoiced_share=_share([(one.line, one.invoiced) for one in order_lines]),
        lines_total=sum((line.net_amount or ZERO for line in lines if not line.cancelled), ZERO) if lines else None,
    )


def build_delivery(delivery: ErpDelivery, user: User) -> Document:
    """A delivery with the order line each of its lines fulfils."""
    lines = ErpDeliveryLine.objects.live().filter(delivery=delivery.key)
    return Document(
        kind="delivery",
        label="Return" if delivery.is_return else "Delivery",
        row=delivery,
        customer=_customer(delivery.customer_id, user),
        pills=_pills(delivery, {"shipped": "pill-good", "cancelled": "pill-bad"}),
        chain=chain_of_delivery(delivery, user),
        delivery_lines=tuple(lines.select_related("product", "order_line__order").order_by("position", "key")),
    )


def build_invoice(invoice: ErpInvoice, user: User, as_of: date) -> Document:
    """An invoice with its lines, its instalments as they stand at a day, and what settled them."""
    lines = tuple(
        ErpInvoiceLine.objects.live().filter(invoice=invoice.key).select_related("product").order_by("position", "key")
    )
    items = ErpOpenItem.objects.live().filter(invoice=invoice.key).order_by("due_on", "key")
    allocations = list(
        ErpAllocation.objects.live()
        .filter(Q(invoice=invoice.key) | Q(open_item__invoice=invoice.key))
        .select_related("payment", "credit_note", "invoice")
        .order_by("allocated_on", "key")
    )
    return Document(
        kind="invoice",
        label=invoice.get_kind_display(),
        row=invoice,
        customer=_customer(invoice.customer_id, user),
        pills=_pills(
            invoice, {"open": "pill-seg", "part_paid": "pill-warn", "paid": "pill-good", "cancelled": "pill-bad"}
        ),
        chain=chain_of_invoice(invoice, user),
        invoice_lines=lines,
        lines_total=sum((line.net_amount or ZERO for line in lines), ZERO) if lines else None,
        instalments=tuple(_instalment(item, allocations, as_of) for item in items),
        settlements=tuple(settlement(allocation) for allocation in allocations),
        reversed_by=tuple(ErpInvoice.objects.live().filter(reverses=invoice.key, customer=invoice.customer_id)),
    )


def build_payment(payment: ErpPayment, user: User) -> Document:
    """A payment with the invoices it settles."""
    allocations = (
        ErpAllocation.objects.live()
        .filter(payment=payment.key)
        .select_related("invoice")
        .order_by("allocated_on", "key")
    )
    return Document(
        kind="payment",
        label="Payment",
        row=payment,
        customer=_customer(payment.customer_id, user),
        pills=(Pill("Not fully allocated", "pill-warn"),)
        if payment.unallocated_amount
        else (Pill("Allocated", "pill-good"),),
        chain=chain_of_payment(payment, user),
        settlements=tuple(_settled_invoice(allocation) for allocation in allocations),
    )


def _order_line(
    order: ErpOrder, line: ErpOrderLine, delivered: dict[str, Decimal], invoiced: dict[str, Decimal]
) -> OrderLine:
    """Quantities by the rule of customers/sql/derive_order.sql.

    Delivery and invoice lines come first, then what the source states, then the header: an order that is delivered or
    invoiced as a whole has all its lines so. One that ended early was not delivered by that, and one of which nothing
    was billed at all is not invoiced because nothing is left to bill.
    """
    ended = line.cancelled or order.status in {"cancelled", "closed", "done"} or order.fully_delivered_on is not None
    all_shipped = order.fully_delivered_on is not None and order.status not in {"cancelled", "closed", "quote"}
    shipped = _first(delivered.get(line.key), line.delivered_quantity, line, whole=all_shipped)
    billed = _first(invoiced.get(line.key), line.invoiced_quantity, line, whole=order.key in invoiced)
    rest = ZERO if ended or line.quantity is None else max(line.quantity - shipped, ZERO)
    return OrderLine(line, shipped, billed, rest)


def _first(counted: Decimal | None, stated: Decimal | None, line: ErpOrderLine, *, whole: bool) -> Decimal:
    if counted is not None:
        return counted
    if stated is not None:
        return stated
    return (line.quantity or ZERO) if whole else ZERO


def _delivered(lines: list[ErpOrderLine]) -> dict[str, Decimal]:
    """Shipped quantity per order line; returns do not undo a delivery."""
    return _sums(
        ErpDeliveryLine.objects.live().filter(
            order_line__in=[line.key for line in lines],
            delivery__deleted_at=None,
            delivery__status="shipped",
            delivery__shipped_on__isnull=False,
            delivery__is_return=False,
        )
    )


def _invoiced(lines: list[ErpOrderLine]) -> dict[str, Decimal]:
    """Invoiced quantity per order line, without drafts and what was taken back; the order's own key where invoices name
    only the order, which then bill all of it.
    """
    by_line = _sums(
        ErpInvoiceLine.objects.live()
        .filter(
            order_line__in=[line.key for line in lines],
            invoice__deleted_at=None,
            invoice__kind__in=("invoice", "receipt"),
        )
        .exclude(invoice__status__in=NOT_BILLED)
    )
    if by_line or not lines:
        return by_line
    headers = ErpInvoice.objects.live().filter(order=lines[0].order_id, kind__in=("invoice", "receipt"))
    return {str(lines[0].order_id): ZERO} if headers.exclude(status__in=NOT_BILLED).exists() else {}


def _share(lines: list[tuple[ErpOrderLine, Decimal]]) -> Decimal | None:
    """How much of an order's value is delivered or invoiced, by quantity per line; None where lines have no value."""
    whole, done = ZERO, ZERO
    for line, quantity in lines:
        if line.cancelled or not line.quantity or not line.net_amount:
            continue
        whole += line.net_amount
        done += line.net_amount * min(quantity / line.quantity, Decimal(1))
    return done / whole if whole > 0 else None


def _sums(lines: Any) -> dict[str, Decimal]:
    grouped = lines.values("order_line").order_by().annotate(total=Sum("quantity", default=ZERO))
    return {row["order_line"]: row["total"] for row in grouped}


def _instalment(item: ErpOpenItem, allocations: list[ErpAllocation], as_of: date) -> Instalment:
    """Open at a day: amount less allocations up to it where these carry dates, else what the source says."""
    rest = item.open_amount
    if item.dated_allocations and item.amount is not None:
        mine = (one for one in allocations if one.open_item_id == item.key)
        settled = (one.amount or ZERO for one in mine if one.allocated_on is None or one.allocated_on <= as_of)
        rest = item.amount - sum(settled, ZERO)
    late = (as_of - item.due_on).days if item.due_on and rest and rest > 0 else 0
    return Instalment(item, rest, max(late, 0), lateness_class(late))


def settlement(allocation: ErpAllocation) -> Settlement:
    """What an allocation settled with: a payment, a credit note, or what only the ERP knows."""
    if allocation.payment is not None:
        label, kind, key = f"Payment {allocation.payment.number}", "payment", allocation.payment.key
    elif allocation.credit_note is not None:
        label, kind, key = f"Credit note {allocation.credit_note.number}", "invoice", allocation.credit_note.key
    else:
        label, kind, key = "Settled in the ERP", "", ""
    return Settlement(label.strip(), kind, key, allocation.allocated_on, allocation.amount, allocation.currency)


def _settled_invoice(allocation: ErpAllocation) -> Settlement:
    invoice = allocation.invoice
    if invoice is None:
        return Settlement(
            "An item without an invoice", "", "", allocation.allocated_on, allocation.amount, allocation.currency
        )
    label = f"{invoice.get_kind_display()} {invoice.number}"
    return Settlement(label, "invoice", invoice.key, allocation.allocated_on, allocation.amount, allocation.currency)


def _customer(erp_customer: str | None, user: User) -> Customer | None:
    link = AccountLink.objects.filter(erp_customer=erp_customer).first()
    return visible(Customer.objects.filter(pk=link.customer_id), user).first() if link else None


def _pills(row: Any, css: dict[str, str]) -> tuple[Pill, ...]:
    pills = [Pill(row.get_status_display(), css.get(row.status, ""), row.source_status)]
    if getattr(row, "hold_reason", ""):
        pills.append(Pill(f"On hold: {row.hold_reason}", "pill-warn"))
    if row.deleted_at:
        pills.append(Pill("Gone from the ERP", "pill-warn", row.gone_reason))
    return tuple(pills)
