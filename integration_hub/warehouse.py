"""The stage: an unlogged table per run and stream that takes a source's bytes as text; and how statements are run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import errors, sql

from integration_hub.models import ReadCheckpoint, Run, RunStatus
from integration_hub.progress import WATCH
from integration_hub.sources import Extract, SourceProblem

STAGE_NAME = re.compile(r"^stage_(\d+)_")
LONGEST_NAME = 60
KEPT = "Nothing of this run was published; what was loaded before stays."


@dataclass(frozen=True)
class Stage:
    """One filled stage: column c1 holds the first of `columns`, and so on. `without_nul` counts removed NUL bytes.

    `bytes` are those of the rows' text that this run put into it.

    `unread` says that the table is empty because the source's `rows` are exactly those of the mirror. `beside` are the
    stages of the streams that came with this one.
    """

    name: str
    columns: tuple[str, ...]
    rows: int
    without_nul: int = 0
    unread: bool = False
    beside: Mapping[str, "Stage"] = field(default_factory=dict)
    bytes: int = 0

    @property
    def table(self) -> sql.Identifier:
        """The stage's name for a statement."""
        return sql.Identifier(self.name)

    def column(self, name: str) -> sql.Identifier:
        """A source column of the stage under the alias s."""
        return sql.Identifier("s", f"c{self.columns.index(name) + 1}")


def execute(statement: sql.Composable) -> int:
    """Run a statement of this package and return the number of rows it concerned."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def fetch(statement: sql.Composable) -> list[tuple[Any, ...]]:
    """The rows of a statement; for counts and short lists only."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def one(statement: sql.Composable) -> Any:
    """The first value of the first row."""
    return fetch(statement)[0][0]


def fill_stage(run: int, stream: str, extract: Extract) -> Stage:
    """Copy an extract's bytes into a new stage. Raises SourceProblem for bytes that are no rows of text."""
    name = stage_name(run, stream)
    columns = sql.SQL(", ").join(sql.Identifier(f"c{number}") for number in range(1, len(extract.columns) + 1))
    chunks = WithoutNul(extract.chunks)
    with transaction.atomic():
        execute(sql.SQL("drop table if exists {}").format(sql.Identifier(name)))
        create_stage(name, len(extract.columns))
        # Frozen rows need no second write of their pages when they are read for the first time.
        copy = sql.SQL("copy {} ({}) from stdin (format {}, freeze, encoding 'UTF8')").format(
            sql.Identifier(name), columns, sql.SQL(extract.format)
        )
        rows = copied(copy, chunks, stream)
    return Stage(name, extract.columns, rows, chunks.removed, bytes=chunks.bytes)


def stage_name(run: int, stream: str) -> str:
    """The stage's table for a run and a stream."""
    return f"stage_{run}_{stream}"[:LONGEST_NAME]


def create_stage(name: str, columns: int) -> None:
    """Create an empty stage; unlogged, since it need not survive a crash of the database."""
    definition = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(f"c{number}")) for number in range(1, columns + 1)
    )
    execute(
        sql.SQL("create unlogged table {} ({}) with (autovacuum_enabled = false)").format(
            sql.Identifier(name), definition
        )
    )


class WithoutNul:
    """The chunks without NUL bytes, which no PostgreSQL text can hold; how many there were, and bytes in all.

    Whoever watches the run is told of each chunk.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self.removed, self.bytes = chunks, 0, 0

    def __iter__(self) -> Iterator[bytes]:
        watch = WATCH.get()
        for chunk in self._chunks:
            self.bytes += len(chunk)
            if watch is not None:
                watch.chunk(chunk)
            if b"\0" in chunk:
                self.removed += chunk.count(b"\0")
                yield chunk.replace(b"\0", b"")
            else:
                yield chunk


def copied(statement: sql.Composable, chunks: WithoutNul, stream: str) -> int:
    """Send chunks through a COPY statement; the number of rows. Raises SourceProblem for bytes that are no rows."""
    try:
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for chunk in chunks:
                    copy.write(chunk)
            return int(cursor.rowcount)
    except (errors.CharacterNotInRepertoire, errors.UntranslatableCharacter) as error:
        raise SourceProblem(
            f'"{stream}" holds bytes that are not in the declared encoding ({_place(error)}).',
            KEPT,
            "Set the encoding of this source in hub.toml, such as cp1252 or latin-1, or let the ERP write UTF-8.",
        ) from error
    except errors.BadCopyFileFormat as error:
        raise SourceProblem(
            f'"{stream}" has a row that does not fit its columns: {error.diag.message_primary} ({_place(error)}).',
            KEPT,
            "Have the delivery made again; a value with a delimiter or line break must stand in quotes.",
        ) from error


def _place(error: psycopg.Error) -> str:
    found = re.search(r"line (\d+)", error.diag.context or "")
    return f"row {found.group(1)}" if found else "place unknown"


def drop_stage(stage: Stage) -> None:
    """Remove a stage."""
    drop_table(stage.name)


def drop_table(name: str) -> None:
    """Remove a table, if it is there."""
    execute(sql.SQL("drop table if exists {}").format(sql.Identifier(name)))


def purge_stages() -> list[str]:
    """Remove the stages of runs that are no longer running, and name them. One that a read can go on with stays."""
    running = set(Run.objects.filter(status=RunStatus.RUNNING).values_list("pk", flat=True))
    found = fetch(
        sql.SQL(
            "select relname from pg_class where relkind = 'r' and relpersistence = 'u'"
            " and relname like 'stage\\_%' and pg_table_is_visible(oid)"
        )
    )
    kept = {name for checkpoint in ReadCheckpoint.objects.all() for name in checkpoint.stages}
    dead = [
        name
        for (name,) in found
        if (match := STAGE_NAME.match(name)) and int(match.group(1)) not in running and name not in kept
    ]
    for name in dead:
        drop_table(name)
    return dead
