"""The rows behind a figure: every document that counts, by how much, and their total beside the stored figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Max, Min, QuerySet, Sum
from django.urls import reverse

from customers import formats
from customers.calendar import Period
from customers.measures import Measure
from customers.models import Customer
from customers.pages.overdue_items import item_note
from integration_hub.models import (
    ErpAllocation,
    ErpInvoice,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    SfOpportunity,
)

ROWS = 100


@dataclass(frozen=True)
class EvidenceRow:
    """One document: what it is, its own amount and currency, the rate used, and what it adds to the figure."""

    label: str
    url: str
    day: date | None
    text: str
    amount: Decimal | None
    currency: str
    rate: Decimal | None
    counted: Any

    @property
    def missing(self) -> str:
        """What keeps the document out of every total, in words."""
        if self.amount is None:
            return "no amount"
        if self.day is None:
            return "no day"
        return f"no rate for {self.currency}" if self.currency else "no currency"


@dataclass(frozen=True)
class Evidence:
    """One page of the rows of a figure. `total` is over all rows; it is None for measures that are no sum."""

    measure: Measure
    period: Period | None
    as_of: date
    rows: tuple[EvidenceRow, ...]
    page: Page[Any]
    total: Any
    stored: Any
    difference: Any


def build_evidence(
    measure: Measure, customers: "QuerySet[Customer]", as_of: date, *, stored: Any, page_number: str | None
) -> Evidence:
    """The rows of a sum, count, min or max for some customers at a day; `stored` is the figure that pages show."""
    documents = measure.documents(customers, as_of)
    describe, order, related = KINDS[documents.model]
    page = Paginator(_ordered(measure, documents, order).select_related(*related), ROWS).get_page(page_number)
    total = _total(measure, documents)
    is_sum = measure.kind in {"sum", "count"}
    return Evidence(
        measure=measure,
        period=measure.period(as_of),
        as_of=as_of,
        rows=tuple(describe(row) for row in page),
        page=page,
        total=total,
        stored=stored,
        difference=(stored or 0) - (total or 0) if is_sum else None,
    )


def _total(measure: Measure, documents: "QuerySet[Any]") -> Any:
    function = {"min": Min, "max": Max}.get(measure.kind, Sum)
    return documents.aggregate(total=function("counted"))["total"] or (Decimal(0) if function is Sum else None)


def _ordered(measure: Measure, documents: "QuerySet[Any]", order: str) -> "QuerySet[Any]":
    """The deciding row first for a min or max, otherwise the newest document first."""
    if measure.kind == "max":
        return documents.order_by("-counted", "key")
    if measure.kind == "min":
        return documents.order_by("counted", "key")
    return documents.order_by(f"-{order}", "key")


def _invoice(row: Any) -> EvidenceRow:
    url = reverse("customers:invoice", args=(row.key,))
    text = f"{row.get_kind_display()}, {row.get_status_display().lower()}"
    return EvidenceRow(
        row.number or row.key,
        url,
        row.revenue_on,
        text,
        row.revenue_amount,
        row.currency,
        row.reporting_rate,
        row.counted,
    )


def _order(row: Any) -> EvidenceRow:
    url = reverse("customers:order", args=(row.key,))
    return EvidenceRow(
        row.number or row.key,
        url,
        row.ordered_on,
        f"Order, {row.get_status_display().lower()}",
        row.net_amount,
        row.currency,
        row.reporting_rate,
        row.counted,
    )


def _order_line(row: Any) -> EvidenceRow:
    order = row.order
    number = f"{order.number if order else row.order_id} / {row.position if row.position is not None else row.key}"
    return EvidenceRow(
        number,
        reverse("customers:order", args=(order.key,)) if order else "",
        order.ordered_on if order else None,
        row.text,
        row.net_amount,
        order.currency if order else "",
        order.reporting_rate if order else None,
        row.counted,
    )


def _open_item(row: Any) -> EvidenceRow:
    invoice = row.invoice
    return EvidenceRow(
        label=(invoice.number if invoice else "") or row.number or row.key,
        url=reverse("customers:invoice", args=(invoice.key,)) if invoice else "",
        day=row.due_on,
        text=item_note(row) or "Open item",
        amount=row.open_now,
        currency=row.currency,
        rate=row.reporting_rate,
        counted=row.counted,
    )


def _allocation(row: Any) -> EvidenceRow:
    invoice = row.invoice
    return EvidenceRow(
        label=(invoice.number if invoice else "") or row.key,
        url=reverse("customers:invoice", args=(invoice.key,)) if invoice else "",
        day=row.allocated_on,
        text=_when_paid(row.days, row.days_late),
        amount=row.amount,
        currency=row.currency,
        rate=row.open_item.reporting_rate if row.open_item else None,
        counted=row.counted,
    )


def _when_paid(days: int | None, days_late: int | None) -> str:
    """When a payment came, against the invoice and its due date, as far as these days are known."""
    after = "" if days is None else f"Paid {formats.days(days)} after the invoice"
    return ", ".join(filter(None, (after, formats.lateness(days_late)))) or "Payment"


def _payment(row: Any) -> EvidenceRow:
    return EvidenceRow(
        label=row.number or row.key,
        url=reverse("customers:payment", args=(row.key,)),
        day=row.paid_on,
        text=f"Payment{f', {row.reference}' if row.reference else ''}",
        amount=row.open_now,
        currency=row.currency,
        rate=row.reporting_rate,
        counted=row.counted,
    )


def _opportunity(row: Any) -> EvidenceRow:
    return EvidenceRow(row.name, "", row.close_on, row.stage, row.amount, row.currency, row.reporting_rate, row.counted)


# Per document: how a row is described, by which day rows are ordered, and what is read along.
KINDS: Mapping[type, tuple[Callable[[Any], EvidenceRow], str, tuple[str, ...]]] = {
    ErpInvoice: (_invoice, "revenue_on", ()),
    ErpOrder: (_order, "ordered_on", ()),
    ErpOrderLine: (_order_line, "order__ordered_on", ("order",)),
    ErpOpenItem: (_open_item, "due_on", ("invoice",)),
    ErpAllocation: (_allocation, "allocated_on", ("invoice", "open_item")),
    ErpPayment: (_payment, "paid_on", ()),
    SfOpportunity: (_opportunity, "close_on", ()),
}
