"""What settled what: the list of allocations of a customer, newest first, and how late each was."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, prefetch_related_objects
from django.http import QueryDict

from customers import formats
from customers.aging import days_since
from customers.pages.document_lists import DocumentList, Filter, Listing, build_document_list
from customers.pages.overdue_items import item_number
from customers.pages.scope import Scope
from customers.pages.settled_with import SettledWith, settled_with
from integration_hub.models import ErpAllocation

SETTLEMENTS = Listing(
    "settlements",
    "Settlements",
    "settlement",
    ErpAllocation,
    "allocated_on",
    (
        Filter("payments", "By payments", Q(payment__isnull=False)),
        Filter("credit-notes", "By credit notes", Q(payment=None, credit_note__isnull=False)),
        Filter("other", "Neither named", Q(payment=None, credit_note=None)),
    ),
    number="invoice__number",
)
RELATED = ("payment", "credit_note", "open_item", "invoice", "open_item__invoice")


@dataclass(frozen=True)
class SettlementRow:
    """One allocation: what settled, which document, when, by how much of its currency, how late."""

    by: SettledWith
    number: str
    invoice: str
    day: date | None
    lateness: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class Settlements:
    """One page of the list."""

    found: DocumentList
    rows: tuple[SettlementRow, ...]


def build_settlements(scope: Scope, query: QueryDict) -> Settlements:
    """The list for one query string, as the document lists read it."""
    found = build_document_list(SETTLEMENTS, scope, query)
    prefetch_related_objects(found.slice.rows, *RELATED)
    return Settlements(found, tuple(_row(row, scope.keys) for row in found.slice.rows))


def _row(row: Any, keys: Container[str]) -> SettlementRow:
    item, invoice = row.open_item, row.invoice or (row.open_item.invoice if row.open_item else None)
    late = days_since(item.due_on, row.allocated_on) if item and row.allocated_on else None
    return SettlementRow(
        by=settled_with(row, keys),
        number=(invoice.number or invoice.key) if invoice else (item_number(item) if item else row.key),
        invoice=invoice.key if invoice else "",
        day=row.allocated_on,
        lateness=formats.lateness(late),
        amount=row.amount,
        currency=row.currency or (item.currency if item else ""),
    )
