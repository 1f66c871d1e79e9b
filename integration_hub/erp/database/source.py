"""Reads an ERP's database through SQLAlchemy: each stream is a query, and all are read in one read-only snapshot.

PostgreSQL is read through COPY instead (see sql).
"""

import weakref
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, false, or_

from integration_hub.by_key.reading import Named
from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.database.columns import Columns
from integration_hub.erp.database.dialect import Dialect
from integration_hub.erp.database.errors import explained
from integration_hub.erp.database.mssql import SQL_SERVER
from integration_hub.erp.database.mysql import MYSQL
from integration_hub.erp.database.oracle import ORACLE
from integration_hub.erp.database.pages import Pages
from integration_hub.erp.database.queries import Query, derived
from integration_hub.erp.database.session import Session, opened, proof
from integration_hub.erp.database.sqlite import SQLITE
from integration_hub.erp.database.totals import Grouping, totals
from integration_hub.erp.database.values import earlier, from_text, kind_of
from integration_hub.erp.postgresql.source import SqlSource
from integration_hub.erp.snapshots import snapshot_lost
from integration_hub.sources import Extract, Portion, Source, SourceCheck, SourceProblem, Totals

DIALECTS: Mapping[str, Dialect] = {
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "sqlite": SQLITE,
    "mssql": SQL_SERVER,
    "oracle": ORACLE,
}
LARGEST = 2**63 - 1
"""The largest whole number that every driver takes."""
NOT_PROVEN = "not yet proven against a live system"


def open_sql(config: SourceConfig) -> Source:
    """The source for the database that the address names; PostgreSQL's own COPY where it is one."""
    scheme, _, rest = config.url.partition(":")
    name = scheme.partition("+")[0].lower()
    if name in DIALECTS:
        return DatabaseSource(config, DIALECTS[name])
    return SqlSource(replace(config, url=f"{name}:{rest}"))


@dataclass
class _Progress:
    """How far one read has come; `broken` holds while a statement runs that may leave the session in the middle."""

    finished: bool = False
    broken: bool = True


