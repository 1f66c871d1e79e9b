"""Finds rows that left their source: missing from a complete snapshot, from their document, or filtered out now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import sql

from integration_hub.config import StreamConfig
from integration_hub.streams import GRANTS_ACCESS
from integration_hub.warehouse import Stage, execute, one
from integration_hub.warehouse_delta import Delta, value_of

CLOSED = "closed"
"""The reason of streams whose source forgets finished documents: their rows stay, and their status says so."""
NOTHING_REMOVED = "Nothing was removed; rows that left the source are still shown."


@dataclass(frozen=True)
class Guard:
    """Why rows that seem to have left are kept all the same: a notice's code, text and remedy."""

    code: str
    text: str
    remedy: str


def find_missing(
    stream: StreamConfig,
    delta: Delta,
    others: Sequence[Delta],
    parents: Sequence[Delta],
    *,
    complete: bool,
    max_deleted_share: float,
) -> Guard | None:
    """List the live rows of the source that a snapshot no longer has; a Guard where that would be unsafe.

    `others` are the deltas of further streams that fill the same table: a row counts as missing only when none has it.
    With a Guard nothing is listed, except lines of a document that was delivered, which comes with all its lines, or
    that has itself left with one of the `parents`.
    """
    if delta.direct or delta.same_keys:
        return None
    unsafe = _unsafe([delta, *others], complete=complete)
    if unsafe is not None:
        return unsafe
    held = sql.SQL(" union all ").join(
        sql.SQL("select {} as key from {}").format(each.columns.key.value, each.rows()) for each in (delta, *others)
    )
    execute(
        sql.SQL(
            "insert into {gone} select m.key, {reason} from {mirror} as m where m.source = {source}"
            " and m.deleted_at is null and m.gone_reason <> 'closed'"
            " and not exists (select 1 from ({held}) as h where h.key = m.key) on conflict do nothing"
        ).format(
            gone=delta.gone, reason=sql.Literal(stream.gone_reason), mirror=delta.mirror, source=delta.source, held=held
        )
    )
    _spare(delta, (delta, *others))
    return _too_many(delta, _of_absent_document(stream, (delta, *others), parents), max_deleted_share)


def _spare(delta: Delta, keeping: Sequence[Delta]) -> None:
    """Take rows of documents in quarantine off the list: what was known of them stays."""
    for each in keeping:
        if each.keeps:
            execute(sql.SQL("delete from {} as g using {} as k where k.key = g.key").format(delta.gone, each.kept))


def _of_absent_document(stream: StreamConfig, deltas: Sequence[Delta], parents: Sequence[Delta]) -> sql.Composable:
    """Which listed rows `g` belong to a document of which nothing is known; all rows where they have no document."""
    references = [(each, value_of(each, stream.parent)) for each in deltas]
    known = [sql.SQL("select {} from {}").format(value, each.rows()) for each, value in references if value is not None]
    if not known:
        return sql.SQL("true")
    known += [sql.SQL("select key from {}").format(parent.gone) for parent in parents]
    return sql.SQL(
        "not exists (select 1 from {mirror} as m join ({known}) as d (key) on d.key = {document} where m.key = g.key)"
    ).format(
        mirror=deltas[0].mirror,
        known=sql.SQL(" union ").join(known),
        document=sql.Identifier("m", str(deltas[0].columns.target.fields[stream.parent].column)),
    )


def _unsafe(deltas: Sequence[Delta], *, complete: bool) -> Guard | None:
    if not complete:
        return Guard(
            "incomplete",
            f"The last delivery was not the whole content of the source. {NOTHING_REMOVED}",
            "Nothing to do if the next delivery is whole.",
        )
    if any(delta.rejected > delta.held for delta in deltas):
        return Guard(
            "rejected_rows",
            f"The last snapshot had rows that could not be read. {NOTHING_REMOVED}",
            "Correct the rejected rows in the source; the next full read removes what has left.",
        )
    is_empty = not sum(delta.read for delta in deltas) and deltas[0].columns.target.table not in GRANTS_ACCESS
    # Where nothing was known, as of quotes in an org that makes none, nothing is missing.
    if is_empty and any(_has_live_rows(delta) for delta in deltas):
        return Guard(
            "empty_snapshot",
            f"The last snapshot was empty. {NOTHING_REMOVED}",
            "Check that the source still delivers this object.",
        )
    return None


def _has_live_rows(delta: Delta) -> bool:
    statement = "select count(*) from (select from {} where source = {} and deleted_at is null limit 1) as known"
    return bool(one(sql.SQL(statement).format(delta.mirror, delta.source)))


