"""Load of invoices from a PostgreSQL source, as a ratio to PostgreSQL's own COPY in the same run."""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from django.db import connection
from django.test import override_settings

from integration_hub.jobs import finish
from integration_hub.models import Run, RunKind, RunStatus, StreamState
from integration_hub.runs import start_run
from integration_hub.staging import UNREAD

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
FIRST_TARGET, RELOAD_TARGET, MEMORY_TARGET_MB = 0.7, 0.6, 150
BLOCK = 1024 * 1024

# 12 columns, skewed customers, 36 months. Invented.
SOURCE = """
create table public.bench_invoice as
select n as id, 'R' || lpad(n::text, 8, '0') as number, (50000 * power(random(), 3))::integer as customer,
    n / 3 as sales_order, day as issued, day + 30 as due, case n % 5 when 0 then 'USD' else 'EUR' end as currency,
    net, round(net * 0.19, 2) as tax, net + round(net * 0.19, 2) as gross,
    case n % 7 when 0 then 'open' else 'paid' end as status, day + time '08:00' as changed
from (
    select n, date '2023-11-01' + (n * 1095.0 / {rows})::integer as day, (random() * 9000)::numeric(12, 2) as net
    from generate_series(1, {rows}) n
) made
"""
QUERY = (
    'select id as key, number, customer, sales_order as "order", issued as issued_on, due as due_on, currency,'
    " net as net_amount, tax as tax_amount, gross as gross_amount, status, changed as source_modified_at"
    " from bench_invoice"
)
CONFIG = f"""
[company]
name = "Bench"
reporting_currency = "EUR"
time_zone = "UTC"
[[sources]]
name = "erp"
label = "ERP"
kind = "sql"
url = "${{ERP_DEMO_URL}}"
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = '{QUERY}'
"""
# The same delivered columns, types, primary key and indexes as the mirror's table.
INDEXED = """
create table bench_indexed (key varchar(120) primary key, number varchar(80), customer_id varchar(120),
    order_id varchar(120), issued_on date, due_on date, currency varchar(3), net_amount numeric(19,4),
    tax_amount numeric(19,4), gross_amount numeric(19,4), status varchar(20), source_modified_at timestamptz);
create index on bench_indexed (customer_id, issued_on desc, key);
create index on bench_indexed (number);
create index on bench_indexed (order_id);
"""
STAGE = "create unlogged table bench_stage (" + ", ".join(f"c{number} text" for number in range(1, 13)) + ")"


# What is measured, with the time of the raw COPY beside it and the ratio asked for. A reload is spared the rows where
# the source's own checksum says that nothing changed; "rows sent" is the same reload of a stream that had changes the
# last time, where the source is not asked; "every value" casts and compares all of them (sync --full).
LOADS = (
    ("first load", "first", "copy indexed", FIRST_TARGET),
    ("unchanged reload", "reload", "copy stage", RELOAD_TARGET),
    ("unchanged reload, rows sent", "sent", "copy stage", RELOAD_TARGET),
    ("unchanged reload, every value", "full", "copy stage", RELOAD_TARGET),
    ("reload with one changed row", "changed", "copy stage", None),
)


def measure() -> list[dict[str, object]]:
    """First load and reloads: rows per second, beside COPY of the same rows as CSV from this process."""
    with _source() as directory:
        csv = directory / "invoices.csv"
        with override_settings(HUB_CONFIG=str(directory / "hub.toml"), PUBLISH_HOOKS=[]):
            start = _peak_mb()
            rounds = [_round(csv) for _ in range(ROUNDS)]
            memory = round(_peak_mb() - start, 1)
    best = {name: min(each[name] for each in rounds) for name in rounds[0]}
    return [
        *(_result(name, best[ours], best[copy], target, rounds, (ours, copy)) for name, ours, copy, target in LOADS),
        {
            "load": "client memory above start",
            "rows": ROWS,
            "megabytes": memory,
            "target_megabytes": MEMORY_TARGET_MB,
            "met": memory < MEMORY_TARGET_MB,
        },
    ]


