"""Reads the records of a delivered file, line by line: CSV, TSV and JSON Lines, plain or packed, in any encoding."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from integration_hub.config import SourceConfig
from integration_hub.erp.files.packed import BadFileError, opened

# One value may be a long text; csv's own limit of 128 KiB would stop the whole file.
csv.field_size_limit(16 * 1024 * 1024)


@contextmanager
def opened_text(path: Path, source: SourceConfig) -> Iterator[TextIO]:
    """The file decoded as declared, line ends untouched; a byte order mark is not part of the first column."""
    encoding = "utf-8-sig" if source.encoding.lower() in {"utf-8", "utf8"} else source.encoding
    with opened(path) as stream, io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="") as text:
        yield text


class WithoutTrailer:
    """The lines without the last one that is not blank, which is held back in `tail` with the blank ones behind it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.tail: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if self.tail and line.strip():
                yield from self.tail
                self.tail.clear()
            self.tail.append(line)

    @property
    def trailer(self) -> str:
        """The line that was held back, once all others were read."""
        return self.tail[0].strip("\r\n") if self.tail else ""


def delimiter(source: SourceConfig) -> str:
    """The character between two values."""
    return source.delimiter or ("\t" if source.format == "tsv" else ",")


def header(names: list[str]) -> tuple[str, ...]:
    """Column names without surrounding blanks. Raises BadFileError for one that stands twice."""
    columns = tuple(name.strip() or f"column {number}" for number, name in enumerate(names, 1))
    for name in columns:
        if columns.count(name) > 1:
            raise BadFileError(f'The column "{name}" stands twice in the header.')
        if "\n" in name:
            raise BadFileError("A column name in the header holds a line break.")
    return columns


def delimited(lines: Iterable[str], source: SourceConfig) -> Iterator[list[str]]:
    """Records of CSV or TSV with the header first; blank lines are left out.

    Raises BadFileError, with the line, for a record with more or fewer values than the header, for a header that comes
    again, and for a quotation mark that is never closed.
    """
    reader = csv.reader(lines, delimiter=delimiter(source), strict=True)
    first: list[str] = []
    width = 0
    try:
        for record in reader:
            if not record:
                continue
            width = width or len(record)
            if len(record) != width:
                raise BadFileError(f"Line {reader.line_num} has {len(record)} values, the header has {width}.")
            if record == first and width > 1:
                raise BadFileError(f"Line {reader.line_num} is the header again: two files were put together.")
            first = first or record
            yield record
    except csv.Error as error:
        raise BadFileError(f"Line {reader.line_num} is not valid {source.format.upper()}: {error}.") from error


def json_objects(lines: Iterable[str]) -> Iterator[dict[str, str | None]]:
    """One object per line, its values as text exactly as written; lists and objects inside stay JSON text.

    Raises BadFileError, with the line, for a line that is not one JSON object.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            # Numbers stay the text they are: 12.50 must not become 12.5, nor a long id a float.
            value = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
        except json.JSONDecodeError as error:
            raise BadFileError(f"Line {number} is not valid JSON: {error.msg} at position {error.pos}.") from error
        if not isinstance(value, dict):
            raise BadFileError(f"Line {number} is not a JSON object.")
        yield {name: _as_text(item) for name, item in value.items()}


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
