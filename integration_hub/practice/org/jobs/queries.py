"""jobs/query: create, results by locator, resultPages."""

from __future__ import annotations

import base64
import binascii
import random

from ..context import Context
from ..errors import ApiError
from ..fields import COMPOUND_TYPES
from ..message import CSV_TYPE, Response
from ..soql.binding import bind
from ..soql.execution import select
from ..soql.parser import parse
from ..soql.plan import Plan
from ..soql.syntax import Query
from . import info
from .board import QUERY, Job
from .lines import Lines

PARALLEL_PAGES = 5


def create(context: Context) -> Response:
    """POST jobs/query: the rows are those of this moment, told later."""
    spec = context.request.json
    if str(spec.get("operation")) not in {"query", "queryAll"}:
        raise ApiError(400, "INVALID_INPUT", f"Unsupported operation: {spec.get('operation')}")
    parsed = parse(str(spec.get("query", "")))
    _refuse_on_purpose(context, parsed)
    _check_allowed(parsed)
    plan = bind(context.org, context.caller, parsed)
    if plan.sobject.rest_only:
        raise info.not_supported(plan.sobject.name)
    _check_columns(plan)
    job = info.new_job(context, QUERY, spec, "UploadComplete")
    job.object, job.query = plan.sobject.name, parsed.text
    if not _fails_on_purpose(context, job):
        _collect(context, job, plan)
    context.org.usage.bulk_queries += 1
    context.org.jobs.put(job)
    return Response(200, info.show(job, counts=False))


def _refuse_on_purpose(context: Context, query: Query) -> None:
    info.check_bulk_limit(context)
    if context.fault("invalid_entity") is not None:
        raise info.not_supported(query.source.text)
    if context.fault("implementation_restriction") is not None:
        raise ApiError(
            400,
            "API_ERROR",
            f"Implementation restriction. {query.source.text} is not supported in Bulk queries without View All Data.",
        )


def _check_allowed(query: Query) -> None:
    if query.aggregates:
        raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Aggregate Relationships not supported in Bulk Query")
    if any(isinstance(each, Query) for each in query.select):
        raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Nested queries not supported in Bulk Query")
    if query.offset:
        raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "OFFSET not supported in Bulk Query")


def _check_columns(plan: Plan) -> None:
    if any(column.field.type in COMPOUND_TYPES for column in plan.flat()):
        raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")


def _fails_on_purpose(context: Context, job: Job) -> bool:
    with_message, without = context.fault("job_failed"), context.fault("job_failed_without_message")
    if with_message or without:
        job.outcome = "Failed"
        job.error_message = with_message.option("message", "InternalServerError : Error") if with_message else None
    return job.outcome == "Failed"


def _collect(context: Context, job: Job, plan: Plan) -> None:
    delimiter = info.DELIMITERS[job.delimiter]
    rows = select(context.org, context.caller, plan, deleted=job.operation == "queryAll")
    job.header = info.csv_line([column.header for column in plan.flat()], delimiter)
    if not plan.query.order_by:
        random.Random(job.id).shuffle(rows)  # noqa: S311 - an order, no secret
    job.results = Lines(plan, rows, delimiter)


def results(context: Context) -> Response:
    """GET one page of CSV, each with the header, and where the next page starts."""
    job = info.job_of(context, QUERY)
    info.check_readable(context, job)
    if job.state != "JobComplete":
        raise ApiError(400, "INVALIDJOBSTATE", f"Results are not available, the job is {job.state}")
    start = _start(context, job)
    if start and context.fault("duplicate_page") is not None:
        start = max(0, start - _page_rows(context))
    end = min(start + _page_rows(context), len(job.results))
    locator = _locator(job, end) if end < len(job.results) else "null"
    text = "".join(line + job.end_of_line for line in [job.header, *job.results[start:end]])
    headers = {"Sforce-NumberOfRecords": str(end - start), "Sforce-Locator": locator}
    if context.fault("missing_headers") is not None:
        headers = {}
    return Response(200, text, headers, CSV_TYPE, compress=True)


def result_pages(context: Context) -> Response:
    """GET addresses of up to five pages that may be read side by side (API version 58 and later)."""
    job = info.job_of(context, QUERY)
    if float(context.version) < 58:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    info.check_readable(context, job)
    rows = _page_rows(context)
    starts = list(range(_start(context, job), max(len(job.results), 1), rows))
    mine, rest = starts[:PARALLEL_PAGES], starts[PARALLEL_PAGES:]
    base = context.data_url(f"jobs/query/{job.id}/")
    body = {
        "resultPages": [
            {"resultUrl": f"{base}results?locator={_locator(job, each)}&maxRecords={rows}"} for each in mine
        ],
        "nextRecordsUrl": f"{base}resultPages?locator={_locator(job, rest[0])}&maxRecords={rows}" if rest else None,
        "done": not rest,
    }
    return Response(200, body)


def _page_rows(context: Context) -> int:
    small = context.fault("small_pages")
    if small is not None:
        return int(small.option("rows", 250))
    asked = context.request.query.get("maxRecords", "")
    wanted = int(asked) if asked.isdigit() and int(asked) else context.org.settings.bulk_page_rows
    return min(wanted, context.org.settings.bulk_page_rows)


def _locator(job: Job, start: int) -> str:
    return base64.urlsafe_b64encode(f"{start}:{job.id}".encode()).decode().rstrip("=")


def _start(context: Context, job: Job) -> int:
    locator = context.request.query.get("locator")
    if locator is None:
        return 0
    try:
        start, _, job_id = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode().partition(":")
        number = int(start)
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from error
    if job_id != job.id or context.fault("locator_expired") is not None:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return number
