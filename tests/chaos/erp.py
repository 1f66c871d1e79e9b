"""An ERP that never stands still, and an exact memory of what it holds."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import psycopg

CUSTOMERS, BILLS, ORDERS = 24, 80, 40
TABLES = """
drop table if exists debtor, bill, item, sales_order, fx, step;
create table debtor (no text primary key, name text not null, crm_id text, changed_at timestamptz not null);
create table bill (no text primary key, debtor text not null, net numeric(15,2) not null, currency text not null,
    issued date not null, changed_at timestamptz not null);
create table item (no text primary key, bill text, debtor text not null, amount numeric(15,2) not null,
    due date not null, currency text not null, changed_at timestamptz not null);
create table sales_order (no text primary key, debtor text not null, net numeric(15,2) not null,
    currency text not null, ordered date not null, changed_at timestamptz not null);
create table fx (currency text primary key, rate numeric(15,6) not null);
create table step (done integer not null);
insert into fx values ('USD', 0.5);
insert into step values (0);
grant select on debtor, bill, item, sales_order, fx to erp_reader;
"""
COLUMNS = {
    "debtor": ("no", "name", "crm_id"),
    "bill": ("no", "debtor", "net", "currency", "issued"),
    "item": ("no", "bill", "debtor", "amount", "due", "currency"),
    "sales_order": ("no", "debtor", "net", "currency", "ordered"),
}
MIRRORS = {
    "debtor": ("erp_customer", "number, name, nullif(salesforce_account, '')"),
    "bill": ("erp_invoice", "number, split_part(customer_id, ':', 2), net_amount, currency, issued_on"),
    "item": (
        "erp_open_item",
        "number, split_part(invoice_id, ':', 2), split_part(customer_id, ':', 2), amount, due_on, currency",
    ),
    "sales_order": ("erp_order", "number, split_part(customer_id, ':', 2), net_amount, currency, ordered_on"),
}
"""Table of the ERP -> table of the mirror, and what its rows are called there, in the order of COLUMNS."""
Row = tuple[Any, ...]
Change = tuple[str, Row]
"""A table and the row that it holds afterwards; a row of its key alone is deleted."""


class Erp:
    """Changes the ERP's database, a transaction at a time; `rows` is what was committed, by table and key."""

    def __init__(self, url: str, random: Random, today: date) -> None:
        self.url, self.random, self.today = url, random, today
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in COLUMNS}
        self.steps = self.numbers = 0
        self._connection: psycopg.Connection | None = None
        self._late: tuple[psycopg.Connection, Row] | None = None
        self._unsure: Sequence[Change] = ()

    def found(self) -> None:
        """Make the tables and the first rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(TABLES.encode())
        self._commit([("debtor", (f"{100 + number}", f"Customer {number}", None)) for number in range(CUSTOMERS)])
        self._commit([change for _ in range(BILLS) for change in self._new_bill()])
        self._commit([self._new_order() for _ in range(ORDERS)])

    def mutate(self) -> str:
        """One change of a random kind; its name. Raises psycopg.Error where the server was away; nothing is lost
        then: the next change finds out what was committed.
        """
        self._find_out()
        kinds = (self._amend, self._move, self._add, self._pay, self._remove, self._many, self._come_late)
        kind = self.random.choices(kinds, (28, 24, 14, 14, 0.5, 9, 8))[0]
        changes = kind()
        if changes:
            self._commit(changes)
        return kind.__name__.removeprefix("_")

    def settle(self) -> None:
        """Commit what is still under way."""
        self._find_out()
        if self._late is not None:
            self._come_late()

    def close(self) -> None:
        """Leave the database; what is not committed is lost."""
        for each in (self._connection, self._late[0] if self._late else None):
            if each is not None:
                each.close()

    def _amend(self) -> list[Change]:
        bill = self._any("bill")
        return self._with_item(bill, (bill[0], bill[1], self._amount(), *bill[3:]))

    def _move(self) -> list[Change]:
        """A document goes to another customer: the old one must lose it."""
        bill = self._any("bill")
        order = self._any("sales_order")
        debtor = self._any("debtor")[0]
        moved: list[Change] = [("sales_order", (order[0], debtor, *order[2:]))]
        return moved + self._with_item(bill, (bill[0], debtor, *bill[2:]))

    def _with_item(self, bill: Row, changed: Row) -> list[Change]:
        item = next((each for each in self.rows["item"].values() if each[1] == bill[0]), None)
        changes: list[Change] = [("bill", changed)]
        if item is not None:
            changes.append(("item", (item[0], item[1], changed[1], changed[2], item[4], changed[3])))
        return changes

    def _add(self) -> list[Change]:
        return [*self._new_bill(), self._new_order()]

    def _pay(self) -> list[Change]:
        item = self._any("item")
        return [("item", (*item[:3], item[3] // 4 * 2, *item[4:]))]

    def _remove(self) -> list[Change]:
        bill = self._any("bill")
        items = [each for each in self.rows["item"].values() if each[1] == bill[0]]
        return [("bill", bill[:1]), *(("item", each[:1]) for each in items)]

    def _many(self) -> list[Change]:
        bills = self.random.sample(list(self.rows["bill"].values()), 25)
        return [change for bill in bills for change in self._with_item(bill, (*bill[:2], self._amount(), *bill[3:]))]

    def _come_late(self) -> list[Change]:
        """A transaction that begins now and is committed at a later step, with a change mark that is old by then."""
        if self._late is None:
            row = (self._number("L"), None, self._any("debtor")[0], self._amount(), self._day(), "EUR")
            connection = psycopg.connect(self.url)
            _write(connection, "item", row, "now()")
            self._late = (connection, row)
            return []
        connection, row = self._late
        with contextlib.suppress(psycopg.Error), contextlib.closing(connection):
            connection.commit()
        with psycopg.connect(self.url) as fresh:
            if fresh.execute("select 1 from item where no = %s", [row[0]]).fetchone():
                self.rows["item"][row[0]] = row
        self._late = None
        return []

    def _new_bill(self) -> list[Change]:
        number, debtor, amount = self._number("B"), self._any("debtor")[0], self._amount()
        currency = self.random.choice(("EUR", "EUR", "USD"))
        return [
            ("bill", (number, debtor, amount, currency, self._day())),
            ("item", (f"I{number}", number, debtor, amount, self._day(), currency)),
        ]

    def _new_order(self) -> Change:
        return "sales_order", (self._number("O"), self._any("debtor")[0], self._amount(), "EUR", self._day())

    def _number(self, letter: str) -> str:
        self.numbers += 1
        return f"{letter}{self.numbers:06}"

    def _amount(self) -> Decimal:
        # An even number of cents, so that half of it is exact as well.
        return Decimal(self.random.randrange(100, 4_000_000) * 2) / 100

    def _day(self) -> date:
        return self.today + timedelta(days=self.random.randint(-500, 40))

    def _any(self, table: str) -> Row:
        return self.random.choice(list(self.rows[table].values()))

    def _commit(self, changes: Sequence[Change]) -> None:
        """Write the changes in one transaction, and remember them if it was committed."""
        self._unsure = changes
        try:
            with self._connected() as connection, connection.transaction():
                for table, row in changes:
                    _write(connection, table, row, "clock_timestamp()")
                connection.execute("update step set done = %s", [self.steps + 1])
        except psycopg.Error:
            self._connection = None
            self._find_out()
            raise
        self._remember()

    def _find_out(self) -> None:
        """The answer to a commit may have been lost: ask whether it was made."""
        if self._unsure:
            with psycopg.connect(self.url) as fresh:
                asked = fresh.execute("select done from step").fetchone()
            if asked is not None and asked[0] == self.steps + 1:
                self._remember()
            self._unsure = ()

    def _remember(self) -> None:
        self.steps += 1
        for table, row in self._unsure:
            if len(row) == 1:
                del self.rows[table][row[0]]
            else:
                self.rows[table][row[0]] = row
        self._unsure = ()

    @contextlib.contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url, autocommit=True)
        yield self._connection


def _write(connection: psycopg.Connection, table: str, row: Row, mark: str) -> None:
    if len(row) == 1:
        connection.execute(f"delete from {table} where no = %s".encode(), row)
        return
    columns, places = ", ".join(COLUMNS[table]), ", ".join(["%s"] * len(row))
    changed = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS[table][1:], "changed_at"))
    connection.execute(
        f"insert into {table} ({columns}, changed_at) values ({places}, {mark})"
        f" on conflict (no) do update set {changed}".encode(),
        row,
    )
