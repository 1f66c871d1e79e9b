"""Invoices of Tryton with lines, instalments and what settled them: one page of headers, then flat questions for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import ClassVar

from integration_hub.erp.adapter import Batch
from integration_hub.erp.tryton.bill import INVOICE_LINE, Bill
from integration_hub.erp.tryton.bill_reading import BillReader
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
    settling,
)
from integration_hub.erp.tryton.fields import STAMPS, Table, pointed, reference
from integration_hub.erp.tryton.ledger import CANCEL, ENTRY_FIELDS, MOVE_LINE, Owners
from integration_hub.erp.tryton.plan import Plan
from integration_hub.erp.tryton.rates import Rates
from integration_hub.erp.tryton.wire import CHILD_ROWS, Domain, Record

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
        self.reader = BillReader(
            self.wire,
            self.rates,
            self._fields(known.get(INVOICE_LINE), INVOICE_LINE, LINE_NEEDS),
            self._fields(known.get(MOVE_LINE), MOVE_LINE, ENTRY_FIELDS),
        )

    def _fields(self, table: Table | None, model: str, needs: Sequence[str]) -> tuple[str, ...]:
        """What to ask for, also where the stream of these records is not wanted: amounts and states need them."""
        wanted = (*needs, *STAMPS)
        return table.asked(model) if table else tuple(name for name in wanted if self.catalogue.has(model, name))

    def beside(self) -> Mapping[str, Table]:
        return self.parts

    def own_conditions(self, _model: str) -> Domain:
        return [["type", "=", "out"]]

    def ids(self, model: str, keys: Sequence[str]) -> list[str]:
        return super().ids(model, [key.removeprefix(CANCEL) for key in keys])

    def keys_of(self, prefix: str, page: Sequence[Record]) -> Sequence[str]:
        alone = self.reader.cancelled_alone(page)
        return [*super().keys_of(prefix, page), *(CANCEL + each for each in alone)]

    def line_keys(self, name: str) -> Iterator[Sequence[str]]:
        if self.parts[name].stream.object != INVOICE_LINE:
            return self._settled_keys(name)
        if self.stream.where:
            return super().line_keys(name)
        return chain(self.flat_keys(INVOICE_LINE, "invoice", [["invoice.type", "=", "out"]]), self._cancelled_lines())

    def _cancelled_lines(self) -> Iterator[Sequence[str]]:
        """Keys of the lines of documents that stand for a cancellation alone."""
        conditions = [*self.conditions(self.stream.object), ["cancel_move", "!=", None]]
        for page in self.wire.pages(self.stream.object, conditions, ("cancel_move",), rows=CHILD_ROWS):
            alone = self.reader.cancelled_alone(page)
            yield [CANCEL + line["id"] for line in self.wire.of(INVOICE_LINE, "invoice", alone, ("id",))]

    def _settled_keys(self, name: str) -> Iterator[Sequence[str]]:
        """Keys of instalments or allocations, which show when the invoices are settled; their lines are not read."""
        table, owners = self.parts[name], dict[str, tuple[str, bool]]()
        domain, fields = self.conditions(self.stream.object), self.table.asked(self.stream.object)
        for page in self.wire.pages(self.stream.object, domain, fields):
            bills, records = self.reader.bills(page, with_lines=False)
            if table.stream.object == MOVE_LINE:
                yield [str(row[0]) for bill in bills for row in item_rows(table, bill, records)]
            else:
                yield [str(row[0]) for bill in bills for row in allocation_rows(table, bill, owners)]

    def batch(self, model: str, page: Sequence[Record]) -> Batch:
        bills, records = self.reader.bills(page)
        credited, sales = self._origins(bills)
        owners = self.owners.learn(settling(bills))
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
