"""Rejected rows on their way back: their stored records in a stage, those that a newer version has overtaken, and what
became of each.
"""

from collections.abc import Mapping, Sequence

from django.db.models import F
from django.utils import timezone
from psycopg import sql

from integration_hub.columns import ColumnMap
from integration_hub.erp.copy_text import copy_text
from integration_hub.models import RejectedRow, ReplayOutcome, Run
from integration_hub.warehouse import Stage, WithoutNul, copied, create_stage, drop_table, execute, fetch, stage_name
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_documents import PARTS

ID = "hub_rejected_row"
"""The stage's own column with the id of the rejected row that a record stands in; no source's column is named so."""


def stage_records(run: Run, stream: str, rows: Sequence[RejectedRow]) -> Stage:
    """The records as they came from the source, as if they were delivered now. Columns are those of any of them."""
    names = tuple(dict.fromkeys(name for row in rows for name in row.record))
    columns = (*names, ID)
    name = stage_name(run.pk, stream)
    drop_table(name)
    create_stage(name, len(columns))
    statement = sql.SQL("copy {} from stdin (format text, encoding 'UTF8')").format(sql.Identifier(name))
    records = ((*(row.record.get(column) for column in names), str(row.pk)) for row in rows)
    count = copied(statement, WithoutNul(copy_text(records)), stream)
    return Stage(name, columns, count)


def overtaken(stage: Stage, columns: ColumnMap, document: str) -> set[int]:
    """Ids of rejected rows that are older than what the mirror has: the row itself, or its document, was written, or
    went, after the record came. Where both versions have a change mark, the marks decide instead.

    `document` is the field that names a line's document; empty where the rows are documents themselves.
    """
    stamp = next((each for each in columns.columns if each.name == "source_modified_at"), None)
    stored = (
        sql.SQL("case when ({}) is null then {} end").format(stamp.problem, stamp.value)
        if stamp
        else sql.SQL("null::timestamptz")
    )
    newer = sql.SQL(
        "(m.deleted_at > r.rejected_at or case when m.source_modified_at is null or {stored} is null"
        " or m.source_modified_at = {stored} then m.synced_at > r.rejected_at"
        " else m.source_modified_at > {stored} end)"
    ).format(stored=stored)
    mirror = sql.Identifier(columns.target.table)
    found = _ids(
        stage,
        sql.SQL("exists (select 1 from {} as m where m.key = {} and {})").format(mirror, columns.key.value, newer),
    )
    # Another row of the same document has loaded since: so the document was, without this row.
    found |= _ids(
        stage,
        sql.SQL(
            "r.document <> '' and exists (select 1 from hub_rejected_row as o where o.document = r.document"
            " and o.resolved_at > r.rejected_at and o.outcome = '' and split_part(o.stream, '.', 1)"
            " = split_part(r.stream, '.', 1))"
        ),
    )
    if document:
        column = sql.Identifier("m", str(columns.target.fields[document].column))
        sibling = sql.SQL(
            "r.document <> '' and exists (select 1 from {} as m where {} = r.document and m.synced_at > r.rejected_at)"
        ).format(mirror, column)
        found |= _ids(stage, sibling)
    return found


def _ids(stage: Stage, condition: sql.Composable) -> set[int]:
    rows = fetch(
        sql.SQL("select r.id from {} as s join hub_rejected_row as r on r.id = {}::bigint where {}").format(
            stage.table, stage.column(ID), condition
        )
    )
    return {int(pk) for (pk,) in rows}


def left_behind(rows: Sequence[RejectedRow]) -> set[int]:
    """Lines of a document that a later delivery of it, rejected as well, no longer had: a document comes whole."""
    newest: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.document:
            at = (row.stream, row.document)
            newest[at] = max(newest.get(at, 0), row.run_ref_id)
    return {row.pk for row in rows if row.document and row.run_ref_id < newest[(row.stream, row.document)]}


def without(stage: Stage, gone: set[int]) -> int:
    """Take records out of the stage; returns how many stay."""
    if gone:
        execute(
            sql.SQL("delete from {} as s where {}::bigint = any({})").format(
                stage.table, stage.column(ID), sql.Literal(sorted(gone))
            )
        )
    return stage.rows - len(gone)


def note_overtaken(run: Run, gone: set[int]) -> None:
    """Resolve rows that a newer version has overtaken."""
    RejectedRow.objects.filter(pk__in=gone).update(
        resolved_at=timezone.now(),
        outcome=ReplayOutcome.OVERTAKEN,
        replays=F("replays") + 1,
        replayed_by=run.pk,
    )


def settle_replayed(run: Run, delta: Delta) -> None:
    """Write what became of each record: loaded and resolved, or left with the reason that it has now."""
    stage, row = delta.stage, delta.stage.column(ID)
    tried = sql.SQL("replays = replays + 1, replayed_by = {}").format(sql.Literal(run.pk))
    execute(
        sql.SQL(
            "update hub_rejected_row as r set {tried}, reason = k.reason, \"column\" = coalesce(k.column_name, ''),"
            " document = coalesce(left(k.document, 120), '') from {skipped} as k join {stage} as s on s.ctid = k.pos"
            " where k.reason is not null and r.id = {row}::bigint"
        ).format(tried=tried, skipped=delta.skipped, stage=stage.table, row=row)
    )
    kept = sql.SQL("coalesce({}, false)").format(delta.columns.kept)
    execute(
        sql.SQL(
            "update hub_rejected_row as r set {tried}, resolved_at = now(), outcome = case when not {kept} then {out}"
            " when exists (select 1 from {skipped} as k where k.pos = s.ctid) then {old} else {loaded} end"
            " from {stage} as s where r.id = {row}::bigint and r.resolved_at is null"
            " and not exists (select 1 from {skipped} as k where k.pos = s.ctid and k.reason is not null)"
        ).format(
            tried=tried,
            kept=kept,
            out=sql.Literal(ReplayOutcome.FILTERED.value),
            old=sql.Literal(ReplayOutcome.OVERTAKEN.value),
            loaded=sql.Literal(ReplayOutcome.LOADED.value),
            skipped=delta.skipped,
            stage=stage.table,
            row=row,
        )
    )


def documents_of(target: str, fields: Mapping[str, object]) -> str:
    """The field of a mirror table that names a row's document; empty where its rows are documents, or have none."""
    for parts in PARTS.values():
        for part in parts:
            if part.table == target and part.leads and part.reference in fields:
                return part.reference
    return ""
