"""One page of an order's lines, written out: every quantity and amount as text, with the documents behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Count, F, QuerySet, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.urls import reverse

from customers import formats
from customers.access import User, prepared_visible
from customers.pages.line_facts import OF_INVOICE, not_counted
from customers.pages.line_flow import LineFlow
from customers.pages.line_table import Cell, LineTable
from integration_hub.models import ErpDeliveryLine, ErpInvoiceLine

# What is read of the document behind a line.
OF_DELIVERY = ("key", "number", "status", "shipped_on", "planned_on", "is_return")
READ: Mapping[str, tuple[Any, str, tuple[str, ...]]] = {
    "delivery": (ErpDeliveryLine, "shipped_on", tuple(f"delivery__{name}" for name in OF_DELIVERY)),
    "invoice": (
        ErpInvoiceLine,
        "revenue_on",
        ("net_amount", *(f"invoice__{name}" for name in ("key", "number", "issued_on", *OF_INVOICE))),
    ),
}
# So many documents of a kind stand behind a line; more are on the page of the line alone.
BEHIND, BEHIND_ALONE = 6, 500


@dataclass(frozen=True)
class Behind:
    """A delivery line or invoice line behind a number; `left_out` says why it is in none."""

    kind: str
    number: str
    url: str
    day: str
    quantity: str
    amount: str
    left_out: str


@dataclass(frozen=True)
class LineRow:
    """A line as the page shows it. `hidden` documents belong to other customers, `more` ones are not in the list."""

    key: str
    position: str
    text: str
    sku: str
    state: str
    remarks: tuple[str, ...]
    cells: tuple[Cell, ...]
    short: str
    behind: tuple[Behind, ...]
    summary: str
    hidden: int
    more: int


def write_lines(
    flows: Sequence[LineFlow], table: LineTable, user: User, as_of: date, *, alone: bool
) -> tuple[LineRow, ...]:
    """The lines of one page with their products and documents, in three queries."""
    prefetch_related_objects([flow.line for flow in flows], "product")
    keys = [flow.line.key for flow in flows if flow.facts.deliveries or flow.facts.invoices]
    most = BEHIND_ALONE if alone else BEHIND
    shipped = _delivery_lines(keys, user, as_of, most)
    billed = _invoice_lines(keys, user, as_of, most)
    nothing: tuple[list[Behind], int] = ([], 0)
    return tuple(
        _row(flow, table, shipped.get(flow.line.key, nothing), billed.get(flow.line.key, nothing)) for flow in flows
    )


def _row(
    flow: LineFlow, table: LineTable, shipped: tuple[list[Behind], int], billed: tuple[list[Behind], int]
) -> LineRow:
    line, facts = flow.line, flow.facts
    behind = (*shipped[0], *billed[0])
    seen = shipped[1] + billed[1]
    words = [
        formats.plural(count, *nouns)
        for count, nouns in ((facts.deliveries, ("delivery line",)), (facts.invoices, ("invoice line",)))
        if count
    ]
    product = line.product
    return LineRow(
        key=line.key,
        position="–" if line.position is None else str(line.position),
        text=line.text or (product.name if product else ""),
        sku=product.sku if product else "",
        state="Cancelled" if line.cancelled else "" if line.kind == "goods" else line.get_kind_display(),
        remarks=facts.remarks + ((f"{formats.quantity(flow.over, line.unit)} more than ordered",) if flow.over else ()),
        cells=table.cells(flow),
        short=table.short(flow),
        behind=behind,
        summary=", ".join(words),
        hidden=facts.deliveries + facts.invoices - seen,
        more=seen - len(behind),
    )


def _delivery_lines(keys: list[str], user: User, as_of: date, most: int) -> dict[str, tuple[list[Behind], int]]:
    found = _first(user, tuple(keys), "delivery", most)
    links = _linker("delivery")
    behind: dict[str, tuple[list[Behind], int]] = {}
    for row in found:
        is_return, on = row["delivery__is_return"], row["delivery__shipped_on"]
        number = row["delivery__number"] or row["delivery__key"]
        one = Behind(
            kind="Return" if is_return else "Delivery",
            number=number,
            url=links(row["delivery__key"]),
            day=formats.day(on or row["delivery__planned_on"]),
            quantity=formats.quantity(row["quantity"], row["unit"]),
            amount="",
            left_out=_not_shipped(row["delivery__status"], on, as_of),
        )
        behind.setdefault(row["order_line"], ([], row["all_of_line"]))[0].append(one)
    return behind


def _invoice_lines(keys: list[str], user: User, as_of: date, most: int) -> dict[str, tuple[list[Behind], int]]:
    found = _first(user, tuple(keys), "invoice", most)
    links = _linker("invoice")
    behind: dict[str, tuple[list[Behind], int]] = {}
    for row in found:
        one = Behind(
            kind=row["invoice__kind"].replace("_", " ").capitalize(),
            number=row["invoice__number"] or row["invoice__key"],
            url=links(row["invoice__key"]),
            day=formats.day(row["invoice__revenue_on"] or row["invoice__issued_on"]),
            quantity=formats.quantity(row["quantity"], row["unit"]),
            amount=formats.money(row["net_amount"], row["invoice__currency"]),
            left_out=not_counted(row, "invoice__", as_of),
        )
        behind.setdefault(row["order_line"], ([], row["all_of_line"]))[0].append(one)
    return behind


@prepared_visible
def _first(keys: tuple[str, ...], kind: str, most: int) -> "QuerySet[Any, Any]":
    """The first rows of each order line by day, each with the number of all that the user may see."""
    model, day, names = READ[kind]
    of_line, by_day = [F("order_line")], F(f"{kind}__{day}").asc(nulls_last=True)
    rows: QuerySet[Any] = model.objects.live().filter(order_line__in=keys, **{f"{kind}__deleted_at": None})
    # Windows look at what is seen only: a condition on the rows themselves holds before them, whenever it is added.
    numbered = rows.annotate(
        place=Window(RowNumber(), partition_by=of_line, order_by=[by_day, F("key").asc()]),
        all_of_line=Window(Count("key"), partition_by=of_line),
    )
    wanted = numbered.filter(place__lte=most).order_by("order_line", "place")
    read: QuerySet[Any, Any] = wanted.values("order_line", "quantity", "unit", "all_of_line", *names)
    return read


def _not_shipped(status: str, on: date | None, as_of: date) -> str:
    if status != "shipped" or on is None:
        return "planned" if status == "shipped" else status
    return f"after {formats.day(as_of)}" if on > as_of else ""


def _linker(kind: str) -> Any:
    """`reverse` of one kind of document, asked once per key."""
    return cache(lambda key: reverse(f"customers:{kind}", args=(key,)))
