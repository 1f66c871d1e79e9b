"""Versions, limits, record counts, the object list and describe."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from ..context import Context
from ..describe import describe, summary
from ..message import Response
from ..usage import BULK_BATCHES, BULK_QUERIES

FIRST_VERSION, LAST_VERSION = 31, 68
SEASONS = ("Winter", "Spring", "Summer")


def versions() -> Response:
    """Every API version on offer; needs no session."""
    return Response(
        200,
        [
            {
                "label": f"{SEASONS[(number + 1) % 3]} '{(number + 13) // 3:02d}",
                "url": f"/services/data/v{number}.0",
                "version": f"{number}.0",
            }
            for number in range(FIRST_VERSION, LAST_VERSION + 1)
        ],
    )


def resources(context: Context) -> Response:
    """The resources below one version."""
    names = ("sobjects", "query", "queryAll", "limits", "composite", "jobs")
    return Response(200, {name: context.data_url(name) for name in names})


def limits(context: Context) -> Response:
    """The org's allowances and what is left of them."""
    usage = context.org.usage
    left = {
        "DailyApiRequests": (usage.allowance, usage.used),
        "DailyBulkApiBatches": (BULK_BATCHES, usage.bulk_batches),
        "DailyBulkV2QueryJobs": (BULK_QUERIES, usage.bulk_queries),
        "DailyBulkV2QueryFileStorageMB": (976_562, 0),
        "DataStorageMB": (1024, 1),
        "FileStorageMB": (1024, 0),
    }
    return Response(200, {name: {"Max": top, "Remaining": max(0, top - used)} for name, (top, used) in left.items()})


def record_count(context: Context) -> Response:
    """Approximate record counts; objects without rows are left out, as in a real org."""
    asked = context.request.query.get("sObjects", "")
    names = [name.strip().lower() for name in asked.split(",") if name.strip()]
    counts = [
        {"count": live, "name": sobject.name}
        for sobject in context.org.schema
        if (not names or sobject.name.lower() in names)
        and (live := sum(not row.get("IsDeleted") for row in context.org.store.rows[sobject.name].values()))
    ]
    return Response(200, {"sObjects": counts})


def sobjects(context: Context) -> Response:
    """Every object in short."""
    found = [summary(each, context.version) for each in context.org.schema]
    return Response(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})


def object_info(context: Context) -> Response:
    """One object in short, and its recent records: none, nobody looks at them here."""
    return Response(200, {"objectDescribe": summary(context.sobject(), context.version), "recentItems": []})


def describe_object(context: Context) -> Response:
    """One object with all fields this user may see; 304 when unchanged since If-Modified-Since."""
    sobject = context.sobject()
    changed = context.org.schema_changed.get(sobject.name, context.org.schema_started)
    known = _since(context.request.headers.get("if-modified-since"))
    headers = {"Last-Modified": format_datetime(changed, usegmt=True), "ETag": f'"{changed.timestamp():.0f}"'}
    if known is not None and changed <= known:
        return Response(304, None, headers)
    return Response(200, describe(context.org.schema, context.caller, sobject, context.version), headers)


def _since(header: str | None) -> datetime | None:
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
