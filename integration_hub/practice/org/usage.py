"""Counting API calls against the daily allowance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

BULK_QUERIES, BULK_BATCHES = 10_000, 15_000


@dataclass
class Usage:
    """Calls made today (UTC, real time) of the daily allowance; `app` is a client app with an allowance of its own."""

    allowance: int = 100_000
    used: int = 0
    bulk_queries: int = 0
    bulk_batches: int = 0
    day: date | None = None
    app: str = ""
    app_allowance: int = 0
    app_used: int = 0

    def count(self) -> bool:
        """Count one call; False when the allowance was already used up."""
        today = datetime.now(UTC).date()
        if self.day not in (None, today):
            self.used = self.app_used = self.bulk_queries = self.bulk_batches = 0
        self.day = today
        if self.used >= self.allowance:
            return False
        self.used += 1
        self.app_used += 1
        return True

    def bulk_left(self) -> bool:
        """Whether another Bulk job may be made today."""
        return self.bulk_queries < BULK_QUERIES and self.bulk_batches < BULK_BATCHES

    def change(self, spec: Mapping[str, Any]) -> None:
        """Set what a request names: max, used, bulk_queries, bulk_batches, app, app_max, app_used."""
        names = {"max": "allowance", "app_max": "app_allowance"}
        wanted = {names.get(name, name): value for name, value in spec.items()}
        unknown = wanted.keys() - ({each.name for each in fields(self)} - {"day"})
        if unknown:
            raise ValueError(f"there is no usage setting {min(unknown)!r}")
        read = {name: str(value) if name == "app" else int(value) for name, value in wanted.items()}
        if any(isinstance(value, int) and value < 0 for value in read.values()):
            raise ValueError("a number of requests is never negative")
        for name, value in read.items():
            setattr(self, name, value)

    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        whole = f"api-usage={self.used}/{self.allowance}"
        if not self.app:
            return whole
        return f"{whole}; per-app-api-usage={self.app_used}/{self.app_allowance}(appName={self.app})"

    def dump(self) -> dict[str, Any]:
        """The counts for the journal."""
        return {**asdict(self), "day": self.day.isoformat() if self.day else None}


def load_usage(state: Mapping[str, Any]) -> Usage:
    """The counts of a journal."""
    return Usage(**{**state, "day": date.fromisoformat(state["day"]) if state["day"] else None})
