"""What is usual for a stream: its runs of the same mode about the same time on earlier weeks' same weekday, and what of
a run is out of the ordinary.

Of each earlier day one run counts, the nearest to the time of day: a delivery that dries up stands out for weeks, and
does not become the usual within some runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from integration_hub.config import hub
from integration_hub.models import Run, RunStatus, StreamRun

TIMES, FEWEST = 8, 4
"""So many weeks, days or runs are looked back at; fewer than FEWEST say nothing."""
ABOUT = timedelta(hours=3)
"""So far from the time of day a run may have begun."""
FACTOR = 2
"""Out of the ordinary is more than FACTOR times the largest of them, or less than the smallest divided by it."""
SMALL_ROWS, SMALL_SECONDS = 20, 5.0
"""A difference of less than this is never out of the ordinary."""
MOST_RUNS = 90_000
"""More runs than a source has in as many weeks that is read every minute."""
DAYS = sorted({*range(1, TIMES + 1), *range(7, 7 * TIMES + 1, 7)})

# Of each stream the nearest run of each of these days before (ago, in days); and its last ones (ago 0).
STATEMENT = """
with wanted as (select * from unnest(%(streams)s::text[], %(modes)s::text[]) as w (stream, mode)),
run as (
    select r.id, r.status,
        extract(epoch from %(local)s::timestamp - (r.started_at at time zone %(zone)s)) / 86400 as ago
    from hub_run as r
    where r.kind = %(kind)s and r.subject = %(subject)s and r.id < %(run)s order by r.id desc limit %(most_runs)s
),
near as (
    select id, round(ago)::int as ago, abs(ago - round(ago)) as off from run
    where status = any(%(good)s) and round(ago)::int = any(%(days)s) and abs(ago - round(ago)) <= %(about)s
),
nearest as (
    select distinct on (s.stream, near.ago) s.stream, near.ago, s.seconds, s.read, s.rejected from near
    join hub_stream_run as s on s.run_id = near.id join wanted as w on w.stream = s.stream and w.mode = s.mode
    order by s.stream, near.ago, near.off
)
select stream, ago, seconds, read, rejected from nearest
union all
select w.stream, 0, x.seconds, x.read, x.rejected from wanted as w cross join lateral (
    select s.seconds, s.read, s.rejected from hub_stream_run as s join hub_run as r on r.id = s.run_id
    where s.stream = w.stream and s.mode = w.mode and s.run_id < %(run)s and r.status = any(%(good)s)
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
        "local": local.replace(tzinfo=None),
        "kind": run.kind,
        "subject": run.subject,
        "days": DAYS,
        "about": ABOUT / timedelta(days=1),
        "most": TIMES,
        "most_runs": MOST_RUNS,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        rows = cursor.fetchall()
    found: dict[str, Usual] = {}
    for each in streams:
        by_ago = [(ago, numbers) for stream, ago, *numbers in rows if stream == each.stream]
        weeks = [numbers for ago, numbers in by_ago if ago and ago % 7 == 0]
        days = [numbers for ago, numbers in by_ago if 1 <= ago <= TIMES]
        last = [numbers for ago, numbers in by_ago if not ago]
        about, few = "the runs about this time on", f"as there are too few on a {local:%A}"
        ways = (
            (weeks, f"{about} {len(weeks)} earlier {local:%A}s"),
            (days, f"{about} {len(days)} of the last {TIMES} days, {few}"),
            (last, f"the last {len(last)} runs, as there are too few about this time on other days"),
        )
        if chosen := next(((known, basis) for known, basis in ways if len(known) >= FEWEST), None):
            known, basis = chosen
            found[each.stream] = Usual(len(known), basis, _measures(each, known))
    return found


def _measures(stream: StreamRun, rows: Sequence[Sequence[float]]) -> tuple[Measure, ...]:
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
