"""The rows of a report: counted, paged, streamed and totalled the same way for page and file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import F, QuerySet, Sum
from django.db.models.expressions import Combinable, OrderBy

from reports.columns import Cell, Column, Row, closed


class Rows(Protocol):
    """What a report lists, in its order. Totals are over all rows, one cell per column."""

    def count(self) -> int:
        """Number of all rows."""

    def __getitem__(self, part: slice) -> Sequence[Row]:
        """One page of rows; the slice has a start and a stop."""

    def stream(self) -> Iterator[Row]:
        """All rows with flat memory."""

    def totals(self) -> tuple[Cell, ...]:
        """The foot."""


@dataclass(frozen=True)
class QueryRows:
    """Rows of a query set. `keys` are further field paths by the names that links use; `ties` make the order total.

    `by` is the column that orders, unknown values last; the query set's own order holds where it is None.
    """

    queryset: QuerySet[Any]
    columns: tuple[Column, ...]
    keys: Mapping[str, str] = field(default_factory=dict)
    by: Column | None = None
    descending: bool = True
    ties: tuple[str, ...] = ("pk",)

    def ordered(self) -> QuerySet[Any]:
        """The rows in their order."""
        if self.by is None:
            return self.queryset
        key: Any = self.by.expression
        order = OrderBy(key, descending=self.descending, nulls_last=True)
        return self.queryset.order_by(order, *self.ties)

    def count(self) -> int:
        """Number of all rows."""
        return self.queryset.order_by().count()

    def __getitem__(self, part: slice) -> list[Row]:
        """One page of rows."""
        return [self._row(values) for values in self._values()[part]]

    def stream(self) -> Iterator[Row]:
        """All rows through a server-side cursor."""
        return map(self._row, self._values().iterator(chunk_size=2000))

    def totals(self) -> tuple[Cell, ...]:
        """The foot, in one statement."""
        wanted: dict[str, Sum] = {}
        for place, column in enumerate(self.columns):
            if column.total:
                wanted[f"above_{place}"] = Sum(column.total.above)
                if column.total.below is not None:
                    wanted[f"below_{place}"] = Sum(column.total.below)
        sums = self.queryset.order_by().aggregate(**wanted) if wanted else {}
        return tuple(
            closed(column, sums.get(f"above_{place}"), sums.get(f"below_{place}"))
            for place, column in enumerate(self.columns)
        )

    def _values(self) -> Any:
        cells = {f"cell_{place}": column.expression for place, column in enumerate(self.columns)}
        keys: dict[str, Combinable] = {f"key_{name}": F(path) for name, path in self.keys.items()}
        return self.ordered().annotate(**cells, **keys).values_list(*cells, *keys)

    def _row(self, values: tuple[Any, ...]) -> Row:
        width = len(self.columns)
        return Row(values[:width], dict(zip(self.keys, values[width:], strict=True)))


@dataclass(frozen=True)
class ListedRows:
    """Few rows that are already made, such as the cells of a matrix. `sums` are what totals divide: one row of cells,
    or nothing for plain sums of the cells.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    foot: tuple[Cell, ...] | None = None

    def count(self) -> int:
        """Number of all rows."""
        return len(self.rows)

    def __getitem__(self, part: slice) -> Sequence[Row]:
        """One page of rows."""
        return self.rows[part]

    def stream(self) -> Iterator[Row]:
        """All rows."""
        return iter(self.rows)

    def totals(self) -> tuple[Cell, ...]:
        """The given foot, or sums of the cells of every column that has a total."""
        if self.foot is not None:
            return self.foot
        return tuple(
            closed(column, sum(row.cells[place] or 0 for row in self.rows), None)  # type: ignore[misc]
            if column.total and column.total.is_sum
            else None
            for place, column in enumerate(self.columns)
        )


def listed(columns: Sequence[Column], rows: Sequence[Row], *, by: str, descending: bool) -> ListedRows:
    """Listed rows in the order of a column, unknown values last; without such a column in their own."""
    place = next((place for place, column in enumerate(columns) if column.name == by), None)
    ordered = list(rows)
    if place is not None:
        known = [row for row in ordered if row.cells[place] is not None]
        known.sort(key=lambda row: row.cells[place], reverse=descending)  # type: ignore[arg-type, return-value]
        ordered = known + [row for row in ordered if row.cells[place] is None]
    return ListedRows(tuple(ordered), tuple(columns))
