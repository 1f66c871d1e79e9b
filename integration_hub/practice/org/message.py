"""One request as the endpoints see it, and the answer they give."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import ApiError

JSON_TYPE = "application/json;charset=UTF-8"
CSV_TYPE = "text/csv; charset=UTF-8"


@dataclass
class Response:
    """An answer before it is written to the wire; `body` is either something for JSON, text or bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    compress: bool = False
    clock_skew: float = 0
    """Seconds by which the Date header of this answer is off."""
    transport: str | None = None
    """`cut`: close in mid body; `bad_gzip`: send a broken compressed body; `drop`: close without an answer."""


@dataclass
class Request:
    """A request with its body read; header names are lower-case."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = "127.0.0.1"
    injected: str | None = None
    """The fault that fires for this request, if any, for the endpoint to act out."""

    @cached_property
    def path(self) -> str:
        """The decoded path without query and trailing slash."""
        return urlsplit(self.target).path.rstrip("/") or "/"

    @cached_property
    def query(self) -> dict[str, str]:
        """The first value of each query parameter."""
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    @cached_property
    def form(self) -> dict[str, str]:
        """The first value of each field of a urlencoded body."""
        found = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; ApiError 400 JSON_PARSER_ERROR otherwise. Numbers keep their digits."""
        try:
            parsed = json.loads(self.body or b"{}", parse_float=str)
        except ValueError as error:
            raise ApiError(400, "JSON_PARSER_ERROR", f"Unexpected character or end of input: {error}") from error
        if not isinstance(parsed, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "The request body must be a JSON object")
        return parsed

    def base_url(self) -> str:
        """The address by which the caller reached this server."""
        return f"http://{self.host}"


def refusal(error: ApiError) -> Response:
    """The body of a refused request."""
    entry: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields:
        entry["fields"] = list(error.fields)
    return Response(error.status, [entry])
