"""Tryton's REST interface, reading only: one path, one method, pages by id, and its tagged values as text."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from integration_hub.config import SourceConfig
from integration_hub.erp.http import PAUSES, Allowed, ReadOnlySession
from integration_hub.erp.http_errors import broken
from integration_hub.erp.tryton.problems import out_of_order, refused

Record = dict[str, Any]
Domain = list[Any]

PAGE_ROWS = 200
CHILD_ROWS = 1000
LONGEST_LIST = 1500
"""Characters of ids in one question: it travels in the address, and common web servers take 4,094 bytes of one."""
READ_BY_US = frozenset({400, 401, 403, 404, 500})


def encoded(value: object) -> str:
    """JSON as REST wants it in an address or a header; datetimes are tagged."""
    text = json.dumps(value, separators=(",", ":"), default=_tagged)
    return base64.urlsafe_b64encode(text.encode()).decode()


def _tagged(value: object) -> dict[str, Any]:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} is nothing that Tryton is asked with")
    at = value.astimezone(UTC)
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime"} | {part: getattr(at, part) for part in parts}


def text_of(value: Any) -> str | None:
    """A value as exact text: tagged numbers and days untagged, a nested record by its id, empty text as None."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, dict):
        return UNTAGGED.get(value.get("__class__", ""), _first)(value)
    if isinstance(value, list):
        return text_of(value[0]) if value else None
    return "true" if value else "false"


def _decimal(value: Record) -> str | None:
    return str(value["decimal"])


def _day(value: Record) -> str | None:
    return f"{value['year']:0>4}-{value['month']:0>2}-{value['day']:0>2}"


def _instant(value: Record) -> str | None:
    hour = f"{value['hour']:0>2}:{value['minute']:0>2}:{value['second']:0>2}"
    return f"{_day(value)}T{hour}.{value['microsecond']:0>6}Z"


def _record(value: Record) -> str | None:
    return text_of(value.get("id"))


def _first(value: Record) -> str | None:
    """Any other tagged value, such as seconds or bytes."""
    return next((text_of(each) for name, each in value.items() if name != "__class__"), None)


UNTAGGED: Mapping[str, Callable[[Record], str | None]] = {
    "Decimal": _decimal,
    "date": _day,
    "datetime": _instant,
    "": _record,
}


@dataclass
class Wire:
    """Reads from one database of a Tryton server. `context` goes with every question."""

    source: SourceConfig
    pauses: tuple[float, ...] = PAUSES
    context: dict[str, Any] = field(default_factory=lambda: {"active_test": False})

    def __post_init__(self) -> None:
        base = urlsplit(self.source.url).path.rstrip("/")
        self.folder = f"{quote(self.source.database, safe='')}/rest/model/"
        path = re.escape(f"{base}/{self.folder}") + "[A-Za-z0-9_.-]+"
        self.session = ReadOnlySession(self.source, (Allowed("GET", path),), pauses=self.pauses, authorize=self._key)

    @property
    def page_rows(self) -> int:
        """Records of one page of documents."""
        return self.source.page_rows or PAGE_ROWS

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.source.api_key}", "X-Tryton-Context": encoded(self.context)}

    def ask(self, model: str, domain: Domain, fields: Sequence[str], rows: int) -> list[Record]:
        """The first records of a model by id. Raises SourceProblem for everything else than a list of records."""
        question = [("f", name) for name in fields]
        question += [("d", encoded(domain)), ("o", encoded([["id", "ASC"]])), ("s", str(rows))]
        answer = self.session.get(f"{self.folder}{model}?{urlencode(question)}", accept=READ_BY_US)
        if answer.status != 200:
            raise refused(self.source, model, answer.status, answer.body)
        sent = answer.headers.get("Date", "")
        if sent:
            self.session.skew = parsedate_to_datetime(sent).timestamp() - time.time()
        if not isinstance(answer.body, list):
            raise broken(self.source, f"it holds no list of {model}")
        return answer.body

    def pages(
        self, model: str, domain: Domain, fields: Sequence[str], *, after: str = "0", rows: int = 0
    ) -> Iterator[list[Record]]:
        """Every record that the domain finds, page by page behind the id `after`; empty pages are not delivered.

        Raises SourceProblem (transient) where an id comes twice or out of order, as an answer of another question has.
        """
        rows = rows or self.page_rows
        last = int(after)
        while True:
            page = self.ask(model, [["id", ">", last], *domain], fields, rows)
            for record in page:
                number = int(record["id"])
                if number <= last:
                    raise out_of_order(self.source, model)
                last = number
            if page:
                yield page
            if len(page) < rows:
                return

    def all(self, model: str, domain: Domain, fields: Sequence[str]) -> list[Record]:
        """Every record that the domain finds."""
        return [record for page in self.pages(model, domain, fields, rows=CHILD_ROWS) for record in page]

    def of(
        self, model: str, name: str, ids: Sequence[str], fields: Sequence[str], domain: Domain | None = None
    ) -> list[Record]:
        """Every record whose field `name` is among the ids, such as the lines of the documents of a page."""
        found: list[Record] = []
        for part in portions(ids):
            found += self.all(model, [[name, "in", part], *(domain or [])], fields)
        return found


def portions(ids: Sequence[str]) -> Iterator[list[int]]:
    """Ids in portions that fit into an address, each once and in order."""
    part: list[int] = []
    length = 0
    for number in sorted({int(each) for each in ids}):
        length += len(str(number)) + 1
        if length > LONGEST_LIST:
            yield part
            part, length = [], len(str(number)) + 1
        part.append(number)
    if part:
        yield part
