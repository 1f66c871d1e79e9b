"""Turns a sheet of an XLSX file into CSV, row by row, so that from there on it is a file like any other."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from integration_hub.erp.files.packed import BadFileError
from integration_hub.erp.files.sheet_parts import check_parts, sheet_names

# Excel itself keeps and shows fifteen digits; what is behind them is noise of binary fractions.
EXCEL_DIGITS = 15
BROKEN = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, EOFError)


def write_csv(path: Path, sheet: str, to: BinaryIO) -> None:
    """Write a sheet as UTF-8 CSV; the first one where `sheet` is empty. Row 1 is the header, empty rows are left out.

    Raises BadFileError for a file that is protected, damaged or no XLSX, for a formula whose result is not stored, and
    for rows that do not fit the header. Only a row at a time is in memory, beside the table of texts.
    """
    check_parts(path, sheet)
    out = io.TextIOWrapper(to, encoding="utf-8", newline="")
    writer = csv.writer(out, lineterminator="\n")
    # The module quotes a carriage return only where it ends the lines, but reads it as a line end everywhere.
    quoting = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    try:
        with closing(openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)) as book:
            rows = book[sheet or sheet_names(path)[0]].iter_rows(values_only=True)
            for row in _as_text(rows):
                (quoting if any("\r" in value for value in row) else writer).writerow(row)
    except BROKEN as error:
        raise BadFileError(f"The XLSX file is damaged: {error}.") from error
    out.flush()
    out.detach()


def _as_text(rows: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
    numbered = ((number, row) for number, row in enumerate(rows, 1) if any(value is not None for value in row))
    first = next(numbered, None)
    if first is None:
        raise BadFileError("The sheet is empty.")
    header = _header(*first)
    yield header
    width = len(header)
    for number, row in numbered:
        values = [cell_text(value) for value in row[:width]]
        if len(row) > width and any(value is not None for value in row[width:]):
            raise BadFileError(f"Row {number} has a value in column {_letter_behind(row, width)}, which has no header.")
        if values == header:
            raise BadFileError(f"Row {number} is the header again: two deliveries were put together.")
        yield values + [""] * (width - len(values))


def _header(number: int, row: Sequence[Any]) -> list[str]:
    names = [cell_text(value).strip() for value in row]
    while names and not names[-1]:
        names.pop()
    if "" in names:
        letter = get_column_letter(names.index("") + 1)
        raise BadFileError(
            f"Row {number} should be the header, but names nothing in column {letter}. A title or a second header row "
            "above the columns' names cannot be read: let the file begin with the one row of names."
        )
    return names


def _letter_behind(row: Sequence[Any], width: int) -> str:
    place = next(place for place, value in enumerate(row) if place >= width and value is not None)
    return str(get_column_letter(place + 1))


def cell_text(value: Any) -> str:
    """A cell's value as exact text: numbers plain, dates and instants ISO 8601, true and false; empty for none."""
    if isinstance(value, str):
        return unescape(value) if "_x" in value else value
    if value is None:
        return ""
    if isinstance(value, bool | float):
        return _number_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number_text(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    if len(text.lstrip("-0.").replace(".", "")) > EXCEL_DIGITS:
        text = f"{value:.{EXCEL_DIGITS}g}"
    if text.endswith(".0"):
        return text[:-2]
    return format(Decimal(text), "f") if "e" in text else text
