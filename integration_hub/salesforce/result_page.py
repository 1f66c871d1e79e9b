"""One page of a Bulk CSV result, kept in a temporary file until it is known to be whole."""

import csv
import io
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import requests

from integration_hub.salesforce.connection import Connection
from integration_hub.salesforce.errors import RequestRefused, not_readable, unreachable
from integration_hub.whole_answer import is_too_slow

CHUNK_BYTES = 256 * 1024
KEPT_IN_MEMORY = 24 * 1024 * 1024
LONGEST_HEADER = 1024 * 1024
PAUSES = (0.5, 2.0, 8.0)
"""Seconds before the second, third and fourth reading of a page that came broken."""
COUNT = "Sforce-NumberOfRecords"
NOT_YET = frozenset({"JOB_NOT_COMPLETE", "HTTP_412"})

# A single text field may hold 131,072 characters and more; the module's own limit is below that.
csv.field_size_limit(16 * 1024 * 1024)


@dataclass
class Page:
    """A whole page: `columns` from its header line, `rows` counted, `body` the bytes behind the header."""

    columns: tuple[str, ...]
    rows: int
    body: IO[bytes]
    headers: Mapping[str, str]

    def chunks(self) -> Iterator[bytes]:
        """The bytes behind the header line; the file is closed at the end."""
        with self.body:
            while chunk := self.body.read(CHUNK_BYTES):
                yield chunk

    def records(self) -> Iterator[list[str]]:
        """The values row by row, as UTF-8 whatever the Content-Type says."""
        with io.TextIOWrapper(self.body, encoding="utf-8", newline="") as text:
            yield from csv.reader(text)


@dataclass(frozen=True)
class _Stored:
    """What was counted while a body was stored: line ends, and whether there is one at its end."""

    lines: int
    has_last_end: bool


class Damaged(Exception):
    """The page did not come whole, or is not the one that was asked for; reading it again may help."""


def fetch_page(
    connection: Connection,
    path: str,
    params: Mapping[str, str],
    check: Callable[[Mapping[str, str]], None] | None = None,
) -> Page:
    """Read one page, again when it comes damaged. Raises SalesforceProblem and its kinds.

    `check` looks at the headers first and may raise Damaged.
    """
    reason = ""
    for pause in (*PAUSES, None):
        try:
            return _read(connection, path, params, check)
        except Damaged as damage:
            reason = str(damage)
        except requests.RequestException as error:
            if is_too_slow(error):
                raise unreachable("Salesforce sent a result page too slowly: answer_seconds in hub.toml.") from None
            reason = f"the connection broke ({type(error).__name__})"
        except RequestRefused as refused:
            if refused.code not in NOT_YET:
                raise
            reason = "the result was not ready"
        if pause is not None:
            time.sleep(pause)
    raise unreachable(f"Salesforce did not deliver a result page whole in {len(PAUSES) + 1} tries: {reason}.")


def _read(
    connection: Connection, path: str, params: Mapping[str, str], check: Callable[[Mapping[str, str]], None] | None
) -> Page:
    body = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 - the page owns it
    try:
        with connection.stream(path, params) as response:
            if response.status_code == 204:
                raise Damaged("the result was not ready")
            stored = _store(response, body)
            headers = response.headers
        if check is not None:
            check(headers)
        columns, start = _header(body)
        page = Page(columns, _count(stored, body, has_header=bool(columns), said=headers.get(COUNT, "")), body, headers)
        _check_count(page)
        body.seek(start)
    except BaseException:
        body.close()
        raise
    return page


def _store(response: requests.Response, body: IO[bytes]) -> _Stored:
    """Write the body to the file, without NUL, which PostgreSQL cannot hold."""
    quotes = lines = 0
    last = b"\n"
    for chunk in response.iter_content(CHUNK_BYTES):
        clean = chunk.replace(b"\0", b"") if b"\0" in chunk else chunk
        quotes += clean.count(b'"')
        lines += clean.count(b"\n")
        last = clean[-1:] or last
        body.write(clean)
    if quotes % 2:
        raise Damaged("it ends within a value")
    return _Stored(lines, has_last_end=last == b"\n")


def _records(body: IO[bytes]) -> int:
    """The records of a body, counted exactly: a line end within quotes belongs to a value."""
    body.seek(0)
    quotes = lines = 0
    while chunk := body.read(CHUNK_BYTES):
        # Only the pieces after an even number of quotes stand outside of values.
        pieces = chunk.split(b'"')
        lines += sum(piece.count(b"\n") for piece in pieces[quotes % 2 :: 2])
        quotes += len(pieces) - 1
    return lines


def _header(body: IO[bytes]) -> tuple[tuple[str, ...], int]:
    """The column names of the first line, and where the rows start."""
    body.seek(0)
    line = body.readline(LONGEST_HEADER)
    names = next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")]), [])
    return tuple(names), len(line)


def _count(stored: _Stored, body: IO[bytes], *, has_header: bool, said: str) -> int:
    """The rows behind the header. Where no value holds a line end, which is nearly always, counting lines will do."""
    unended = not stored.has_last_end
    simple = stored.lines + unended - has_header
    if said.isdigit() and int(said) == simple:
        return simple
    return max(0, _records(body) + unended - has_header)


def _check_count(page: Page) -> None:
    said = page.headers.get(COUNT, "")
    if said.isdigit() and int(said) != page.rows:
        raise Damaged(f"{page.rows} rows came where {said} were announced")
    if not page.columns and page.rows:
        raise not_readable("Salesforce sent a result without column names.")
