"""What can go wrong with Salesforce, told as what happened, what it means and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integration_hub.sources import SourceProblem

TRANSIENT_STATUSES = frozenset({406, 420, 429, 500, 502, 503, 504})
NOTHING_CHANGED = "Nothing was changed; the pages keep the last good data."


class SalesforceProblem(SourceProblem):
    """Salesforce cannot be used now, or not in this way."""


class AuthenticationFailed(SalesforceProblem):
    """No session: Salesforce gives no token, or does not accept the one it gave."""


class DailyLimitReached(SalesforceProblem):
    """The org's requests of this day are used up, or our share of them; trying again within the hour does not help."""

    may_go_on = True


class ConcurrentLimit(SalesforceProblem):
    """Too many long requests run in the org at this moment; waiting helps."""

    transient = True


class OrgUnreachable(SalesforceProblem):
    """No answer, or one that says to come back later."""

    transient = True


class RequestRefused(SalesforceProblem):
    """Salesforce understood the request and refused it. `code` and `text` are its own."""

    def __init__(self, code: str, text: str, problem: str = "", meaning: str = "", remedy: str = "") -> None:
        self.code, self.text = code, text
        super().__init__(problem or f"Salesforce refused a request: {code}: {text}", meaning, remedy)


class SessionLost(Exception):
    """The session is not valid (any more). Raised within the client only, which signs in again once."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Words for an error code; `problem` may hold {text}, what Salesforce said."""

    problem: str
    meaning: str
    remedy: str


_HIDDEN = "The name does not exist in this org, or the integration user may not see it; Salesforce does not tell which."
_SHOW = "Check the name in hub.toml, and that the permission set of the integration user shows it."
_REPORT = "Run the sync again. If it stays, report this text with the name of the stream."
_VERSION = "Set api_version under [salesforce] in hub.toml to a version the org supports, such as 62.0."

EXPLANATIONS: Mapping[str, Explanation] = {
    "INVALID_FIELD": Explanation("Salesforce does not know a field: {text}", _HIDDEN, _SHOW),
    "INVALID_TYPE": Explanation("Salesforce does not know an object: {text}", _HIDDEN, _SHOW),
    "NOT_FOUND": Explanation("Salesforce does not know what was asked for: {text}", _HIDDEN, _SHOW),
    "MALFORMED_QUERY": Explanation("Salesforce cannot read a query: {text}", NOTHING_CHANGED, _REPORT),
    "QUERY_TIMEOUT": Explanation(
        "A query ran too long in Salesforce.",
        NOTHING_CHANGED,
        "Lower bulk_from_rows in hub.toml, so that large reads go through the Bulk API.",
    ),
    "INVALID_QUERY_LOCATOR": Explanation(
        "Salesforce forgot the place in a running query, more than once.",
        NOTHING_CHANGED,
        "Run the sync again; lower bulk_from_rows in hub.toml if it stays.",
    ),
    "UNSUPPORTED_API_VERSION": Explanation(
        "Salesforce has retired the configured API version.", NOTHING_CHANGED, _VERSION
    ),
    "API_VERSION_MISMATCH": Explanation(
        "A Bulk job was made with another API version than the configured one: {text}",
        "Its results can only be read with the version that made it.",
        "Set api_version in hub.toml back until the job is collected, or let the next push start anew.",
    ),
    "URI_TOO_LONG": Explanation(
        "A query is too long to be sent.", NOTHING_CHANGED, "Name fewer fields in account_fields in hub.toml."
    ),
    "INVALIDENTITY": Explanation(
        "The Bulk API does not serve this object: {text}",
        NOTHING_CHANGED,
        "Raise bulk_from_rows in hub.toml above its rows.",
    ),
    "API_DISABLED_FOR_ORG": Explanation(
        "The org does not allow API access.",
        "The edition has no API, or the user's profile lacks the permission API Enabled.",
        "Give the integration user the permission API Enabled.",
    ),
    "TXN_SECURITY_METERING_ERROR": Explanation(
        "A transaction security policy of the org took too long.",
        NOTHING_CHANGED,
        "Wait for the next run; exempt the integration user from the policy if it stays.",
    ),
}


def read_error(body: Any) -> tuple[str, str]:
    """Code and text of an error body: a list of objects, one object, or neither (an HTML page), which has none."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return "", ""
    code = first.get("errorCode") or first.get("error") or ""
    text = first.get("message") or first.get("error_description") or ""
    return str(code), str(text)


def refusal(status: int, body: Any) -> SalesforceProblem | SessionLost:
    """The exception for an answer that is none: `body` is its JSON, or its text where it has no JSON."""
    code, text = read_error(body)
    if code == "INVALID_SESSION_ID" or (status == 401 and code not in EXPLANATIONS):
        return SessionLost(code)
    if code in {"REQUEST_LIMIT_EXCEEDED", "LIMIT_EXCEEDED"}:
        return _limit(text)
    if status == 409 and not code:
        code = "API_VERSION_MISMATCH"
    if status == 410:
        code = "UNSUPPORTED_API_VERSION"
    if status in {414, 431}:
        code = "URI_TOO_LONG"
    if status in TRANSIENT_STATUSES and code not in EXPLANATIONS:
        return unreachable(f"Salesforce answered with status {status}{f' ({code})' if code else ''}.")
    known = EXPLANATIONS.get(code)
    code = code or f"HTTP_{status}"
    if known is None:
        return RequestRefused(code, text, meaning=NOTHING_CHANGED, remedy=_REPORT)
    return RequestRefused(code, text, known.problem.format(text=text), known.meaning, known.remedy)


def unreachable(problem: str) -> OrgUnreachable:
    """Salesforce gives no useful answer; `problem` is a sentence on what was seen."""
    return OrgUnreachable(
        problem,
        "The service or the way to it is disturbed. The pages keep the last good data and say how old they are.",
        "Nothing to do at first: the next run tries again. See status.salesforce.com and the proxy if it stays.",
    )


def not_readable(problem: str) -> SalesforceProblem:
    """An answer came that cannot be what Salesforce sends, so nothing of it is used."""
    return SalesforceProblem(
        problem,
        f"The answer was incomplete or came from something in between. {NOTHING_CHANGED}",
        "Nothing to do at first: the next run reads again. Check proxies if it stays.",
        transient=True,
    )


def _limit(text: str) -> SalesforceProblem:
    if "concurrent" in text.lower():
        return ConcurrentLimit(
            f"Too many long requests run in the org at once: {text}",
            "Other integrations keep Salesforce busy. The pages keep the last good data.",
            "Nothing to do: the next run tries again. Move it to a quieter hour if it happens daily.",
        )
    return DailyLimitReached(
        f"The org's API requests of the last 24 hours are used up: {text}",
        "Salesforce accepts no further request from any integration. The pages keep the last good data.",
        "Wait until requests become free, read less often (every_minutes), or buy more requests.",
    )
