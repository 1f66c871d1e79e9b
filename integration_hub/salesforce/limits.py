"""The org's budget of API requests, as every answer tells it, and our share of it."""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from integration_hub.salesforce.errors import DailyLimitReached

HEADER = "Sforce-Limit-Info"
RESUME_AFTER = timedelta(hours=1)
"""After one of our own shares is used: the org's 24 hours have moved on by then, and others had their turn."""
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class ApiUsage:
    """API requests of the last 24 hours: `used` of `limit`. Both are 0 when the org has not said yet."""

    used: int = 0
    limit: int = 0

    @property
    def share(self) -> float:
        """The used part, 0 to 1 (above 1 where Salesforce lets the org overrun)."""
        return self.used / self.limit if self.limit else 0.0


def read_usage(header: str | None) -> ApiUsage | None:
    """`api-usage=18/5000[; per-app-api-usage=...]` as numbers; None when the header is absent or says nothing."""
    match = _USAGE.search(header or "")
    return ApiUsage(int(match[1]), int(match[2])) if match else None


class Meter(Protocol):
    """Counts the requests of one run. `share` is the part of our share at which work of this kind stops, 0 to 1."""

    @property
    def share(self) -> float: ...
    @property
    def calls(self) -> int: ...
    def note(self, usage: ApiUsage, organization: str) -> None:
        """Told of every request sent to the API, with what the org said last. Must not raise."""


METER: ContextVar[Meter | None] = ContextVar("METER", default=None)
"""Who counts the requests of sessions that are opened now; nobody outside a run."""


def check_budget(usage: ApiUsage, share: float) -> None:
    """Raise DailyLimitReached once the org's integrations have together used this share of the day's requests."""
    if usage.limit and usage.share >= share:
        raise DailyLimitReached(
            f"{usage.used:,} of {usage.limit:,} API requests of the last 24 hours are used ({usage.share:.0%}).",
            f"The hub stops at {share:.0%} to leave others the rest. The pages keep the last good data.",
            "Nothing to do: a later run goes on. Raise daily_request_share, or read less often (every_minutes).",
            resume_at=datetime.now(UTC) + RESUME_AFTER,
        )


def check_run_budget(calls: int, limit: int, share: float) -> None:
    """Raise DailyLimitReached once one run has sent this share of the requests that the org allows in 24 hours."""
    if limit and calls >= share * limit:
        raise DailyLimitReached(
            f"This run has sent {calls:,} of the {limit:,} API requests that the org allows in 24 hours.",
            f"One run may use {share:.0%} of them, so that no single run takes all. The pages keep the last good data.",
            "Nothing to do: a later run goes on. Raise run_request_share, or lower bulk_from_rows: Bulk takes fewer "
            "requests.",
            resume_at=datetime.now(UTC) + RESUME_AFTER,
        )
