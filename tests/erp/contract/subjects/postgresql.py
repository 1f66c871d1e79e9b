"""PostgreSQL, read through COPY by a role that may only read."""

import os
import uuid
from pathlib import Path

import psycopg
from psycopg import sql

from integration_hub.config import hub
from integration_hub.sources import SourceProblem, open_source
from tests.erp.contract.subject import UNNAMED, Subject
from tests.erp.contract.subjects.tables import ROWS, STREAMS, TABLES, TableErp

WITHOUT_PAGES = "a COPY is one answer, whose end the server confirms; there are no pages"
NOT_HTTP = "no HTTP is spoken"


def postgresql(folder: Path) -> Subject:
    """A schema of its own in the ERP database."""
    admin = os.environ["ERP_DEMO_ADMIN_URL"].replace("//hub@", "//postgres@")
    schema = f"c_{uuid.uuid4().hex[:12]}"

    def execute(statement: str) -> None:
        with psycopg.connect(admin) as connection:
            connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(schema)))
            connection.execute(statement.encode())

    def close() -> None:
        with psycopg.connect(admin) as connection:
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))

    with psycopg.connect(admin) as connection:
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("grant usage on schema {} to erp_reader").format(sql.Identifier(schema)))
    for statement in (*TABLES, *ROWS, f"grant select on all tables in schema {schema} to erp_reader"):
        execute(statement)
    reader = os.environ["ERP_DEMO_URL"]
    return Subject(
        name="postgresql",
        source="erp",
        toml='[[sources]]\nname = "erp"\nlabel = "The ERP"\nkind = "sql"\nurl = "${CONTRACT_URL}"\n'
        "max_deleted_share = 0.5\n" + STREAMS.format(s=f"{schema}."),
        environment={"CONTRACT_URL": reader},
        wrong={"CONTRACT_URL": reader.replace("erp_reader@", "nobody_known@")},
        changes=TableErp(execute, "erp").changes(),
        breaks={
            "lost_right": lambda: execute("revoke select on invoice from erp_reader"),
            "lost_company": lambda: execute("delete from invoice"),
            "field_added": lambda: execute("alter table invoice add column fresh text"),
            "field_removed": lambda: execute("alter table invoice drop column net"),
        },
        writes=_writes,
        not_applicable={
            **UNNAMED,
            "field_retyped": "a query gives text, cast by the mirror's type; a value that does not fit is rejected",
            "resume": "a stream is one COPY in one snapshot, which takes seconds and begins anew",
            **dict.fromkeys(("repeated_page", "page_out_of_order"), WITHOUT_PAGES),
            **dict.fromkeys(("html_page", "cut_answer"), NOT_HTTP),
        },
        close=close,
    )


def _writes() -> tuple[int, int]:
    """Statements that write, sent in the very session that reads."""
    source = open_source("erp")
    source.check()
    session = source._session()  # type: ignore[attr-defined]
    schema = hub().source("erp").streams[1].query.partition("from ")[2].partition(".")[0]
    refused = 0
    for statement in (
        f"insert into {schema}.customer values ('X', '1', 'x', 0)",
        f"update {schema}.invoice set net = 0",
        f"delete from {schema}.invoice",
        f"truncate {schema}.invoice",
        f"create table {schema}.mine (x int)",
        f"drop table {schema}.invoice",
        "select lo_create(0)",
        "copy (select 1) to program 'true'",
    ):
        try:
            session.execute(statement)
        except psycopg.Error:
            refused += 1
            session.rollback()
    arrived = 8 - refused
    close = getattr(source, "close", None)
    assert close
    close()
    try:
        open_source("erp").check()
    except SourceProblem:
        arrived += 1
    return refused, arrived
