"""SuiteQL over REST: one SELECT at a time, paged by key, because no query may hold more than 100,000 rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from integration_hub.config import SourceConfig
from integration_hub.erp.http import Allowed, ReadOnlySession
from integration_hub.erp.http_errors import KEPT, broken, of_status
from integration_hub.sources import SourceProblem

PATH = "/services/rest/query/v1/suiteql"
MOST_ROWS = 1000
"""What one answer holds at most."""
LIMIT_CODES = re.compile("LIMIT_EXCEEDED|CONCURRENCY|TOO_MANY")
ITS_OWN = frozenset({400, 403})

Record = dict[str, Any]


def first_word(body: Any) -> str:
    """The first word of the one statement in a body, in capitals; empty for several statements and for comments."""
    text = body.get("q") if isinstance(body, dict) and set(body) == {"q"} else None
    if not isinstance(text, str) or any(mark in text for mark in (";", "--", "/*")):
        return ""
    found = re.match(r"\s*([A-Za-z]+)\s", text)
    return found[1].upper() if found else ""


ALLOWED = (Allowed("POST", re.escape(PATH), frozenset({"SELECT", "WITH"}), first_word),)


def number(text: str) -> str:
    """An id as it stands in a statement. Raises ValueError for anything but digits."""
    if not re.fullmatch("[0-9]{1,18}", text):
        raise ValueError(f"{text[:40]!r} is no id")
    return text


def instant(moment: datetime) -> str:
    """A literal to compare with SYS_EXTRACT_UTC(...)."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"TO_TIMESTAMP('{utc:%Y-%m-%d %H:%M:%S}', 'YYYY-MM-DD HH24:MI:SS')"


@dataclass(frozen=True)
class Query:
    """A SELECT: alias -> expression, what follows FROM, conditions, and the aliases of its unique numeric key."""

    columns: Mapping[str, str]
    source: str
    where: tuple[str, ...] = ()
    key: tuple[str, ...] = ("id",)
    group: tuple[str, ...] = field(default=())
    distinct: bool = False

    def only(self, *conditions: str) -> "Query":
        """The same with further conditions."""
        return replace(self, where=(*self.where, *conditions))

    def text(self, after: Sequence[str] = ()) -> str:
        """The statement for the rows behind a key."""
        chosen = ", ".join(f"{expression} AS {alias}" for alias, expression in self.columns.items())
        where = [*self.where, *([self._behind(after)] if after else [])]
        parts = [f"SELECT {'DISTINCT ' if self.distinct else ''}{chosen} FROM {self.source}"]  # noqa: S608 - of this package
        parts += [f"WHERE {' AND '.join(f'({each})' for each in where)}"] if where else []
        parts += [f"GROUP BY {', '.join(self.group)}"] if self.group else []
        parts += [f"ORDER BY {', '.join(self.columns[alias] for alias in self.key)}"] if self.key else []
        return " ".join(parts)

    def _behind(self, after: Sequence[str]) -> str:
        """(a, b, c) > (x, y, z), spelled out."""
        arms = []
        for place in range(len(self.key)):
            same = [f"{self.columns[self.key[n]]} = {number(after[n])}" for n in range(place)]
            arms.append(" AND ".join([*same, f"{self.columns[self.key[place]]} > {number(after[place])}"]))
        return " OR ".join(f"({arm})" for arm in arms)


@dataclass(frozen=True)
class SuiteQl:
    """Asks one account; `limit` rows per answer."""

    source: SourceConfig
    session: ReadOnlySession
    limit: int = MOST_ROWS

    def page(self, statement: str) -> tuple[list[Record], bool]:
        """The first rows of a statement, and whether there are more. Raises SourceProblem."""
        answer = self.session.post(
            f"{PATH}?limit={self.limit}", {"q": statement}, headers={"Prefer": "transient"}, accept=ITS_OWN
        )
        body = answer.body
        if answer.status in ITS_OWN:
            raise self._refusal(answer.status, body)
        items = body.get("items") if isinstance(body, dict) else None
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            raise broken(self.source, "it holds no rows")
        if str(body.get("count", len(items))) != str(len(items)) or (body.get("hasMore") is True and not items):
            raise broken(self.source, f"it counts {body.get('count')} rows and holds {len(items)}")
        return items, body.get("hasMore") is True

    def _refusal(self, status: int, body: Any) -> SourceProblem:
        details = body.get("o:errorDetails") if isinstance(body, dict) else None
        first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
        if LIMIT_CODES.search(str(first.get("o:errorCode", ""))):
            return of_status(self.source, 429, first)
        unknown = re.search(r"(?:Record|Field) '([^']{1,60})' (?:was )?not found", str(first.get("detail", "")))
        if unknown:
            return SourceProblem(
                f'{self.source.label} does not show us "{unknown[1]}".',
                f"The role of the sign-in lacks a right, or the account lacks the feature. {KEPT}",
                "Give the role the right to view it in NetSuite, or leave the stream or column out in hub.toml.",
            )
        return of_status(self.source, status, {"detail": first["detail"]} if "detail" in first else body)

    def pages(self, query: Query, after: Sequence[str] = ()) -> Iterator[list[Record]]:
        """Pages by key. Raises SourceProblem (transient) where one repeats or stands out of order."""
        last = tuple(after)
        while True:
            rows, more = self.page(query.text(last))
            keys = [tuple(str(row.get(alias, "")) for alias in query.key) for row in rows]
            self._in_order(keys, last)
            if rows:
                yield rows
            if not more:
                return
            last = keys[-1]

    def rows(self, query: Query) -> list[Record]:
        """All rows."""
        return [row for page in self.pages(query) for row in page]

    def _in_order(self, keys: Sequence[tuple[str, ...]], last: tuple[str, ...]) -> None:
        try:
            ordered = [tuple(map(int, key)) for key in ([last, *keys] if last else keys)]
        except ValueError:
            raise broken(self.source, "a row has no key") from None
        if any(later <= former for former, later in pairwise(ordered)):
            raise broken(self.source, "its rows repeat or are out of order")
