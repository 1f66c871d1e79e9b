"""Reads SOQL over REST, page by page; starts again, without repeating rows, when Salesforce loses the place."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from integration_hub.salesforce import soql
from integration_hub.salesforce.connection import Connection, session_refused
from integration_hub.salesforce.errors import RequestRefused, SessionLost, not_readable

Record = dict[str, Any]
"""A row as Salesforce sends it: field -> text, bool, int, Decimal, None, or a nested row; plus "attributes"."""

MOST_VISITS = 3
"""How often the same page may come before the reading is given up."""


class Reading:
    """The rows of one query, each record once. Then `rows` counts them, and `total` is what Salesforce announced."""

    def __init__(self, connection: Connection, text: str, *, include_deleted: bool = False) -> None:
        self._connection, self._text, self._include_deleted = connection, text, include_deleted
        self._seen: set[str] = set()
        self._has_ids = True
        self.rows = 0
        self.total: int | None = None

    @property
    def whole(self) -> bool:
        """Whether at least as many records came as Salesforce announced."""
        return self.total is not None and self.rows >= self.total

    def __iter__(self) -> Iterator[Record]:
        while True:
            before = self.rows
            try:
                yield from self._fresh()
                return
            except SessionLost:
                if self.rows == before or not self._has_ids:
                    raise session_refused() from None
                self._connection.sign_in()
            except RequestRefused as refused:
                # A second start that brings nothing new would go round for ever.
                if refused.code != "INVALID_QUERY_LOCATOR" or self.rows == before or not self._has_ids:
                    raise

    def _fresh(self) -> Iterator[Record]:
        for total, page, _ in _answers(self._connection, self._text, include_deleted=self._include_deleted):
            self.total = total
            for record in page:
                identity = record.get("Id")
                if identity is None:
                    self._has_ids = False
                elif identity in self._seen:
                    continue
                else:
                    self._seen.add(identity)
                self.rows += 1
                yield record


class OrderedReading:
    """Records in the order of their ids, page by page; goes on behind the last one when Salesforce loses the place.

    `asked` gives the query for the records behind an id ('' for all of them). `rows` counts records, `last` is the id
    of the last one, `done` that it was the last of all, `gapless` that it was one query from the first record on.
    """

    def __init__(
        self, connection: Connection, asked: Callable[[str], str], *, include_deleted: bool, last: str = ""
    ) -> None:
        self._connection, self._asked, self._include_deleted = connection, asked, include_deleted
        self._recent: set[str] = set()
        self.last, self.rows, self.done = last, 0, False
        self.gapless = not last
        self.total: int | None = None

    @property
    def whole(self) -> bool:
        """Whether the end was reached with at least as many records as Salesforce announced."""
        return self.done and self.total is not None and self.rows >= self.total

    def pages(self) -> Iterator[list[Record]]:
        """The records of one answer after the other; at least one page, which may be empty."""
        while True:
            before = self.rows
            try:
                yield from self._fresh()
            except SessionLost:
                if self.rows == before:
                    raise session_refused() from None
                self._connection.sign_in()
            except RequestRefused as refused:
                if refused.code != "INVALID_QUERY_LOCATOR" or self.rows == before:
                    raise
            else:
                return
            self.gapless = False

    def _fresh(self) -> Iterator[list[Record]]:
        before = self.rows
        text = self._asked(self.last)
        for total, page, done in _answers(self._connection, text, include_deleted=self._include_deleted):
            new = [record for record in page if record["Id"] not in self._recent]
            # A page that comes twice comes right behind itself.
            self._recent = {str(record["Id"]) for record in page} or self._recent
            self.total, self.done = before + total, done
            self.rows += len(new)
            self.last = str(new[-1]["Id"]) if new else self.last
            yield new


def _answers(connection: Connection, text: str, *, include_deleted: bool) -> Iterator[tuple[int, list[Record], bool]]:
    """Each answer of a query: records in all, the records of this page, and whether it is the last."""
    connection.check_budget()
    answer = connection.first_page(text, include_deleted=include_deleted)
    visits: Counter[str] = Counter()
    while True:
        try:
            total, records, done = int(answer["totalSize"]), answer["records"], bool(answer["done"])
            following = "" if done else str(answer["nextRecordsUrl"])
        except (KeyError, TypeError, ValueError):
            raise not_readable("Salesforce answered a query with something else than rows.") from None
        yield total, records, done
        if not following:
            return
        visits[following] += 1
        if visits[following] > MOST_VISITS:
            raise not_readable("Salesforce sends the same page of a query over and over.")
        connection.check_budget()
        answer = connection.next_page(following)


def count(connection: Connection, sobject: str, where: str = "", *, include_deleted: bool = False) -> int:
    """How many records there are; one request. (limits/recordCount is only an estimate.)"""
    reading = Reading(connection, soql.select(["COUNT()"], sobject, where), include_deleted=include_deleted)
    for _ in reading:
        raise not_readable("Salesforce answered a count with rows.")
    return reading.total or 0


def query_in(
    connection: Connection, fields: list[str], sobject: str, field: str, values: Iterable[str]
) -> Iterator[Record]:
    """The records whose field has one of the values, in as many queries as needed; none for no values."""
    for part in soql.in_lists(values):
        yield from Reading(connection, soql.select(fields, sobject, f"{field} IN {part}"))
