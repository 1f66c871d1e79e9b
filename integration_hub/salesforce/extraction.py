"""Asks for one stream's rows, over REST or through a Bulk job, and hands them on as COPY bytes, portion by portion.

Where one way is closed the other is taken, with the same rows. Each portion knows the place behind it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from integration_hub.erp.copy_text import copy_text
from integration_hub.salesforce import soql
from integration_hub.salesforce.bulk_query import BulkJobFailed, QueryJob
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import NUMBER_TYPES, FieldInfo
from integration_hub.salesforce.errors import DailyLimitReached, RequestRefused, SalesforceProblem, not_readable
from integration_hub.salesforce.place import BULK, REST, Place
from integration_hub.salesforce.result_page import Page
from integration_hub.salesforce.rows import record_rows
from integration_hub.sources import Portion

NO_BULK = frozenset(
    {
        "API_ERROR",
        "EXCEEDED_QUOTA",
        "FUNCTIONALITY_NOT_ENABLED",
        "INVALIDENTITY",
        "LIMIT_EXCEEDED",
        "UNSUPPORTED_OBJECT",
    }
)
"""Codes with which the Bulk API refuses a job for an object or a limit of its own; REST may well answer."""
NO_REST = frozenset({"QUERY_TIMEOUT", "URI_TOO_LONG"})
GONE = frozenset({"NOT_FOUND", "INVALID_QUERY_LOCATOR", "INVALIDJOBSTATE"})
"""Codes for a job or a place in it that an earlier run knew."""


@dataclass(frozen=True)
class Question:
    """What one stream is asked for: column names in order, and their fields (None: the column stays empty)."""

    sobject: str
    columns: tuple[str, ...]
    fields: tuple[FieldInfo | None, ...]
    where: str
    with_deleted: bool

    @property
    def soql(self) -> str:
        """The query for a Bulk job, in any order."""
        return soql.select(self._names, self.sobject, self.where)

    def behind(self, last: str) -> str:
        """The query for REST: in the order of ids, behind one of them ('' for all)."""
        conditions = [f"({self.where})" if self.where else "", f"Id > {soql.quoted(last)}" if last else ""]
        where = " AND ".join(filter(None, conditions))
        return f"{soql.select(self._names, self.sobject, where)} ORDER BY Id"

    @property
    def fits(self) -> bool:
        """Whether REST can be asked."""
        return soql.fits(self.behind("0" * 18))

    @property
    def delivered(self) -> tuple[str, ...]:
        """The columns that come."""
        return tuple(name for name, info in zip(self.columns, self.fields, strict=True) if info)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The columns that do not come."""
        return tuple(name for name, info in zip(self.columns, self.fields, strict=True) if info is None)

    @property
    def decimals(self) -> Mapping[str, int]:
        """The decimals of the columns that hold doubles."""
        pairs = zip(self.columns, self.fields, strict=True)
        return {name: info.scale for name, info in pairs if info and info.type in NUMBER_TYPES}

    @property
    def _names(self) -> list[str]:
        return [info.name for info in self.fields if info]


class _Closed(Exception):
    """This way is closed; `problem` is what would be told if there were no other."""

    def __init__(self, problem: SalesforceProblem, reason: str) -> None:
        self.problem, self.reason = problem, reason
        super().__init__(reason)


