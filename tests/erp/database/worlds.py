"""An ERP in any of three databases: tests write it as its owner, the product reads it as a role that cannot write."""

import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.database.source import DatabaseSource, open_sql
from integration_hub.models import Run, RunKind, StreamRun
from integration_hub.runs import start_run
from tests.erp.database.mariadb import Server

HEADER = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "UTC"

[[sources]]
name = "main"
label = "Test ERP"
kind = "sql"
url = "${{TEST_ERP_URL}}"
{options}
"""
# What a column of the same meaning is called in each dialect.
TYPES = {
    "postgresql": {"money": "numeric(18,6)", "instant": "timestamptz", "bytes": "bytea", "long": "text"},
    "sqlite": {"money": "text", "instant": "text", "bytes": "blob", "long": "text"},
    "mariadb": {"money": "decimal(18,6)", "instant": "datetime(6)", "bytes": "blob", "long": "longtext"},
}


@dataclass
class Database:
    """One ERP's database of one dialect; `write` runs statements as its owner and commits them."""

    dialect: str
    url: str
    connection: Any
    config: Path | None = None
    options: str = ""

    def write(self, statement: str, rows: Sequence[Sequence[object]] = ()) -> None:
        """Run a statement, for each of the rows where it has parameters (?). {money} and such stand for types."""
        cursor = self.connection.cursor()
        if rows:
            mark = "?" if self.dialect == "sqlite" else "%s"
            cursor.executemany(statement.replace("?", mark), rows)
        else:
            for name, kind in TYPES[self.dialect].items():
                statement = statement.replace(f"{{{name}}}", kind)
            cursor.execute(statement)
        self.connection.commit()

    def source(self, *streams: StreamConfig, url: str = "", **options: Any) -> DatabaseSource:
        """The source, opened as the product opens it."""
        config = SourceConfig(
            name="main", label="Test ERP", kind="sql", url=url or self.url, streams=streams, **options
        )
        source = open_sql(config)
        assert isinstance(source, DatabaseSource)
        return source

    def configure(self, path: Path, *streams: str) -> None:
        """Write hub.toml with these streams, as TOML text. The test must put the environment back."""
        os.environ["TEST_ERP_URL"] = self.url
        path.write_text(HEADER.format(options=self.options) + "\n".join(streams), encoding="utf-8")

    def sync(self, **options: object) -> Run:
        """Bring the source up to date in this process; the finished run, whatever became of it."""
        from integration_hub.jobs import finish

        return finish(start_run(RunKind.SYNC, "main", options=options))


def stream(query: str, **options: Any) -> StreamConfig:
    """A stream of orders."""
    return StreamConfig(**{"name": "orders", "target": "erp_order", "query": query, **options})


def read(source: DatabaseSource, wanted: StreamConfig, cursor: str | None = None) -> list[str]:
    """The rows as lines of COPY text, of all portions."""
    with source.extract(wanted, cursor) as extract:
        portions = [extract.chunks] if extract.portions is None else (each.chunks for each in extract.portions)
        return b"".join(chunk for chunks in portions for chunk in chunks).decode().splitlines()


def counts(run: Run, name: str) -> dict[str, int]:
    """The non-zero counts of one stream of a run."""
    row = StreamRun.objects.get(run_ref=run, stream=f"main.{name}")
    names = ("read", "inserted", "updated", "unchanged", "deleted", "rejected", "duplicates")
    return {each: getattr(row, each) for each in names if getattr(row, each)}


@contextmanager
def sqlite_world(folder: Path) -> Iterator[Database]:
    """An empty SQLite file."""
    path = folder / "erp.db"
    connection = sqlite3.connect(path)
    try:
        connection.execute("pragma journal_mode = wal")
        yield Database("sqlite", f"sqlite:///{path}", connection)
    finally:
        connection.close()


@contextmanager
def mariadb_world(server: Server) -> Iterator[Database]:
    """A database of a test's own on the server, with a reader of the same name."""
    name = f"t{uuid.uuid4().hex[:10]}"
    server.run(
        f"create database {name} character set utf8mb4",
        f"create user {name}@localhost identified by 'secret'",
        f"grant select on {name}.* to {name}@localhost",
        database=None,
    )
    connection = server.connected(name)
    try:
        yield Database("mariadb", server.url(name, database=name), connection)
    finally:
        connection.close()
        server.run(f"drop database {name}", f"drop user {name}@localhost", database=None)


@contextmanager
def postgresql_world() -> Iterator[Database]:
    """A schema of a test's own in the ERP's PostgreSQL, in front of the reader's path."""
    admin = os.environ["ERP_DEMO_ADMIN_URL"]
    owner = admin.replace("//hub@", "//postgres@")
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(owner, autocommit=True) as connection:
        for statement in (
            "create schema {} authorization hub",
            "grant usage on schema {} to erp_reader",
            "alter default privileges for role hub in schema {} grant select on tables to erp_reader",
        ):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    reader = os.environ["ERP_DEMO_URL"]
    url = f"{reader}{'&' if '?' in reader else '?'}options=-csearch_path%3D{name}"
    try:
        with psycopg.connect(admin, options=f"-csearch_path={name}") as writer:
            yield Database("postgresql", url, writer)
    finally:
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'Customer 360' and datname = current_database()"
            )
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))


def skip_without(missing: str) -> None:
    """Leave a test out on a machine without the server."""
    if missing:
        pytest.skip(f"{missing} is not installed")
