"""Invoices of Tryton with lines, instalments and what settled them: one page of headers, then flat questions for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import ClassVar

from integration_hub.erp.adapter import Batch
from integration_hub.erp.tryton.bill import INVOICE_LINE, Bill
from integration_hub.erp.tryton.bill_rows import (
    ALLOCATION,
    BILL,
    BILL_NEEDS,
    ITEM,
    LINE,
    LINE_NEEDS,
    SALE_LINE,
    allocation_rows,
    bill_row,
    item_rows,
    line_rows,
    other_moves,
)
from integration_hub.erp.tryton.fields import Table, pointed, reference
from integration_hub.erp.tryton.ledger import (
    CANCEL,
    ENTRY_FIELDS,
    MOVE_LINE,
    Owners,
    entry_of,
    lines_of_moves,
    number_of,
)
from integration_hub.erp.tryton.open_items import ZERO, Entry, settle
from integration_hub.erp.tryton.plan import Plan, grouped, latest
from integration_hub.erp.tryton.rates import Rates
from integration_hub.erp.tryton.wire import Domain, Record

RECONCILIATION = "account.move.reconciliation"
PARTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    INVOICE_LINE: (LINE, LINE_NEEDS),
    MOVE_LINE: (ITEM, ENTRY_FIELDS),
    RECONCILIATION: (ALLOCATION, ()),
}


@dataclass
class Invoices(Plan):
    """Customer invoices and credit notes, and a document of its own for each cancellation without a credit note."""

    rates: Rates = field(kw_only=True)

    computed: ClassVar[tuple[str, ...]] = BILL
    needs: ClassVar[tuple[str, ...]] = BILL_NEEDS
    touched: ClassVar[tuple[str, ...]] = ("", "lines.", "move.lines.", "additional_moves.lines.", "payment_lines.")
    lacks: ClassVar[tuple[str, ...]] = (
        "payment to instalment: allocated oldest first",
        "a line deleted by itself does not move the invoice: found when everything is read",
    )
    key_fields: ClassVar[tuple[str, ...]] = ("cancel_move",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.owners = Owners(self.wire, self.catalogue)
        self.parts = {
            name: self._table(stream, (stream.object,), *PARTS[stream.object])
            for name, stream in self.within.items()
            if stream.object in PARTS
        }
        known = {table.stream.object: table for table in self.parts.values()}
        self.line_fields = known[INVOICE_LINE].asked(INVOICE_LINE) if INVOICE_LINE in known else LINE_NEEDS
        self.entry_fields = known[MOVE_LINE].asked(MOVE_LINE) if MOVE_LINE in known else ENTRY_FIELDS

    def beside(self) -> Mapping[str, Table]:
        return self.parts

    def own_conditions(self, _model: str) -> Domain:
        return [["type", "=", "out"]]

    def ids(self, model: str, keys: Sequence[str]) -> list[str]:
        return super().ids(model, [key.removeprefix(CANCEL) for key in keys])

    def keys_of(self, prefix: str, page: Sequence[Record]) -> Sequence[str]:
        alone = self._cancelled_alone(page)
        return [*super().keys_of(prefix, page), *(CANCEL + each for each in alone)]

    def _cancelled_alone(self, page: Sequence[Record]) -> list[str]:
        """Ids of invoices that were cancelled by an entry of which there is no document."""
        moves = {reference(each, "cancel_move"): each["id"] for each in page} if page else {}
        moves.pop("", None)
        if not moves:
            return []
        notes = {reference(each, "move") for each in self.wire.of(self.stream.object, "move", list(moves), ("move",))}
        return [invoice for move, invoice in moves.items() if move not in notes]

    def batch(self, model: str, page: Sequence[Record]) -> Batch:
        bills, records = self._bills(page)
        credited, sales = self._origins(bills)
        owners = self.owners.learn(other_moves(bills))
        rows = [bill_row(self.table, bill, credited, sales) for bill in bills]
        beside: dict[str, list[list[str | None]]] = {}
        for name, table in self.parts.items():
            if table.stream.object == INVOICE_LINE:
                beside[name] = [row for bill in bills for row in line_rows(table, bill, credited)]
            elif table.stream.object == MOVE_LINE:
                beside[name] = [row for bill in bills for row in item_rows(table, bill, records)]
            else:
                beside[name] = [row for bill in bills for row in allocation_rows(table, bill, owners)]
        return Batch(rows, beside)

    def _bills(self, page: Sequence[Record]) -> tuple[list[Bill], dict[str, Record]]:
        """The bills of a page with their lines and entries, settled; and all entries' records by id."""
        ids = [each["id"] for each in page]
        lines = grouped(self.wire.of(INVOICE_LINE, "invoice", ids, self.line_fields), "invoice")
        for found in lines.values():
            for table in self.parts.values():
                if table.stream.object == INVOICE_LINE:
                    table.look(INVOICE_LINE, found)
        alone = set(self._cancelled_alone(page))
        bills = []
        for each in page:
            bills.append(Bill(each, lines.get(each["id"], [])))
            if each["id"] in alone:
                bills.append(Bill(each, lines.get(each["id"], []), sign=-1))
        records = self._entries(bills)
        entries = {number: entry_of(record) for number, record in records.items()}
        self._settle(bills, entries, records)
        return bills, records

    def _entries(self, bills: Sequence[Bill]) -> dict[str, Record]:
        """Their entries, the payments tied to them, and every reconciliation that holds one of them, whole."""
        moves = {bill.move for bill in bills} | {
            str(move) for bill in bills for move in bill.record.get("additional_moves") or ()
        }
        own = lines_of_moves(self.wire, sorted(moves - {""}), self.entry_fields)
        tied = {str(line) for bill in bills for line in bill.record.get("payment_lines") or ()}
        paid = self.wire.of(MOVE_LINE, "id", sorted(tied), self.entry_fields)
        groups = {reference(line, "reconciliation") for line in own} - {""}
        closed = self.wire.of(MOVE_LINE, "reconciliation", sorted(groups), self.entry_fields)
        return {line["id"]: line for line in chain(own, paid, closed)}

    def _settle(self, bills: Sequence[Bill], entries: Mapping[str, Entry], records: Mapping[str, Record]) -> None:
        of_move: dict[str, list[Entry]] = {}
        groups: dict[str, list[Entry]] = {}
        for entry in entries.values():
            of_move.setdefault(entry.move, []).append(entry)
            if entry.reconciliation:
                groups.setdefault(entry.reconciliation, []).append(entry)
        booked = self._booked(bills)
        for bill in bills:
            moves = [bill.move, *(bill.record.get("additional_moves") or () if bill.sign > 0 else ())]
            account = reference(bill.record, "account")
            bill.items = [
                entry
                for move in moves
                for entry in of_move.get(move, ())
                if reference(records[entry.id], "account") == account
            ]
            tied = bill.record.get("payment_lines") or () if bill.sign > 0 else ()
            bill.payments = [entries[line] for line in tied if line in entries]
            stamped = [records[entry.id] for entry in (*bill.items, *bill.payments)]
            bill.stamp = latest(bill.record, bill.lines, stamped)
            bill.settled = settle(bill.items, bill.payments, groups, bill.amount_of(self.rates), bill.unit)
            bill.set_rate(self.rates, booked.get(bill.move))

    def _booked(self, bills: Sequence[Bill]) -> dict[str, Decimal]:
        """Revenue by move, as booked in company currency, of foreign bills."""
        moves = {bill.move for bill in bills if bill.currency != bill.company_currency} - {""}
        condition = [["account.type.revenue", "=", True]]
        booked: dict[str, Decimal] = {}
        for line in self.wire.of(MOVE_LINE, "move", sorted(moves), ("move", "debit", "credit"), condition):
            move = reference(line, "move")
            booked[move] = booked.get(move, ZERO) + number_of(line, "credit") - number_of(line, "debit")
        return booked

    def _origins(self, bills: Sequence[Bill]) -> tuple[dict[str, Record], dict[str, str]]:
        """Credited lines by id, and the order of each order line."""
        wanted = set().union(*(bill.credited() for bill in bills)) if bills else set()
        credited = {
            line["id"]: line for line in self.wire.of(INVOICE_LINE, "id", sorted(wanted), ("invoice", "origin"))
        }
        origins = (line.get("origin") for line in chain(credited.values(), *(bill.lines for bill in bills)))
        sold = {pointed(origin, SALE_LINE) for origin in origins} - {""}
        if not self.catalogue.fields(SALE_LINE):
            return credited, {}
        lines = self.wire.of(SALE_LINE, "id", sorted(sold), ("sale",))
        return credited, {line["id"]: reference(line, "sale") for line in lines}