class Delivery:
    """The rows of one question on their way. `place` moves behind each portion; `notes` say why a way was left."""

    def __init__(self, org: Org, question: Question, place: Place) -> None:
        self._org, self._question = org, question
        self.place = place
        self.notes: list[str] = []
        self.job: QueryJob | None = None

    def portions(self) -> Iterator[Portion]:
        """The portions from the place on. Raises SalesforceProblem and its kinds."""
        if self.place.done:
            return
        in_bulk = self.place.via == BULK
        try:
            yield from self._in_bulk() if in_bulk else self._over_rest()
        except _Closed as closed:
            if in_bulk and not self._question.fits:
                raise closed.problem from None
            self.notes.append(
                f"{self._question.sobject} was read {'over REST' if in_bulk else 'through a Bulk job'}: {closed.reason}"
            )
            self.place = Place(REST if in_bulk else BULK)
            yield from self._again(in_bulk=not in_bulk)

    def _again(self, *, in_bulk: bool) -> Iterator[Portion]:
        try:
            yield from self._in_bulk() if in_bulk else self._over_rest()
        except _Closed as closed:
            raise closed.problem from None

    def _over_rest(self) -> Iterator[Portion]:
        start, question = self.place, self._question
        reading = self._org.ordered(question.behind, include_deleted=question.with_deleted, last=start.last)
        try:
            for number, page in enumerate(reading.pages()):
                rows = start.rows + reading.rows
                whole = reading.whole and (reading.gapless or self._all_here(rows))
                self.place = Place(REST, last=reading.last, rows=rows, expected=rows, done=reading.done, whole=whole)
                single = reading.done and not start.last and not number
                yield Portion(
                    question.delivered,
                    "text",
                    copy_text(record_rows(iter(page), [info for info in question.fields if info])),
                    {} if single else self.place.kept,
                    fresh=not start.last and not number,
                )
        except RequestRefused as refused:
            if refused.code not in NO_REST:
                raise
            raise _Closed(refused, refused.problem) from None

    def _all_here(self, rows: int) -> bool:
        """Whether a read in several parts brought every record; it relies on Salesforce ordering ids as it compares
        them.
        """
        question = self._question
        return rows >= self._org.count(question.sobject, question.where, include_deleted=question.with_deleted)

    def _in_bulk(self) -> Iterator[Portion]:
        self._org.check_budget()
        begun = bool(self.place.job)
        job = self._known_job() if begun else None
        if job is None:
            job = self.job = self._new_job()
            self.place = Place(BULK, job=job.id)
            yield self._empty()
        try:
            job.wait()
        except BulkJobFailed as failed:
            self._forget(job)
            raise _Closed(failed, failed.problem) from None
        try:
            yield from self._pages_of(job)
        except RequestRefused as refused:
            if refused.code not in GONE or not begun:
                raise
            # The place that an earlier run left is forgotten, so that no run could ever go on from it.
            self._forget(job)
            self.place = Place(BULK)
            yield from self._in_bulk()

    def _pages_of(self, job: QueryJob) -> Iterator[Portion]:
        for page in job.pages():
            rows = self.place.rows + page.rows
            done = not job.following
            if done and job.announced not in {None, rows}:
                # Nothing of this job is to be trusted, so that a later run must not go on with it.
                self.place = Place(BULK)
                yield self._empty()
                job.check_count(rows)
            self.place = replace(
                self.place,
                locator=job.following,
                rows=rows,
                expected=-1 if job.announced is None else job.announced,
                done=done,
                whole=done and job.announced is not None,
            )
            yield Portion(self._own_names(page), "csv", page.chunks(), self.place.kept)

    def _empty(self) -> Portion:
        return Portion(self._question.delivered, "csv", iter(()), self.place.kept, fresh=True)

    def _known_job(self) -> QueryJob | None:
        """The job of an earlier run, None when Salesforce no longer has it."""
        job = self._org.query_job(self.place.job, self.place.locator)
        try:
            job.wait()
        except BulkJobFailed:
            self._forget(job)
            return None
        except RequestRefused as refused:
            if refused.code not in GONE:
                raise
            return None
        self.job = job
        return job

    def _new_job(self) -> QueryJob:
        try:
            return self._org.new_query_job(self._question.soql, include_deleted=self._question.with_deleted)
        except DailyLimitReached as limit:
            # Bulk jobs have a daily limit of their own. If it was that of all requests, REST will say so at once.
            raise _Closed(limit, limit.problem) from None
        except RequestRefused as refused:
            if refused.code not in NO_BULK:
                raise
            raise _Closed(refused, refused.problem) from None

    def _forget(self, job: QueryJob) -> None:
        job.tidy()
        self.job = None

    def _own_names(self, page: Page) -> tuple[str, ...]:
        """A page's columns as the stream names them; their order and letter case may differ."""
        question = self._question
        pairs = zip(question.columns, question.fields, strict=True)
        names = {info.name.lower(): name for name, info in pairs if info}
        found = tuple(names.get(column.lower(), "") for column in page.columns) or question.delivered
        if sorted(found) != sorted(question.delivered):
            raise not_readable("A page of a Bulk query has other columns than were asked for.")
        return found


@contextmanager
def delivery(org: Org, question: Question, place: Place, *, keeps_job: bool) -> Iterator[Delivery]:
    """A delivery from a place on. At the end its job is deleted, unless it was left half way and a later run may go on
    with it (`keeps_job`).
    """
    flow = Delivery(org, question, place)
    try:
        yield flow
    finally:
        if flow.job is not None and (flow.place.done or not keeps_job or not flow.place.job):
            flow.job.tidy()
