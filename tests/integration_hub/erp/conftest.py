"""An ERP database of a test's own, with a role that only reads and one that owns."""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from integration_hub.config import SourceConfig, StreamConfig


@dataclass(frozen=True)
class Erp:
    """One schema in the ERP database; `reader` may only read what is granted to it."""

    admin_url: str
    reader_url: str
    schema: str

    def run(self, statement: str) -> None:
        """Run a statement as the owner, with the schema in front of all others."""
        with psycopg.connect(self.admin_url) as connection:
            connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(self.schema)))
            connection.execute(statement.encode())

    def source(self, *streams: StreamConfig, url: str = "") -> SourceConfig:
        """The configuration of a source that reads this database."""
        return SourceConfig(name="erp", label="Test ERP", kind="sql", url=url or self.reader_url, streams=streams)

    def stream(self, query: str, **options: object) -> StreamConfig:
        """A stream of orders; {s} in the query stands for the schema."""
        values = {"name": "orders", "target": "erp_order", **options}
        return StreamConfig(query=query.replace("{s}", self.schema), **values)  # type: ignore[arg-type]


@pytest.fixture
def erp() -> Iterator[Erp]:
    admin = os.environ["ERP_DEMO_ADMIN_URL"]
    # Only a superuser can make a schema there that nobody else sees.
    owner = admin.replace("//hub@", "//postgres@")
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(owner) as connection:
        connection.execute(sql.SQL("create schema {} authorization hub").format(sql.Identifier(name)))
        connection.execute(sql.SQL("grant usage on schema {} to erp_reader").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("alter default privileges for role hub in schema {} grant select on tables to erp_reader").format(
                sql.Identifier(name)
            )
        )
    yield Erp(admin, os.environ["ERP_DEMO_URL"], name)
    with psycopg.connect(owner) as connection:
        # A source that a failed test still holds would keep its snapshot, and with it a lock.
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'Customer 360' and datname = current_database()"
        )
        connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))
