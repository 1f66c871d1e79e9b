"""What can go wrong with Salesforce, told as what happened, what it means and what to do."""

from datetime import UTC, datetime, timedelta
from typing import Any

from integration_hub.salesforce.error_codes import STATUSES, find
from integration_hub.salesforce.error_kinds import NOTHING_CHANGED, REPORT, Action, ErrorCode
from integration_hub.sources import RightLost, SourceProblem

TRANSIENT_STATUSES = frozenset({406, 420, 429, 500, 502, 503, 504})
STATUS_CODES = {
    409: "API_VERSION_MISMATCH",
    410: "UNSUPPORTED_API_VERSION",
    412: "JOB_NOT_COMPLETE",
    414: "URI_TOO_LONG",
    431: "URI_TOO_LONG",
}
"""The code that an answer without one stands for."""
RESUME_AFTER = timedelta(hours=2)
"""After the org's limit is reached: requests become free as those of the day before pass 24 hours."""


class SalesforceProblem(SourceProblem):
    """Salesforce cannot be used now, or not in this way."""

    @property
    def logged(self) -> str:
        """The kind alone: the words may repeat what Salesforce said, with names and values in it."""
        return type(self).__name__


class AuthenticationFailed(SalesforceProblem, RightLost):
    """No session: Salesforce gives no token, or does not accept the one it gave."""


class DailyLimitReached(SalesforceProblem):
    """The org's requests of this day are used up, or our share of them, or this run's.

    The run goes on by itself at `resume_at` (UTC; by default in two hours): trying again sooner does not help.
    """

    def __init__(self, problem: str, meaning: str = "", remedy: str = "", *, resume_at: datetime | None = None) -> None:
        super().__init__(problem, meaning, remedy)
        self.resume_at = resume_at or datetime.now(UTC) + RESUME_AFTER

    may_go_on = True


class ConcurrentLimit(SalesforceProblem):
    """Too many long requests run in the org at this moment; waiting helps."""

    transient = True


class OrgUnreachable(SalesforceProblem):
    """No answer, or one that says to come back later."""

    transient = True


class RequestRefused(SalesforceProblem):
    """Salesforce understood the request and refused it. `code` and `text` are its own.

    It is worth another try (`transient`) only where the registry of error codes says so. `known` is what the registry
    has, None for a code it does not have: that is shown as received.
    """

    def __init__(self, code: str, text: str, known: ErrorCode | None = None) -> None:
        self.code, self.text, self.known = code, text, known
        said = f"Salesforce refused a request: {code}: {text}"
        if known is None:
            super().__init__(said, NOTHING_CHANGED, REPORT)
            return
        problem = known.problem.replace("{text}", text) or said
        super().__init__(problem, known.cause, known.remedy, transient=known.is_retried)

    @property
    def logged(self) -> str:
        """The kind and the code."""
        return f"{type(self).__name__} {self.code}"


class NotWantedAnyMore(Exception):
    """A write that brought no answer is not tried again, because it was stopped meanwhile. It may have arrived."""


class SessionLost(Exception):
    """The session is not valid (any more). Raised within the client only, which signs in again once."""


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
    known = find(code, text)
    if (known and known.action is Action.SIGN_IN_AGAIN) or (status == 401 and known is None):
        return SessionLost(code)
    if known and (known.action is Action.STOP_FOR_NOW or known is find("CONCURRENT_LIMIT")):
        return _limit(known, text)
    if status in TRANSIENT_STATUSES and (not code or (known and known.action is Action.RETRY_NOW)):
        return unreachable(f"Salesforce answered with status {status}{f' ({code})' if code else ''}.")
    if known is None and not code:
        code, known = STATUS_CODES.get(status, f"HTTP_{status}"), STATUSES.get(status)
    return RequestRefused(code, text, known)


def passes_by_itself(status: int, body: Any) -> bool:
    """Whether the same request may be sent again at once. A code that nobody declared is never tried blindly."""
    code, text = read_error(body)
    known = find(code, text) if code else STATUSES.get(status)
    if known is None:
        return False
    return known is find("CONCURRENT_LIMIT") or (status in TRANSIENT_STATUSES and known.action is Action.RETRY_NOW)


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


def _limit(known: ErrorCode, text: str) -> SalesforceProblem:
    kind = DailyLimitReached if known.action is Action.STOP_FOR_NOW else ConcurrentLimit
    return kind(known.problem.replace("{text}", text), known.cause, known.remedy)


__all__ = [
    "NOTHING_CHANGED",
    "TRANSIENT_STATUSES",
    "AuthenticationFailed",
    "ConcurrentLimit",
    "DailyLimitReached",
    "OrgUnreachable",
    "RequestRefused",
    "SalesforceProblem",
    "SessionLost",
    "not_readable",
    "passes_by_itself",
    "read_error",
    "refusal",
    "unreachable",
]
