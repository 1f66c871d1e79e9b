"""Which address leads to which endpoint, and what every authenticated call has in common."""

from __future__ import annotations

import re
from urllib.parse import unquote

from .access import Caller
from .context import Context, Endpoint
from .endpoints import collections, composite, metadata, queries, records, replication, tokens
from .errors import ApiError, not_found
from .jobs import info, ingest
from .jobs import queries as query_jobs
from .jobs.board import INGEST, QUERY
from .meanwhile import happen
from .message import Request, Response, refusal
from .org import Org

LONGEST_TARGET = 16_384
"""Characters of path and query; the true limit of an org is somewhere near."""
JOB = r"jobs/{kind}/(?P<id>\w+)"


def _composite(context: Context) -> Response:
    return composite.composite(context, dispatch)


def _query_state(context: Context) -> Response:
    if context.request.json.get("state") != "Aborted":
        raise ApiError(400, "INVALIDJOBSTATE", "A query job can only be moved to Aborted")
    return info.abort(context, QUERY)


ROUTES: list[tuple[str, str, Endpoint]] = [
    ("GET", r"", metadata.resources),
    ("GET", r"limits", metadata.limits),
    ("GET", r"limits/recordCount", metadata.record_count),
    ("GET", r"sobjects", metadata.sobjects),
    ("GET", r"sobjects/(?P<sobject>\w+)", metadata.object_info),
    ("GET", r"sobjects/(?P<sobject>\w+)/describe", metadata.describe_object),
    ("GET", r"sobjects/(?P<sobject>\w+)/updated", replication.updated),
    ("GET", r"sobjects/(?P<sobject>\w+)/deleted", replication.deleted),
    ("POST", r"sobjects/(?P<sobject>\w+)", records.create),
    ("GET", r"sobjects/(?P<sobject>\w+)/(?P<id>\w+)", records.read),
    ("PATCH", r"sobjects/(?P<sobject>\w+)/(?P<id>\w+)", records.update),
    ("DELETE", r"sobjects/(?P<sobject>\w+)/(?P<id>\w+)", records.delete),
    ("GET", r"sobjects/(?P<sobject>\w+)/(?P<field>\w+)/(?P<value>[^/]+)", records.read_by_key),
    ("PATCH", r"sobjects/(?P<sobject>\w+)/(?P<field>\w+)/(?P<value>[^/]+)", records.upsert),
    ("GET", r"query", queries.query),
    ("GET", r"queryAll", queries.query_all),
    ("GET", r"(?:query|queryAll)/(?P<locator>[\w-]+)", queries.more),
    ("POST", r"composite", _composite),
    ("POST", r"composite/sobjects", collections.create),
    ("PATCH", r"composite/sobjects", collections.update),
    ("DELETE", r"composite/sobjects", collections.delete),
    ("PATCH", r"composite/sobjects/(?P<sobject>\w+)/(?P<field>\w+)", collections.upsert),
    ("POST", r"jobs/query", query_jobs.create),
    ("GET", r"jobs/query", lambda context: info.list_jobs(context, QUERY)),
    ("GET", JOB.format(kind="query"), lambda context: info.get_info(context, QUERY)),
    ("PATCH", JOB.format(kind="query"), _query_state),
    ("DELETE", JOB.format(kind="query"), lambda context: info.delete(context, QUERY)),
    ("GET", JOB.format(kind="query") + "/results", query_jobs.results),
    ("GET", JOB.format(kind="query") + "/resultPages", query_jobs.result_pages),
    ("POST", r"jobs/ingest", ingest.create),
    ("GET", r"jobs/ingest", lambda context: info.list_jobs(context, INGEST)),
    ("GET", JOB.format(kind="ingest"), lambda context: info.get_info(context, INGEST)),
    ("PATCH", JOB.format(kind="ingest"), ingest.change_state),
    ("DELETE", JOB.format(kind="ingest"), lambda context: info.delete(context, INGEST)),
    ("PUT", JOB.format(kind="ingest") + "/batches", ingest.upload),
    ("GET", JOB.format(kind="ingest") + "/successfulResults", ingest.successful),
    ("GET", JOB.format(kind="ingest") + "/failedResults", ingest.failed),
    ("GET", JOB.format(kind="ingest") + "/unprocessed[rR]ecords", ingest.unprocessed),
]
_COMPILED = [(method, re.compile(pattern), endpoint) for method, pattern, endpoint in ROUTES]
_VERSIONED = re.compile(r"/services/data/v(\d+)\.0(?:/(.*))?")


def answer(org: Org, request: Request) -> Response:
    """The answer to any request outside /practice/, faults included."""
    if request.path == "/services/oauth2/token" and request.method == "POST":
        return tokens.broken(org, request) or org.faults.answer(request) or tokens.issue(org, request)
    if request.path == "/services/data" and request.method == "GET":
        return metadata.versions()
    response = org.faults.answer(request) or _authenticated(org, request)
    if org.faults.strike("no_usage_header", request) is None:
        response.headers.setdefault("Sforce-Limit-Info", org.usage.header())
    skew = org.faults.strike("clock_skew", request)
    if skew is not None:
        response.clock_skew = float(skew.option("seconds", 600))
    happen(org, request)
    return response


def _authenticated(org: Org, request: Request) -> Response:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if org.faults.strike("expire_session", request):
        org.sessions.tokens.pop(token, None)
    user_id = org.sessions.tokens.get(token)
    try:
        if len(request.target) > LONGEST_TARGET:
            raise ApiError(414, "URI_TOO_LONG", "The requested URI is too long")
        version, _ = _versioned(request)
        _check_content_type(request)
        if user_id is None or scheme.lower() not in {"bearer", "oauth"}:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        org.save("usage")
        if not org.usage.count():
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return dispatch(Context(org, request, _caller(org, user_id, request), token, version), request)
    except ApiError as error:
        return refusal(error)


def _caller(org: Org, user_id: str, request: Request) -> Caller:
    hidden = org.faults.strike("hidden_field", request)
    return Caller(user_id, org.access, str(hidden.option("field", "")) if hidden else "")


def _check_content_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").lower()
    if request.body and request.method in {"POST", "PATCH"} and not kind.startswith("application/json"):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"The content type {kind!r} is not supported here")


def _versioned(request: Request) -> tuple[str, str]:
    match = _VERSIONED.fullmatch(request.path)
    if match is None or int(match[1]) > metadata.LAST_VERSION:
        raise not_found()
    if int(match[1]) < metadata.FIRST_VERSION:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", "The requested API version is retired")
    return f"{match[1]}.0", match[2] or ""


def dispatch(context: Context, request: Request) -> Response:
    """Run the endpoint of an address for the session of `context`; ApiError 404 or 405 when there is none."""
    version, rest = _versioned(request)
    others = False
    for method, pattern, endpoint in _COMPILED:
        match = pattern.fullmatch(rest)
        if match is None:
            continue
        if method == request.method:
            parts = {name: unquote(value) for name, value in match.groupdict().items()}
            return endpoint(Context(context.org, request, context.caller, context.token, version, parts))
        others = True
    if others:
        raise ApiError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")
    raise not_found()
