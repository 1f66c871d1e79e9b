"""The rows behind a figure: what each document is, its own amount and currency, the rate used, and what it adds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from customers import formats
from customers.addresses import document_address
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
    written_at: datetime | None = None  # when the mirror last took it over

    @property
    def missing(self) -> str:
        """What keeps the document out of every total, in words."""
        if self.amount is None:
            return "no amount"
        if self.day is None:
            return "no day"
        return f"no rate for {self.currency}" if self.currency else "no currency"


def _invoice(row: Any) -> EvidenceRow:
    url = document_address("invoice", row.key)
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
    url = document_address("order", row.key)
    return EvidenceRow(
        row.number or row.key,
        url,
        row.ordered_on,
        f"Order, {row.get_status_display().lower()}{_share_words(row)}",
        row.net_amount,
        row.currency,
        row.reporting_rate,
        row.counted,
    )


def _share_words(row: Any) -> str:
    """Which part of its amount an order counts with, where that is not the whole."""
    share: Decimal | None = getattr(row, "share", None)
    return "" if share is None or share == 1 else f", {formats.percent(share)} of it"


def _order_line(row: Any) -> EvidenceRow:
    order = row.order
    number = f"{order.number if order else row.order_id} / {row.position if row.position is not None else row.key}"
    return EvidenceRow(
        number,
        document_address("order", order.key) if order else "",
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
        url=document_address("invoice", invoice.key) if invoice else "",
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
        url=document_address("invoice", invoice.key) if invoice else "",
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
        url=document_address("payment", row.key),
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
