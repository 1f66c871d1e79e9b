"""The rows of a report as CSV made by PostgreSQL itself: several times faster than any loop over rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from integration_hub import database_limits
from integration_hub.spreadsheet_cells import FORMULA_STARTS
from reports.rows import QueryRows

BLOCK_BYTES = 1 << 16
WHOLE_NUMBERS = frozenset({"AutoField", "BigAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField"})
TEXT_TYPES, INTEGER_TYPES, NUMERIC_TYPE, DATE_TYPE = frozenset({25, 1042, 1043}), frozenset({20, 21, 23}), 1700, 1082
"""Numbers by which PostgreSQL knows the types of a result: text, char and varchar; bigint, smallint and int; ..."""
_STARTS = ", ".join(
    # NUL cannot be in a text of PostgreSQL.
    f"'{start}'" if ord(start) > 31 else f"chr({ord(start)})"
    for start in FORMULA_STARTS
    if start != "\0"
)
# The same in SQL as csv_text in reports/exports.py; a test holds both against each other.
DEFUSED = f"nullif(case when left(ltrim({{0}}, ' '), 1) in ({_STARTS}) then '''' || {{0}} else {{0}} end, '')"
EXACT = "case when round({0}, 2) = {0} then round({0}, 2)::text else trim_scale({0})::text end"
ISO = "to_char({0}, 'YYYY-MM-DD')"
PLAIN = "{0}::text"


@dataclass(frozen=True)
class Copied:
    """A statement that gives every row as a line of CSV, and its parameters."""

    statement: str
    parameters: tuple[Any, ...]


def copied(rows: QueryRows) -> Copied | None:
    """The rows as a statement; None where a column has a type that no rule writes as text, or nothing can be found."""
    cells = {f"cell_{place}": column.expression for place, column in enumerate(rows.columns)}
    found = rows.ordered().annotate(**cells)
    try:
        query, parameters = found.values_list(*cells).query.sql_with_params()
    except EmptyResultSet:
        return None
    types = _types(query, parameters)
    fields = [found.query.annotations[name].output_field.get_internal_type() for name in cells]
    texts = [_text_of(kind, field) for kind, field in zip(types, fields, strict=True)]
    if not all(texts):
        return None
    written = ", ".join(text.format(f"cell_{place}") for place, text in enumerate(texts))
    selected = f"select {_escaped(written)} from ({query}) shown"  # noqa: S608 - the query is Django's
    return Copied(f"copy ({selected}) to stdout with (format csv)", parameters)


def blocks(wanted: Copied) -> Iterator[tuple[bytes, int]]:
    """The lines in blocks that end with a line, each with the number of its rows."""
    connection.ensure_connection()
    raw: Any = connection.connection
    with raw.cursor() as cursor, cursor.copy(wanted.statement, wanted.parameters) as copy:
        kept, size = [], 0
        for line in copy:
            kept.append(line)
            size += len(line)
            if size >= BLOCK_BYTES:
                yield b"".join(kept), len(kept)
                kept, size = [], 0
        yield b"".join(kept), len(kept)


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read in the block is of one instant. Within a transaction its own rules hold."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            database_limits.for_download(cursor)
            cursor.execute("select 1")  # only a query fixes the instant
        yield


def _types(query: str, parameters: tuple[Any, ...]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"select * from ({query}) shown limit 0", parameters)  # noqa: S608 - the query is Django's
        return [column.type_code for column in cursor.description or ()]


def _text_of(kind: int, field: str) -> str:
    if kind in TEXT_TYPES:
        return DEFUSED
    if kind in INTEGER_TYPES:
        return PLAIN if field in WHOLE_NUMBERS else EXACT.replace("{0}", "{0}::numeric")
    if kind == NUMERIC_TYPE:
        return PLAIN.replace("{0}", "trunc({0})") if field in WHOLE_NUMBERS else EXACT
    return ISO if kind == DATE_TYPE else ""


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
