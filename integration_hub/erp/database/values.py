"""Values of any driver as exact text, and back as what a change mark or key is compared with."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from itertools import islice
from types import NoneType
from typing import Any

from integration_hub.erp.copy_text import CHUNK_BYTES
from integration_hub.sources import SourceProblem

DAY_MINUTES = 24 * 60
# 2026-03-01, 2026-03-01 10:00, 2026-03-01T10:00:00.123456Z; a text that begins so can be counted back in time.
TIME_TEXT = re.compile(r"^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d)(:\d\d)?)?")


def _instant(value: datetime) -> str:
    # A time without a zone is taken for UTC, as PostgreSQL's own are.
    return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()


def _hex(value: bytes) -> str:
    return "\\x" + bytes(value).hex()


def _decimal(value: Decimal) -> str:
    # Never 1E+3, which is the same number but another text.
    return format(value, "f")


TEXTS: Mapping[type, Callable[[Any], str | None]] = {
    str: lambda value: value,
    type(None): lambda _: None,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    float: repr,
    Decimal: _decimal,
    datetime: _instant,
    date: date.isoformat,
    time: time.isoformat,
    bytes: _hex,
    bytearray: _hex,
    memoryview: _hex,
}

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
TEXT_OR_NONE = {str, NoneType}
# Few, because one of them may hold a text of a million characters.
BLOCK_ROWS = 200
Writers = Mapping[type, Callable[[Any], str]]
# What can be written without a look for characters that COPY would take for its own.
PLAIN: Writers = {
    int: int.__repr__,
    float: repr,
    Decimal: _decimal,
    date: date.isoformat,
    NoneType: lambda _: "\\N",
}
# A double has 309 digits before its point at most.
WIDE = Context(prec=400)
# COPY reads two backslashes as one.
COPIED: Mapping[type, Callable[[Any], Any]] = {
    **TEXTS,
    **dict.fromkeys((bytes, bytearray, memoryview), lambda value: "\\" + _hex(value)),
}


def exact(value: Any) -> str | None:
    """One value as exact text; None is NULL. Bytes are written as PostgreSQL writes them, a float so that it is whole
    again when it is read.
    """
    convert = TEXTS.get(value.__class__)
    return convert(value) if convert else str(value)


def copied_rows(rows: Iterable[Sequence[Any]], places: Sequence[int | None]) -> Iterator[bytes]:
    """Rows as COPY text in chunks of about 256 KiB. NUL stays: who fills the stage counts it and takes it out.

    Doubles are rounded to the decimals of their column in `places`, where it has some. Some rows at a time are turned
    on their side, because a column whose values are of one type is written at once.
    """
    writers = [_writers(each) for each in places]
    return copied_lines((lines,) for lines in _blocks(iter(rows), writers))


def _writers(places: int | None) -> Writers:
    rounded: Writers = {} if places is None else {float: partial(_rounded, places)}
    return {**PLAIN, **rounded}


def _blocks(rows: Iterator[Sequence[Any]], writers: Sequence[Writers]) -> Iterator[bytes]:
    while block := list(islice(rows, BLOCK_ROWS)):
        lines = map("\t".join, zip(*map(_column, zip(*block, strict=True), writers), strict=True))
        # A lone surrogate cannot be stored; the replacement character shows that something stood there.
        yield "\n".join(lines).encode("utf-8", "replace")


def _column(values: Sequence[Any], writers: Writers) -> Iterable[str]:
    kinds = set(map(type, values))
    if kinds <= TEXT_OR_NONE:
        texts = [value for value in values if value is not None] if NoneType in kinds else values
        if not _needs_escape("".join(texts)):
            return values if texts is values else ["\\N" if value is None else value for value in values]
    elif len(kinds) == 1 and (write := writers.get(*kinds)):
        return map(write, values)
    return [writers[value.__class__](value) if value.__class__ in writers else _copied(value) for value in values]


def _needs_escape(text: str) -> bool:
    return "\\" in text or "\t" in text or "\n" in text or "\r" in text


def _rounded(places: int, value: float) -> str:
    """A double with no more decimals, half up as PostgreSQL rounds; most have no more anyway."""
    text = repr(value)
    if "e" not in text and len(text) - text.find(".") <= places + 1:
        return text
    if not math.isfinite(value):
        return text
    return format(Decimal(text).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE), "f")


def _copied(value: Any) -> str:
    write = COPIED.get(value.__class__)
    text = write(value) if write else str(value)
    return text.translate(ESCAPES) if write is None or value.__class__ is str else text


def copied_lines(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Rows whose first value is the row as COPY text already, in chunks of about 256 KiB."""
    lines: list[bytes] = []
    size = 0
    for row in rows:
        line = row[0]
        if line is None:
            raise SourceProblem(
                "A row is larger than the database sends in one piece.",
                "Nothing was changed; what was loaded before stays.",
                "Raise max_allowed_packet of the server, or leave out the long column in the query in hub.toml.",
            )
        lines.append(line)
        size += len(line)
        if size >= CHUNK_BYTES:
            yield b"\n".join(lines) + b"\n"
            lines, size = [], 0
    if lines:
        yield b"\n".join(lines) + b"\n"


def kind_of(value: Any) -> str:
    """The name by which a value's type is known again, see from_text."""
    return "datetime+zone" if isinstance(value, datetime) and value.tzinfo else type(value).__name__


def _from_instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


VALUES: Mapping[str, Callable[[str], Any]] = {
    "int": int,
    "bool": lambda text: text == "true",
    "float": float,
    "Decimal": Decimal,
    "datetime": _from_instant,
    "datetime+zone": datetime.fromisoformat,
    "date": lambda text: date.fromisoformat(text[:10]),
    "bytes": _from_hex,
    "bytearray": _from_hex,
    "memoryview": _from_hex,
}


def from_text(text: str, kind: str) -> Any:
    """The value that `exact` wrote, in its own type. Raises ValueError or ArithmeticError for another kind's text."""
    return VALUES.get(kind, str)(text)


def earlier(value: Any, minutes: int) -> Any:
    """A change mark less the overlap: times and days go back, numbers and other texts stay."""
    if minutes <= 0:
        return value
    if isinstance(value, datetime):
        return value - timedelta(minutes=minutes)
    if isinstance(value, date):
        return value - timedelta(days=math.ceil(minutes / DAY_MINUTES))
    if isinstance(value, str):
        return _earlier_text(value, minutes)
    return value


def _earlier_text(text: str, minutes: int) -> str:
    """A time kept as text, counted back and cut at the second: the shorter text sorts before all longer ones."""
    found = TIME_TEXT.match(text)
    if found is None:
        return text
    day, between, clock, seconds = found.groups()
    try:
        if clock is None:
            return (date.fromisoformat(day) - timedelta(days=math.ceil(minutes / DAY_MINUTES))).isoformat()
        moment = datetime.fromisoformat(f"{day}T{clock}{seconds or ''}") - timedelta(minutes=minutes)
    except ValueError:
        # No such day, as 0000-00-00 is none: such a mark is compared as it stands.
        return text
    return moment.strftime(f"%Y-%m-%d{between}%H:%M" + (":%S" if seconds else ""))
