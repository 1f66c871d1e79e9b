"""Fault switches: what goes wrong on purpose, how often, and for which calls."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError
from .message import Request, Response

MAINTENANCE = (
    "<html><head><title>Down for maintenance</title></head><body><h1>We are down for maintenance.</h1></body></html>"
)
NO_SESSION = "<html><body><h1>Session expired</h1></body></html>"
HTML = "text/html; charset=UTF-8"


def _json_error(status: int, code: str, message: str) -> Response:
    return Response(status, [{"message": message, "errorCode": code}])


def _answers() -> dict[str, Response]:
    return {
        "unauthorized": _json_error(401, "INVALID_SESSION_ID", "Session expired or invalid"),
        "unauthorized_html": Response(401, NO_SESSION, content_type=HTML),
        "unauthorized_object": Response(401, {"error": "invalid_session", "status": 401}),
        "daily_limit": _json_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        "concurrent_limit": _json_error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
        "server_unavailable": _json_error(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
        "maintenance_page": Response(503, MAINTENANCE, content_type=HTML),
        "status_406": Response(406, ""),
        "status_420": Response(420, ""),
        "status_429": Response(429, ""),
        "server_error": _json_error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. ErrorId: 1234567890-1"),
        "html_200": Response(200, MAINTENANCE, content_type=HTML),
        "query_timeout": _json_error(400, "QUERY_TIMEOUT", "Your query request was running for too long."),
        "connection_reset": Response(200, "", transport="drop"),
    }


ANSWER_FAULTS = frozenset(_answers())
TRANSPORT_FAULTS = {"cut_body": "cut", "truncated_gzip": "bad_gzip"}
TOKEN_FAULTS = frozenset(
    {"rotate_refresh_token", "token_error", "token_error_without_description", "login_host", "token_html"}
)
OTHER_FAULTS = frozenset(
    {
        "expire_session", "hang", "locator_expired", "duplicate_page", "missing_headers", "no_charset", "small_pages",
        "job_failed", "job_failed_without_message", "job_half_processed", "lock_rows", "reject_rows",
        "slow_job", "results_not_ready", "bulk_limit", "bulk_refused", "deletions_purged",
    }
)  # fmt: skip
KNOWN = ANSWER_FAULTS | frozenset(TRANSPORT_FAULTS) | TOKEN_FAULTS | OTHER_FAULTS


@dataclass
class Switch:
    """One fault: when it fires, how often, and its own options (`seconds`, `message`, `share`, `rows`...)."""

    name: str
    count: int | None = None
    probability: float | None = None
    after: int = 0
    path: str = ""
    method: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - chance, no secret
    seen: int = 0
    fired: int = 0

    def option(self, name: str, default: Any) -> Any:
        """An option of the switch, or the text after the colon in X-Practice-Fault, or the default."""
        return self.options.get(name, self.options.get("value") or default)

    def fires(self, request: Request) -> bool:
        """Whether the fault strikes this matching call; counts it."""
        about_tokens = self.name in TOKEN_FAULTS or "oauth2" in self.path
        if ("/oauth2/" in request.target) is not about_tokens:
            return False
        if self.path not in request.target or (self.method and self.method != request.method):
            return False
        if self.count is not None and self.fired >= self.count:
            return False
        self.seen += 1
        if self.seen <= self.after or (self.probability is not None and self.random.random() >= self.probability):
            return False
        self.fired += 1
        return True


class Faults:
    """The switches that are on, in the order they were set."""

    def __init__(self) -> None:
        self.switches: list[Switch] = []

    def set(self, spec: dict[str, Any]) -> Switch:
        """Turn a fault on; ApiError 400 when there is no such fault."""
        rest = dict(spec)
        name = str(rest.pop("fault", ""))
        if name not in KNOWN:
            raise ApiError(400, "UNKNOWN_FAULT", f"There is no fault {name!r}; known are {', '.join(sorted(KNOWN))}")
        count, probability = rest.pop("count", None), rest.pop("probability", None)
        switch = Switch(
            name,
            count=None if count in (None, "") else int(count),
            probability=None if probability in (None, "") else float(probability),
            after=int(rest.pop("after", 0) or 0),
            path=str(rest.pop("path", "")),
            method=str(rest.pop("method", "")),
            random=random.Random(int(rest.pop("seed", 0) or 0)),  # noqa: S311 - chance, no secret
            options=rest,
        )
        self.switches.append(switch)
        return switch

    def clear(self) -> None:
        """Turn every fault off."""
        self.switches.clear()

    def strike(self, name: str, request: Request) -> Switch | None:
        """The switch of this fault when it fires now, or when the request asks for it in X-Practice-Fault."""
        if request.headers.get("x-practice-fault", "").partition(":")[0] == name:
            return Switch(name, options={"value": request.headers["x-practice-fault"].partition(":")[2]})
        return next((each for each in self.switches if each.name == name and each.fires(request)), None)

    def answer(self, request: Request) -> Response | None:
        """The wrong answer to give instead of the right one, if a switch says so."""
        answers = _answers()
        asked = request.headers.get("x-practice-fault", "").partition(":")[0]
        if asked in answers:
            return answers[asked]
        return next(
            (answers[each.name] for each in self.switches if each.name in answers and each.fires(request)), None
        )

    def transport(self, request: Request) -> str | None:
        """How the right answer gets damaged on its way, if a switch says so."""
        return next((how for name, how in TRANSPORT_FAULTS.items() if self.strike(name, request)), None)
