"""Reads an ERP's PostgreSQL: each stream is a query, and its rows travel as COPY bytes within one snapshot."""

import weakref
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from integration_hub.by_key.reading import Named
from integration_hub.computing import COUNTING, Statement
from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.postgresql.copy_out import copied_out
from integration_hub.erp.postgresql.named import conditions
from integration_hub.erp.postgresql.session import check_read_only, connect, explained
from integration_hub.erp.postgresql.sums import group_of, kept, money_columns, totals_statement
from integration_hub.erp.postgresql.texts import TIMES, as_staged, texts_of
from integration_hub.erp.snapshots import snapshot_lost
from integration_hub.sources import Digest, Extract, SourceCheck, SourceProblem, Totals
from integration_hub.warehouse_fingerprint import fingerprint

# The first with a hash over records.
DIGEST_FROM_VERSION = 140_000


@dataclass
class _Progress:
    """How far one read has come: `rows` is what the server says it sent, known at the end of the COPY.

    `broken` holds while a statement runs that may leave the session in the middle of something.
    """

    rows: int | None = None
    broken: bool = True


class SqlSource:
    """An ERP whose tables are read by queries.

    All streams of one object are read in one snapshot: an order and its lines belong to the same instant.
    """

    def __init__(self, config: SourceConfig) -> None:
        self.name = config.name
        self.streams = config.streams
        self.max_rejected_share = config.max_rejected_share
        self.max_deleted_share = config.max_deleted_share
        self._config = config
        self._connection: psycopg.Connection | None = None
        self._read_in: dict[str, psycopg.Connection] = {}
        self._as_of = datetime.now(UTC)

    def check(self) -> SourceCheck:
        """Connect and prove that nothing can be written. Raises SourceProblem, or SourceRefused for a role that can."""
        connection = connect(self._config)
        try:
            version, proof = check_read_only(connection, self._config)
        finally:
            connection.close()
        return SourceCheck(self._config.label, f"PostgreSQL {version}", proof)

    @contextmanager
    def extract(self, stream: StreamConfig, cursor: str | None) -> Iterator[Extract]:
        """The stream's rows, whole or from `cursor` less the overlap on. Errors of the ERP raise SourceProblem."""
        progress = _Progress()
        incremental = bool(stream.cursor and cursor)
        try:
            connection = self._read_in[stream.name] = self._session()
            with explained(self._config, stream.name):
                columns = self._columns(connection, stream)
                query = self._query(connection, stream, cursor, columns)
            progress.broken = False
            with closing(self._copied(connection, stream, query, progress)) as chunks:
                yield Extract(
                    columns=tuple(columns),
                    format="text",
                    chunks=chunks,
                    complete=lambda: progress.rows is not None and not incremental,
                    as_of=self._as_of,
                    expected_rows=lambda: progress.rows,
                    digest=lambda names, seed: self._digest(connection, stream, columns, names, seed, progress),
                )
        finally:
            # A read that did not reach its end leaves the session in the middle of something.
            if progress.broken:
                self.close()

    def totals(self, stream: StreamConfig) -> Totals:
        """Rows, and sums per money column and currency, of the same snapshot that extracts are read from."""
        return self.hashed_totals(stream, (), 0)

    def hashed_totals(self, stream: StreamConfig, columns: Sequence[str], seed: int) -> Totals:
        """The totals per company, month and currency as well; with hashes over these columns, if there are any."""
        connection = self._same_session(stream)
        with explained(self._config, stream.name):
            types = self._columns(connection, stream)
            money = money_columns(stream, types)
            hashed = bool(columns) and connection.info.server_version >= DIGEST_FROM_VERSION
            mark = fingerprint(texts_of(columns, types), seed) if hashed else None
            # What fails here must not end the snapshot that the other streams are compared in.
            with connection.transaction():
                answer = connection.execute(totals_statement(_inner(stream), stream, types, money, mark)).fetchall()
        return _totals(answer, tuple(money), hashed=hashed)

    @contextmanager
    def group(self, stream: StreamConfig, group: tuple[str, str, str]) -> Iterator[Extract]:
        """The rows of one company, month and currency, as `totals` groups them."""
        with explained(self._config, stream.name):
            types = self._columns(self._session(), stream)
        same = zip(group_of(stream, types), group, strict=True)
        where = sql.SQL(" and ").join([kept(stream), *(sql.SQL("{} = {}").format(*each) for each in same)])
        with self._where(stream, types, where) as extract:
            yield extract

    @contextmanager
    def rows_named(self, stream: StreamConfig, wanted: Sequence[Named]) -> Iterator[Extract]:
        """The rows that hold one of these values in these columns."""
        with explained(self._config, stream.name):
            types = self._columns(self._session(), stream)
        with self._where(stream, types, conditions(wanted, types)) as extract:
            yield extract

    @contextmanager
    def _where(self, stream: StreamConfig, types: Mapping[str, str], where: sql.Composable) -> Iterator[Extract]:
        """The stream's rows `q` under a condition."""
        progress, connection = _Progress(), self._session()
        rows = sql.SQL("select * from ({}) as q where {}").format(_inner(stream), where)
        try:
            with closing(self._copied(connection, stream, _copy_out(rows, connection), progress)) as chunks:
                yield Extract(
                    columns=tuple(types), format="text", chunks=chunks, complete=lambda: False, as_of=self._as_of
                )
        finally:
            if progress.broken:
                self.close()

    def computes(self, stream: StreamConfig) -> Mapping[str, str]:
        """The query's columns; none before PostgreSQL 14, which cannot hash a record."""
        connection = self._session()
        if connection.info.server_version < DIGEST_FROM_VERSION:
            return {}
        with explained(self._config, stream.name):
            return self._columns(connection, stream)

    def computed(
        self, stream: StreamConfig, names: Sequence[str], statement: Statement, *, every_row: bool
    ) -> list[Any] | None:
        """The answer to a statement over the query's rows as texts (see computing.ComputingSource)."""
        connection = self._same_session(stream)
        with explained(self._config, stream.name):
            types = self._columns(connection, stream)
            rows = as_staged(_inner(stream), names, types, every_row=every_row)
            try:
                with connection.transaction():
                    for name, value in COUNTING.items():
                        connection.execute("select set_config(%s, %s, true)", (name, value))
                    answer: list[Any] = connection.execute(sql.SQL("{}").format(statement(rows))).fetchall()
                    for name in COUNTING:
                        connection.execute(sql.SQL("set local {} to default").format(sql.SQL(name)))
                return answer
            except psycopg.DataError:
                return None

    def close(self) -> None:
        """End the session; the next read opens a new one with a snapshot of its own time."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _session(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            connection = connect(self._config)
            weakref.finalize(self, connection.close)
            self._as_of = datetime.now(UTC)
            check_read_only(connection, self._config)
            self._connection = connection
        return self._connection

    def _same_session(self, stream: StreamConfig) -> psycopg.Connection:
        """The session that the stream was read in, if it was: what is counted belongs to the same snapshot."""
        connection = self._session()
        if self._read_in.get(stream.name, connection) is not connection:
            raise snapshot_lost(self._config.label)
        return connection

    def _columns(self, connection: psycopg.Connection, stream: StreamConfig) -> dict[str, str]:
        """Column names of the stream's query with their types, in order."""
        answer = connection.execute(sql.SQL("select * from ({}) as q limit 0").format(_inner(stream)))
        types = connection.adapters.types
        columns: dict[str, str] = {}
        for column in answer.description or ():
            if column.name in columns:
                raise SourceProblem(
                    f'The query of "{stream.name}" returns two columns named "{column.name}".',
                    "It is not clear which one is meant. Nothing was changed.",
                    "Give one of them another name in the query in hub.toml (... AS other_name).",
                )
            known = types.get(column.type_code)
            columns[column.name] = known.name if known else ""
        return columns

    def _query(
        self, connection: psycopg.Connection, stream: StreamConfig, cursor: str | None, columns: dict[str, str]
    ) -> str:
        """The statement that copies the whole stream, or the rows changed since the cursor less the overlap."""
        rows = sql.SQL("select * from ({}) as q").format(_inner(stream))
        if stream.cursor and cursor:
            rows = rows + _since(stream, cursor, columns)
        return _copy_out(rows, connection)

    def _copied(
        self, connection: psycopg.Connection, stream: StreamConfig, query: str, progress: _Progress
    ) -> Generator[bytes, None, None]:
        progress.broken = True
        with explained(self._config, stream.name):
            progress.rows = yield from copied_out(connection, query.encode())
        progress.broken = False

    def _digest(
        self,
        connection: psycopg.Connection,
        stream: StreamConfig,
        types: dict[str, str],
        names: Sequence[str],
        seed: int,
        progress: _Progress,
    ) -> Digest | None:
        if connection.info.server_version < DIGEST_FROM_VERSION:
            return None
        progress.broken = True
        with explained(self._config, stream.name):
            found = connection.execute(
                sql.SQL("select count(*), sum({}) from ({}) as q").format(
                    fingerprint(texts_of(names, types), seed), _inner(stream)
                )
            ).fetchone()
        progress.broken = False
        rows, total = found or (0, None)
        return Digest(rows, int(total or 0))


