"""Open REST query results, read page by page through a locator."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from .fields import Record
from .identifiers import numbered
from .soql.plan import Plan

OPEN_PER_USER = 10


@dataclass(frozen=True)
class Cursor:
    """The rows of one query, for the session that opened it alone."""

    token: str
    user_id: str
    rows: list[Record]
    plan: Plan
    page_rows: int


class Cursors:
    """At most ten open cursors per user; opening one more closes the oldest."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._number = 40_000

    def add(self, cursor: Cursor) -> str:
        """Keep a cursor and return its id."""
        mine = [key for key, each in self._open.items() if each.user_id == cursor.user_id]
        for key in mine[: max(0, len(mine) - OPEN_PER_USER + 1)]:
            del self._open[key]
        self._number += 1
        key = numbered("01g", self._number)
        self._open[key] = cursor
        return key

    def get(self, key: str) -> Cursor | None:
        """The open cursor of this id, or None."""
        return self._open.get(key)

    def clear(self) -> None:
        """Forget every cursor."""
        self._open.clear()

    def close(self, key: str) -> None:
        """Forget a cursor."""
        self._open.pop(key, None)
