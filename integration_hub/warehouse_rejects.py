"""Keeps rows that could not be understood: whole, with column and reason, until the same row loads."""

from datetime import datetime

from psycopg import sql

from integration_hub.models import RejectedRow, Run
from integration_hub.warehouse import execute, fetch
from integration_hub.warehouse_delta import Delta

# A broken delivery stops the run anyway; this many of its rows are enough to see why.
MOST_KEPT = 10_000


def keep_rejected(run: Run, stream: str, delta: Delta, at: datetime) -> None:
    """Store the rejected rows of this run. An earlier entry for the same row is replaced, so that it is listed once.

    `at` is the instant that the rows written by the run bear as well: what is written later is newer than these.
    """
    if not delta.rejected:
        return
    stage = delta.stage
    names = sql.Literal(list(stage.columns))
    values = sql.SQL(", ").join(stage.column(name) for name in stage.columns)
    execute(
        sql.SQL(
            'insert into hub_rejected_row (run_id, stream, key, document, position, "column", reason, record,'
            " rejected_at) select {run}, {stream}, coalesce(left({key}, 120), ''), coalesce(left(k.document, 120), ''),"
            " r.position, coalesce(k.column_name, ''), k.reason,"
            " jsonb_object({names}::text[], array[{values}]), {at} from {skipped} as k"
            " join (select s.ctid as pos, row_number() over (order by s.ctid) as position from {stage} as s) as r"
            " on r.pos = k.pos join {stage} as s on s.ctid = k.pos where k.reason is not null"
            " order by r.position limit {most}"
        ).format(
            run=sql.Literal(run.pk),
            at=sql.Literal(at),
            stream=sql.Literal(stream),
            key=delta.columns.key.value,
            names=names,
            values=values,
            skipped=delta.skipped,
            stage=stage.table,
            most=sql.Literal(MOST_KEPT),
        )
    )
    execute(
        sql.SQL(
            "delete from hub_rejected_row as old using hub_rejected_row as new where old.stream = {stream}"
            " and old.resolved_at is null and old.run_id <> {run} and new.run_id = {run} and new.stream = old.stream"
            " and new.key = old.key and (new.key <> '' or new.record = old.record)"
        ).format(stream=sql.Literal(stream), run=sql.Literal(run.pk))
    )


def resolve_rejected(stream: str, delta: Delta, at: datetime, *, whole: bool) -> int:
    """Mark earlier rejected rows as resolved whose key has now been loaded, or that a `whole` read no longer has."""
    waiting = sql.SQL("stream = {} and resolved_at is null and key <> ''").format(sql.Literal(stream))
    if delta.read == 0 or not fetch(sql.SQL("select 1 from hub_rejected_row where {} limit 1").format(waiting)):
        return 0
    return execute(
        sql.SQL(
            "update hub_rejected_row set resolved_at = {at} where {waiting}"
            " and (key in (select {key} from {rows}) or {left}) and not exists (select 1 from {skipped} as k"
            " join {stage} as s on s.ctid = k.pos where k.reason is not null and {key} = hub_rejected_row.key)"
        ).format(
            waiting=waiting,
            at=sql.Literal(at),
            left=sql.SQL("true" if whole else "false"),
            key=delta.columns.key.value,
            rows=delta.rows(),
            skipped=delta.skipped,
            stage=delta.stage.table,
        )
    )


def document_waits(source: str) -> bool:
    """Whether a document of the source is in quarantine: then all files are read again, whichever brings the cure."""
    waiting = RejectedRow.objects.filter(stream__startswith=f"{source}.", resolved_at=None)
    return waiting.exclude(document="").exists()
