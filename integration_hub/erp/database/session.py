"""One read-only session with a database: its columns, its rows as COPY text, and the proof that it cannot write."""

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Select, exc
from sqlalchemy.engine import make_url

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.database.columns import Columns, places
from integration_hub.erp.database.dialect import Dialect, Rights
from integration_hub.erp.database.errors import explained, missing_driver
from integration_hub.erp.database.queries import described
from integration_hub.erp.database.values import copied_lines, copied_rows
from integration_hub.sources import SourceProblem, SourceRefused

# Rows that are held at a time: few, because one of them may hold a text of a million characters.
HELD_ROWS = 200
NUMBERED = re.compile(r":\d+$")


@dataclass(frozen=True)
class Session:
    """An open connection in its snapshot, which began at `as_of` (UTC)."""

    source: SourceConfig
    dialect: Dialect
    connection: Connection
    as_of: datetime

    def rows(self, statement: Select[Any]) -> Generator[Sequence[Any], None, None]:
        """The rows as they travel, from a cursor that stays with the server. Closing it early ends the session."""
        driver = self.connection.connection.dbapi_connection
        result = self.connection.execute(statement, execution_options={"yield_per": HELD_ROWS})
        whole = False
        try:
            yield from chain.from_iterable(result.partitions(HELD_ROWS))
            whole = True
        finally:
            if whole:
                result.close()
            else:
                # What is still on its way belongs to this session: a new one costs less than waiting for it.
                self.dialect.abandon(driver)
                if not self.connection.invalidated:
                    self.connection.invalidate()

    def chunks(self, statement: Select[Any], stream: str, columns: Columns) -> Generator[bytes, None, None]:
        """The same as COPY text. Raises SourceProblem."""
        with explained(self.source, self.dialect, stream), closing(self.rows(statement)) as rows:
            yield from self.copied(rows, columns)

    def copied(self, rows: Iterable[Sequence[Any]], columns: Columns) -> Iterator[bytes]:
        """Rows of a statement as COPY text; their first value is the whole row where the server writes it so."""
        if self.dialect.line:
            return copied_lines(rows)
        return copied_rows(rows, [columns.places.get(name) for name in columns.names])

    def columns(self, stream: StreamConfig) -> Columns:
        """The columns of the stream's query. Raises SourceProblem for two of one name."""
        with explained(self.source, self.dialect, stream.name):
            result = self.connection.execute(described(stream))
            names = tuple(result.keys())
            codes = [each[1] for each in result.cursor.description]
            result.close()
        for name in names:
            # SQLite numbers them itself: no, no:1.
            if names.count(name) > 1 or NUMBERED.sub("", name) in set(names) - {name}:
                raise SourceProblem(
                    f'The query of "{stream.name}" returns two columns named "{name}".',
                    "It is not clear which one is meant. Nothing was changed.",
                    "Give one of them another name in the query in hub.toml (... AS other_name).",
                )
        return Columns(names, dict(zip(names, codes, strict=True)), places(stream, names))

    def close(self) -> None:
        """End the session and its snapshot."""
        self.connection.close()


def opened(source: SourceConfig, dialect: Dialect) -> tuple[Session, Rights]:
    """A session in one snapshot that can only read. Raises SourceProblem, or SourceRefused for one that could write."""
    if find_spec(dialect.module) is None:
        raise missing_driver(source, dialect)
    try:
        engine = dialect.engine(make_url(source.url), source.answer_seconds)
    except (exc.ArgumentError, ValueError) as error:
        # Its text would show the address, which may hold a password.
        raise SourceProblem(
            f"The address of {source.label} is not one of {dialect.label}.",
            "Nothing was read.",
            f"Write it as {dialect.address} in the environment.",
        ) from error
    with explained(source, dialect):
        connection = engine.connect()
        try:
            dialect.bounded(connection.connection.dbapi_connection, source.answer_seconds)
            as_of = datetime.now(UTC)
            dialect.begin(connection)
            rights = dialect.rights(connection)
            _refuse_writers(source, dialect, rights)
        except BaseException:
            connection.close()
            raise
    return Session(source, dialect, connection, as_of), rights


def _refuse_writers(source: SourceConfig, dialect: Dialect, rights: Rights) -> None:
    if rights.writable:
        raise SourceRefused(
            f'The role "{rights.role}" of {source.label} could write to the ERP: {"; ".join(rights.writable)}.',
            "Customer 360 only reads, and proves it: it does not start with a role that could do more.",
            "Let the database's administrator create a role that only reads, and use it in the source's address: "
            f"{dialect.grants}.",
        )
    if rights.read_only is False:
        raise SourceRefused(
            f"The session with {source.label} is not read-only, although it asked to be.",
            "Something between, such as a connection pool, changes the session's settings.",
            "Connect to the server directly, or let the pool keep a session for each client.",
        )


def proof(rights: Rights) -> str:
    """The sentence for the settings page."""
    return f'Role "{rights.role}" {rights.proof}.' if rights.role else f"{rights.proof}."
