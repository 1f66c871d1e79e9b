"""A world that is slow to build is built once per worker: later tests get back the rows it left."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from tests.emptied import emptied_tables

Rows = dict[str, bytes]
REMEMBERED: dict[tuple[Callable[[], None], str], Rows] = {}


def remembered(build: Callable[[], None]) -> None:
    """Call `build`, or put back the rows it left when it was called first. It begins with empty tables.

    What it makes may depend on hub.toml, and on nothing else that a test chooses.
    """
    key = (build, Path(settings.HUB_CONFIG).read_text(encoding="utf-8"))
    if key in REMEMBERED:
        _put_back(REMEMBERED[key])
        return
    assert not _filled_tables(), "a world that others shall have must be built first"
    build()
    REMEMBERED[key] = {table: _rows(table) for table in _filled_tables()}


def _filled_tables() -> list[str]:
    asked = sql.SQL(" union all ").join(
        sql.SQL("(select {} from {} limit 1)").format(sql.Literal(table), sql.Identifier(table))
        for table in emptied_tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [row[0] for row in cursor.fetchall()]


def _rows(table: str) -> bytes:
    statement = sql.SQL("copy {} to stdout").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(part) for part in copy)


def _put_back(rows: Rows) -> None:
    # Foreign keys are looked at when the transaction ends.
    with transaction.atomic(), connection.cursor() as cursor:
        for table, lines in rows.items():
            with cursor.copy(sql.SQL("copy {} from stdin").format(sql.Identifier(table))) as copy:
                copy.write(lines)
