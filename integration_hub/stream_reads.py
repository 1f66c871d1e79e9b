"""Which sync read each stream last, and which failed since: a sync of some streams says nothing of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from integration_hub.config import SALESFORCE_OBJECTS, Hub
from integration_hub.models import RunKind, RunStatus
from integration_hub.sources import SALESFORCE

MOST_FAILED = 20
"""Further back nobody looks: a hundred failures are no worse than twenty."""

# A sync without streams is of all, but for those that were paused when it began; documents are no reading of a stream.
COVERS = """(
    (not r.options ?| array['stream', 'streams', 'documents'] and (p.at is null or r.started_at < p.at))
    or r.options -> 'streams' ?| t.names or r.options ->> 'stream' = any(t.names)
)"""
STATEMENT = """
select t.source, t.stream, good.id, good.started_at, p.at is not null, coalesce(bad.number, 0), bad.newest
from (
    select source, stream, string_to_array(names, ' ') as names
    from unnest(%(sources)s::text[], %(streams)s::text[], %(names)s::text[]) as u (source, stream, names)
) as t
left join hub_schedule_pause as p on p.name = 'sync ' || t.source || '.' || t.stream and p.ended_at is null
    and (p.until is null or p.until > now())
left join lateral (
    select r.id, r.started_at from hub_run as r
    where r.kind = %(kind)s and r.subject = t.source and r.status = any(%(good)s) and {COVERS}
    order by r.id desc limit 1
) as good on true
left join lateral (
    select count(*) as number, max(id) as newest from (
        select r.id from hub_run as r
        where r.kind = %(kind)s and r.subject = t.source and r.status = any(%(bad)s) and {COVERS}
        and r.id > coalesce(good.id, 0)
        order by r.id desc limit %(most)s
    ) as failed
) as bad on true
""".replace("{COVERS}", COVERS)


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
    """Of one stream the last sync that published it (its id and start, UTC) and how many failed `since`, counted up to
    MOST_FAILED, with the id of the newest. `paused` says that it is left out now when its source is read.
    """

    run: int | None = None
    read_at: datetime | None = None
    paused: bool = False
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
        found += [KnownStream(SALESFORCE, name, every=org.times.get(name, "")) for name in SALESFORCE_OBJECTS]
    return found


def stream_reads(streams: Sequence[KnownStream]) -> dict[tuple[str, str], StreamRead]:
    """By source and stream. One query."""
    values: dict[str, Any] = {
        "sources": [each.source for each in streams],
        "streams": [each.stream for each in streams],
        "names": [" ".join(each.names) for each in streams],
        "kind": RunKind.SYNC.value,
        "good": [RunStatus.SUCCEEDED.value, RunStatus.PARTIAL.value],
        "bad": [RunStatus.FAILED.value, RunStatus.DEAD.value],
        "most": MOST_FAILED,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        return {(source, stream): StreamRead(*found) for source, stream, *found in cursor.fetchall()}
