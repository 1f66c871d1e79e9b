"""The Excel file of a report: typed cells, totals, the overview, and a sheet that says where all of it comes from."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from customers.workbook import (
    COUNT,
    DAY,
    MONEY,
    SHARE,
    TEXT,
    XLSX_MAX_ROWS,
    Target,
    TooManyRows,
    workbook,
    write_cell,
)
from reports.columns import CellKind
from reports.export_copy import snapshot
from reports.export_seal import CONTROL_SUM, SHEET_RULE, Seal, about
from reports.exports import Export, headings
from reports.shape import Table
from reports.sheet_texts import sheet_text

ABOUT = "About"
TOLD_EVERY = 500
LONGEST_NAME = 31
NOT_IN_SHEETS = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")


def write_xlsx(
    export: Export, target: Target, seal: Seal | None = None, count: Callable[[int], None] = lambda _: None
) -> int:
    """Write the workbook and return its number of data rows. Text is never a formula, a link or a number. The seal is
    closed at the end; `count` is told how many rows are written.

    Raises TooManyRows when a sheet cannot hold the selection, and DiskFull when it cannot be written.
    """
    with snapshot():
        expected = export.rows.count()
        if expected > XLSX_MAX_ROWS:
            raise TooManyRows(too_many_words(expected))
        return _write_book(export, target, seal or Seal(), count)


def too_many_words(rows: int) -> str:
    """Why there is no workbook of so many rows."""
    return f"{rows:,} rows do not fit an Excel sheet. Narrow the filters, or take CSV."


def _write_book(export: Export, target: Target, seal: Seal, count: Callable[[int], None]) -> int:
    overview = export.answer.overview
    titles = [export.report.title, *([overview.title or "Overview"] if overview else [])]
    names = sheet_names(titles)
    with workbook(target) as book:
        formats = _Formats(book)
        seal.sheet(names[0])
        _write_rows(export, book.add_worksheet(names[0]), formats, seal, count)
        if overview:
            lines = _write_overview(overview, export.currency, book.add_worksheet(names[1]), formats)
            seal.further(names[1], lines)
        facts = about(export, seal, SHEET_RULE)
        seal.further(ABOUT, (fact for fact in facts if fact[0] != CONTROL_SUM))
        seal.close()
        _write_facts(about(export, seal, SHEET_RULE), book.add_worksheet(ABOUT), formats)
    return seal.rows


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Titles as Excel takes them for sheets: 31 characters, without signs that it uses itself, and no name twice,
    whatever its capitals; "About" is the last sheet's, "History" is Excel's own.
    """
    taken, names = {ABOUT.casefold(), "history"}, []
    for title in titles:
        words = " ".join(NOT_IN_SHEETS.sub(" ", title).split())
        plain = words[:LONGEST_NAME].strip("' ") or "Rows"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain[: LONGEST_NAME - len(f' ({number})')]} ({number})"
        taken.add(name.casefold())
        names.append(name)
    return names


class _Formats:
    """Cell formats by kind, plain and bold for the totals row."""

    def __init__(self, book: Any) -> None:
        number = {
            CellKind.MONEY: MONEY,
            CellKind.AMOUNT: MONEY,
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


def _write_rows(export: Export, sheet: Any, formats: _Formats, seal: Seal, count: Callable[[int], None]) -> None:
    columns = export.columns
    styles = [formats.plain[column.kind] for column in columns]
    _write_headings(export.headings(), sheet, formats)
    seal.headings(export.headings())
    for number, row in enumerate(export.rows.stream(), 1):
        for position, (style, cell) in enumerate(zip(styles, row.cells, strict=True)):
            write_cell(sheet, (number, position), cell, style)
        seal.add_row(row.cells)
        if number % TOLD_EVERY == 0:
            count(number)
    totals = export.rows.totals()
    foot = export.foot(seal.rows, totals)
    seal.totals(export, totals, [sheet_text(cell) for cell in foot])
    kinds = [CellKind.TEXT, *(column.kind for column in columns[1:])]
    for position, (kind, cell) in enumerate(zip(kinds, foot, strict=True)):
        write_cell(sheet, (seal.rows + 1, position), cell, formats.bold[kind])
    sheet.autofilter(0, 0, seal.rows, len(columns) - 1)


def _write_headings(labels: Sequence[str], sheet: Any, formats: _Formats) -> None:
    for position, heading in enumerate(labels):
        sheet.set_column(position, position, 34 if position == 0 else 16)
        sheet.write_string(0, position, heading, formats.heading)
    sheet.freeze_panes(1, 1)


def _write_overview(table: Table, currency: str, sheet: Any, formats: _Formats) -> list[list[str]]:
    """Write the sheet and return its lines as texts."""
    labels = headings(table, currency)
    _write_headings(labels, sheet, formats)
    plain = [formats.plain[column.kind] for column in table.columns]
    bold = [formats.bold[column.kind] for column in table.columns]
    lines = [(plain, row.cells) for row in table.rows.stream()]
    lines.append((bold, ("Total", *table.rows.totals()[1:])))
    for place, (styles, cells) in enumerate(lines, 1):
        for position, (style, cell) in enumerate(zip(styles, cells, strict=True)):
            write_cell(sheet, (place, position), cell, style)
    return [labels, *([sheet_text(cell) for cell in cells] for _, cells in lines)]


def _write_facts(facts: Sequence[tuple[str, str]], sheet: Any, formats: _Formats) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    for position, (name, text) in enumerate(facts):
        sheet.write_string(position, 0, name, formats.heading)
        sheet.write_string(position, 1, text)
