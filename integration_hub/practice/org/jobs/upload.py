"""Reading an uploaded CSV, keeping each record's text exactly as it was sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_CHARACTERS = 400_000


class BadUpload(Exception):
    """The file as a whole can not be processed: the job ends as Failed with this message."""


@dataclass(frozen=True)
class Row:
    """One record: its values, its raw text, and why it can not be read, if so."""

    values: list[str]
    raw: str
    error: str | None = None


def read(text: str, delimiter: str, line_ending: str) -> tuple[Row, list[Row]]:
    """The header and the records; BadUpload when lines do not end as declared or there is no header."""
    _check_line_ends(text, line_ending)
    rows = _rows(text, delimiter)
    if not rows:
        raise BadUpload("InvalidBatch : The file has no header")
    return rows[0], rows[1:]


def _check_line_ends(text: str, line_ending: str) -> None:
    unquoted = re.sub(r'"(?:[^"]|"")*"', "", text)
    wrong = re.search(r"\r", unquoted) if line_ending == "LF" else re.search(r"(?<!\r)\n", unquoted)
    if wrong:
        raise BadUpload(
            f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {line_ending}"
        )


def _rows(text: str, delimiter: str) -> list[Row]:
    mark = re.escape(delimiter)
    value = re.compile(rf'(?:"((?:[^"]|"")*)"|([^{mark}\r\n]*))([^{mark}\r\n]*)({mark}|\r\n|\n|\Z)')
    rows: list[Row] = []
    start = position = 0
    values: list[str] = []
    error: str | None = None
    while position < len(text):
        match = value.match(text, position)
        if match is None:
            raise BadUpload(f"ClientInputError : Cannot read the data at character {position}")
        quoted, plain, junk, end = match.groups()
        values.append(plain if quoted is None else quoted.replace('""', '"'))
        if junk or '"' in (plain or ""):
            error = "a value has text beside its quotes"
        position = match.end()
        if end == delimiter and position < len(text):
            continue
        if end == delimiter:
            values.append("")
        raw = text[start : match.start(4)] if end != delimiter else text[start:]
        if raw:
            rows.append(Row(values, raw, error))
        values, error, start = [], None, position
    return rows
