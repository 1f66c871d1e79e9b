"""What goes into a file: exactly what a report shows, and how each cell is written as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from customers.access import User
from customers.workbook import DiskFull, NotExported, TooManyRows
from integration_hub.spreadsheet_cells import defused
from reports.columns import Cell, CellKind, Column
from reports.rows import Rows
from reports.shape import Answer, Report, Table

__all__ = ["DiskFull", "Export", "NotExported", "TooManyRows", "csv_text", "exact", "headings"]

# No amount of PostgreSQL's is rounded when it is written.
WIDE = Context(prec=400)


@dataclass(frozen=True)
class Export:
    """What goes into the file: what a report answers, and the facts that belong beside it."""

    report: Report
    answer: Answer
    as_of: date
    currency: str
    facts: tuple[tuple[str, str], ...]
    user: User | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the page."""
        return self.answer.columns

    @property
    def rows(self) -> Rows:
        """The rows of the page, all of them."""
        return self.answer.rows

    def foot(self, row_count: int, totals: Sequence[Cell]) -> list[Cell]:
        """The totals row; its first cell says how many rows it closes."""
        return [f"Total of {row_count} rows", *totals[1:]]

    def headings(self) -> list[str]:
        """Column labels; amounts carry the currency."""
        return headings(self.answer, self.currency)


def headings(table: Table, currency: str) -> list[str]:
    """Column labels of a table; amounts carry the currency."""
    return [
        f"{column.label} ({currency})" if column.kind is CellKind.MONEY else column.label for column in table.columns
    ]


def csv_text(cell: Cell) -> str:
    """A cell as it stands in a CSV file: numbers plain with a point, dates ISO 8601, empty for none."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return defused(cell)
    return exact(cell) if isinstance(cell, Decimal) else str(cell)


def exact(amount: Decimal) -> str:
    """The amount with cents, and with further decimals where it has them: 12.50, 1265793.0395."""
    cents = amount.quantize(Decimal("0.01"), context=WIDE)
    return format(cents if cents == amount else amount.normalize(WIDE), "f")
