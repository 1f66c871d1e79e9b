"""Builds SOQL: escaped literals, field lists, and value lists cut so that each query fits into an address."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

LONGEST_QUERY = 12_000
"""Characters of a query as it stands in an address; beyond some 16,000 Salesforce answers 414 or 431."""


def quoted(text: str) -> str:
    """A text literal. Quotes, backslashes and line ends are escaped; characters without meaning in SOQL stay."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def instant(moment: datetime) -> str:
    """A dateTime literal in UTC, cut to the second; ValueError for a moment without time zone."""
    if moment.tzinfo is None:
        raise ValueError("an instant without time zone cannot be asked for")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def select(fields: Sequence[str], sobject: str, where: str = "") -> str:
    """SELECT fields FROM sobject [WHERE where]."""
    return f"SELECT {', '.join(fields)} FROM {sobject}" + (f" WHERE {where}" if where else "")  # noqa: S608


def fits(soql: str) -> bool:
    """Whether a query can be sent in an address."""
    return len(quote(soql)) <= LONGEST_QUERY


def in_lists(values: Iterable[str], room: int = LONGEST_QUERY - 4000, most: int = 1000) -> Iterator[str]:
    """`('a','b')` lists for IN, together holding each value once; none for no values, because `IN ()` is an error.

    `room` is the length of one list as it stands in an address, `most` its number of values.
    """
    held: list[str] = []
    size = 0
    for value in dict.fromkeys(values):
        literal = quoted(value)
        length = len(quote(literal)) + 3
        if held and (size + length > room or len(held) >= most):
            yield f"({','.join(held)})"
            held, size = [], 0
        held.append(literal)
        size += length
    if held:
        yield f"({','.join(held)})"