def _too_many(delta: Delta, absent: sql.Composable, max_deleted_share: float) -> Guard | None:
    """Take rows of absent documents off the list again where they are too large a share of the live rows."""
    missing = int(one(sql.SQL("select count(*) from {} as g where {}").format(delta.gone, absent)))
    if not missing:
        return None
    live = int(
        one(
            sql.SQL(
                "select count(*) from {} where source = {} and deleted_at is null and gone_reason <> 'closed'"
            ).format(delta.mirror, delta.source)
        )
    )
    if missing <= max_deleted_share * live or delta.columns.target.table in GRANTS_ACCESS:
        return None
    execute(sql.SQL("delete from {} as g where {}").format(delta.gone, absent))
    return Guard(
        "too_many_deletions",
        f"{missing:,} of {live:,} rows are missing from the last snapshot, more than the limit of "
        f"{max_deleted_share:.0%}. None of them was removed; they are still shown.",
        "If they have really left, raise max_deleted_share in hub.toml for one run; otherwise correct the delivery.",
    )


def find_filtered(delta: Delta) -> None:
    """List rows that are in the mirror but are now left out by the stream's filters."""
    if not delta.filtered:
        return
    execute(
        sql.SQL(
            "insert into {gone} select distinct m.key, 'excluded' from {stage} as s"
            " join {mirror} as m on m.key = {key} and m.deleted_at is null where not ({kept}) on conflict do nothing"
        ).format(
            gone=delta.gone,
            stage=delta.stage.table,
            mirror=delta.mirror,
            key=delta.columns.key.value,
            kept=delta.columns.kept,
        )
    )
    _spare(delta, (delta,))


def find_dropped_children(stream: StreamConfig, delta: Delta, parents: Sequence[Delta]) -> Guard | None:
    """List lines of a changed document that this delivery no longer has: a document comes with all its lines.

    Changed is a document whose lines were delivered, or that is new, changed or gone in one of the `parents`; a
    document that is closed when it is gone keeps its lines.
    """
    reference = value_of(delta, stream.parent)
    if delta.direct or reference is None:
        return None
    if delta.rejected > delta.held:
        return Guard(
            "rejected_rows",
            "Lines could not be read, so lines that their documents no longer have were not removed.",
            "Correct the rejected rows in the source; the next full read removes what has left.",
        )
    documents = [sql.SQL("select {} from {}").format(reference, delta.rows())]
    for parent in parents:
        # Of files of changed rows those of the documents may be ahead of those of their lines.
        if not parent.direct and stream.delivery == "full":
            documents.append(sql.SQL("select new_key from {}").format(parent.changes))
        if stream.gone_reason != CLOSED:
            documents.append(sql.SQL("select key from {}").format(parent.gone))
    column = sql.Identifier("m", str(delta.columns.target.fields[stream.parent].column))
    execute(
        sql.SQL(
            "insert into {gone} select m.key, 'deleted' from {mirror} as m where m.source = {source}"
            " and m.deleted_at is null and {column} in ({documents})"
            " and not exists (select 1 from (select {key} as key from {rows}) as h where h.key = m.key)"
            " on conflict do nothing"
        ).format(
            gone=delta.gone,
            mirror=delta.mirror,
            source=delta.source,
            column=column,
            documents=sql.SQL(" union ").join(documents),
            key=delta.columns.key.value,
            rows=delta.rows(),
        )
    )
    _spare(delta, (delta,))
    return None


def find_named(delta: Delta, keys: Sequence[str]) -> None:
    """List rows that the source names as deleted and that this read did not bring."""
    if not keys:
        return
    execute(
        sql.SQL(
            "insert into {gone} select m.key, 'deleted' from {mirror} as m where m.key = any({keys})"
            " and m.deleted_at is null and not exists (select 1 from (select {key} as key from {rows}) as h"
            " where h.key = m.key) on conflict do nothing"
        ).format(
            gone=delta.gone,
            mirror=delta.mirror,
            keys=sql.Literal(list(keys)),
            key=delta.columns.key.value,
            rows=delta.rows(),
        )
    )
    _spare(delta, (delta,))


def find_swept(
    delta: Delta,
    ids: Stage,
    began: datetime,
    max_deleted_share: float,
    *,
    prefix: str = "",
    others: Sequence[Stage] = (),
) -> Guard | None:
    """List live rows whose key is not `prefix` and one of all ids of the source; a Guard where that would be unsafe.

    A row written since the reading of the ids `began` is younger than they are. `others` are the ids of further streams
    that fill the same table.
    """
    if not ids.rows and not any(each.rows for each in others):
        unsafe = _unsafe([replace(delta, read=0, rejected=0)], complete=True)
        if unsafe is not None:
            return unsafe
    execute(
        sql.SQL(
            "insert into {gone} select m.key, 'deleted' from {mirror} as m where m.source = {source}"
            " and m.deleted_at is null and m.gone_reason <> 'closed' and m.synced_at < {began}"
            " {absent} on conflict do nothing"
        ).format(
            gone=delta.gone,
            mirror=delta.mirror,
            source=delta.source,
            began=sql.Literal(began),
            absent=sql.SQL(" ").join(
                sql.SQL("and not exists (select 1 from {} as s where {} || s.c1 = m.key)").format(
                    each.table, sql.Literal(prefix)
                )
                for each in (ids, *others)
            ),
        )
    )
    return _too_many(delta, sql.SQL("true"), max_deleted_share)
