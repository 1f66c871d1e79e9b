"""Reads SOQL through a Bulk API 2.0 query job: CSV pages as bytes, each checked before the first of them is used."""

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter

from integration_hub.salesforce.chunk_reader import csv_records
from integration_hub.salesforce.connection import Connection
from integration_hub.salesforce.errors import NOTHING_CHANGED, SalesforceProblem, not_readable
from integration_hub.salesforce.polling import COMPLETE, JobInfo, wait_for_end
from integration_hub.salesforce.result_page import Damaged, Page, fetch_page

PAGE_ROWS = 50_000
LOCATOR, LAST = "Sforce-Locator", "null"
logger = logging.getLogger(__name__)


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


@dataclass
class _Job:
    connection: Connection
    path: str
    announced: int | None
    locators: set[str] = field(default_factory=set)
    following: str = ""


@contextmanager
def bulk_query(connection: Connection, soql: str, *, include_deleted: bool) -> Iterator[BulkResult]:
    """Run a query job, wait for its end, and delete it afterwards. Raises SalesforceProblem and its kinds."""
    connection.check_budget()
    path = f"jobs/query/{_create(connection, soql, include_deleted=include_deleted)}"
    ended = False
    try:
        info = wait_for_end(connection, path)
        ended = True
        _check_complete(info)
        announced = info.get("numberRecordsProcessed")
        job = _Job(connection, path, None if announced is None else int(announced))
        first = _next_page(job)
        columns = first.columns or _asked_columns(soql)
        yield BulkResult(columns, _chunks(job, first), lambda: job.announced)
    finally:
        _tidy(connection, path, ended=ended)


def _create(connection: Connection, soql: str, *, include_deleted: bool) -> str:
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
    return str(info["id"])


def _check_complete(info: JobInfo) -> None:
    if info["state"] == COMPLETE:
        return
    said = info.get("errorMessage") or "Salesforce gives no reason"
    raise SalesforceProblem(
        f"A Bulk query of {info.get('object', 'Salesforce')} ended as {info['state']}: {said}.",
        NOTHING_CHANGED,
        "Nothing to do at first: the next run asks again. If it stays, raise bulk_from_rows in hub.toml: "
        "reading over REST names the reason.",
        transient=True,
    )


def _next_page(job: _Job) -> Page:
    """The first page, or the one behind the current locator; the locator that follows is kept."""
    params = {"maxRecords": str(PAGE_ROWS)} | ({"locator": job.following} if job.following else {})

    def check(headers: Mapping[str, str]) -> None:
        locator = headers.get(LOCATOR)
        if not locator:
            raise Damaged("the header that names the next page is missing")
        if locator != LAST and locator in job.locators | {job.following}:
            raise Damaged("a page came a second time")

    page = fetch_page(job.connection, f"{job.path}/results", params, check)
    locator = page.headers[LOCATOR]
    job.following = "" if locator == LAST else locator
    job.locators.add(job.following)
    return page


def _chunks(job: _Job, first: Page) -> Iterator[bytes]:
    page, rows = first, 0
    while True:
        rows += page.rows
        yield from page.chunks() if page.columns == first.columns else _reordered(page, first.columns)
        if not job.following:
            break
        page = _next_page(job)
    if job.announced is not None and rows != job.announced:
        raise not_readable(f"A Bulk query delivered {rows:,} rows where the job says {job.announced:,}.")


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


def _tidy(connection: Connection, path: str, *, ended: bool) -> None:
    """Delete the job, whose results would stay for a week. A failure to do so must not hide the reason we left."""
    try:
        if not ended:
            connection.json("PATCH", path, body='{"state":"Aborted"}')
        connection.json("DELETE", path)
    except SalesforceProblem as problem:
        logger.info("A finished Bulk query job was left for Salesforce to delete: %s", type(problem).__name__)
