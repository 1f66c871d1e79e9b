"""Instalments of an invoice and what settled them: per currency, billed less settled is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from customers import formats
from customers.access import User, visible
from customers.addresses import document_address
from customers.aging import lateness_class
from customers.counted import live
from customers.pages.seen import seen_keys
from customers.pages.settled import items_standing
from customers.pages.settled_with import allocations_to
from integration_hub.models import ErpAllocation, ErpInvoice, ErpOpenItem, ErpPayment
from integration_hub.prepared import prepared

ZERO = Decimal(0)
SHOWN = 200


@dataclass(frozen=True)
class Instalment:
    """An open item of an invoice at a day; `open_amount` is None where nobody says."""

    item: ErpOpenItem
    currency: str
    open_amount: Decimal | None
    days_late: int
    css: str


@dataclass(frozen=True)
class Settlement:
    """What settled an item, or which item was settled. `counts`: dated on or before the day."""

    label: str
    url: str
    day: date | None
    amount: Decimal | None
    currency: str
    counts: bool
    foreign: bool = False


@dataclass(frozen=True)
class Balance:
    """One currency of an invoice: billed less settled is open, or `difference` says what the ERP leaves unsaid."""

    currency: str
    billed: Decimal
    settled: Decimal
    still_open: Decimal

    @property
    def difference(self) -> Decimal:
        """What the open amount is more than billed less settled."""
        return self.still_open - (self.billed - self.settled)


@dataclass(frozen=True)
class Receivable:
    """The instalments of one invoice, its settlements and their sums."""

    instalments: tuple[Instalment, ...]
    settlements: tuple[Settlement, ...]
    foreign: int
    more: int
    balances: tuple[Balance, ...]
    differences: tuple[str, ...]


def build_receivable(invoice: ErpInvoice, user: User, as_of: date) -> Receivable:
    """The receivables side of an invoice at a day."""
    instalments = tuple(_instalment(item, invoice, as_of) for item in _items((invoice.key,), as_of))
    allocations = _allocations((invoice.key,))
    settlements = settled_by(allocations, user, as_of)
    balances = _balances(instalments, allocations, invoice, as_of)
    shown = [one for one in settlements if not one.foreign]
    return Receivable(
        instalments=instalments,
        settlements=tuple(shown[:SHOWN]),
        foreign=len(settlements) - len(shown),
        more=max(len(shown) - SHOWN, 0),
        balances=balances,
        differences=_differences(invoice, instalments, balances),
    )


def settled_by(allocations: Sequence[ErpAllocation], user: User, as_of: date) -> tuple[Settlement, ...]:
    """Payments and credit notes behind allocations; those of customers the user may not see are only counted."""
    payments = seen_keys(ErpPayment, (one.payment_id for one in allocations), user)
    notes = seen_keys(ErpInvoice, (one.credit_note_id for one in allocations), user)
    return tuple(_settlement(one, payments, notes, as_of) for one in allocations)


def invoices_settled(allocations: Sequence[Any], user: User, as_of: date) -> tuple[Settlement, ...]:
    """The invoices that a payment or credit note settles, from allocations with `invoice` and `open_item` joined."""
    keys = {_invoice_key(one) for one in allocations}
    rows = {row.key: row for row in visible(ErpInvoice.objects.filter(key__in=keys - {None}), user)}
    found = []
    for one in allocations:
        key = _invoice_key(one)
        row = rows.get(key) if key else None
        label = f"{row.get_kind_display()} {row.number or row.key}" if row else "An item without an invoice"
        url = document_address("invoice", row.key) if row else ""
        found.append(_written(one, label, url, as_of, foreign=key is not None and row is None))
    return tuple(found)


def _invoice_key(allocation: ErpAllocation) -> str | None:
    item = allocation.open_item
    return allocation.invoice_id or (item.invoice_id if item else None)


def _instalment(item: Any, invoice: ErpInvoice, as_of: date) -> Instalment:
    rest = item.open_now
    late = (as_of - item.due_on).days if item.due_on and rest and rest > 0 else 0
    return Instalment(item, item.currency or invoice.currency, rest, max(late, 0), lateness_class(late))


def _settlement(allocation: ErpAllocation, payments: set[str], notes: set[str], as_of: date) -> Settlement:
    payment, note = allocation.payment, allocation.credit_note
    if payment is not None:
        url = document_address("payment", payment.key)
        label, foreign = f"Payment {payment.number or payment.key}", payment.key not in payments
    elif note is not None:
        url = document_address("invoice", note.key)
        label, foreign = f"{note.get_kind_display()} {note.number or note.key}", note.key not in notes
    else:
        label, url, foreign = "Settled in the ERP", "", False
    return _written(allocation, label, url, as_of, foreign=foreign)


def _written(allocation: ErpAllocation, label: str, url: str, as_of: date, *, foreign: bool) -> Settlement:
    on = allocation.allocated_on
    return Settlement(
        label, url, on, allocation.amount, allocation.currency, counts=on is None or on <= as_of, foreign=foreign
    )


def _balances(
    instalments: Sequence[Instalment], allocations: Sequence[ErpAllocation], invoice: ErpInvoice, as_of: date
) -> tuple[Balance, ...]:
    billed: dict[str, Decimal] = {}
    still_open: dict[str, Decimal] = {}
    settled: dict[str, Decimal] = {}
    for one in instalments:
        _add(billed, one.currency, one.item.amount)
        _add(still_open, one.currency, one.open_amount)
    currencies = {one.item.key: one.currency for one in instalments}
    for allocation in allocations:
        if allocation.allocated_on is None or allocation.allocated_on <= as_of:
            own = currencies.get(allocation.open_item_id or "", invoice.currency)
            _add(settled, allocation.currency or own, allocation.amount)
    return tuple(
        Balance(code, billed.get(code, ZERO), settled.get(code, ZERO), still_open.get(code, ZERO))
        for code in sorted(billed | settled)
    )


def _add(sums: dict[str, Decimal], currency: str, amount: Decimal | None) -> None:
    sums[currency] = sums.get(currency, ZERO) + (amount or ZERO)


def _differences(
    invoice: ErpInvoice, instalments: Sequence[Instalment], balances: Sequence[Balance]
) -> tuple[str, ...]:
    found = []
    gross = invoice.gross_amount
    asked = [one.billed for one in balances if one.currency == invoice.currency]
    if instalments and gross is not None and asked and asked[0] != gross:
        found.append(
            f"Does not reconcile: the instalments make {formats.money(asked[0], invoice.currency)}, the document’s "
            f"gross is {formats.money(gross, invoice.currency)}; difference "
            f"{formats.money(gross - asked[0], invoice.currency)}."
        )
    for one in balances:
        if instalments and one.difference:
            dated = all(part.item.dated_allocations for part in instalments)
            why = "" if dated else " The ERP says what is open today, not everything that settled it."
            found.append(
                f"Does not reconcile: billed less settled is {formats.money(one.billed - one.settled, one.currency)}, "
                f"open is {formats.money(one.still_open, one.currency)}; difference "
                f"{formats.money(one.difference, one.currency)}.{why}"
            )
    return tuple(found)


@prepared
def _items(invoices: tuple[str, ...], as_of: date) -> QuerySet[Any]:
    return items_standing(live(ErpOpenItem).filter(invoice__in=invoices).order_by("due_on", "key"), as_of)


@prepared
def _allocations(invoices: tuple[str, ...]) -> QuerySet[Any]:
    found = allocations_to(invoices).select_related("payment", "credit_note")
    return found.order_by("allocated_on", "key")
