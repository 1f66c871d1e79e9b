"""The clock of the practice org, which tests and fire drills may set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FIRST_YEAR, LAST_YEAR = 1970, 2200


@dataclass
class Clock:
    """Real time, real time plus an offset, or one fixed instant."""

    fixed: datetime | None = None
    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """The org's present instant in UTC, cut to whole seconds as Salesforce stores its stamps."""
        return (self.fixed or datetime.now(UTC) + self.offset).replace(microsecond=0)

    def stamp(self) -> str:
        """The present instant in the stored form."""
        return to_stored(self.now())

    def set(self, *, now: str | None = None, offset_seconds: float | None = None) -> None:
        """Fix the clock at `now` (ISO instant), or run it `offset_seconds` off, or with neither make it real.

        ValueError for a year in which the org could not reckon any more; the clock then stays as it was.
        """
        try:
            fixed, offset = from_text(now) if now else None, timedelta(seconds=offset_seconds or 0)
            year = (fixed or datetime.now(UTC) + offset).year
        except OverflowError:
            year = 0
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"the clock can be set to the years {FIRST_YEAR} to {LAST_YEAR}")
        self.fixed, self.offset = fixed, offset


def from_text(text: str) -> datetime:
    """Any ISO 8601 instant as UTC; an instant without an offset is taken as UTC. ValueError when unreadable."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_stored(moment: datetime) -> str:
    """`2026-02-10T12:00:00`: sorts as text, UTC is understood."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
