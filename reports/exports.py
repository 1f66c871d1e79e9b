"""CSV and XLSX of exactly what a report shows: same filters, order, columns and totals, and a sheet that says where
they come from.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from customers.workbook import (
    COUNT,
    DAY,
    MONEY,
    SHARE,
    TEXT,
    XLSX_MAX_ROWS,
    DiskFull,
    NotExported,
    Target,
    TooManyRows,
    workbook,
    write_cell,
)
from reports.columns import Cell, CellKind, Column
from reports.rows import Rows
from reports.shape import Answer, Report, Table

__all__ = ["DiskFull", "Export", "NotExported", "TooManyRows", "csv_lines", "csv_text", "defused", "write_xlsx"]

# OWASP "CSV injection": a text that begins so may run as a formula when the file is opened.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Export:
    """What goes into the file: what a report answers, and the facts that belong beside it."""

    report: Report
    answer: Answer
    as_of: date
    currency: str
    facts: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the page."""
        return self.answer.columns

    @property
    def rows(self) -> Rows:
        """The rows of the page, all of them."""
        return self.answer.rows

    def foot(self, row_count: int) -> list[Cell]:
        """The totals row; its first cell says how many rows it closes."""
        return [f"Total of {row_count} rows", *self.rows.totals()[1:]]

    def headings(self) -> list[str]:
        """Column labels; amounts carry the currency."""
        return headings(self.answer, self.currency)


def headings(table: Table, currency: str) -> list[str]:
    """Column labels of a table; amounts carry the currency."""
    return [
        f"{column.label} ({currency})" if column.kind is CellKind.MONEY else column.label for column in table.columns
    ]


def defused(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula. Numbers never pass
    through here.
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text.replace("\0", "")


def csv_text(cell: Cell) -> str:
    """A cell as it stands in a CSV file: numbers plain with a point, dates ISO 8601, empty for none."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return defused(cell)
    return exact(cell) if isinstance(cell, Decimal) else str(cell)


def exact(amount: Decimal) -> str:
    """The amount with cents, and with further decimals where it has them: 12.50, 1265793.0395."""
    cents = amount.quantize(Decimal("0.01"))
    return format(cents if cents == amount else amount.normalize(), "f")


def csv_lines(export: Export) -> Iterator[str]:
    """The file's lines one by one, with a byte order mark so that spreadsheets read UTF-8; the last line holds the
    totals.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")

    def line(values: Sequence[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(values)
        return buffer.getvalue()

    yield "\ufeff" + line(export.headings())
    count = 0
    for row in export.rows.stream():
        count += 1
        yield line([csv_text(cell) for cell in row.cells])
    yield line([csv_text(cell) for cell in export.foot(count)])


def write_xlsx(export: Export, target: Target) -> int:
    """Write the workbook and return its number of data rows. Text is never a formula, a link or a number.

    Raises TooManyRows when a sheet cannot hold the selection, and DiskFull when it cannot be written.
    """
    expected = export.rows.count()
    if expected > XLSX_MAX_ROWS:
        raise TooManyRows(f"{expected:,} rows do not fit an Excel sheet. Narrow the filters, or take CSV.")
    return _write_book(export, target)


def _write_book(export: Export, target: Target) -> int:
    with workbook(target) as book:
        formats = _Formats(book)
        sheet = book.add_worksheet(export.report.title[:31])
        count = _write_rows(export, sheet, formats)
        if export.answer.overview:
            _write_overview(export.answer.overview, export.currency, book, formats)
        _write_facts(export, book.add_worksheet("About"), formats, count)
    return count


class _Formats:
    """Cell formats by kind, plain and bold for the totals row."""

    def __init__(self, book: Any) -> None:
        number = {
            CellKind.MONEY: MONEY,
            CellKind.COUNT: COUNT,
            CellKind.DAYS: COUNT,
            CellKind.DATE: DAY,
            CellKind.PERCENT: SHARE,
            CellKind.NUMBER: MONEY,
        }
        self.plain = {kind: book.add_format({"num_format": number.get(kind, TEXT)}) for kind in CellKind}
        self.bold = {
            kind: book.add_format({"num_format": number.get(kind, TEXT), "bold": True, "top": 1}) for kind in CellKind
        }
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})


def _write_rows(export: Export, sheet: Any, formats: _Formats) -> int:
    columns = export.columns
    _write_headings(export.headings(), sheet, formats)
    count = 0
    for row in export.rows.stream():
        count += 1
        for position, (column, cell) in enumerate(zip(columns, row.cells, strict=True)):
            write_cell(sheet, (count, position), cell, formats.plain[column.kind])
    kinds = [CellKind.TEXT, *(column.kind for column in columns[1:])]
    for position, (kind, cell) in enumerate(zip(kinds, export.foot(count), strict=True)):
        write_cell(sheet, (count + 1, position), cell, formats.bold[kind])
    sheet.autofilter(0, 0, count, len(columns) - 1)
    return count


def _write_headings(labels: Sequence[str], sheet: Any, formats: _Formats) -> None:
    for position, heading in enumerate(labels):
        sheet.set_column(position, position, 34 if position == 0 else 16)
        sheet.write_string(0, position, heading, formats.heading)
    sheet.freeze_panes(1, 1)


def _write_overview(table: Table, currency: str, book: Any, formats: _Formats) -> None:
    sheet = book.add_worksheet((table.title or "Overview")[:31])
    _write_headings(headings(table, currency), sheet, formats)
    place = 0
    for place, row in enumerate(table.rows.stream(), 1):
        for position, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            write_cell(sheet, (place, position), cell, formats.plain[column.kind])
    for position, (column, cell) in enumerate(zip(table.columns, table.rows.totals(), strict=True)):
        write_cell(sheet, (place + 1, position), "Total" if position == 0 else cell, formats.bold[column.kind])


def _write_facts(export: Export, sheet: Any, formats: _Formats, count: int) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    facts = [*export.facts, ("Rows", str(count))]
    facts += [(column.label, column.definition) for column in export.columns if column.definition]
    for position, (name, text) in enumerate(facts):
        sheet.write_string(position, 0, name, formats.heading)
        sheet.write_string(position, 1, text)
