"""Lists the rows behind each number of a run, in the transaction that publishes them: so they add up for good."""

from datetime import datetime, timedelta

from psycopg import sql

from integration_hub.models import Run, RunRow
from integration_hub.warehouse import execute
from integration_hub.warehouse_delta import Delta

MOST_LISTED = 5_000
"""A larger number, such as that of a first load, has no list: the mark in the mirror's rows has to do."""
KEPT = timedelta(days=60)


def list_rows(run: Run, stream: str, delta: Delta) -> None:
    """Keep the keys of what the run did with a stream. Asked after the merge, while the delta's tables are there."""
    if 0 < delta.inserted <= MOST_LISTED and not delta.direct:
        _keep(run, stream, "inserted", sql.SQL("select new_key as key from {} where is_new").format(delta.changes))
    if 0 < delta.updated <= MOST_LISTED:
        _keep(run, stream, "updated", sql.SQL("select new_key as key from {} where not is_new").format(delta.changes))
    if 0 < delta.duplicates <= MOST_LISTED:
        _keep(run, stream, "duplicate", _duplicates(delta))
    gone = sql.SQL(
        "select m.key from {gone} as g join {mirror} as m on m.key = g.key"
        " where m.run = {run} and m.deleted_at is not null limit {most}"
    ).format(gone=delta.gone, mirror=delta.mirror, run=sql.Literal(run.pk), most=sql.Literal(MOST_LISTED + 1))
    if _keep(run, stream, "deleted", gone) > MOST_LISTED:
        RunRow.objects.filter(run_ref=run, stream=stream, change="deleted").delete()


def _duplicates(delta: Delta) -> sql.Composable:
    return sql.SQL(
        "select {key} as key from {skipped} as k join {stage} as s on s.ctid = k.pos where k.reason is null"
    ).format(key=delta.columns.key.value, skipped=delta.skipped, stage=delta.stage.table)


def _keep(run: Run, stream: str, change: str, keys: sql.Composable) -> int:
    return execute(
        sql.SQL(
            "insert into hub_run_row (run_id, stream, change, key)"
            " select {run}, {stream}, {change}, k.key from ({keys}) as k where k.key is not null order by k.key"
        ).format(run=sql.Literal(run.pk), stream=sql.Literal(stream), change=sql.Literal(change), keys=keys)
    )


def forget_old_lists(now: datetime) -> int:
    """Remove the lists of the oldest run that has any, if they are old enough; returns how many rows went."""
    oldest = RunRow.objects.order_by("run_ref_id").values_list("run_ref_id", "run_ref__requested_at").first()
    if oldest is None or oldest[1] > now - KEPT:
        return 0
    return RunRow.objects.filter(run_ref_id=oldest[0]).delete()[0]