class DatabaseSource:
    """An ERP whose tables are read by queries in its own dialect of SQL."""

    def __init__(self, config: SourceConfig, dialect: Dialect) -> None:
        self.name = config.name
        self.streams = config.streams
        self.max_rejected_share = config.max_rejected_share
        self.max_deleted_share = config.max_deleted_share
        self._config, self._dialect = config, dialect
        self._session: Session | None = None
        self._read_in: dict[str, Session] = {}

    def check(self) -> SourceCheck:
        """Connect and prove that nothing can be written. Raises SourceProblem, or SourceRefused for a role that can."""
        session, rights = opened(self._config, self._dialect)
        session.close()
        version = f"{rights.product} {rights.version}" + ("" if rights.proven else f" ({NOT_PROVEN})")
        return SourceCheck(self._config.label, version, proof(rights), proven=rights.proven)

    def identity(self, stream: StreamConfig, cursor: str | None) -> str:
        """The database, and from where on it is read."""
        return f"{self._config.url}\n{cursor}"

    @contextmanager
    def extract(self, stream: StreamConfig, cursor: str | None) -> Iterator[Extract]:
        """The stream's rows, whole or from `cursor` less the overlap on. Errors of the ERP raise SourceProblem."""
        with self.continued(stream, cursor, {}) as extract:
            yield extract

    @contextmanager
    def continued(self, stream: StreamConfig, cursor: str | None, place: Mapping[str, str]) -> Iterator[Extract]:
        """The same from a portion's place on; only streams with a key column come in portions."""
        progress = _Progress()
        incremental = bool(stream.cursor and cursor)
        try:
            session = self._read_in[stream.name] = self._opened()
            columns = session.columns(stream)
            query = self._query(session, stream, columns, cursor)
            plain = replace(
                self._plain(session, columns, progress),
                complete=lambda: progress.finished and not incremental,
            )
            progress.broken = False
            if stream.key_column:
                yield replace(plain, portions=self._paged(Pages(session, stream, columns, query, place), progress))
            else:
                with closing(self._whole(session, stream, columns, query, progress)) as chunks:
                    yield replace(plain, chunks=chunks)
        finally:
            # A read that did not reach its end leaves the session in the middle of something.
            if progress.broken:
                self.close()

    def totals(self, stream: StreamConfig) -> Totals:
        """Rows and sums per currency, and per company, month and currency, of the snapshot that is read from."""
        session = self._opened()
        if self._read_in.get(stream.name, session) is not session:
            raise snapshot_lost(self._config.label)
        grouping = self._grouping(session, stream)
        with explained(self._config, self._dialect, stream.name):
            rows = session.connection.execute(grouping.statement()).all()
        return totals(rows, grouping.money, self._dialect.amount_unit)

    def hashed_totals(self, stream: StreamConfig, columns: Sequence[str], seed: int) -> Totals:
        """The totals; other databases cannot compute PostgreSQL's hashes."""
        return self.totals(stream)

    @contextmanager
    def group(self, stream: StreamConfig, group: tuple[str, str, str]) -> Iterator[Extract]:
        """The rows of one company, month and currency, as `totals` groups them."""
        session = self._opened()
        columns = session.columns(stream)
        grouping = self._grouping(session, stream)
        selected = self._selected(stream, grouping.table, columns)
        query = Query(grouping.table, selected, only=grouping.of(group))
        progress = _Progress(broken=False)
        try:
            with closing(self._whole(session, stream, columns, query, progress)) as chunks:
                yield replace(self._plain(session, columns, progress), chunks=chunks, complete=lambda: False)
        finally:
            if progress.broken:
                self.close()

    @contextmanager
    def rows_named(self, stream: StreamConfig, wanted: Sequence[Named]) -> Iterator[Extract]:
        """The rows that hold one of these values in these columns."""
        session = self._opened()
        columns = session.columns(stream)
        table = derived(stream, columns.names)
        with explained(self._config, self._dialect, stream.name):
            only = self._naming(session, table, columns, wanted)
        query = Query(table, self._selected(stream, table, columns), only=[or_(false(), *only)])
        progress = _Progress(broken=False)
        try:
            with closing(self._whole(session, stream, columns, query, progress)) as chunks:
                yield replace(self._plain(session, columns, progress), chunks=chunks, complete=lambda: False)
        finally:
            if progress.broken:
                self.close()

    def _naming(
        self, session: Session, table: Subquery, columns: Columns, wanted: Sequence[Named]
    ) -> list[ColumnElement[bool]]:
        """Conditions for the rows that are named, each value in its column's own type."""
        known = [named for named in wanted if set(named.columns) <= set(columns.names)]
        kinds: dict[str, str] = {}
        for name in sorted({name for named in known for name in named.columns}):
            sample = session.connection.execute(Query(table, []).sample(name)).scalar()
            kinds[name] = kind_of(self._dialect.typed(sample, columns.codes[name]))
        found: list[ColumnElement[bool]] = []
        for named in known:
            rows = []
            for values in named.values:
                # A text that is no value of its column names no row.
                with suppress(ValueError, ArithmeticError):
                    pairs = zip(named.columns, values, strict=True)
                    row = [from_text(text, kinds[name]) for name, text in pairs]
                    if not any(isinstance(value, int) and abs(value) > LARGEST for value in row):
                        rows.append(row)
            places = [table.c[name] for name in named.columns]
            if len(places) == 1:
                found.append(places[0].in_([value for (value,) in rows]))
            else:
                found += [and_(*(place == value for place, value in zip(places, row, strict=True))) for row in rows]
        return found

    def close(self) -> None:
        """End the session; the next read opens a new one with a snapshot of its own time."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _opened(self) -> Session:
        if self._session is None:
            self._session, _ = opened(self._config, self._dialect)
            weakref.finalize(self, self._session.close)
        return self._session

    def _query(self, session: Session, stream: StreamConfig, columns: Columns, cursor: str | None) -> Query:
        for name, key in ((stream.cursor, "cursor"), (stream.key_column, "key_column")):
            if name and name not in columns.names:
                raise SourceProblem(
                    f'The query of "{stream.name}" has no column "{name}".',
                    f"It is named as {key} of the stream. Nothing was changed.",
                    f"Add the column to the query in hub.toml, or remove {key} there to read everything each time.",
                )
        table = derived(stream, columns.names)
        query = Query(table, self._selected(stream, table, columns), stream.cursor)
        if not stream.cursor or not cursor:
            return query
        with explained(self._config, self._dialect, stream.name):
            sample = session.connection.execute(query.sample(stream.cursor)).scalar()
        kind = kind_of(self._dialect.typed(sample, columns.codes[stream.cursor]))
        try:
            mark = from_text(cursor, kind)
        except (ValueError, ArithmeticError) as error:
            raise SourceProblem(
                f'The change mark "{stream.cursor}" of "{stream.name}" is of another type than when it was read last.',
                "It cannot be said what changed since then. Nothing was changed.",
                f"Read everything once: manage.py sync --source {self.name} --full",
            ) from error
        return replace(query, since=earlier(mark, stream.overlap_minutes))

    def _selected(self, stream: StreamConfig, table: Subquery, columns: Columns) -> list[ColumnElement[Any]]:
        if self._dialect.line is None:
            return list(table.c)
        line = self._dialect.line(
            [(table.c[each], columns.codes[each], columns.places.get(each)) for each in columns.names]
        )
        beside = dict.fromkeys(name for name in (stream.key_column, stream.cursor) if name and stream.key_column)
        return [line, *(table.c[name] for name in beside)]

    def _grouping(self, session: Session, stream: StreamConfig) -> Grouping:
        columns = session.columns(stream)
        return Grouping(stream, derived(stream, columns.names), columns.codes, self._dialect)

    def _plain(self, session: Session, columns: Columns, progress: _Progress) -> Extract:
        return Extract(
            columns=columns.names,
            format="text",
            chunks=iter(()),
            complete=lambda: progress.finished,
            as_of=session.as_of,
            notes=tuple(self._dialect.notes) if columns.places else (),
        )

    def _whole(
        self, session: Session, stream: StreamConfig, columns: Columns, query: Query, progress: _Progress
    ) -> Generator[bytes, None, None]:
        progress.broken = True
        yield from session.chunks(query.whole(), stream.name, columns)
        progress.broken, progress.finished = False, True

    def _paged(self, pages: Pages, progress: _Progress) -> Iterator[Portion]:
        progress.broken = True
        yield from pages.portions()
        progress.broken, progress.finished = False, True
