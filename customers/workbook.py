"""Excel workbooks with typed cells in which no text is a formula, a link or a number; nothing cut is ever offered."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse
from xlsxwriter.exceptions import FileCreateError

XLSX_MAX_ROWS = 1_048_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
MONEY, COUNT, SHARE, DAY, TEXT = "#,##0.00##", "#,##0", "0.0", "yyyy-mm-dd", "@"
Cell = Decimal | int | date | str | None
Target = Path | IO[bytes]


class NotExported(Exception):
    """There is no file; the text says why and what to do."""


class TooManyRows(NotExported):
    """The selection does not fit the file; nothing is cut silently."""


class DiskFull(NotExported):
    """The file could not be written whole, so it is not offered."""


@contextmanager
def disk_full_told() -> Iterator[None]:
    """Turn what the operating system refuses while a file is written into DiskFull."""
    try:
        yield
    except (OSError, FileCreateError) as error:
        raise DiskFull(
            f"The Excel file could not be written: {error}. Nothing of it can be used; the figures are not affected. "
            "Take the CSV where there is one, which needs no space on the server, and ask an administrator to free its "
            "disk."
        ) from error


@contextmanager
def workbook(target: Target) -> Iterator[Any]:
    """A workbook that is written when the block ends; its rows must come in order. Raises DiskFull."""
    # The workbook's parts go to a folder of their own: a write that fails would leave them on the disk it filled.
    with disk_full_told(), tempfile.TemporaryDirectory() as parts:
        with xlsxwriter.Workbook(target, OPTIONS | {"tmpdir": parts}) as book:
            yield book
        if not isinstance(target, Path):
            target.flush()


def write_cell(sheet: Any, place: tuple[int, int], cell: Cell, style: Any) -> None:
    """Write a cell by its type at a row and column counted from zero."""
    if cell is None:
        sheet.write_blank(*place, None, style)
    elif isinstance(cell, str):
        sheet.write_string(*place, cell, style)
    elif isinstance(cell, date):
        sheet.write_datetime(*place, cell, style)
    else:
        sheet.write_number(*place, cell, style)


def xlsx_response(write: Callable[[IO[bytes]], object], content_type: str = XLSX) -> FileResponse:
    """The workbook as a download. It is written to a temporary file first: a full disk raises DiskFull, and never
    gives a cut file.
    """
    with disk_full_told():
        file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    try:
        write(file)
    except BaseException:
        # Closing writes what is left, which a full disk refuses once more.
        with suppress(OSError):
            file.close()
        raise
    file.seek(0)
    return FileResponse(file, content_type=content_type)
