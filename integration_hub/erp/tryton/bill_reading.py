"""Reads what belongs to a page of invoices, by flat questions, and settles each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from integration_hub.erp.tryton.bill import INVOICE_LINE, Bill
from integration_hub.erp.tryton.fields import all_shown, reference
from integration_hub.erp.tryton.ledger import INVOICE, MOVE_LINE, entry_of, lines_of_moves, number_of
from integration_hub.erp.tryton.open_items import ZERO, Entry, settle
from integration_hub.erp.tryton.plan import grouped, latest
from integration_hub.erp.tryton.rates import Rates
from integration_hub.erp.tryton.wire import Record, Wire


@dataclass
class BillReader:
    """Reads lines and entries with the fields given."""

    wire: Wire
    rates: Rates
    line_fields: Sequence[str]
    entry_fields: Sequence[str]

    def cancelled_alone(self, page: Sequence[Record]) -> list[str]:
        """Ids of invoices that were cancelled by an entry of which there is no document."""
        moves = {reference(each, "cancel_move"): each["id"] for each in page} if page else {}
        moves.pop("", None)
        if not moves:
            return []
        notes = {reference(each, "move") for each in self.wire.of(INVOICE, "move", list(moves), ("move",))}
        return [invoice for move, invoice in moves.items() if move not in notes]

    def bills(self, page: Sequence[Record], *, with_lines: bool = True) -> tuple[list[Bill], dict[str, Record]]:
        """The bills of a page with their lines and entries, settled; and all entries' records by id."""
        ids = [each["id"] for each in page] if with_lines else []
        found = self.wire.of(INVOICE_LINE, "invoice", ids, self.line_fields)
        lines = grouped(all_shown(self.wire, INVOICE_LINE, self.line_fields, found), "invoice")
        alone = set(self.cancelled_alone(page))
        bills = []
        for each in page:
            bills.append(Bill(each, lines.get(each["id"], [])))
            if each["id"] in alone:
                bills.append(Bill(each, lines.get(each["id"], []), sign=-1))
        records = self._entries(bills)
        entries = {number: entry_of(record) for number, record in records.items()}
        self._settle(bills, entries, records, self._booked(bills) if with_lines else {})
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
        found = {line["id"]: line for line in chain(own, paid, closed)}
        all_shown(self.wire, MOVE_LINE, self.entry_fields, list(found.values())[:1])
        return found

    def _settle(
        self,
        bills: Sequence[Bill],
        entries: Mapping[str, Entry],
        records: Mapping[str, Record],
        booked: Mapping[str, Decimal],
    ) -> None:
        of_move: dict[str, list[Entry]] = {}
        groups: dict[str, list[Entry]] = {}
        for entry in entries.values():
            of_move.setdefault(entry.move, []).append(entry)
            if entry.reconciliation:
                groups.setdefault(entry.reconciliation, []).append(entry)
        for bill in bills:
            moves = [bill.move, *(bill.record.get("additional_moves") or () if bill.sign > 0 else ())]
            account = reference(bill.record, "account")
            bill.items = [entry for move in moves for entry in of_move.get(move, ()) if entry.account == account]
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
