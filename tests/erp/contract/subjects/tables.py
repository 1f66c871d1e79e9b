"""A small ERP as plain tables, with one way to change it for every database that is read by queries."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from integration_hub.models import ErpAllocation, ErpCustomer, ErpInvoice, ErpInvoiceLine, ErpOpenItem
from tests.erp.contract.subject import Change, Seen

Execute = Callable[[str], None]
"""Runs one statement and commits it."""
TABLES = (
    "create table customer (no varchar(20) primary key, company varchar(20), name varchar(80), archived integer)",
    (
        "create table invoice (no varchar(20) primary key, company varchar(20), customer varchar(20), kind varchar(20),"
        " day date, net decimal(15,2), gross decimal(15,2), state varchar(20), reverses varchar(20), changed timestamp)"
    ),
    (
        "create table invoice_line (no varchar(20) primary key, invoice varchar(20), kind varchar(20), text text,"
        " net decimal(15,2))"
    ),
    (
        "create table item (no varchar(20) primary key, invoice varchar(20), customer varchar(20), due date,"
        " amount decimal(15,2), open decimal(15,2), changed timestamp)"
    ),
    (
        "create table settlement (no varchar(20) primary key, item varchar(20), invoice varchar(20), day date,"
        " amount decimal(15,2), changed timestamp)"
    ),
)
ROWS = (
    "insert into customer values ('C1', '1', 'Adler', 0), ('C2', '2', 'Birke', 0)",
    (
        "insert into invoice values"
        " ('R1', '1', 'C1', 'invoice', '2026-01-10', 100, 119, 'open', null, '2026-01-10 10:00:00'),"
        " ('R2', '1', 'C1', 'invoice', '2026-02-10', 50, 59.50, 'open', null, '2026-02-10 10:00:00'),"
        " ('R3', '2', 'C2', 'invoice', '2026-03-10', 80, 95.20, 'open', null, '2026-03-10 10:00:00')"
    ),
    (
        "insert into invoice_line values ('R1-1', 'R1', 'goods', 'Bolts', 60), ('R1-2', 'R1', 'goods', 'Nuts', 40),"
        " ('R2-1', 'R2', 'goods', 'Rope', 50), ('R3-1', 'R3', 'goods', 'Wire', 80)"
    ),
    (
        "insert into item values ('R1/1', 'R1', 'C1', '2026-02-10', 59.50, 59.50, '2026-01-10 10:00:00'),"
        " ('R1/2', 'R1', 'C1', '2026-03-10', 59.50, 59.50, '2026-01-10 10:00:00'),"
        " ('R2/1', 'R2', 'C1', '2026-03-10', 59.50, 59.50, '2026-02-10 10:00:00'),"
        " ('R3/1', 'R3', 'C2', '2026-04-10', 95.20, 95.20, '2026-03-10 10:00:00')"
    ),
)
STREAMS = """
[[sources.streams]]
name = "customers"
target = "erp_customer"
query = "select no, company, name, archived from {s}customer"
[sources.streams.columns]
key = "no"
number = "no"
archived = {{ source = "archived", values = {{ "0" = "false", "1" = "true" }} }}
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
cursor = "changed"
query = "select * from {s}invoice"
[sources.streams.columns]
key = "no"
number = "no"
issued_on = "day"
net_amount = "net"
gross_amount = "gross"
status = "state"
currency = {{ constant = "EUR" }}
source_modified_at = "changed"
[[sources.streams]]
name = "invoice_lines"
target = "erp_invoice_line"
parent = "invoice"
cursor = "changed"
query = '''
select l.no, l.invoice, l.kind, l.text, l.net, i.changed
from {s}invoice_line l join {s}invoice i on i.no = l.invoice
'''
[sources.streams.columns]
key = "no"
net_amount = "net"
[[sources.streams]]
name = "open_items"
target = "erp_open_item"
cursor = "changed"
query = "select * from {s}item"
[sources.streams.columns]
key = "no"
due_on = "due"
open_amount = "open"
currency = {{ constant = "EUR" }}
[[sources.streams]]
name = "allocations"
target = "erp_allocation"
cursor = "changed"
query = "select no, item, invoice, day, amount, changed from {s}settlement"
[sources.streams.columns]
key = "no"
open_item = "item"
allocated_on = "day"
currency = {{ constant = "EUR" }}
"""
LATER = "2026-11-01 09:00:00"


@dataclass
class TableErp:
    """The ERP's users at work; each method changes the tables and returns what must be seen."""

    execute: Execute
    source: str

    def _key(self, text: str) -> str:
        return f"{self.source}:{text}"

    def _invoice(
        self, no: str, net: str, kind: str, state: str = "open", reverses: str = "null", line: str = "goods"
    ) -> None:
        self.execute(
            f"insert into invoice values ('{no}', '1', 'C1', '{kind}', '2026-10-01', {net}, {net}, '{state}',"
            f" {reverses}, '{LATER}')"
        )
        self.execute(f"insert into invoice_line values ('{no}-1', '{no}', '{line}', 'x', {net})")

    def part_payment(self) -> list[Seen]:
        self.execute(f"update item set open = 29.50, changed = '{LATER}' where no = 'R1/1'")
        self.execute(f"insert into settlement values ('S1', 'R1/1', 'R1', '2026-10-01', 30, '{LATER}')")
        self.execute(f"update invoice set state = 'part_paid', changed = '{LATER}' where no = 'R1'")
        return [
            Seen(ErpOpenItem, self._key("R1/1"), {"open_amount": Decimal("29.5")}),
            Seen(ErpAllocation, self._key("S1"), {"amount": 30, "open_item_id": self._key("R1/1")}),
            Seen(ErpInvoice, self._key("R1"), {"status": "part_paid"}),
        ]

    def refund(self) -> list[Seen]:
        self._invoice("G1", "-40", "credit_note")
        return [
            Seen(ErpInvoice, self._key("G1"), {"net_amount": -40, "kind": "credit_note"}),
            Seen(ErpInvoiceLine, self._key("G1-1"), {"net_amount": -40}),
        ]

    def reversal(self) -> list[Seen]:
        self._invoice("G2", "-50", "credit_note", reverses="'R2'")
        self.execute(f"update invoice set state = 'reversed', changed = '{LATER}' where no = 'R2'")
        return [
            Seen(ErpInvoice, self._key("R2"), {"status": "reversed", "net_amount": 50}),
            Seen(ErpInvoice, self._key("G2"), {"reverses_id": self._key("R2"), "net_amount": -50}),
        ]

    def down_payment(self) -> list[Seen]:
        self._invoice("A1", "20", "down_payment", line="down_payment")
        return [Seen(ErpInvoiceLine, self._key("A1-1"), {"kind": "down_payment"})]

    def cancel(self) -> list[Seen]:
        self.execute(f"update invoice set state = 'cancelled', changed = '{LATER}' where no = 'R3'")
        return [Seen(ErpInvoice, self._key("R3"), {"status": "cancelled"})]

    def archive(self) -> list[Seen]:
        self.execute("update customer set archived = 1 where no = 'C2'")
        return [Seen(ErpCustomer, self._key("C2"), {"archived": True})]

    def hard_delete(self) -> list[Seen]:
        for table, column in (("item", "invoice"), ("invoice_line", "invoice"), ("invoice", "no")):
            self.execute(f"delete from {table} where {column} = 'R2'")
        return [Seen(ErpInvoice, self._key("R2"), None), Seen(ErpInvoiceLine, self._key("R2-1"), None)]

    def line_text(self) -> list[Seen]:
        self.execute("update invoice_line set text = 'Better bolts' where no = 'R1-1'")
        return [Seen(ErpInvoiceLine, self._key("R1-1"), {"text": "Better bolts"})]

    def replaced_whole(self) -> list[Seen]:
        self.execute("delete from invoice_line where no = 'R1-2'")
        self.execute(f"update invoice set net = 60, changed = '{LATER}' where no = 'R1'")
        return [
            Seen(ErpInvoiceLine, self._key("R1-2"), None),
            Seen(ErpInvoice, self._key("R1"), {"net_amount": 60}),
        ]

    def late_commit(self) -> list[Seen]:
        """Committed now, stamped ten minutes before the youngest that was read."""
        self.execute(
            "insert into invoice values ('L1', '1', 'C1', 'invoice', '2026-03-10', 0, 0, 'open', null,"
            " '2026-03-10 09:50:00')"
        )
        return [Seen(ErpInvoice, self._key("L1"), {"status": "open"})]

    def long_text(self) -> list[Seen]:
        self.execute(f"update invoice_line set text = '{'x' * 1_000_000}' where no = 'R1-1'")
        return [
            Seen(ErpInvoiceLine, self._key("R1-1"), {"net_amount": 60}),
            Seen(ErpInvoice, self._key("R1"), {"net_amount": 100}),
        ]

    def changes(self) -> dict[str, Change]:
        """Each case by its name."""
        made: tuple[Change, ...] = (
            *(self.part_payment, self.refund, self.reversal, self.down_payment, self.cancel, self.archive),
            *(self.hard_delete, self.line_text, self.replaced_whole, self.late_commit, self.long_text),
        )
        return {change.__name__: change for change in made}
