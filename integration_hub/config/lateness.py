"""From when on something that is read by a rhythm is late, and out of date: counted from the time that was due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from integration_hub.config.rhythms import reading_rhythm
from integration_hub.config.shape import SalesforceConfig, SourceConfig
from integration_hub.timing.rhythm import Rhythm, parse

LATE_TURNS, STALE_TURNS = 1, 3
"""So many further turns missed is late, and out of date, where hub.toml says nothing else."""


@dataclass(frozen=True)
class Limits:
    """What may be overdue. `late` and `stale` count from the first time that was missed; None: so many turns more."""

    rhythm: Rhythm
    zone: ZoneInfo
    late: timedelta | None
    stale: timedelta | None

    def late_at(self, read_at: datetime) -> datetime:
        """When what was read at an instant, and not since, becomes late."""
        return self._after(read_at, self.late, LATE_TURNS)

    def stale_at(self, read_at: datetime) -> datetime:
        """The same for out of date."""
        return self._after(read_at, self.stale, STALE_TURNS)

    def missed(self, read_at: datetime, now: datetime) -> float:
        """How many turns passed since a read: parts of them too where it counts in intervals."""
        if self.rhythm.is_interval:
            return max(0.0, (now - read_at) / timedelta(minutes=self.rhythm.minutes))
        turns, due = 0, self.rhythm.next_after(read_at, self.zone)
        while due <= now and turns < MOST_TURNS:
            turns, due = turns + 1, self.rhythm.next_after(due, self.zone)
        return turns

    def _after(self, read_at: datetime, overdue: timedelta | None, turns: int) -> datetime:
        due = self.rhythm.next_after(read_at, self.zone)
        if overdue is not None:
            return due + overdue
        for _ in range(turns):
            due = self.rhythm.next_after(due, self.zone)
        return due


MOST_TURNS = 400


def limits_of(source: SourceConfig | SalesforceConfig, zone: ZoneInfo, every: str = "") -> Limits:
    """The limits of a source, or of a stream of it that is read by times of its own: the slower of both rhythms counts,
    as one that is read more often besides need not be.
    """
    rhythm = reading_rhythm(source)
    own = parse(every) if every else rhythm
    return Limits(
        max(rhythm, own, key=lambda each: each.longest),
        zone,
        timedelta(minutes=source.late_after) if source.late_after else None,
        timedelta(minutes=source.stale_after) if source.stale_after else None,
    )
