"""Writes rows in PostgreSQL's COPY text format, so that any source's rows travel as bytes to the stage."""

from collections.abc import Iterable, Iterator, Sequence

CHUNK_BYTES = 256 * 1024
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})
NEEDS_ESCAPE = frozenset("\\\t\n\r\0")


def copy_text(rows: Iterable[Sequence[str | None]]) -> Iterator[bytes]:
    """The rows as COPY text in chunks of about 256 KiB. None is NULL; NUL, unknown to PostgreSQL, is left out."""
    lines: list[str] = []
    size = 0
    for row in rows:
        line = "\t".join("\\N" if value is None else _escaped(value) for value in row)
        lines.append(line)
        size += len(line)
        if size >= CHUNK_BYTES:
            yield _joined(lines)
            lines, size = [], 0
    if lines:
        yield _joined(lines)


def _escaped(value: str) -> str:
    return value if NEEDS_ESCAPE.isdisjoint(value) else value.translate(ESCAPES)


def _joined(lines: list[str]) -> bytes:
    # A lone surrogate cannot be stored; the replacement character shows that something stood there.
    return ("\n".join(lines) + "\n").encode("utf-8", errors="replace")
