"""A delivery or return: which order line each of its lines fulfils, and what billed it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, Sum

from customers import formats
from customers.access import User, visible
from customers.addresses import document_address
from customers.pages.chain import build_chain
from customers.pages.chain_links import links_of_delivery
from customers.pages.chain_shares import shares_of_delivery
from customers.pages.document import Heading, heading
from customers.pages.line_facts import OF_INVOICE, not_counted
from integration_hub.models import ErpDelivery, ErpDeliveryLine, ErpInvoiceLine, ErpOrder

LINES_A_PAGE = 100
BILLS_SHOWN = 5


@dataclass(frozen=True)
class Bill:
    """An invoice line that bills a delivery line. `by_order_line`: it names only the order line, not the delivery."""

    label: str
    url: str
    quantity: str
    left_out: str
    by_order_line: bool


@dataclass(frozen=True)
class DeliveryLine:
    """A line of the delivery; `order` is empty where there is none or the user may not see it."""

    line: ErpDeliveryLine
    order: str
    order_url: str
    foreign_order: bool
    bills: tuple[Bill, ...]
    more_bills: int


@dataclass(frozen=True)
class DeliveryDocument:
    """What the delivery page shows; `quantities` are the sums over all lines by unit."""

    head: Heading
    page: Page[Any]
    rows: tuple[DeliveryLine, ...]
    count: int
    quantities: tuple[str, ...]


def build_delivery(delivery: ErpDelivery, user: User, as_of: date, *, page: str = "") -> DeliveryDocument:
    """The page of a delivery."""
    lines = ErpDeliveryLine.objects.live().filter(delivery=delivery.key)
    sums = list(lines.order_by().values("unit").annotate(total=Sum("quantity"), lines=Count("key")))
    ordered = lines.select_related("product", "order_line__order").order_by("position", "key")
    shown = Paginator(ordered, LINES_A_PAGE).get_page(page)
    found = list(shown)
    label = "Return" if delivery.is_return else "Delivery"
    links = links_of_delivery(delivery)
    chain = build_chain(links, user, delivery.key, shares_of_delivery(delivery, links, as_of))
    return DeliveryDocument(
        head=heading("delivery", label, delivery, user, chain),
        page=shown,
        rows=tuple(_rows(found, user, as_of)),
        count=sum(row["lines"] for row in sums),
        quantities=tuple(formats.quantity(row["total"], row["unit"]) for row in sums if row["total"] is not None),
    )


def _rows(lines: Sequence[ErpDeliveryLine], user: User, as_of: date) -> Iterable[DeliveryLine]:
    orders = {line.order_line.order_id for line in lines if line.order_line and line.order_line.order_id}
    seen = set(visible(ErpOrder.objects.filter(key__in=orders), user).values_list("key", flat=True))
    exact, by_order_line = _bills(lines, user, as_of)
    for line in lines:
        order_line = line.order_line
        order = order_line.order if order_line else None
        bills = exact.get(line.key) or by_order_line.get(line.order_line_id, [])
        place = "" if order_line is None or order_line.position is None else f" / {order_line.position}"
        known = order is not None and order.key in seen
        yield DeliveryLine(
            line=line,
            order=f"{order.number or order.key}{place}" if order is not None and known else "",
            order_url=document_address("order", order.key) if order is not None and known else "",
            foreign_order=order is not None and not known,
            bills=tuple(bills[:BILLS_SHOWN]),
            more_bills=max(len(bills) - BILLS_SHOWN, 0),
        )


def _bills(
    lines: Sequence[ErpDeliveryLine], user: User, as_of: date
) -> tuple[dict[str | None, list[Bill]], dict[str | None, list[Bill]]]:
    """Invoice lines by delivery line where they name one, else by the order line, which is the indexed way to both."""
    order_lines = {line.order_line_id for line in lines if line.order_line_id}
    named = Q(delivery_line__in=[line.key for line in lines]) | Q(delivery_line=None)
    rows = ErpInvoiceLine.objects.live().filter(named, order_line__in=order_lines, invoice__deleted_at=None)
    exact: dict[str | None, list[Bill]] = {}
    by_order_line: dict[str | None, list[Bill]] = {}
    names = ("delivery_line", "order_line", "position", "quantity", "unit", "invoice", "invoice__number")
    for row in visible(rows, user).order_by("invoice__revenue_on", "key").values(
        *names, *(f"invoice__{name}" for name in OF_INVOICE)
    ):  # fmt: skip
        into, key = (exact, row["delivery_line"]) if row["delivery_line"] else (by_order_line, row["order_line"])
        into.setdefault(key, []).append(_bill(row, as_of))
    return exact, by_order_line


def _bill(row: dict[str, Any], as_of: date) -> Bill:
    place = "" if row["position"] is None else f" / {row['position']}"
    quantity: Decimal | None = row["quantity"]
    return Bill(
        label=f"{row['invoice__number'] or row['invoice']}{place}",
        url=document_address("invoice", row["invoice"]),
        quantity=formats.quantity(quantity, row["unit"]),
        left_out=not_counted(row, "invoice__", as_of),
        by_order_line=row["delivery_line"] is None,
    )
