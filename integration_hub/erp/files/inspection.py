"""Reads a delivered file once before anything is staged: is it whole, is it readable, what does it hold?"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.files.control_totals import CONTROL, TRAILER, Totals, sum_columns
from integration_hub.erp.files.delivery import Delivery
from integration_hub.erp.files.packed import BadFileError, blocks, opened
from integration_hub.erp.files.records import WithoutTrailer, delimited, header, json_objects, opened_text

ANY_STREAM = StreamConfig(name="any", target="any")


@dataclass(frozen=True)
class Inspection:
    """What the file holds: column names in order, number of records, and a hash of the unpacked content.

    `plain` says that PostgreSQL reads the bytes after the header exactly as Python's csv module does, so that they can
    go to the stage as they are; `body` is the number of bytes without those of the trailer.
    """

    columns: tuple[str, ...]
    rows: int
    fingerprint: str
    plain: bool
    body: int
    notes: tuple[str, ...] = ()


def fingerprint(path: Path) -> str:
    """SHA-256 of the unpacked content. Raises BadFileError for a damaged or cut gzip file."""
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return digest.hexdigest()


def inspect(delivery: Delivery, source: SourceConfig, stream: StreamConfig = ANY_STREAM) -> Inspection:
    """Read the whole file. Raises BadFileError with the line and what is wrong there; nothing has been staged then.

    The totals that the stream's trailer or control file tells must be those of the rows.
    """
    content = _content(delivery.path)
    if content.size == 0:
        raise BadFileError("The file is empty (0 bytes).")
    if not content.ends_with_line and not delivery.marked and not stream.trailer:
        raise BadFileError(
            "The last line has no line end, so the file may have been cut off while it was sent. "
            f"(If your ERP writes files so, let it put {delivery.name}.done beside the file.)"
        )
    try:
        with opened_text(delivery.path, source) as text:
            lines = WithoutTrailer(text) if stream.trailer else text
            totals = _totals(lines, source, stream)
    except UnicodeError as error:
        raise BadFileError(_encoding_problem(delivery.path, source, error)) from error
    body = content.size
    if isinstance(lines, WithoutTrailer):
        totals.compare(TRAILER, stream.trailer, lines.trailer)
        body -= sum(len(line.encode(source.encoding)) for line in lines.tail)
    if stream.control:
        totals.compare(CONTROL, stream.control_totals, delivery.control)
    plain, notes = _is_plain(source, content), _notes(source, content)
    return Inspection(tuple(totals.columns), totals.rows, content.fingerprint, plain, body, notes)


@dataclass(frozen=True)
class _Content:
    size: int
    fingerprint: str
    ends_with_line: bool
    postgres_would_differ: bool
    has_nul: bool


def _content(path: Path) -> _Content:
    """Size, hash and peculiarities of the unpacked bytes, in one pass."""
    digest = hashlib.sha256()
    size, rest, end, differs, has_nul = 0, b"", b"", False, False
    line_ends: Counter[bytes] = Counter()
    for block in blocks(path):
        digest.update(block)
        size += len(block)
        end = (end + block)[-2:]
        has_nul = has_nul or b"\0" in block
        if not differs:
            lines, separator, rest = (rest + block).rpartition(b"\n")
            line_ends.update({kind: (lines + separator).count(kind) for kind in (b"\r", b"\r\n", b"\n")})
            differs = _differs(lines + separator)
    mixed = bool(line_ends[b"\r"]) and len(set(line_ends.values())) > 1
    ends = end.endswith((b"\n", b"\r", b"\n\x00"))
    return _Content(size, digest.hexdigest(), ends, differs or mixed or _differs(rest), has_nul)


# A value that is quoted as a whole. Any other quotation mark would start quoting for PostgreSQL, and not for Python.
QUOTED_VALUE = re.compile(rb'(?:^|(?<=,))"[^"]*(?:""[^"]*)*"(?=,|\r?$)', re.MULTILINE)
BLANK_LINE = re.compile(rb"^\r?\n", re.MULTILINE)


def _differs(lines: bytes) -> bool:
    """Whether PostgreSQL's CSV reader might see something else in these whole lines than Python's."""
    # A \. alone ends the data for servers before PostgreSQL 18.
    if b"\0" in lines or b"\\." in lines or BLANK_LINE.search(lines):
        return True
    return b'"' in lines and b'"' in QUOTED_VALUE.sub(b"", lines)


def _is_plain(source: SourceConfig, content: _Content) -> bool:
    utf8_commas = source.encoding.lower() in {"utf-8", "utf8"} and (source.delimiter or ",") == ","
    return source.format == "csv" and utf8_commas and not content.postgres_would_differ


def _notes(source: SourceConfig, content: _Content) -> tuple[str, ...]:
    # In UTF-16 and UTF-32 every other byte is zero.
    if content.has_nul and not _is_wide(source.encoding):
        return ("The file holds NUL characters, which PostgreSQL cannot store; they were left out.",)
    return ()


def _is_wide(encoding: str) -> bool:
    return encoding.lower().replace("_", "-").startswith(("utf-16", "utf16", "utf-32", "utf32"))


def _totals(lines: Iterable[str], source: SourceConfig, stream: StreamConfig) -> Totals:
    """Column names, number of records and sums; every record has been read and decoded."""
    if source.format == "jsonl":
        return _totals_of_objects(lines, stream)
    records = delimited(lines, source)
    first = next(records, None)
    if first is None:
        raise BadFileError("The file has no header line.")
    totals = Totals(stream, header(first))
    if totals.sums:
        for record in records:
            totals.add(record)
    else:
        totals.rows = sum(1 for _ in records)
    return totals


def _totals_of_objects(lines: Iterable[str], stream: StreamConfig) -> Totals:
    """The same for JSON Lines, where a column may turn up late."""
    names: dict[str, None] = {}
    rows = 0
    summed = Totals(stream, sum_columns(stream))
    for record in json_objects(lines):
        names.update(dict.fromkeys(record))
        rows += 1
        summed.add([record.get(name) for name in summed.columns])
    if not set(summed.columns) <= set(names):
        raise BadFileError(f'The totals sum "{min(set(summed.columns) - set(names))}", which no row has.')
    summed.columns, summed.rows = tuple(names), rows
    return summed


def _encoding_problem(path: Path, source: SourceConfig, error: UnicodeError) -> str:
    """Which line is not written in the declared encoding."""
    with opened(path) as stream:
        start = stream.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return 'The file is written in UTF-16: set encoding = "utf-16" for this source.'
    where = _line_of_bad_bytes(path, source.encoding)
    place = f"Line {where}" if where else "The file"
    return (
        f"{place} is not valid {source.encoding}: {getattr(error, 'reason', error)}. "
        'Set encoding to what the ERP writes, such as "cp1252" or "utf-8".'
    )


def _line_of_bad_bytes(path: Path, encoding: str) -> int:
    """The first line that cannot be decoded by itself; 0 where lines cannot be told apart by bytes."""
    if _is_wide(encoding):
        return 0
    with opened(path) as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return 0
