"""Fills a stage portion by portion, each in its own transaction with the place behind it."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from psycopg import sql

from integration_hub import checkpoints
from integration_hub.failpoints import reached
from integration_hub.models import ReadCheckpoint
from integration_hub.sources import Extract, Portion
from integration_hub.warehouse import Stage, WithoutNul, copied, create_stage, execute, stage_name


@dataclass(frozen=True)
class Resumable:
    """A read that may go on later: the stream's full name, what was asked, and what an earlier run left."""

    name: str
    identity: str
    left: ReadCheckpoint | None


def fill_portions(run: int, stream: str, extract: Extract, resumable: Resumable | None) -> Stage:
    """Copy an extract's portions into its stage. Raises SourceProblem for bytes that are no rows of text."""
    left = resumable.left if resumable else None
    beside = {name: Stage(stage_name(run, name), columns, 0) for name, columns in extract.beside.items()}
    stage = checkpoints.stage_of(left) if left else Stage(stage_name(run, stream), extract.columns, 0, beside=beside)
    began = left.began_at if left else extract.as_of
    as_of = left.as_of if left else extract.as_of
    for number, portion in enumerate(extract.portions or (), 1):
        with transaction.atomic():
            stage = _stored(stage, portion, stream, fresh=portion.fresh)
            if portion.fresh:
                as_of = began = extract.as_of
            _keep(resumable, stage, portion, as_of, began)
            reached(f"within_portion:{stream}:{number}")
        reached(f"after_portion:{stream}:{number}")
    return stage


def _stored(stage: Stage, portion: Portion, stream: str, *, fresh: bool) -> Stage:
    if fresh:
        stage = replace(_emptied(stage), beside={name: _emptied(each) for name, each in stage.beside.items()})
    stage = _copied(stage, portion, stream)
    beside = {
        name: _copied(stage.beside[name], Portion(stage.beside[name].columns, "text", chunks, {}), name)
        for name, chunks in portion.beside.items()
    }
    return replace(stage, beside={**stage.beside, **beside})


def _emptied(stage: Stage) -> Stage:
    execute(sql.SQL("drop table if exists {}").format(stage.table))
    create_stage(stage.name, len(stage.columns))
    return replace(stage, rows=0, without_nul=0)


def _copied(stage: Stage, portion: Portion, stream: str) -> Stage:
    places = [f"c{stage.columns.index(name) + 1}" for name in portion.columns]
    statement = sql.SQL("copy {} ({}) from stdin (format {}, encoding 'UTF8')").format(
        stage.table, sql.SQL(", ").join(map(sql.Identifier, places)), sql.SQL(portion.format)
    )
    chunks = WithoutNul(portion.chunks)
    rows = copied(statement, chunks, stream)
    removed, size = stage.without_nul + chunks.removed, stage.bytes + chunks.bytes
    return replace(stage, rows=stage.rows + rows, without_nul=removed, bytes=size)


def _keep(resumable: Resumable | None, stage: Stage, portion: Portion, as_of: datetime, began: datetime) -> None:
    if resumable:
        checkpoints.keep(resumable.name, resumable.identity, stage, portion.place, as_of=as_of, began_at=began)
