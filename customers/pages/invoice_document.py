"""A billing document: its lines with order and delivery line, instalments, settlements, what corrects it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum, Value

from customers import formats
from customers.access import User, prepared_visible
from customers.addresses import document_address
from customers.counted import live
from customers.pages.chain import build_chain
from customers.pages.chain_links import links_of_invoice
from customers.pages.chain_shares import shares_of_invoice
from customers.pages.document import Heading, heading
from customers.pages.rate_note import rate_note
from customers.pages.seen import seen_keys
from customers.pages.settlement import Receivable, Settlement, build_receivable, invoices_settled
from integration_hub.models import ErpAllocation, ErpDelivery, ErpInvoice, ErpInvoiceLine, ErpOrder
from integration_hub.prepared import prepared

LINES_A_PAGE = 100


@dataclass(frozen=True)
class Origin:
    """Where an invoice line comes from: a line of an order or delivery. `foreign`: of a customer one may not see."""

    label: str = ""
    url: str = ""
    foreign: bool = False


@dataclass(frozen=True)
class InvoiceLine:
    """A line of the document with its order line and delivery line."""

    line: ErpInvoiceLine
    order: Origin
    delivery: Origin


@dataclass(frozen=True)
class InvoiceDocument:
    """What the invoice page shows; count and total are over all lines."""

    head: Heading
    page: Page[Any]
    rows: tuple[InvoiceLine, ...]
    count: int
    lines_total: Decimal | None
    known: str
    differences: tuple[str, ...]
    receivable: Receivable
    set_off: tuple[Settlement, ...]
    corrects: ErpInvoice | None
    corrected_by: tuple[ErpInvoice, ...]

    @property
    def instalments(self) -> tuple[Any, ...]:
        """The open items of the document."""
        return self.receivable.instalments

    @property
    def settlements(self) -> tuple[Settlement, ...]:
        """What settled it."""
        return self.receivable.settlements


def build_invoice(invoice: ErpInvoice, user: User, as_of: date, currency: str, *, page: str = "") -> InvoiceDocument:
    """The page of a billing document at a day."""
    total, count, named = next(iter(_sums((invoice.key,))), (None, 0, 0))
    few = count <= LINES_A_PAGE
    shown = Paginator(_lines((invoice.key,)) if few else _all_lines((invoice.key,)), LINES_A_PAGE).get_page(page)
    total = total if total is not None or not count else Decimal(0)
    links = links_of_invoice(invoice)
    set_off = live(ErpAllocation).filter(credit_note=invoice.key).select_related("open_item").order_by("key")
    return InvoiceDocument(
        head=heading(
            "invoice",
            invoice.get_kind_display(),
            invoice,
            user,
            build_chain(links, user, invoice.key, shares_of_invoice(invoice, links, as_of)),
            rate=rate_note(invoice, invoice.revenue_on, currency),
        ),
        page=shown,
        rows=tuple(_rows(list(shown), user)),
        count=count,
        lines_total=total,
        known=_known(invoice, named=named, count=count),
        differences=_differences(invoice, total),
        receivable=build_receivable(invoice, user, as_of),
        set_off=invoices_settled(list(set_off), user, as_of) if invoice.kind == "credit_note" else (),
        corrects=next(iter(_corrected(user, (invoice.reverses_id,))), None) if invoice.reverses_id else None,
        corrected_by=tuple(_correcting(user, (invoice.key,))),
    )


def _all_lines(invoices: tuple[str, ...]) -> QuerySet[Any]:
    lines = ErpInvoiceLine.objects.live().filter(invoice__in=invoices)
    related = lines.select_related("product", "order_line__order", "delivery_line__delivery")
    return related.order_by("position", "key")


_lines = prepared(_all_lines)


@prepared
def _sums(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """Net sum of the lines, their number, and how many name an order line, in one row."""
    lines = ErpInvoiceLine.objects.live().filter(invoice__in=invoices).order_by().annotate(together=Value(1))
    sums = lines.values("together").annotate(total=Sum("net_amount"), count=Count("key"), named=Count("order_line"))
    found: QuerySet[Any, Any] = sums.values_list("total", "count", "named")
    return found


@prepared_visible
def _corrected(keys: tuple[str, ...]) -> QuerySet[ErpInvoice]:
    return ErpInvoice.objects.filter(key__in=keys)


@prepared_visible
def _correcting(keys: tuple[str, ...]) -> QuerySet[ErpInvoice]:
    return ErpInvoice.objects.live().filter(reverses__in=keys).order_by("key")


def _rows(lines: Sequence[ErpInvoiceLine], user: User) -> Iterable[InvoiceLine]:
    orders = seen_keys(ErpOrder, {line.order_line.order_id for line in lines if line.order_line}, user)
    deliveries = seen_keys(ErpDelivery, {line.delivery_line.delivery_id for line in lines if line.delivery_line}, user)
    for line in lines:
        order = _origin(line.order_line, "order", orders) if line.order_line else Origin()
        delivery = _origin(line.delivery_line, "delivery", deliveries) if line.delivery_line else Origin()
        yield InvoiceLine(line, order, delivery)


def _origin(line: Any, kind: str, seen: set[str]) -> Origin:
    document = getattr(line, kind)
    if document is None:
        return Origin()
    if document.key not in seen:
        return Origin(foreign=True)
    place = "" if line.position is None else f" / {line.position}"
    return Origin(f"{document.number or document.key}{place}", document_address(kind, document.key))


def _known(invoice: ErpInvoice, *, named: int, count: int) -> str:
    """How the document is tied to orders where its lines do not say."""
    if named:
        return ""
    if invoice.order_id and count:
        return "Billed as a whole: it names its order, but none of its lines names an order line."
    if invoice.order_id:
        return "Billed as a whole; the source names no lines."
    return "The source names no order for it, neither here nor on its lines." if invoice.kind != "credit_note" else ""


def _differences(invoice: ErpInvoice, total: Decimal | None) -> tuple[str, ...]:
    found = []
    currency, net = invoice.currency, invoice.net_amount
    if total is not None and net is not None and total != net:
        found.append(
            f"Does not reconcile: the lines make {formats.money(total, currency)}, the header says "
            f"{formats.money(net, currency)}; difference {formats.money(net - total, currency)}."
        )
    gross, tax = invoice.gross_amount, invoice.tax_amount
    if net is not None and tax is not None and gross is not None and net + tax != gross:
        found.append(
            f"Does not reconcile: net and tax make {formats.money(net + tax, currency)}, gross is "
            f"{formats.money(gross, currency)}; difference {formats.money(gross - net - tax, currency)}."
        )
    return tuple(found)
