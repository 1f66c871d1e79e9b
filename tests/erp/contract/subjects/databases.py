"""SQLite and MariaDB, read through SQLAlchemy by a role that may only read."""

import atexit
import contextlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from integration_hub.config import StreamConfig
from integration_hub.sources import SourceProblem, open_source
from tests.erp.contract.subject import UNNAMED, Subject
from tests.erp.contract.subjects.tables import ROWS, STREAMS, TABLES, TableErp
from tests.erp.database import mariadb, worlds
from tests.erp.database.worlds import Database

NOT_APPLICABLE = {
    **UNNAMED,
    "field_retyped": "a query gives text, cast by the mirror's type; a value that does not fit is rejected",
    **dict.fromkeys(
        ("repeated_page", "page_out_of_order"), "pages are cut by the key itself: key > last, in its order"
    ),
    **dict.fromkeys(("html_page", "cut_answer"), "no HTTP is spoken"),
}
WRITES = (
    "insert into customer values ('X', '1', 'x', 0)",
    "update invoice set net = 0",
    "delete from invoice",
    "create table mine (x integer)",
    "drop table invoice",
)


def sqlite(folder: Path) -> Subject:
    """A file that is opened for reading only."""
    stack = contextlib.ExitStack()
    database = stack.enter_context(worlds.sqlite_world(folder))
    return _subject(
        "sqlite",
        database,
        stack,
        wrong=f"sqlite:///{folder / 'nowhere.db'}",
        breaks={},
        not_applicable={"lost_right": "a file is readable as a whole or not at all"},
    )


def maria(folder: Path) -> Subject:
    """A database of its own on one server for all tests of the process."""
    del folder
    worlds.skip_without(mariadb.missing())
    stack = contextlib.ExitStack()
    server = _server()
    database = stack.enter_context(worlds.mariadb_world(server))
    role = database.url.partition("://")[2].partition(":")[0]
    return _subject(
        "mariadb",
        database,
        stack,
        wrong=database.url.replace(":secret@", ":a-wrong-password@"),
        breaks={
            "lost_right": lambda: server.run(f"revoke select on {role}.* from {role}@localhost", database=None),
        },
        not_applicable={},
    )


@cache
def _server() -> mariadb.Server:
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(mariadb.server())


def _subject(
    name: str,
    database: Database,
    stack: contextlib.ExitStack,
    *,
    wrong: str,
    breaks: dict[str, Callable[[], None]],
    not_applicable: dict[str, str],
) -> Subject:
    for statement in (*TABLES, *ROWS):
        database.write(statement.replace(" text text", " text longtext").replace(" timestamp", " datetime"))
    streams = STREAMS.format(s="").replace('name = "invoices"\n', 'name = "invoices"\nkey_column = "no"\n')
    return Subject(
        name=name,
        source="erp",
        toml='[[sources]]\nname = "erp"\nlabel = "The ERP"\nkind = "sql"\nurl = "${CONTRACT_URL}"\n'
        "max_deleted_share = 0.5\n" + streams,
        environment={"CONTRACT_URL": database.url},
        wrong={"CONTRACT_URL": wrong},
        changes=TableErp(database.write, "erp").changes(),
        breaks={
            "lost_company": lambda: database.write("delete from invoice"),
            "field_added": lambda: database.write("alter table invoice add column fresh integer"),
            "field_removed": lambda: database.write("alter table invoice drop column net"),
            **breaks,
        },
        writes=lambda: _writes(database),
        not_applicable=NOT_APPLICABLE | not_applicable,
        close=stack.close,
    )


def _writes(database: Database) -> tuple[int, int]:
    """Statements that write, sent as the query of a stream through the source's own session."""
    refused = 0
    for statement in WRITES:
        source = open_source("erp")
        try:
            with source.extract(StreamConfig(name="x", target="erp_order", query=statement), None) as extract:
                list(extract.chunks)
        except SourceProblem:
            refused += 1
        finally:
            source.close()  # type: ignore[attr-defined]
    cursor = database.connection.cursor()
    cursor.execute("select count(*), sum(net) from invoice")
    before = (3, 230)
    left = cursor.fetchone()
    return refused, int((left[0], int(left[1])) != before) + len(WRITES) - refused
