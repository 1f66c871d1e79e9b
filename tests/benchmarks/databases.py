"""Load of the same invoices from PostgreSQL, SQLite and MariaDB, end to end, beside PostgreSQL's own COPY into a table
like the mirror's in the same run.
"""

import csv
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg
from django.test import override_settings

from integration_hub.models import ErpInvoice, StreamState
from tests.benchmarks import load
from tests.erp.database import mariadb

RATE_TARGET, RATIO_TARGET, MEMORY_TARGET_MB = 40_000, 0.4, 150
COLUMNS = (
    "id",
    "number",
    "customer",
    "sales_order",
    "issued",
    "due",
    "currency",
    "net",
    "tax",
    "gross",
    "status",
    "changed",
)
TABLE = (
    "create table bench_invoice (id integer primary key, number varchar(20), customer integer, sales_order integer,"
    " issued date, due date, currency char(3), net decimal(12,2), tax decimal(12,2), gross decimal(12,2),"
    " status varchar(10), changed datetime)"
)
CONFIG = """
[company]
name = "Bench"
reporting_currency = "EUR"
time_zone = "UTC"
[[sources]]
name = "erp"
label = "ERP"
kind = "sql"
url = "${{BENCH_URL}}"
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = "select * from bench_invoice"
{key}
[sources.streams.columns]
key = "id"
order = "sales_order"
issued_on = "issued"
due_on = "due"
net_amount = "net"
tax_amount = "tax"
gross_amount = "gross"
source_modified_at = "changed"
"""


def measure() -> list[dict[str, object]]:
    """First load and a reload with nothing changed, of each database that this machine has."""
    results = []
    with ExitStack() as stack:
        directory = stack.enter_context(load._source())
        rows = _rows(directory)
        sources = [("postgresql", os.environ["ERP_DEMO_URL"], "")]
        sources += [("sqlite", _sqlite(directory, rows), ""), ("sqlite, by key", "", 'key_column = "id"')]
        if not mariadb.missing():
            url = stack.enter_context(_mariadb(rows))
            sources += [("mariadb", url, ""), ("mariadb, by key", "", 'key_column = "id"')]
        stack.enter_context(override_settings(HUB_CONFIG=str(directory / "bench.toml"), PUBLISH_HOOKS=[]))
        url = ""
        for name, address, key in sources:
            url = address or url
            os.environ["BENCH_URL"] = url
            (directory / "bench.toml").write_text(CONFIG.format(key=key), encoding="utf-8")
            results += _loads(name, directory / "invoices.csv")
        del os.environ["BENCH_URL"]
    return results


def _loads(name: str, invoices: Path) -> list[dict[str, object]]:
    load._execute("drop table if exists bench_indexed", "checkpoint")
    ErpInvoice.objects.all().delete()
    StreamState.objects.all().delete()
    start = load._peak_mb()
    first = load._timed(partial(load._sync, inserted=load.ROWS, sent=True))
    again = load._timed(partial(load._sync, sent=name != "postgresql"))
    memory = round(load._peak_mb() - start, 1)
    load._execute("truncate erp_invoice", load.INDEXED, "checkpoint")
    copy = load._timed(lambda: load._copy(invoices, "bench_indexed"))
    load._execute("drop table bench_indexed")
    return [_result(f"{name}: {what}", seconds, copy, memory) for what, seconds in (("first", first), ("again", again))]


def _result(name: str, seconds: float, copy: float, memory: float) -> dict[str, object]:
    rate, ratio = round(load.ROWS / seconds), round(copy / seconds, 2)
    return {
        "load": name,
        "rows": load.ROWS,
        "rows_per_second": rate,
        "copy_rows_per_second": round(load.ROWS / copy),
        "ratio": ratio,
        "more_memory_mb": memory,
        "met": (rate >= RATE_TARGET or ratio >= RATIO_TARGET) and memory < MEMORY_TARGET_MB,
    }


def _rows(directory: Path) -> Path:
    """The ERP's rows as CSV, for the databases that must be filled with them."""
    path = directory / "rows.csv"
    statement = f"copy (select {', '.join(COLUMNS)} from public.bench_invoice) to stdout (format csv)".encode()
    with (
        psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"]) as erp,
        path.open("wb") as file,
        erp.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for chunk in copy:
            file.write(chunk)
    path.chmod(0o644)
    return path


def _sqlite(directory: Path, rows: Path) -> str:
    path = directory / "erp.db"
    with sqlite3.connect(path) as connection, rows.open(newline="") as file:
        connection.execute(TABLE)
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"insert into bench_invoice values ({marks})", csv.reader(file))
    connection.close()
    return f"sqlite:///{path}"


@contextmanager
def _mariadb(rows: Path) -> Iterator[str]:
    with mariadb.server("--local-infile=1", "--innodb-buffer-pool-size=512M") as server:
        server.run(TABLE)
        with server.connected(local_infile=True) as connection, connection.cursor() as cursor:
            cursor.execute(
                f"load data local infile '{rows}' into table bench_invoice fields terminated by ',' enclosed by '\"'"
            )
            connection.commit()
        yield server.url()
