"""The result of a query job as CSV lines that are written only when a page of them is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from ..fields import Record
from ..soql.execution import csv_line_of
from ..soql.plan import Plan


class Lines(Sequence[str]):
    """One line per row. Rows are never changed in place, so they stay as they were when the query ran."""

    def __init__(self, plan: Plan, rows: list[Record], delimiter: str) -> None:
        self._rows = rows
        self._line = csv_line_of(plan, delimiter)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return list(map(self._line, self._rows[place]))
        return self._line(self._rows[place])
