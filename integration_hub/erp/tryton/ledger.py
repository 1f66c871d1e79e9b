"""Entries of Tryton's ledger on receivable accounts, and whose they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from integration_hub.erp.tryton.fields import Catalogue, pointed, reference
from integration_hub.erp.tryton.open_items import ZERO, Entry
from integration_hub.erp.tryton.wire import Domain, Record, Wire, text_of

MOVE_LINE = "account.move.line"
INVOICE = "account.invoice"
MOVE = "account.move"
OWN_MOVES = ("move", "cancel_move", "additional_moves")
RECEIVABLE: Domain = ["account.type.receivable", "=", True]
ENTRY_FIELDS = (
    "move.date",
    "move.origin",
    "move.journal.type",
    "maturity_date",
    "party",
    "account",
    "debit",
    "credit",
    "second_currency",
    "amount_second_currency",
    "reconciliation",
    "create_date",
    "write_date",
)
OF_AN_INVOICE, WRITTEN_OFF = "revenue", "write-off"
CANCEL = "cancel-"
"""Begins the key of the document that stands for a cancellation without a credit note."""


def number_of(record: Record, name: str) -> Decimal:
    """A number, 0 where there is none."""
    text = text_of(record.get(name))
    return Decimal(text) if text else ZERO


def entry_of(record: Record) -> Entry:
    """A line of the ledger."""
    move = record["move"]
    return Entry(
        id=record["id"],
        move=move["id"],
        on=text_of(move.get("date")) or "",
        due=text_of(record.get("maturity_date")) or "",
        party=text_of(record.get("party")),
        base=number_of(record, "debit") - number_of(record, "credit"),
        foreign=number_of(record, "amount_second_currency"),
        currency=reference(record, "second_currency"),
        reconciliation=reference(record, "reconciliation"),
        kind=(move.get("journal") or {}).get("type") or "",
        origin=move.get("origin") or "",
        account=reference(record, "account"),
    )


def may_be_payment(entry: Entry) -> bool:
    """Money that came in, or an entry made by hand: neither written off nor what an invoice itself posts."""
    return entry.kind != WRITTEN_OFF and not (entry.kind == OF_AN_INVOICE and entry.origin)


@dataclass
class Owners:
    """Which document a move of the ledger belongs to: key of the document and whether it is a credit."""

    wire: Wire
    catalogue: Catalogue

    def learn(self, entries: Iterable[Entry]) -> dict[str, tuple[str, bool]]:
        """The documents of these entries' moves; moves that belong to none, such as payments, are left out.

        What an invoice posts, and what is put off to another day, names the invoice as its origin, as payments do; a
        cancellation names the move that it takes back.
        """
        origins = {entry.move: entry.origin for entry in entries}
        found: dict[str, tuple[str, bool]] = {}
        taken_back = sorted(move for move, origin in origins.items() if pointed(origin, MOVE))
        for name in ("cancel_move", "additional_moves"):
            for invoice in self._invoices(name, taken_back):
                found |= _own(invoice, name)
        named = sorted({pointed(origin, INVOICE) for origin in origins.values()} - {""})
        for invoice in self._invoices("id", named):
            found |= _own(invoice, "additional_moves") | _own(invoice, "move")
        return {move: owner for move, owner in found.items() if move in origins}

    def _invoices(self, name: str, ids: Sequence[str]) -> list[Record]:
        fields = [each for each in OWN_MOVES if self.catalogue.has(INVOICE, each)]
        return self.wire.of(INVOICE, name, ids, (*fields, "total_amount")) if name in {"id", *fields} else []


def _own(invoice: Record, name: str) -> dict[str, tuple[str, bool]]:
    """The moves that an invoice holds in a field, and what they stand for."""
    value = invoice.get(name)
    moves = value if isinstance(value, list) else [text_of(value)] if value else []
    credit = number_of(invoice, "total_amount") < 0
    owner = (CANCEL + invoice["id"], not credit) if name == "cancel_move" else (invoice["id"], credit)
    return {str(move): owner for move in moves}


def lines_of_moves(wire: Wire, moves: Sequence[str], fields: Sequence[str] = ENTRY_FIELDS) -> list[Record]:
    """Receivable lines of moves."""
    return wire.of(MOVE_LINE, "move", moves, fields, [RECEIVABLE]) if moves else []
