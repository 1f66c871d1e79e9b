"""Reads a file that was exported here and comes back: its rows as texts, and what it says of itself. Nothing in it is
ever run; what could harm the reader is refused before it is opened.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from reports.export_seal import sheet_text
from reports.export_xlsx import ABOUT
from reports.exporting import NUMBER

LARGEST, LARGEST_INSIDE, MOST_PARTS, MOST_ROWS = 30_000_000, 400_000_000, 200, 200_000
"""Bytes of an upload and of what a workbook unpacks to, number of its parts, number of rows."""
NAMED = re.compile(r"-(\d{1,18})(?: ?\(\d+\))?\.(?:csv|xlsx)$", re.IGNORECASE)
TOTAL = re.compile(r"Total of \d+ rows")


class NotChecked(Exception):
    """A file cannot be checked; the text says why and what to do."""


@dataclass(frozen=True)
class Uploaded:
    """What a file holds. `rows` are without heading and totals; `number` is the export that it says it is, or ""."""

    kind: str
    headings: list[str]
    rows: list[list[str]]
    foot: list[str]
    number: str


def read_upload(file: Any) -> Uploaded:
    """The file of a form. Raises NotChecked."""
    if file is None or not file.size:
        raise NotChecked("Choose a file: one that was exported here, as Excel or CSV.")
    if file.size > LARGEST:
        raise NotChecked(f"The file has {file.size:,} bytes; files up to {LARGEST:,} are checked here.")
    return read_file(file, str(file.name or ""))


def read_file(file: IO[bytes], name: str) -> Uploaded:
    """A file by its content, whatever its name says. Raises NotChecked."""
    start = file.read(4)
    file.seek(0)
    lines = _sheet(file) if start.startswith(b"PK") else _csv(file.read())
    kind, (cells, number) = ("xlsx" if start.startswith(b"PK") else "csv"), lines
    if len(cells) < 2 or not TOTAL.fullmatch(cells[-1][0] if cells[-1] else ""):
        raise NotChecked(
            'The last line is not the totals of an export ("Total of 12 rows"): the file was cut, sorted together with '
            "its totals, or is none of ours."
        )
    width = len(cells[0])
    for place, row in enumerate(cells, 1):
        if len(row) != width:
            raise NotChecked(f"Row {place} has {len(row)} cells, the heading {width}: the file was cut or rearranged.")
    named = NAMED.search(name)
    return Uploaded(kind, cells[0], cells[1:-1], cells[-1], number or (named[1] if named else ""))


def _csv(content: bytes) -> tuple[list[list[str]], str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotChecked("This is neither an Excel file nor CSV in UTF-8. Take the file as it was exported.") from error
    if "\0" in text:
        raise NotChecked("This is no text. Take the file as it was exported.")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(row)
            _check_count(len(rows))
    except csv.Error as error:
        raise NotChecked(f"Line {len(rows) + 1} is no CSV: {error}.") from error
    return rows, ""


def _check_count(rows: int) -> None:
    if rows > MOST_ROWS + 2:
        raise NotChecked(f"The file has more than {MOST_ROWS:,} rows, which is the most that is checked here.")


def _sheet(file: IO[bytes]) -> tuple[list[list[str]], str]:
    try:
        _check_parts(file)
        book = openpyxl.load_workbook(file, read_only=True)
        about = {str(row[0]): str(row[1]) for row in book[ABOUT].iter_rows(values_only=True, max_col=2) if row[0]}
        return list(_rows(book.worksheets[0])), about.get(NUMBER, "")
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, ParseError, TypeError, IndexError) as error:
        raise NotChecked(
            "This is no Excel file of ours: its sheets cannot be read. Take it as it was exported."
        ) from error


def _check_parts(file: IO[bytes]) -> None:
    """A workbook is a ZIP file: one that unpacks to far more than any export is not unpacked at all."""
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_INSIDE:
            raise NotChecked("The file unpacks to far more than an export would. It was not opened.")
        for part in parts:
            with packed.open(part) as opened:
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in opened.read(2000):
                    raise NotChecked("The file has declarations that no export has. It was not opened.")
            if part.filename.endswith(("vbaProject.bin",)):
                raise NotChecked("The file has macros, which no export has. It was not opened.")
    file.seek(0)


def _rows(sheet: Any) -> Iterator[list[str]]:
    for number, row in enumerate(sheet.iter_rows(), 1):
        _check_count(number)
        if formula := next((cell for cell in row if cell.data_type == "f"), None):
            raise NotChecked(f"Cell {formula.coordinate} holds a formula; an export has none. Nothing was computed.")
        if error := next((cell for cell in row if cell.data_type == "e"), None):
            raise NotChecked(f"Cell {error.coordinate} holds an error of the spreadsheet; an export has none.")
        yield [unescape(cell.value) if isinstance(cell.value, str) else sheet_text(cell.value) for cell in row]