def _result(
    name: str, ours: float, copy: float, target: float | None, rounds: list[dict[str, float]], shown: tuple[str, str]
) -> dict[str, object]:
    ratio = copy / ours
    result: dict[str, object] = {
        "load": name,
        "rows": ROWS,
        "rows_per_second": round(ROWS / ours),
        "copy_rows_per_second": round(ROWS / copy),
        "ratio": round(ratio, 2),
        "seconds_of_all_rounds": {key: [round(each[key], 2) for each in rounds] for key in shown},
    }
    return result if target is None else result | {"target_ratio": target, "met": ratio >= target}


def _round(csv: Path) -> dict[str, float]:
    """One round of everything, in this order so that none is helped by the one before."""
    times = {}
    _execute("drop table if exists bench_indexed, bench_stage", "truncate erp_invoice", "checkpoint")
    StreamState.objects.all().delete()
    times["first"] = _timed(lambda: _sync(inserted=ROWS, sent=True))
    for name, updated, full in (("reload", 0, False), ("changed", 1, False), ("sent", 0, False), ("full", 0, True)):
        if updated:
            _change_a_row()
        _execute("checkpoint")
        times[name] = _timed(partial(_sync, updated=updated, full=full, sent=name != "reload"))
    _execute(STAGE, "checkpoint")
    times["copy stage"] = _timed(lambda: _copy(csv, "bench_stage"))
    _execute("drop table bench_stage", "truncate erp_invoice", INDEXED, "checkpoint")
    times["copy indexed"] = _timed(lambda: _copy(csv, "bench_indexed"))
    return times


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _sync(*, inserted: int = 0, updated: int = 0, full: bool = False, sent: bool) -> None:
    run: Run = finish(start_run(RunKind.SYNC, "erp", options={"full": full}))
    row = run.streams.get()
    wanted = (ROWS, inserted, updated, ROWS - inserted - updated)
    found = (row.read, row.inserted, row.updated, row.unchanged)
    if run.status != RunStatus.SUCCEEDED or found != wanted or (UNREAD in row.note) == sent:
        raise RuntimeError(f"{run.problem} read, inserted, updated, unchanged {found}; {row.note}")


def _change_a_row() -> None:
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"]) as erp:
        erp.execute("update public.bench_invoice set net = net + 1 where id = 1")


def _copy(csv: Path, table: str) -> None:
    statement = f"copy {table} from stdin (format csv)"
    with connection.cursor() as cursor, csv.open("rb") as file, cursor.copy(statement) as copy:
        for block in iter(lambda: file.read(BLOCK), b""):
            copy.write(block)


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            if statement == "checkpoint":
                _checkpoint()
            else:
                cursor.execute(statement)


def _checkpoint() -> None:
    """Write what the step before left, so that the next one does not pay for it; only a superuser may."""
    superuser = os.environ["ERP_DEMO_ADMIN_URL"].replace("//hub@", "//postgres@")
    with psycopg.connect(superuser, autocommit=True) as other:
        other.execute("checkpoint")


@contextmanager
def _source() -> Iterator[Path]:
    """The ERP's table, and a folder with the configuration and the rows as CSV."""
    with tempfile.TemporaryDirectory() as name, psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"]) as erp:
        directory = Path(name)
        (directory / "hub.toml").write_text(CONFIG, encoding="utf-8")
        erp.execute("drop table if exists public.bench_invoice")
        erp.execute(SOURCE.format(rows=ROWS).encode())
        erp.commit()
        query = QUERY.replace("select id as key", "select 'erp:' || id as key")
        statement = f"copy ({query}) to stdout (format csv)".encode()
        with (directory / "invoices.csv").open("wb") as file, erp.cursor() as cursor, cursor.copy(statement) as copy:
            for chunk in copy:
                file.write(chunk)
        erp.commit()
        try:
            yield directory
        finally:
            erp.execute("drop table public.bench_invoice")
            erp.commit()


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
