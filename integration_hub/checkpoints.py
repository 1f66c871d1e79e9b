"""Reads that can go on after a kill: stage and place of each, kept in one transaction, until they are published."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from psycopg import sql

from integration_hub.models import ReadCheckpoint, StreamState
from integration_hub.warehouse import Stage, drop_table, one

LONGEST_AGE = timedelta(days=1)
"""An older beginning is not worth going on with: the read starts anew."""


def identity_of(question: str, configuration: str, state: StreamState) -> str:
    """A hash of what is asked, how it is read, and on which state of the mirror it is to be published.

    With another state a newer row could be overwritten by what was staged before.
    """
    published = state.as_of.isoformat() if state.as_of else ""
    return hashlib.sha256(f"{question}\n{configuration}\n{published}".encode()).hexdigest()


def checkpoint_of(stream: str, identity: str) -> ReadCheckpoint | None:
    """The beginning of this very read; one of another, or one that is too old, is dropped with its stage."""
    found = ReadCheckpoint.objects.filter(pk=stream).first()
    if found is None:
        return None
    recent = found.began_at > timezone.now() - LONGEST_AGE
    if found.identity == identity and recent and _is_whole(found):
        return found
    drop_checkpoints([stream])
    return None


def _is_whole(checkpoint: ReadCheckpoint) -> bool:
    """Whether the stage is still there as it was left: a crash of the database empties unlogged tables."""
    stage = stage_of(checkpoint)
    return all(_has_its_rows(each) for each in (stage, *stage.beside.values()))


def _has_its_rows(stage: Stage) -> bool:
    if one(sql.SQL("select to_regclass(quote_ident({})) is null").format(sql.Literal(stage.name))):
        return False
    return int(one(sql.SQL("select count(*) from {}").format(stage.table))) == stage.rows


def keep(
    stream: str, identity: str, stage: Stage, place: Mapping[str, str], *, as_of: datetime, began_at: datetime
) -> None:
    """Note the place behind a portion; an empty place notes nothing. Part of the transaction that stages it."""
    if not place:
        ReadCheckpoint.objects.filter(pk=stream).delete()
        return
    ReadCheckpoint.objects.update_or_create(
        stream=stream,
        defaults={
            "identity": identity,
            "stage": stage.name,
            "columns": list(stage.columns),
            "place": dict(place),
            "rows": stage.rows,
            "without_nul": stage.without_nul,
            "beside": {name: _told(each) for name, each in stage.beside.items()},
            "as_of": as_of,
            "began_at": began_at,
        },
    )


def stage_of(checkpoint: ReadCheckpoint) -> Stage:
    """The stage as far as it was filled."""
    beside = {
        name: Stage(each["stage"], tuple(each["columns"]), each["rows"], each["without_nul"])
        for name, each in checkpoint.beside.items()
    }
    return Stage(checkpoint.stage, tuple(checkpoint.columns), checkpoint.rows, checkpoint.without_nul, beside=beside)


def _told(stage: Stage) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "columns": list(stage.columns),
        "rows": stage.rows,
        "without_nul": stage.without_nul,
    }


def drop_checkpoints(streams: Iterable[str]) -> None:
    """Forget reads, and drop their stages."""
    for found in ReadCheckpoint.objects.filter(pk__in=list(streams)):
        found.delete()
        for name in found.stages:
            drop_table(name)


def release(stage: Stage) -> None:
    """Drop a stage, unless a later run may go on with it."""
    kept = {name for checkpoint in ReadCheckpoint.objects.all() for name in checkpoint.stages}
    if stage.name not in kept:
        drop_table(stage.name)