def _totals(answer: Sequence[Sequence[Any]], money: Sequence[str], *, hashed: bool) -> Totals:
    """From rows of company, month, currency, count, hash, and a sum per money column."""
    sums: dict[str, dict[str, Decimal]] = {name: {} for name in money}
    groups, hashes = {}, {}
    for company, month, currency, rows, total, *amounts in answer:
        found = {name: amount or Decimal(0) for name, amount in zip(money, amounts, strict=True)}
        groups[company, month, currency] = (rows, found)
        if hashed:
            hashes[company, month, currency] = int(total or 0)
        for name, amount in found.items():
            sums[name][currency] = sums[name].get(currency, Decimal(0)) + amount
    return Totals(sum(rows for rows, _ in groups.values()), sums, groups, hashes)


def _copy_out(rows: sql.Composable, connection: psycopg.Connection) -> str:
    return (sql.SQL("copy (") + rows + sql.SQL(") to stdout (format text, encoding 'UTF8')")).as_string(connection)


def _inner(stream: StreamConfig) -> sql.Composable:
    """The configured query, closed by a line end because it may end with a comment."""
    return sql.SQL(stream.query.strip().rstrip(";") + "\n")


def _since(stream: StreamConfig, cursor: str, columns: dict[str, str]) -> sql.Composable:
    """Rows whose change mark is not before the cursor less the overlap; a row that has no mark yet is always read."""
    if stream.cursor not in columns:
        raise SourceProblem(
            f'The query of "{stream.name}" has no column "{stream.cursor}".',
            "Its changes cannot be told from its old rows. Nothing was changed.",
            "Add the column to the query in hub.toml, or remove cursor there to read everything each time.",
        )
    kind = columns[stream.cursor]
    mark = sql.SQL("{}::{}").format(sql.Literal(cursor), sql.SQL(kind or "text"))
    if kind in TIMES:
        mark = mark + sql.SQL(" - interval {}").format(sql.Literal(f"{stream.overlap_minutes} minutes"))
    column = sql.Identifier("q", stream.cursor)
    return sql.SQL(" where {0} >= {1} or {0} is null").format(column, mark)
