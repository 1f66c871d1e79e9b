"""What is usual for a stream: its last runs of the same mode and weekday, and what of a run is out of the ordinary."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from integration_hub.config import hub
from integration_hub.models import Run, RunStatus, StreamRun

RUNS, FEWEST = 8, 4
"""So many runs are looked back at; fewer than FEWEST say nothing."""
FACTOR = 2
"""Out of the ordinary is more than FACTOR times the largest of them, or less than the smallest divided by it."""
SMALL_ROWS, SMALL_SECONDS = 20, 5.0
"""A difference of less than this is never out of the ordinary."""

# Newest first, at most so many of each stream and mode; once of the weekday alone, once of all days.
STATEMENT = """
select t.stream, d.weekday, x.seconds, x.read, x.rejected
from unnest(%(streams)s::text[], %(modes)s::text[]) as t (stream, mode)
cross join (values (true), (false)) as d (weekday)
cross join lateral (
    select s.seconds, s.read, s.rejected from hub_stream_run as s join hub_run as r on r.id = s.run_id
    where s.stream = t.stream and s.mode = t.mode and s.run_id < %(run)s and r.status = any(%(good)s)
    and (not d.weekday or extract(isodow from r.started_at at time zone %(zone)s) = %(day)s)
    order by s.id desc limit %(most)s
) as x
"""


@dataclass(frozen=True)
class Measure:
    """One number of a stream's run beside the usual ones; `word` says what is out of the ordinary, else empty."""

    name: str
    value: float
    middle: float
    low: float
    high: float
    word: str


@dataclass(frozen=True)
class Usual:
    """The usual of one stream: from how many `runs`, of which days (`basis`, in words)."""

    runs: int
    basis: str
    measures: tuple[Measure, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What is out of the ordinary, in words."""
        return tuple(each.word for each in self.measures if each.word)


def usual(run: Run, streams: Sequence[StreamRun]) -> dict[str, Usual]:
    """The usual of each stream of a run, by its name; those with too few earlier runs are left out. One query."""
    if run.started_at is None or not streams:
        return {}
    local = run.started_at.astimezone(ZoneInfo(hub().company.time_zone))
    values: dict[str, Any] = {
        "streams": [each.stream for each in streams],
        "modes": [each.mode for each in streams],
        "run": run.pk,
        "good": [RunStatus.SUCCEEDED.value, RunStatus.PARTIAL.value],
        "zone": hub().company.time_zone,
        "day": local.isoweekday(),
        "most": RUNS,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        rows = cursor.fetchall()
    found: dict[str, Usual] = {}
    for each in streams:
        same_day = [row[2:] for row in rows if row[0] == each.stream and row[1]]
        any_day = [row[2:] for row in rows if row[0] == each.stream and not row[1]]
        if len(same_day) >= FEWEST:
            basis = f"the last {len(same_day)} runs on a {local:%A}"
            found[each.stream] = Usual(len(same_day), basis, _measures(each, same_day))
        elif len(any_day) >= FEWEST:
            basis = f"the last {len(any_day)} runs on any day, as there are too few on a {local:%A}"
            found[each.stream] = Usual(len(any_day), basis, _measures(each, any_day))
    return found


def _measures(stream: StreamRun, rows: Sequence[tuple[float, int, int]]) -> tuple[Measure, ...]:
    seconds, read, rejected = (list(column) for column in zip(*rows, strict=True))
    return (
        _measure("Rows read", stream.read, read, SMALL_ROWS, "unusually many rows read", "unusually few rows read"),
        _measure("Rows rejected", stream.rejected, rejected, 0, "unusually many rows rejected", ""),
        _measure("Seconds", stream.seconds, seconds, SMALL_SECONDS, "took unusually long", ""),
    )


def _measure(name: str, value: float, known: Sequence[float], small: float, more: str, less: str) -> Measure:
    low, high = min(known), max(known)
    word = ""
    if value > high * FACTOR and value - high > small:
        word = more
    elif less and value * FACTOR < low and low - value > small:
        word = less
    return Measure(name, value, median(known), low, high, word)
