"""The statements that read one stream, built with SQLAlchemy so that each is written in its source's own dialect."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    column,
    false,
    literal_column,
    or_,
    select,
    text,
)

from integration_hub.config import StreamConfig

# A colon before a word would be taken for a parameter: '10 :x' in a query is a text.
COLON = re.compile(r"(?<![:\w\\]):(?=[\w$])")


def described(stream: StreamConfig) -> Select[Any]:
    """No row of the stream's query, for the names of its columns."""
    return select(literal_column("*")).select_from(derived(stream, ())).where(false())


def derived(stream: StreamConfig, names: Sequence[str]) -> Subquery:
    """The configured query as a table `q`; a line end closes it, because it may end with a comment."""
    query = COLON.sub(r"\\:", stream.query.strip().rstrip(";")) + "\n"
    return text(query).columns(*(column(name) for name in names)).subquery("q")


@dataclass(frozen=True)
class Query:
    """One stream's rows: all, or with `since` (a bound value) those changed from there on and those without a mark.

    `selected` are the table's columns, or one with the whole row as a line of COPY text and then what pages need.
    """

    table: Subquery
    selected: Sequence[ColumnElement[Any]]
    cursor: str = ""
    since: Any = None
    only: Sequence[ColumnElement[bool]] = ()

    @property
    def wanted(self) -> list[ColumnElement[bool]]:
        """The conditions that every statement of this read has."""
        if not self.cursor or self.since is None:
            return list(self.only)
        mark = self.table.c[self.cursor]
        return [or_(mark >= self.since, mark.is_(None))]

    def whole(self) -> Select[Any]:
        """Every row, in no order."""
        return select(*self.selected).where(*self.wanted)

    def page(self, key: str, start: Any, rows: int) -> Select[Any]:
        """The next `rows` rows from key `start` on (None: from the lowest), by key."""
        place = self.table.c[key]
        from_here = place.is_not(None) if start is None else place >= start
        return select(*self.selected).where(from_here, *self.wanted).order_by(place).limit(rows)

    def without_key(self, key: str) -> Select[Any]:
        """Rows whose key is empty, which no page holds."""
        return select(*self.selected).where(self.table.c[key].is_(None), *self.wanted)

    def changed_below(self, key: str, start: Any, mark: Any) -> Select[Any]:
        """Rows of the pages before `start` (None: of all pages) that were changed since they were read."""
        below = [self.table.c[key] < start] if start is not None else []
        return select(*self.selected).where(and_(self.table.c[self.cursor] >= mark, *below))

    def sample(self, name: str) -> Select[Any]:
        """One value of a column, for its type."""
        return select(self.table.c[name]).where(self.table.c[name].is_not(None)).limit(1)
