"""Reads a stream page by page, by its unique column: a read that was interrupted goes on behind the last whole page."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import Select

from integration_hub.config import StreamConfig
from integration_hub.erp.database.columns import Columns
from integration_hub.erp.database.errors import explained
from integration_hub.erp.database.queries import Query
from integration_hub.erp.database.session import Session
from integration_hub.erp.database.values import earlier, exact, from_text, kind_of
from integration_hub.sources import Portion, SourceProblem

PAGE_ROWS = 20_000
DONE, BEGUN, KEY, MARK = "done", "begun", "key", "mark"


class Pages:
    """The portions of one read. `place` is that behind the last page that was kept, empty to begin.

    A place holds the first key of the next page and the highest change mark so far, each with its kind. Going on after
    a pause reads again what was changed meanwhile in the pages before: the source's snapshot is another one then.
    """

    def __init__(
        self, session: Session, stream: StreamConfig, columns: Columns, query: Query, place: Mapping[str, str]
    ) -> None:
        self._session, self._stream, self._query = session, stream, query
        self._columns = columns
        self._rows = session.source.page_rows or PAGE_ROWS
        names = [each.name for each in query.selected]
        self._key = names.index(stream.key_column)
        self._mark = names.index(stream.cursor) if stream.cursor else None
        self._place = dict(place)
        self._highest: Any = _value(place, MARK)
        self.finished = False

    def portions(self) -> Iterator[Portion]:
        """Rows without a key, then page after page."""
        start = _value(self._place, KEY)
        if not self._place:
            statement = self._query.without_key(self._stream.key_column)
            yield self._portion(self._chunks(statement), {BEGUN: "1"}, fresh=True)
        elif self._highest is not None:
            mark = earlier(self._highest, self._stream.overlap_minutes)
            statement = self._query.changed_below(self._stream.key_column, start, mark)
            yield self._portion(self._chunks(statement), self._place)
        while DONE not in self._place:
            # The place behind a page is known once its last row was handed over.
            behind: dict[str, str] = {}
            yield self._portion(self._page(start, behind), behind)
            self._place, start = behind, _value(behind, KEY)
        self.finished = True

    def _chunks(self, statement: Select[Any]) -> Iterator[bytes]:
        return self._session.chunks(statement, self._stream.name, self._columns)

    def _portion(self, chunks: Iterator[bytes], place: Mapping[str, str], *, fresh: bool = False) -> Portion:
        return Portion(self._columns.names, "text", chunks, place, fresh=fresh)

    def _page(self, start: Any, behind: dict[str, str]) -> Generator[bytes, None, None]:
        """One page as COPY text. One row more is asked for: with its key the next page begins."""
        stream = self._stream
        further: list[Any] = []
        statement = self._query.page(stream.key_column, start, self._rows + 1)
        with (
            explained(self._session.source, self._session.dialect, stream.name),
            closing(self._session.rows(statement)) as rows,
        ):
            yield from self._session.copied(self._kept(rows, further), self._columns)
        behind.update(self._behind(start, further))

    def _kept(self, rows: Iterator[Any], further: list[Any]) -> Iterator[Any]:
        mark, highest = self._mark, self._highest
        code = self._columns.codes[self._stream.cursor] if mark is not None else None
        typed = self._session.dialect.typed
        for number, row in enumerate(rows, 1):
            if number > self._rows:
                further.append(row)
                continue
            if mark is not None and row[mark] is not None:
                value = typed(row[mark], code)
                if highest is None or _order(value) > _order(highest):
                    highest = value
            yield row
        self._highest = highest

    def _behind(self, start: Any, further: list[Any]) -> dict[str, str]:
        behind = _named(MARK, self._highest)
        if not further:
            return {DONE: "1", **behind}
        key = self._session.dialect.typed(further[0][self._key], self._columns.codes[self._stream.key_column])
        if key == start:
            raise SourceProblem(
                f'The column "{self._stream.key_column}" of "{self._stream.name}" is not unique in its query.',
                "It cannot be read page by page. Nothing was changed; what was loaded before stays.",
                "Name a unique column as key_column in hub.toml, or remove key_column to read all rows at once.",
            )
        return {**_named(KEY, key), **behind}


def _named(name: str, value: Any) -> dict[str, str]:
    text = exact(value)
    return {} if text is None else {name: text, f"{name}_kind": kind_of(value)}


def _value(place: Mapping[str, str], name: str) -> Any:
    return from_text(place[name], place[f"{name}_kind"]) if name in place else None


def _order(value: Any) -> tuple[bool, Any]:
    """SQLite may keep numbers and texts in one column; it puts the numbers first."""
    return isinstance(value, str), value
