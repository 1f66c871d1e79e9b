"""What an ERP's web server answers instead of data, in words for a person."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from integration_hub.config import SourceConfig
from integration_hub.sources import AnswerTooSlow, RightLost, SourceProblem
from integration_hub.whole_answer import is_too_slow

KEPT = "Nothing was changed; what was loaded before stays."
SHOWN = 200
LATER_FROM = 120.0
"""Seconds from which waiting is left to the schedule."""


def unreachable(source: SourceConfig, error: requests.RequestException) -> SourceProblem:
    """No answer at all, or half of one."""
    if isinstance(error, requests.exceptions.SSLError):
        return SourceProblem(
            f"The certificate of {source.label} is not trusted.",
            f"Somebody else may answer at that address. {KEPT}",
            "Correct the certificate or url in hub.toml; a private authority is named in REQUESTS_CA_BUNDLE.",
        )
    if is_too_slow(error):
        return AnswerTooSlow(
            f"An answer of {source.label} was not here after {source.answer_seconds} seconds, although it had begun.",
            f"The ERP, or a network in between, sends hardly anything. {KEPT}",
            "Nothing if it happens once: it is tried again. Otherwise set page_rows lower or answer_seconds higher in "
            "hub.toml.",
        )
    if isinstance(error, requests.Timeout):
        return SourceProblem(
            f"{source.label} did not answer within {source.timeout_seconds} seconds.",
            KEPT,
            "Nothing to do if it happens once. Otherwise set page_rows lower or timeout_seconds higher in hub.toml.",
            transient=True,
        )
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return broken(source, "the connection ended within it")
    return SourceProblem(
        f"{source.label} cannot be reached.",
        KEPT,
        "Nothing if it comes back by itself: the next run tries again. Otherwise check address, server and network.",
        transient=True,
    )


def broken(source: SourceConfig, how: str) -> SourceProblem:
    """An answer that was cut."""
    return SourceProblem(
        f"An answer of {source.label} broke off: {how}.",
        KEPT,
        "Nothing to do if it happens once: it is tried again.",
        transient=True,
    )


def not_json(source: SourceConfig, content_type: str, content: bytes) -> SourceProblem:
    """Status 200, but no data: a page of HTML, as sign-in pages and proxies send it, or JSON that was cut."""
    start = content[:SHOWN].decode("utf-8", errors="replace").lstrip()
    if start.startswith("<") or "html" in content_type:
        title = re.search(r"<title[^>]*>([^<]*)", content[:20_000].decode("utf-8", errors="replace"), re.IGNORECASE)
        named = f' titled "{title.group(1).strip()[:80]}"' if title else ""
        return SourceProblem(
            f"{source.label} answered with a web page{named} instead of data.",
            f"A sign-in page, a proxy or maintenance stands between. {KEPT}",
            "Open the address in a browser; correct url in hub.toml, or try again once the ERP is back.",
            transient=True,
        )
    return broken(source, "it is no whole JSON")


def of_status(source: SourceConfig, status: int, body: Any, retry_after: float = 0.0) -> SourceProblem:
    """An error status, with what the ERP says of it."""
    said = message_of(body)
    told = f": {said}" if said else ""
    if status in {401, 403}:
        return RightLost(
            f"{source.label} refuses our sign-in{told} (status {status}).",
            ("The key or password is wrong, or it expired. " if status == 401 else "A right is missing. ") + KEPT,
            "Make a new key for the reading user and put it into the environment."
            if status == 401
            else "Give the reading user the right to read this object, or leave the stream out in hub.toml.",
        )
    if status == 404:
        return SourceProblem(
            f"{source.label} does not know what was asked for{told} (status 404).",
            KEPT,
            "Check url, database and object in hub.toml: a module may be missing in the ERP.",
        )
    busy = status == 429 or status >= 500
    problem = SourceProblem(
        f"{source.label} answered with status {status}{told}.",
        f"{'The ERP is busy or has an error of its own. ' if busy else 'It does not accept the question. '}{KEPT}",
        "Nothing if it passes: it is tried again."
        if busy
        else "Check where and object of the stream in hub.toml against the ERP's version.",
        transient=busy,
    )
    if busy and retry_after > LATER_FROM:
        problem.resume_at = datetime.now(UTC) + timedelta(seconds=retry_after)
    return problem


def message_of(body: Any) -> str:
    """The ERP's own sentence in an error's body, short and on one line; empty where there is none."""
    found = body
    for name in ("error", "message", "value", "exception", "detail", "title", "o:errorDetails"):
        if isinstance(found, list) and found:
            found = found[0]
        if isinstance(found, dict) and name in found:
            found = found[name]
    if isinstance(found, dict):
        found = next((text for text in found.values() if isinstance(text, str)), "")
    text = found if isinstance(found, str) else ""
    plain = re.sub(r"<[^>]+>", " ", text)
    return re.sub(r"\s+", " ", plain).strip().rstrip(".")[:SHOWN]
