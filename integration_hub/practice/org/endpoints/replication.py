"""sobjects/X/updated and sobjects/X/deleted: ids changed in a window of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..clock import from_text, to_stored
from ..context import Context
from ..errors import ApiError
from ..message import Response

UPDATED_DAYS, DELETED_DAYS = 30, 15


def updated(context: Context) -> Response:
    """Ids of live records whose stamp lies in the window."""
    start, end = _window(context, UPDATED_DAYS)
    rows = context.org.store.rows[context.sobject().name].values()
    ids = [row["Id"] for row in rows if not row.get("IsDeleted") and start <= str(row.get("SystemModstamp")) < end]
    return Response(200, {"ids": ids, "latestDateCovered": f"{end}.000+0000"})


def deleted(context: Context) -> Response:
    """Ids and moments of records moved to the recycle bin in the window; purged ones are not told."""
    start, end = _window(context, DELETED_DAYS)
    earliest = _earliest(context)
    rows = context.org.store.rows[context.sobject().name].values()
    found: list[dict[str, Any]] = [
        {"id": row["Id"], "deletedDate": f"{row['SystemModstamp']}.000+0000"}
        for row in rows
        if row.get("IsDeleted") and max(start, earliest) <= str(row.get("SystemModstamp")) < end
    ]
    return Response(
        200,
        {
            "deletedRecords": found,
            "earliestDateAvailable": f"{earliest}.000+0000",
            "latestDateCovered": f"{end}.000+0000",
        },
    )


def _earliest(context: Context) -> str:
    """From when on deletions are still told: fifteen days, less when the bin was emptied or the log was cut."""
    oldest = to_stored(context.org.clock.now() - timedelta(days=DELETED_DAYS))
    return max(oldest, context.org.deletions_from or oldest)


def _window(context: Context, days: int) -> tuple[str, str]:
    if not context.sobject().has("SystemModstamp"):
        raise ApiError(400, "INVALID_TYPE", f"{context.sobject().name} is not replicateable")
    start, end = _instant(context, "start"), _instant(context, "end")
    if end - start <= timedelta(minutes=1):
        raise ApiError(
            400, "INVALID_REPLICATION_DATE", "endDate must be greater than startDate by more than one minute"
        )
    if start < context.org.clock.now() - timedelta(days=days):
        raise ApiError(400, "INVALID_REPLICATION_DATE", f"startDate before org replication enabled date: {days} days")
    return to_stored(start), to_stored(min(end, context.org.clock.now() + timedelta(seconds=1)))


def _instant(context: Context, name: str) -> datetime:
    try:
        return from_text(context.request.query.get(name, "").replace(" ", "+"))
    except ValueError as error:
        raise ApiError(400, "INVALID_REPLICATION_DATE", f"{name} is not a date and time") from error
