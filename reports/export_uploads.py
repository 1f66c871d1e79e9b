"""Reads a file that was exported here and comes back: its rows as texts, and what it says of itself. Nothing in it is
ever run; what could harm the reader is refused before it is opened.
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from reports.export_seal import CONTROL_SUM, MARK, csv_line, sheet_text, shortened
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
    """What a file holds, as texts. `rows` are without heading and totals; `number` is the export that it says it is, or
    "". `sheet` is the name of the sheet with the rows, `sheets` the further ones of a workbook by name.
    """

    kind: str
    headings: list[str]
    rows: list[list[str]]
    foot: list[str]
    number: str
    sheet: str = ""
    sheets: dict[str, list[list[str]]] = field(default_factory=dict)

    def control_sum(self) -> str:
        """The control sum as it is made now, over everything."""
        found = hashlib.sha256(MARK if self.kind == "csv" else csv_line([self.sheet]))
        found.update(b"".join(csv_line(row) for row in (self.headings, *self.rows, self.foot)))
        for name, lines in self.sheets.items():
            found.update(b"".join(csv_line(line) for line in ([name], *lines)))
        return found.hexdigest()

    def rows_sum(self) -> str:
        """The control sum as earlier versions made it, over the rows alone."""
        return hashlib.sha256(b"".join(csv_line(row) for row in self.rows)).hexdigest()


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
    if start.startswith(b"PK"):
        kind, (cells, sheet, sheets) = "xlsx", _sheets(file)
    else:
        kind, cells, sheet, sheets = "csv", _csv(file.read()), "", {}
    if len(cells) < 2 or not TOTAL.fullmatch(cells[-1][0] if cells[-1] else ""):
        raise NotChecked(
            'The last line is not the totals of an export ("Total of 12 rows"): the file was cut, sorted together with '
            "its totals, or is none of ours."
        )
    width = len(cells[0])
    for place, row in enumerate(cells, 1):
        if len(row) != width:
            raise NotChecked(f"Row {place} has {len(row)} cells, the heading {width}: the file was cut or rearranged.")
    said = [line[1] for line in sheets.get(ABOUT, ()) if len(line) > 1 and line[0] == NUMBER]
    named = NAMED.search(name)
    number = said[0] if said else named[1] if named else ""
    # The control sum cannot cover itself.
    further = {
        name: [line for line in lines if name != ABOUT or line[:1] != [CONTROL_SUM]] for name, lines in sheets.items()
    }
    return Uploaded(kind, cells[0], cells[1:-1], cells[-1], number, sheet, further)


def _csv(content: bytes) -> list[list[str]]:
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
    return rows


def _check_count(rows: int) -> None:
    if rows > MOST_ROWS + 2:
        raise NotChecked(f"The file has more than {MOST_ROWS:,} rows, which is the most that is checked here.")


def _sheets(file: IO[bytes]) -> tuple[list[list[str]], str, dict[str, list[list[str]]]]:
    """The cells of the first sheet, its name, and those of the further ones by name."""
    import openpyxl  # noqa: PLC0415 - a quarter of a second, which every process of the web and each command would pay
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        _check_parts(file)
        book = openpyxl.load_workbook(file, read_only=True)
        first, *further = book.worksheets
        book[ABOUT]  # it is none of ours without
        rows = list(_rows(first))
        return rows, first.title, {sheet.title: [shortened(row) for row in _rows(sheet)] for sheet in further}
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
    from openpyxl.utils.escape import unescape  # noqa: PLC0415

    for number, row in enumerate(sheet.iter_rows(), 1):
        _check_count(number)
        if formula := next((cell for cell in row if cell.data_type == "f"), None):
            raise NotChecked(f"Cell {formula.coordinate} holds a formula; an export has none. Nothing was computed.")
        if error := next((cell for cell in row if cell.data_type == "e"), None):
            raise NotChecked(f"Cell {error.coordinate} holds an error of the spreadsheet; an export has none.")
        yield [unescape(cell.value) if isinstance(cell.value, str) else sheet_text(cell.value) for cell in row]
