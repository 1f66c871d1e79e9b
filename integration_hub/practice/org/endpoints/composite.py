"""POST composite: up to 25 subrequests, later ones referring to earlier answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..context import Context
from ..errors import ApiError
from ..json_text import dumps
from ..message import Request, Response, refusal

MOST_SUBREQUESTS, MOST_HEAVY = 25, 5
HEAVY = re.compile(r"/(query|queryAll|composite/sobjects)([/?]|$)")
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
Dispatch = Callable[[Context, Request], Response]


def composite(context: Context, dispatch: Dispatch) -> Response:
    """Run the subrequests in order; with allOrNone one failure undoes and marks all others."""
    body = context.request.json
    requests = body.get("compositeRequest")
    if not isinstance(requests, list) or not requests or not all(map(_is_complete, requests)):
        raise ApiError(
            400, "JSON_PARSER_ERROR", "compositeRequest needs a list of requests with method, url and referenceId"
        )
    if len(requests) > MOST_SUBREQUESTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"more than {MOST_SUBREQUESTS} subrequests")
    if sum(bool(HEAVY.search(str(each.get("url")))) for each in requests) > MOST_HEAVY:
        raise ApiError(
            400, "LIMIT_EXCEEDED", f"more than {MOST_HEAVY} queries and collections in one composite request"
        )
    all_or_none = body.get("allOrNone") is True
    start = context.org.store.mark()
    answers: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    for each in requests:
        response = _one(context, each, answers, dispatch)
        answers[str(each.get("referenceId"))] = response.body
        results.append(_result(each, response))
        if all_or_none and response.status >= 400:
            context.org.store.roll_back(start)
            results = _halted(requests, results)
            break
    return Response(200, {"compositeResponse": results})


def _is_complete(spec: Any) -> bool:
    texts = ("method", "url", "referenceId")
    return (
        isinstance(spec, dict)
        and all(isinstance(spec.get(name), str) for name in texts)
        and isinstance(spec.get("httpHeaders") or {}, dict)
    )


def _one(context: Context, spec: dict[str, Any], answers: dict[str, Any], dispatch: Dispatch) -> Response:
    try:
        text = _fill(dumps(spec.get("body", {})), answers)
        headers = {str(name).lower(): str(value) for name, value in (spec.get("httpHeaders") or {}).items()}
        request = Request(
            str(spec["method"]), _fill(str(spec["url"]), answers), headers, text.encode(), context.request.host
        )
        return dispatch(context, request)
    except ApiError as error:
        return refusal(error)


def _fill(text: str, answers: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found = answers.get(match[1])
        for step in re.findall(r"\w+", match[2]):
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
                found = found[int(step)]
            else:
                found = None
        if found is None:
            raise ApiError(400, "PROCESSING_HALTED", f"Invalid reference specified. No value for {match[0]}")
        return str(found)

    return _REFERENCE.sub(value, text)


def _result(spec: dict[str, Any], response: Response) -> dict[str, Any]:
    return {
        "body": response.body,
        "httpHeaders": response.headers,
        "httpStatusCode": response.status,
        "referenceId": str(spec.get("referenceId")),
    }


def _halted(requests: list[dict[str, Any]], results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everyone but the guilty one is told that it was stopped because of another."""
    bystander = [
        {
            "errorCode": "PROCESSING_HALTED",
            "message": "The transaction was rolled back since another operation in the same transaction failed.",
        }
    ]
    guilty = results[-1]
    return [
        guilty if place == len(results) - 1 else _result(each, Response(400, bystander))
        for place, each in enumerate(requests)
    ]
