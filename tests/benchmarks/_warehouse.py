"""The bench warehouse: 200,000 customers with 10,000,000 documents, built once and kept for the next run.

It lies in its own PostgreSQL under ~/.cache/customer360 (BENCH_CACHE names another folder), one folder for each size.
Changed rows build it anew; changed roll-up statements or migrations only bring it up to date.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from customers.publishing import recompute_all
from customers.statements import FOLDER
from integration_hub.local import servers
from integration_hub.local.place import prepare
from integration_hub.local.tether import Tether

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "200000"))
DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "10000000"))
CACHE = Path(os.environ.get("BENCH_CACHE", str(Path.home() / ".cache" / "customer360")))
AS_OF = date(2026, 11, 23)
# Of ten chains come 32 documents: an order and an invoice each, seven or eight deliveries, four or five payments.
CHAINS = DOCUMENTS * 10 // 32
BIGGEST = min(100_000, CHAINS // 10)
OWNERS = max(1, CUSTOMERS // 200)
MADE_BY = Path(__file__).with_name("warehouse.sql")
SESSION = {"maintenance_work_mem": "1GB", "work_mem": "256MB", "max_parallel_maintenance_workers": "2"}


@contextmanager
def kept_warehouse() -> Iterator[None]:
    """Point Django's connection at the warehouse while the block runs; builds it where it is missing or outdated."""
    state = CACHE / f"bench-{CUSTOMERS}-{DOCUMENTS}"
    with servers.alone(state) as lock:
        tether = Tether(str(state), keep_open=(lock.fileno(),))
        try:
            place = prepare(state)
            # Written through to the disk: a warehouse is kept longer than a machine runs.
            running = servers.start(place, tether)
            try:
                with _connected_to(str(place.sockets)):
                    bring_up_to_date()
                    yield
            finally:
                running.stop()
        finally:
            tether.close()


@contextmanager
def _connected_to(sockets: str) -> Iterator[None]:
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST=sockets, PORT="", NAME="customer360", USER="hub", PASSWORD="")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def bring_up_to_date() -> None:
    """Build, or migrate and roll up again, unless the very same is there already."""
    call_command("migrate", verbosity=0)
    wanted, found = _version(), _found()
    if found[:1] != wanted[:1]:
        _build()
        _mark(wanted[:1])
    if found != wanted:
        _told("roll-up", lambda: recompute_all(AS_OF, current=True))
        _told("vacuum", lambda: _execute("vacuum (analyze)"))
        _mark(wanted)


def _version() -> list[str]:
    """What the rows are made by, and what the figures are computed by."""
    made = hashlib.sha256(MADE_BY.read_bytes())
    rolled = hashlib.sha256(
        b"".join(
            path.read_bytes() for path in sorted(FOLDER.glob("*.sql")) if not path.name.startswith(("search_", "note_"))
        )
    )
    rolled.update(" ".join(sorted(map(str, MigrationLoader(connection).disk_migrations))).encode())
    return [made.hexdigest()[:16], rolled.hexdigest()[:16]]


def _found() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
        )
        (text,) = cursor.fetchone() or ("",)
    return (text or "").split()


def _mark(version: Sequence[str]) -> None:
    _execute(f"comment on database customer360 is '{' '.join(version)}'")


def _build() -> None:
    """Fill the emptied mirror: indexes are dropped before and made again afterwards, which takes half the time."""
    parameters: dict[str, str | int | date] = {
        "customers": CUSTOMERS,
        "chains": CHAINS,
        "stride": CHAINS // BIGGEST,
        "owners": OWNERS,
        "as_of": AS_OF,
    }
    # The audit lets nobody empty it.
    _execute("alter table hub_audit disable trigger hub_audit_append_only")
    call_command("flush", interactive=False, verbosity=0)
    _execute("alter table hub_audit enable always trigger hub_audit_append_only")
    for name, value in SESSION.items():
        _execute(f"set {name} = '{value}'")
    # In one transaction: a build that is broken off must not leave the tables without their indexes.
    with transaction.atomic():
        indexes = _droppable()
        for name, _ in indexes:
            _execute(f"drop index {name}")
        for statement in _statements():
            _told(
                statement.split("\n")[-1] if statement.startswith("--") else statement,
                partial(_execute, statement, parameters),
            )
        for _, definition in indexes:
            _told(definition, partial(_execute, definition))
    _told("vacuum", lambda: _execute("vacuum (analyze)"))


def _droppable() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename ~ '^(erp|sf)_'"
            " and indexname not in (select conname from pg_constraint)"
        )
        return [(name, definition) for name, definition in cursor.fetchall()]


def _statements() -> list[str]:
    return [part.strip() for part in MADE_BY.read_text(encoding="utf-8").split(";\n") if part.strip()]


def _execute(statement: str, parameters: dict[str, str | int | date] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _told(what: str, do: Callable[[], object]) -> None:
    start = time.perf_counter()
    do()
    print(f"{time.perf_counter() - start:8.1f} s  {' '.join(what.split())[:90]}", flush=True)
