"""Single open items as rows: their note, their instalment, how late they are and whether that is unusual."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from customers import formats
from customers.addresses import document_address
from customers.aging import days_since, lateness_class
from integration_hub.models import ErpOpenItem
from integration_hub.prepared import prepared


@dataclass(frozen=True)
class ItemRow:
    """One open item: `amount` as billed and `open_now` what is still open in `currency`, `counted` the latter in the
    reporting currency (None: no rate). `unusual` is later than this customer usually pays.
    """

    number: str
    url: str
    issued_on: date | None
    due_on: date | None
    days_late: int
    css: str
    note: str
    unusual: bool
    amount: Decimal | None
    open_now: Decimal | None
    currency: str
    counted: Decimal | None


def item_rows(items: Iterable[Any], as_of: date, *, usual_days_late: Decimal | None = None) -> tuple[ItemRow, ...]:
    """Rows of items with `open_now` and `counted` whose invoice is read along; one query more, for instalments."""
    found = list(items)
    instalments = _instalments(found)
    return tuple(_row(item, as_of, instalments.get(item.key, ""), usual_days_late) for item in found)


def item_note(item: ErpOpenItem) -> str:
    """What a reader should know about an open item: disputed, promised, the source's own note, paid in part."""
    notes = []
    if item.disputed:
        notes.append("Disputed")
    if item.promised_on:
        notes.append(f"Promised for {formats.day(item.promised_on)}")
    if item.note:
        notes.append(item.note)
    rest = getattr(item, "open_now", item.open_amount)
    if item.amount and rest and abs(rest) < abs(item.amount):
        notes.append("Paid in part")
    return ", ".join(notes)


def item_number(item: ErpOpenItem) -> str:
    """The number of the item's invoice, else its own."""
    return (item.invoice.number if item.invoice else "") or item.number or item.key


def _row(item: Any, as_of: date, instalment: str, usual: Decimal | None) -> ItemRow:
    late = days_since(item.due_on, as_of) or 0
    invoice = item.invoice
    return ItemRow(
        number=item_number(item),
        url=document_address("invoice", invoice.key) if invoice else "",
        issued_on=item.issued_on,
        due_on=item.due_on,
        days_late=max(late, 0),
        css=lateness_class(late),
        note=", ".join(filter(None, (instalment, item_note(item)))),
        unusual=usual is not None and late > max(usual, Decimal(0)),
        amount=item.amount,
        open_now=item.open_now,
        currency=item.currency or (invoice.currency if invoice else ""),
        counted=item.counted,
    )


def _instalments(items: list[Any]) -> Mapping[str, str]:
    """Which instalment of how many each item is, where its invoice has several."""
    by_invoice: dict[str, list[str]] = {}
    for key, invoice in _siblings(tuple({item.invoice_id for item in items if item.invoice_id})):
        by_invoice.setdefault(invoice, []).append(key)
    return {
        key: f"Instalment {position} of {len(keys)}"
        for keys in by_invoice.values()
        if len(keys) > 1
        for position, key in enumerate(keys, start=1)
    }


@prepared
def _siblings(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """All open items of these invoices, in the order of their instalments."""
    items = ErpOpenItem.objects.live().filter(invoice__in=invoices).order_by("due_on", "key")
    return items.values_list("key", "invoice_id")
