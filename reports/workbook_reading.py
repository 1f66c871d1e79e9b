"""A program of its own that reads a workbook from its standard input, within limits, and tells its cells as lines of
JSON: for each sheet {"sheet": name}, then its rows as lists of texts. A text by itself, as the last line, says why not.
"""

import json
import os
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from integration_hub import memory
from reports.sheet_texts import sheet_text, shortened
from reports.workbook_limits import BEYOND_LIMITS, Limits

ABOUT = "About"
"""The sheet that every workbook of ours has."""
DECLARATION = b"<!DOCTYPE"
UNFIT = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError),  # damaged, cut off, encrypted or packed otherwise
    *(InvalidFileException, KeyError, ValueError, SyntaxError, TypeError, IndexError),
)
"""What is raised for no workbook, or a broken one. SyntaxError: of XML, by whichever of its parsers."""
FIRST_TO_GO = Path("/proc/self/oom_score_adj")


class Refused(Exception):
    """A workbook is not read; the text says why."""


def main(limits: Limits, file: IO[bytes], told: IO[str]) -> None:
    """Tell what is in the file, or why it is not read."""
    try:
        _check_parts(file, limits)
        for line in _lines(file, limits):
            print(json.dumps(line), file=told)
    except Refused as refused:
        print(json.dumps(str(refused)), file=told)
    except UNFIT:
        words = "This is no Excel file of ours: its sheets cannot be read. Take it as it was exported."
        print(json.dumps(words), file=told)


def _bound(limits: Limits) -> None:
    """The kernel ends this program where it wants more."""
    os.nice(10)
    with suppress(OSError):  # only a wish: where memory ends all the same, this goes rather than the web
        FIRST_TO_GO.write_text("1000", encoding="ascii")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.told, limits.told))
    memory.bound(limits.megabytes)


def _check_parts(file: IO[bytes], limits: Limits) -> None:
    """A workbook is a ZIP file: one that unpacks to far more than any export is not unpacked at all."""
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.inside:
            raise Refused("The file unpacks to far more than an export would. It was not opened.")
        for part in parts:
            with packed.open(part) as opened:
                if part.filename.endswith((".xml", ".rels")) and DECLARATION in opened.read(2000):
                    raise Refused("The file has declarations that no export has. It was not opened.")
            if part.filename.endswith(("vbaProject.bin",)):
                raise Refused("The file has macros, which no export has. It was not opened.")
    file.seek(0)


def _lines(file: IO[bytes], limits: Limits) -> Iterator[dict[str, str] | list[str]]:
    book = openpyxl.load_workbook(file, read_only=True)
    sheets = book.worksheets
    if len(sheets) > limits.sheets:
        raise Refused("The file has more sheets than any export.")
    book[ABOUT]  # it is none of ours without
    cells = count(1)
    for place, sheet in enumerate(sheets):
        yield {"sheet": sheet.title}
        for row in _rows(sheet, limits, cells):
            yield shortened(row) if place else row


def _rows(sheet: Any, limits: Limits, cells: "count[int]") -> Iterator[list[str]]:
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > limits.rows + 2:
            raise Refused(f"The file has more than {limits.rows:,} rows, which is the most that is checked here.")
        yield [_text(cell, limits, cells) for cell in row]


def _text(cell: Any, limits: Limits, cells: "count[int]") -> str:
    # Empty ones too: a sheet of a few bytes can call itself the widest and longest there is.
    if next(cells) > limits.cells:
        raise Refused(f"The file has more than {limits.cells:,} cells, which is the most that is checked here.")
    if cell.data_type == "f":
        raise Refused(f"Cell {cell.coordinate} holds a formula; an export has none. Nothing was computed.")
    if cell.data_type == "e":
        raise Refused(f"Cell {cell.coordinate} holds an error of the spreadsheet; an export has none.")
    return unescape(cell.value) if isinstance(cell.value, str) else sheet_text(cell.value)


if __name__ == "__main__":
    given = Limits(**json.loads(sys.argv[1]))
    _bound(given)
    try:
        main(given, sys.stdin.buffer, sys.stdout)
        sys.stdout.flush()
    except (MemoryError, OSError):
        # Not by the usual way out, which would try to write what there is no room for.
        os._exit(BEYOND_LIMITS)
