"""Reads a file that was exported here and comes back: its rows as texts, and what it says of itself. Nothing in it is
ever run; what could harm the reader is refused before it is opened.
"""

import csv
import hashlib
import io
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import IO, Any

from django.conf import settings

from reports.export_seal import CONTROL_SUM, MARK, csv_line
from reports.export_xlsx import ABOUT
from reports.exporting import NUMBER
from reports.workbook_limits import BEYOND_LIMITS, Limits

log = logging.getLogger(__name__)
LARGEST = 30_000_000
"""Bytes of an upload. What carries it lets a little more through: settings.LARGE_BODIES, and the proxy."""
LIMITS = Limits()
MOST_ROWS = LIMITS.rows
AT_ONCE, WAIT_SECONDS = BoundedSemaphore(1), 5.0
"""Workbooks that one process of the web has read at a time: more would leave pages too little memory."""
READER = "reports.workbook_reading"
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
        kind, (cells, sheet, sheets) = "xlsx", _workbook(file)
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


def _workbook(file: IO[bytes]) -> tuple[list[list[str]], str, dict[str, list[list[str]]]]:
    """The cells of the first sheet, its name, and those of the further ones by name. A program of its own reads it,
    within limits: a small file may unpack to very much, and this process has pages to show meanwhile.
    """
    with _turn(), tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told:
        shutil.copyfileobj(file, given)
        given.seek(0)
        command = [sys.executable, "-m", READER, json.dumps(LIMITS._asdict())]
        try:
            done = subprocess.run(
                command,
                stdin=given,
                stdout=told,
                stderr=subprocess.PIPE,
                cwd=settings.BASE_DIR,
                env={"PYTHONUTF8": "1"},  # nothing of ours: no key, no address
                timeout=LIMITS.seconds * 2,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NotChecked(_too_much()) from error
        if done.returncode < 0 or done.returncode == BEYOND_LIMITS:
            raise NotChecked(_too_much())
        if done.returncode:
            log.error("A workbook could not be read: %s", done.stderr.decode(errors="replace"))
            raise NotChecked("This Excel file could not be read; the log of the web says why. Take it as CSV.")
        told.seek(0)
        lines = [json.loads(line) for line in told]
    if isinstance(lines[-1], str):
        raise NotChecked(lines[-1])
    named: dict[str, list[list[str]]] = {}
    for line in lines:
        if isinstance(line, dict):
            rows = named.setdefault(line["sheet"], [])
        else:
            rows.append(line)
    first, *further = named
    return named[first], first, {name: named[name] for name in further}


@contextmanager
def _turn() -> Iterator[None]:
    if not AT_ONCE.acquire(timeout=WAIT_SECONDS):
        raise NotChecked("Other files are being checked just now. Try again in a minute.")
    try:
        yield
    finally:
        AT_ONCE.release()


def _too_much() -> str:
    return (
        f"The workbook takes more than {LIMITS.seconds} seconds or {LIMITS.megabytes} MB of memory to read, which is "
        "the most that is spent on one. An export with so many cells can be checked when it is taken as CSV."
    )
