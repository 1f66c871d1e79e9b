"""Reads SOQL through a Bulk API 2.0 query job: CSV pages as bytes, each checked before the first of them is used."""

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter

from integration_hub.salesforce.chunk_reader import csv_records
from integration_hub.salesforce.connection import Connection
from integration_hub.salesforce.errors import NOTHING_CHANGED, SalesforceProblem, not_readable
from integration_hub.salesforce.polling import COMPLETE, JobInfo, wait_for_end
from integration_hub.salesforce.result_page import Damaged, Page, fetch_page

PAGE_ROWS = 50_000
LOCATOR, LAST = "Sforce-Locator", "null"
logger = logging.getLogger(__name__)


class BulkJobFailed(SalesforceProblem):
    """A query job ended without a result. `said` is Salesforce's reason."""

    transient = True

    def __init__(self, said: str, problem: str, meaning: str, remedy: str) -> None:
        self.said = said
        super().__init__(problem, meaning, remedy)


class QueryJob:
    """A query job in Salesforce, new or from an earlier run. `following` is the locator behind the last page read,
    empty before the first and after the last; `announced` the job's own count of rows, None where it does not say.
    """

    def __init__(self, connection: Connection, job_id: str, locator: str = "") -> None:
        self._connection, self.id = connection, job_id
        self.following = locator
        self.announced: int | None = None
        self._locators: set[str] = set()
        self._ended = False

    @classmethod
    def create(cls, connection: Connection, soql: str, *, include_deleted: bool) -> "QueryJob":
        """Order a new job."""
        order = {
            "operation": "queryAll" if include_deleted else "query",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        # Asked twice it makes two jobs, of which one is never read: no harm.
        info = connection.json("POST", "jobs/query", body=json.dumps(order), repeatable=True)
        if not isinstance(info, dict) or not info.get("id"):
            raise not_readable("Salesforce made a query job without an id.")
        return cls(connection, str(info["id"]))

    def wait(self) -> None:
        """Wait for the end of the job. Raises BulkJobFailed when it has no result."""
        info = wait_for_end(self._connection, self._path)
        self._ended = True
        _check_complete(info)
        announced = info.get("numberRecordsProcessed")
        self.announced = None if announced is None else int(announced)

    def pages(self) -> Iterator[Page]:
        """The pages from the current locator on."""
        while True:
            yield self._page()
            if not self.following:
                return
            self._connection.check_budget()

    def _page(self) -> Page:
        params = {"maxRecords": str(PAGE_ROWS)} | ({"locator": self.following} if self.following else {})

        def check(headers: Mapping[str, str]) -> None:
            following = _following(headers)
            if following and following in self._locators | {self.following}:
                raise Damaged("a page came a second time")

        page = fetch_page(self._connection, f"{self._path}/results", params, check)
        self.following = _following(page.headers)
        self._locators.add(self.following)
        return page

    def check_count(self, rows: int) -> None:
        """Raise SalesforceProblem unless as many rows came in all as the job says it processed."""
        if self.announced is not None and rows != self.announced:
            raise not_readable(f"A Bulk query delivered {rows:,} rows where the job says {self.announced:,}.")

    def tidy(self) -> None:
        """Delete the job, whose results would stay for a week. A failure must not hide the reason we left."""
        try:
            if not self._ended:
                self._connection.json("PATCH", self._path, body='{"state":"Aborted"}')
            self._connection.json("DELETE", self._path)
        except SalesforceProblem as problem:
            logger.info("A finished Bulk query job was left for Salesforce to delete: %s", type(problem).__name__)

    @property
    def _path(self) -> str:
        return f"jobs/query/{self.id}"


@dataclass(frozen=True)
class BulkResult:
    """The rows of a query job: `chunks` is CSV without header line, values in the order of `columns`.

    Reading to the end raises SalesforceProblem unless as many rows came as the job says it processed.
    `expected_rows` is that number, None where the job does not say.
    """

    columns: tuple[str, ...]
    chunks: Iterator[bytes]
    expected_rows: Callable[[], int | None]

    def records(self) -> Iterator[list[str]]:
        """The values row by row, as text; empty for null. Takes the place of reading `chunks`."""
        return csv_records(self.chunks)


@contextmanager
def bulk_query(connection: Connection, soql: str, *, include_deleted: bool) -> Iterator[BulkResult]:
    """Run a query job, wait for its end, and delete it afterwards. Raises SalesforceProblem and its kinds."""
    connection.check_budget()
    job = QueryJob.create(connection, soql, include_deleted=include_deleted)
    try:
        job.wait()
        pages = job.pages()
        first = next(pages)
        columns = first.columns or _asked_columns(soql)
        yield BulkResult(columns, _chunks(job, first, pages), lambda: job.announced)
    finally:
        job.tidy()


def _following(headers: Mapping[str, str]) -> str:
    """The locator of the page behind this one, empty behind the last. A page that does not say is no last page."""
    locator = headers.get(LOCATOR, "")
    if not locator:
        raise Damaged("the header that names the next page is missing")
    return "" if locator == LAST else locator


def _check_complete(info: JobInfo) -> None:
    if info["state"] == COMPLETE:
        return
    said = str(info.get("errorMessage") or "Salesforce gives no reason")
    raise BulkJobFailed(
        said,
        f"A Bulk query of {info.get('object', 'Salesforce')} ended as {info['state']}: {said}.",
        NOTHING_CHANGED,
        "Nothing to do at first: the next run asks again. If it stays, raise bulk_from_rows in hub.toml: "
        "reading over REST names the reason.",
    )


def _chunks(job: QueryJob, first: Page, further: Iterator[Page]) -> Iterator[bytes]:
    rows = first.rows
    yield from first.chunks()
    for page in further:
        rows += page.rows
        yield from page.chunks() if page.columns == first.columns else _reordered(page, first.columns)
    job.check_count(rows)


def _reordered(page: Page, columns: tuple[str, ...]) -> Iterator[bytes]:
    """The rows of a page whose columns stand in another order than those of the first."""
    if set(page.columns) != set(columns):
        raise not_readable("The pages of a Bulk query have different columns.")
    places = [page.columns.index(name) for name in columns]
    order = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
    for row in page.records():
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(order(row))
        yield line.getvalue().encode()


def _asked_columns(soql: str) -> tuple[str, ...]:
    """The columns of the query itself, for an answer that holds nothing at all."""
    match = re.match(r"\s*SELECT\s+(.*?)\s+FROM\s", soql, re.IGNORECASE | re.DOTALL)
    return tuple(name.strip() for name in match[1].split(",")) if match else ()
