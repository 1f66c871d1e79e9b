"""GET query, queryAll and the pages behind a locator."""

from __future__ import annotations

import re

from ..context import Context
from ..cursors import Cursor
from ..errors import ApiError
from ..message import Response
from ..soql.binding import bind
from ..soql.execution import JsonRows, select
from ..soql.grouping import group
from ..soql.parser import parse

SMALLEST_PAGE, LARGEST_PAGE = 200, 2000
LARGEST_OFFSET = 2000
CELLS_PER_PAGE = 40_000
"""Wide rows come in smaller pages: so many values at most, whatever was asked."""


def query(context: Context) -> Response:
    """Rows that are not deleted."""
    return _run(context, deleted=False)


def query_all(context: Context) -> Response:
    """Rows, deleted ones included."""
    return _run(context, deleted=True)


def more(context: Context) -> Response:
    """A further page of an open cursor, which only the session that opened it may read."""
    key, _, start = context.parts["locator"].rpartition("-")
    cursor = context.org.cursors.get(key)
    if cursor is None or not start.isdigit() or context.fault("locator_expired") is not None:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    if cursor.token != context.token:
        raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
    offset = int(start)
    if context.fault("duplicate_page") is not None:
        offset = max(0, offset - cursor.page_rows)
    return _page(context, key, cursor, offset)


def _run(context: Context, *, deleted: bool) -> Response:
    text = context.request.query.get("q")
    if not text:
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
    parsed = parse(text)
    if parsed.offset > LARGEST_OFFSET:
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {LARGEST_OFFSET}")
    plan = bind(context.org, context.caller, parsed)
    rows = select(context.org, context.caller, plan, deleted=deleted)
    if parsed.counts_only:
        return Response(200, {"totalSize": len(rows), "done": True, "records": []})
    if parsed.aggregates:
        groups = group(context.org, context.caller, plan, rows)
        return Response(200, {"totalSize": len(groups), "done": True, "records": groups})
    cursor = Cursor(context.token, context.caller.user_id, rows, plan, _page_rows(context, len(parsed.select)))
    key = context.org.cursors.add(cursor) if len(rows) > cursor.page_rows else ""
    return _page(context, key, cursor, 0)


def _page_rows(context: Context, columns: int) -> int:
    """Rows per page: what was asked for is only a hint."""
    small = context.fault("small_pages")
    if small is not None:
        return int(small.option("rows", 250))
    asked = re.search(r"batchSize\s*=\s*(\d+)", context.request.headers.get("sforce-query-options", ""), re.IGNORECASE)
    wanted = min(max(int(asked[1]), SMALLEST_PAGE), LARGEST_PAGE) if asked else LARGEST_PAGE
    return min(wanted, context.org.settings.rest_page_rows, max(SMALLEST_PAGE, CELLS_PER_PAGE // columns))


def _page(context: Context, key: str, cursor: Cursor, start: int) -> Response:
    end = start + cursor.page_rows
    shown = JsonRows(context.org, context.caller, cursor.plan, context.version)
    done = end >= len(cursor.rows)
    body: dict[str, int | str] = {"totalSize": len(cursor.rows), "done": done}
    if not done:
        body["nextRecordsUrl"] = context.data_url(f"query/{key}-{end}")
    return Response(200, {**body, "records": [shown.show(row) for row in cursor.rows[start:end]]})
