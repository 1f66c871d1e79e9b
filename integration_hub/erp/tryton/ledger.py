"""Entries of Tryton's ledger on receivable accounts, and whose they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integration_hub.erp.tryton.fields import Catalogue, reference
from integration_hub.erp.tryton.open_items import ZERO, Entry
from integration_hub.erp.tryton.wire import Domain, Record, Wire, text_of

MOVE_LINE = "account.move.line"
INVOICE = "account.invoice"
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
    )


def may_be_payment(entry: Entry) -> bool:
    """Money that came in, or an entry made by hand: neither written off nor what an invoice itself posts."""
    return entry.kind != WRITTEN_OFF and not (entry.kind == OF_AN_INVOICE and entry.origin)


@dataclass
class Owners:
    """Which document a move of the ledger belongs to: key of the document and whether it is a credit."""

    wire: Wire
    catalogue: Catalogue
    known: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def learn(self, moves: Iterable[str]) -> Mapping[str, tuple[str, bool]]:
        """The documents of these moves; moves that belong to none are left out."""
        wanted = sorted(set(moves))
        found: dict[str, tuple[str, bool]] = {}
        for name in ("cancel_move", "additional_moves", "move"):
            if not wanted or not self.catalogue.has(INVOICE, name):
                continue
            for invoice in self.wire.of(INVOICE, name, wanted, (name, "total_amount", "type")):
                key, credit = invoice["id"], number_of(invoice, "total_amount") < 0
                value = invoice.get(name)
                for move in value if isinstance(value, list) else [reference(invoice, name)]:
                    # A credit note that cancels is the cancel move of one invoice and the move of another.
                    found[move] = (CANCEL + key, not credit) if name == "cancel_move" else (key, credit)
        return {move: owner for move, owner in found.items() if move in set(wanted)}


def lines_of_moves(wire: Wire, moves: Sequence[str], fields: Sequence[str] = ENTRY_FIELDS) -> list[Record]:
    """Receivable lines of moves."""
    return wire.of(MOVE_LINE, "move", moves, fields, [RECEIVABLE]) if moves else []
