"""Counting API calls against the daily allowance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass
class Usage:
    """Calls made today (UTC, real time) of the daily allowance."""

    allowance: int = 100_000
    used: int = 0
    bulk_queries: int = 0
    day: date | None = None

    def count(self) -> bool:
        """Count one call; False when the allowance was already used up."""
        today = datetime.now(UTC).date()
        if self.day not in (None, today):
            self.used = self.bulk_queries = 0
        self.day = today
        if self.used >= self.allowance:
            return False
        self.used += 1
        return True

    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self.allowance}"
