"""The demo's ERP database: creates its tables, fills them in one transaction, and lets the reader role read them."""

import types
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, get_args, get_type_hints

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from integration_hub.practice.company import ledger
from integration_hub.practice.company.generation import COMPANIES, DemoCompany

TYPES = {str: "text", int: "integer", date: "date", datetime: "timestamptz", Decimal: "numeric(15,2)"}
COMPANY = "10"


class Company(NamedTuple):
    """A legal company."""

    company_no: str
    name: str
    currency: str
    time_zone: str


class Article(NamedTuple):
    """Something that is sold."""

    article_no: str
    description: str
    product_group: str
    unit: str
    list_price: Decimal


class FxRate(NamedTuple):
    """One unit of `currency` is worth `fx_rate` euro from `valid_from` on."""

    currency: str
    valid_from: date
    fx_rate: Decimal


class Installation(NamedTuple):
    """What the database was filled with."""

    seed: int
    scale: int
    filled_on: date


# table -> row type, number of leading columns that are its key
TABLES: dict[str, tuple[type[Any], int]] = {
    "installation": (Installation, 1),
    "company": (Company, 1),
    "fx_rate": (FxRate, 2),
    "article": (Article, 1),
    "debtor": (ledger.Debtor, 1),
    "debtor_contact": (ledger.DebtorContact, 1),
    "sales_order": (ledger.SalesOrder, 1),
    "sales_order_item": (ledger.SalesOrderItem, 2),
    "shipment": (ledger.Shipment, 1),
    "shipment_item": (ledger.ShipmentItem, 2),
    "bill": (ledger.Bill, 1),
    "bill_item": (ledger.BillItem, 2),
    "receivable": (ledger.Receivable, 1),
    "receipt": (ledger.Receipt, 1),
    "settlement": (ledger.Settlement, 1),
}


def filled_with(admin_url: str) -> Installation | None:
    """What the database holds, None where it is empty. Raises psycopg.Error where it cannot be reached."""
    with psycopg.connect(admin_url) as connection:
        there = connection.execute("select to_regclass('public.installation')").fetchone()
        if there is None or there[0] is None:
            return None
        row = connection.execute("select seed, scale, filled_on from public.installation").fetchone()
        return Installation(*row) if row else None


def fill(admin_url: str, reader_url: str, company: DemoCompany, installation: Installation) -> int:
    """Replace everything in the ERP database by this company, all or nothing; returns the number of rows."""
    rows: dict[str, Iterable[Sequence[Any]]] = {
        "installation": [installation],
        "company": [Company(COMPANY, *COMPANIES[COMPANY], "Europe/Berlin")],
        "fx_rate": [FxRate(*row) for row in company.rates.rows],
        "article": [Article(*(getattr(each, name) for name in ("number", "name", "group", "unit", "price")))
                    for each in company.articles],
        **vars(company.books[COMPANY]),
    }  # fmt: skip
    count = 0
    with psycopg.connect(admin_url) as connection:
        for table, (row_type, keys) in TABLES.items():
            _create(connection, table, row_type, keys)
            count += _copy(connection, table, row_type._fields, rows[table])
        _let_read(connection, reader_url)
    return count


def _create(connection: psycopg.Connection, table: str, row_type: type[Any], keys: int) -> None:
    name = sql.Identifier("public", table)
    hints = get_type_hints(row_type)
    columns = [sql.SQL("{} {}").format(sql.Identifier(each), sql.SQL(_type(each, hints[each]))) for each in hints]
    key = sql.SQL("primary key ({})").format(sql.SQL(", ").join(map(sql.Identifier, row_type._fields[:keys])))
    connection.execute(sql.SQL("drop table if exists {}").format(name))
    connection.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join([*columns, key])))


def _type(column: str, hint: Any) -> str:
    """The column's type; absent values are null only where the row type says so."""
    optional = isinstance(hint, types.UnionType)
    plain = next(each for each in get_args(hint) if each is not types.NoneType) if optional else hint
    exact = "numeric(15,6)" if column in {"rate", "fx_rate"} else TYPES[plain]
    return exact if optional else f"{exact} not null"


def _copy(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier("public", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _let_read(connection: psycopg.Connection, reader_url: str) -> None:
    """Grant the hub's role what it needs: reading these tables, and nothing else."""
    reader = sql.Identifier(str(conninfo_to_dict(reader_url)["user"]))
    tables = sql.SQL(", ").join(sql.Identifier("public", table) for table in TABLES)
    connection.execute(sql.SQL("grant select on {} to {}").format(tables, reader))
