"""Runs statements that come again and again as PostgreSQL's own prepared statements.

Reading and planning the SQL of a page's short queries takes the database several times as long as answering them, so
that is done once per connection. What stays the same in a statement is written into it: only keys are parameters, and
PostgreSQL plans such a statement as well for one key as for another.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import ClientCursor, Connection, Cursor
from psycopg.types.numeric import Int8

# A statement is prepared when a connection runs it for the second time; so many stay prepared, each about 50 KB.
PREPARED_FROM = 1
MOST_PREPARED = 400
# The attribute of a connection that holds its cursor.
KEPT = "cursor_for_planned_statements"
PLACES = re.compile(r"%s|%%")


def fetch(sql: str, parameters: Sequence[Any] | Mapping[str, Any], database: str = "default") -> list[tuple[Any, ...]]:
    """The rows of a statement that reads. Its parameters are bound in the server, so it must say their types where
    PostgreSQL cannot tell them; an int counts as bigint.
    """
    bound = (
        {name: _one_type(value) for name, value in parameters.items()}
        if isinstance(parameters, Mapping)
        else [*map(_one_type, parameters)]
    )
    known: Any = connections[database]
    if known.queries_logged or known.execute_wrappers:
        # Whoever looks on sees the values in the statement.
        with known.cursor() as watched:
            watched.execute(sql, bound)
            return list(watched.fetchall())
    known.validate_no_broken_transaction()
    with known.wrap_database_errors:
        cursor = _cursor(_connection(known))
        cursor.execute(sql, bound)
        return cursor.fetchall()


def with_constants(database: str, sql: str, parameters: Sequence[Any], places: set[int]) -> str:
    """The statement with all parameters written into it but those at `places`, which are keys."""
    literals = ClientCursor(_connection(connections[database]))
    numbers = iter(range(len(parameters)))

    def put(found: "re.Match[str]") -> str:
        if found[0] == "%%":
            return "%%"
        place = next(numbers)
        return "%s" if place in places else literals.mogrify("%s", [parameters[place]]).replace("%", "%%")

    return PLACES.sub(put, sql)


def _one_type(value: Any) -> Any:
    """A number of one type whatever its size, or it would be another statement."""
    return Int8(value) if type(value) is int else value


def _connection(known: Any) -> "Connection[Any]":
    known.close_if_health_check_failed()
    known.ensure_connection()
    found: Connection[Any] = known.connection
    return found


def _cursor(raw: Any) -> "Cursor[Any]":
    """The cursor of a connection, made once and kept with it: making one takes as long as asking by it."""
    kept: Cursor[Any] | None = vars(raw).get(KEPT)
    if kept is None:
        kept = Cursor(raw)
        setattr(raw, KEPT, kept)
        if settings.PREPARED_STATEMENTS:
            raw.prepare_threshold, raw.prepared_max = PREPARED_FROM, MOST_PREPARED
    return kept
