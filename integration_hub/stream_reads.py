"""Which sync read each stream last, and which failed since: a sync of some streams says nothing of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from integration_hub.config import Hub
from integration_hub.config.alerts import MOST_FAILED
from integration_hub.models import RunKind, RunStatus
from integration_hub.salesforce.objects import BY_NAME
from integration_hub.sources import SALESFORCE
from integration_hub.timing.items import hold_names

MOST_RUNS = 10_000
"""So many runs of a source are looked through, where none of them read all: a week of every minute."""

# Of each source its runs since the last that read all ("" as stream), by the streams they were asked for. Documents are
# no reading of a stream.
STATEMENT = """
with whole as (
    select s.source, found.id from unnest(%(sources)s::text[]) as s (source) left join lateral (
        select r.id from (
            select id, status, options from hub_run
            where kind = %(kind)s and subject = s.source and status = any(%(ended)s) order by id desc limit %(most)s
        ) as r
        where r.status = any(%(good)s) and not r.options ?| %(narrowing)s order by r.id desc limit 1
    ) as found on true
),
recent as (
    select whole.source, r.* from whole cross join lateral (
        select id, status, started_at, options from hub_run
        where kind = %(kind)s and subject = whole.source and status = any(%(ended)s) and id >= coalesce(whole.id, 0)
        order by id desc limit %(most)s
    ) as r
),
named as (
    select source, n.stream, id, started_at, status = any(%(good)s) as good from recent cross join lateral (
        select '' as stream where not options ?| %(narrowing)s
        union all select jsonb_array_elements_text(options -> 'streams')
        union all select options ->> 'stream' where options ? 'stream'
    ) as n
)
select source, stream, max(id) filter (where good), (array_agg(started_at order by id desc) filter (where good))[1],
    coalesce((array_agg(id order by id desc) filter (where not good))[1:%(most_failed)s], '{}')
from named group by source, stream
union all
select '', name, null, at, '{}' from hub_schedule_pause
where ended_at is null and (until is null or until > now())
"""
GOOD = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)


@dataclass(frozen=True)
class KnownStream:
    """A stream of hub.toml that is read on its own, with those that come `within` it; `every` are times of its own."""

    source: str
    stream: str
    within: tuple[str, ...] = ()
    every: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Which of its names a sync may be asked for."""
        return (self.stream, *self.within)


@dataclass(frozen=True)
class StreamRead:
    """Of one stream the last sync that published it (its id and start, UTC) and how many failed since, counted up to
    MOST_FAILED, with the id of the newest. `paused` says that it is left out now when its source is read; then only
    syncs count that were asked for it. `held`: its whole source is paused, or everything is.
    """

    run: int | None = None
    read_at: datetime | None = None
    paused: bool = False
    held: bool = False
    failed: int = 0
    failed_run: int | None = None


def known_streams(configuration: Hub) -> list[KnownStream]:
    """Every stream of hub.toml but those that come with another."""
    found = []
    for source in configuration.sources:
        for stream in source.streams:
            if not stream.within:
                within = tuple(each.name for each in source.streams if each.within == stream.name)
                found.append(KnownStream(source.name, stream.name, within, stream.every))
    if org := configuration.salesforce:
        found += [KnownStream(SALESFORCE, name, every=org.times.get(name, "")) for name in BY_NAME]
    return found


def stream_reads(streams: Sequence[KnownStream]) -> dict[tuple[str, str], StreamRead]:
    """By source and stream. One query."""
    values: dict[str, Any] = {
        "sources": sorted({each.source for each in streams}),
        "kind": RunKind.SYNC.value,
        "good": [status.value for status in GOOD],
        "ended": [status.value for status in (*GOOD, RunStatus.FAILED, RunStatus.DEAD)],
        "narrowing": ["stream", "streams", "documents"],
        "most": MOST_RUNS,
        "most_failed": MOST_FAILED,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        rows = cursor.fetchall()
    paused = {name for source, name, *_run in rows if not source}
    found = {(source, stream): _Runs(*runs) for source, stream, *runs in rows if source}
    return {
        (each.source, each.stream): _read(
            each,
            found,
            paused=f"{RunKind.SYNC} {each.source}.{each.stream}" in paused,
            held=not paused.isdisjoint(hold_names(RunKind.SYNC, each.source)),
        )
        for each in streams
    }


@dataclass(frozen=True)
class _Runs:
    """Runs that were asked for one stream, or for all: the last that published, and those that failed."""

    good: int | None = None
    started_at: datetime | None = None
    failed: Sequence[int] = ()


def _read(stream: KnownStream, found: Mapping[tuple[str, str], _Runs], *, paused: bool, held: bool) -> StreamRead:
    names = stream.names if paused else (*stream.names, "")
    runs = [found.get((stream.source, name), _Runs()) for name in names]
    last = max(runs, key=lambda each: each.good or 0)
    failed = sorted({run for each in runs for run in each.failed if run > (last.good or 0)})[-MOST_FAILED:]
    return StreamRead(last.good, last.started_at, paused, held, len(failed), failed[-1] if failed else None)
