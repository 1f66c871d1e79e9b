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
        "slow_job", "results_not_ready", "bulk_limit", "invalid_entity", "implementation_restriction",
        "hidden_field", "clock_skew", "no_usage_header", "concurrent_edit", "concurrent_delete",
    }
)  # fmt: skip
KNOWN = ANSWER_FAULTS | frozenset(TRANSPORT_FAULTS) | TOKEN_FAULTS | OTHER_FAULTS


COUNTERS = ("seed", "seen", "fired", "drawn")


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
    seed: int = 0
    seen: int = 0
    fired: int = 0
    drawn: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - chance, no secret
        for _ in range(self.drawn):
            self._random.random()

    def chance(self) -> float:
        """The next number of this switch's own seeded series, from 0 to below 1."""
        self.drawn += 1
        return self._random.random()

    def ids(self) -> list[str]:
        """The record ids among the options, given as a list or as text with commas."""
        given = self.option("ids", [])
        return [str(each) for each in given] if isinstance(given, list) else str(given).replace(",", " ").split()

    def option(self, name: str, default: Any) -> Any:
        """An option of the switch, or the text after the colon in X-Practice-Fault, or the default."""
        return self.options.get(name, self.options.get("value") or default)

    def spec(self) -> dict[str, Any]:
        """The request that would set this switch as it stands."""
        parts = ("count", "probability", "after", "path", "method", *COUNTERS)
        return {"fault": self.name, **{part: getattr(self, part) for part in parts}, **self.options}

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
        if self.seen <= self.after or (self.probability is not None and self.chance() >= self.probability):
            return False
        self.fired += 1
        return True


class Faults:
    """The switches that are on, in the order they were set."""

    def __init__(self) -> None:
        self.switches: list[Switch] = []
        self.touched = False
        """Whether anything changed since the journal last took it."""

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
            **{part: int(rest.pop(part, 0) or 0) for part in COUNTERS},
            options={option: value for option, value in rest.items() if value != ""},
        )
        self.switches.append(switch)
        self.touched = True
        return switch

    def clear(self, name: str = "") -> None:
        """Turn one fault off, or all."""
        self.switches = [each for each in self.switches if name and each.name != name]
        self.touched = True

    def dump(self) -> list[dict[str, Any]]:
        """The switches as requests that would set them, with what happened so far."""
        return [each.spec() for each in self.switches]

    def load(self, specs: list[dict[str, Any]]) -> None:
        """Take over the switches of a journal."""
        self.switches = []
        for spec in specs:
            self.set(spec)

    def strike(self, name: str, request: Request) -> Switch | None:
        """The switch of this fault when it fires now, or when the request asks for it in X-Practice-Fault."""
        if request.headers.get("x-practice-fault", "").partition(":")[0] == name:
            return Switch(name, options={"value": request.headers["x-practice-fault"].partition(":")[2]})
        for each in self.switches:
            if each.name == name:
                self.touched = True
                if each.fires(request):
                    return each
        return None

    def answer(self, request: Request) -> Response | None:
        """The wrong answer to give instead of the right one, if a switch says so."""
        answers = _answers()
        asked = request.headers.get("x-practice-fault", "").partition(":")[0]
        if asked in answers:
            return answers[asked]
        for each in self.switches:
            if each.name in answers:
                self.touched = True
                if each.fires(request):
                    return answers[each.name]
        return None

    def transport(self, request: Request) -> str | None:
        """How the right answer gets damaged on its way, if a switch says so."""
        return next((how for name, how in TRANSPORT_FAULTS.items() if self.strike(name, request)), None)
