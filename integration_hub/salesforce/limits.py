"""The org's budget of API requests, as every answer tells it, and our share of it."""

import re
from dataclasses import dataclass

from integration_hub.salesforce.errors import DailyLimitReached

HEADER = "Sforce-Limit-Info"
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


def check_budget(usage: ApiUsage, share: float) -> None:
    """Raise DailyLimitReached once the org's integrations have together used this share of the day's requests."""
    if usage.limit and usage.share >= share:
        raise DailyLimitReached(
            f"{usage.used:,} of {usage.limit:,} API requests of the last 24 hours are used ({usage.share:.0%}).",
            f"The hub stops at {share:.0%} to leave others the rest. The pages keep the last good data.",
            "Nothing to do: a later run goes on. Raise daily_request_share, or read less often (every_minutes).",
        )
