"""The one registry of Salesforce's error codes: whole requests, single rows, Bulk jobs and the sign-in."""

from collections.abc import Mapping

from integration_hub.salesforce.error_kinds import ErrorCode
from integration_hub.salesforce.request_errors import REQUESTS, STATUSES
from integration_hub.salesforce.row_errors import ROWS
from integration_hub.salesforce.sign_in_errors import DESCRIPTIONS, SIGN_IN

REGISTRY: Mapping[str, ErrorCode] = {**REQUESTS, **ROWS, **SIGN_IN}


def find(code: str, text: str = "") -> ErrorCode | None:
    """What is known of a code, in whatever letter case it comes; None for an unknown one, which is never retried.

    One code has two meanings, told apart by the `text`: the requests of a day, and those at the same moment.
    """
    if code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" in text.lower():
        return REGISTRY["CONCURRENT_LIMIT"]
    return REGISTRY.get(code) or REGISTRY.get(code.upper())


__all__ = ["DESCRIPTIONS", "REGISTRY", "STATUSES", "find"]
