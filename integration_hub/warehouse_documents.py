"""Puts whole documents into quarantine: one whose rows do not fit together would make a total silently wrong.

A document is its header with its lines, open items and allocations. It is held back as a whole when one of its own
rows cannot be read, when its lines do not add up to its net amount, or when more is open than its gross amount. Its
rows are kept with the reason as rejected ones, the mirror keeps what it knew of it, all other documents go on.

The cursor moves on all the same: a document that is corrected comes again with its new change mark. One that is
corrected without moving its mark is read again by the next full read, or at once by `manage.py sync --full`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import DataError, transaction
from psycopg import sql

from integration_hub.document_checks import Check, Rows, headers_of, rows_of
from integration_hub.staging import FULL, Staged
from integration_hub.warehouse import execute, one
from integration_hub.warehouse_compare import counted, forget_skipped, prepare
from integration_hub.warehouse_delta import Delta, value_of

BAD = sql.Identifier("bad_document")


@dataclass(frozen=True)
class Part:
    """Rows of a document in a table of their own, which name it in the column `reference`.

    `leads`: one of them that cannot be read holds the document back. `follows` only says that they go with it: an
    allocation is a matter of its payment as well.
    """

    table: str
    reference: str
    leads: bool = True


PARTS: Mapping[str, tuple[Part, ...]] = {
    "erp_order": (Part("erp_order_line", "order"),),
    "erp_delivery": (Part("erp_delivery_line", "delivery"),),
    "erp_invoice": (
        Part("erp_invoice_line", "invoice"),
        Part("erp_open_item", "invoice"),
        Part("erp_allocation", "invoice", leads=False),
    ),
}


@dataclass(frozen=True)
class Reads:
    """What a source has: the `streams` per mirror table by their full names, those that had nothing new (`unread`),
    and by how much lines may differ from their document (`tolerance`, an exact text): that much, and half of it for
    each line, because ERPs round every line.
    """

    source: str
    streams: Mapping[str, Sequence[str]]
    unread: Sequence[str]
    tolerance: str

    @property
    def unread_tables(self) -> frozenset[str]:
        """The tables of which nothing can differ from the mirror."""
        return frozenset(table for table, names in self.streams.items() if set(names) <= set(self.unread))


def hold_back(reads: Reads, staged: Sequence[Staged], deltas: Sequence[Delta]) -> list[Delta]:
    """The deltas without the rows of documents that do not fit together."""
    found = list(deltas)
    for table, parts in PARTS.items():
        places = [
            at for at, each in enumerate(staged) if each.stream.target in {table, *(part.table for part in parts)}
        ]
        if not places or not (parts_known(table, reads, staged) or any(found[at].rejected for at in places)):
            continue
        try:
            with transaction.atomic():
                _find(table, _rows(staged, found, places), reads)
        except DataError:
            # A first load was not looked at yet, and has a value that cannot be read: look at each.
            for at in places:
                if found[at].direct:
                    found[at] = _looked_at(found[at], staged[at])
            _find(table, _rows(staged, found, places), reads)
        if one(sql.SQL("select count(*) from {}").format(BAD)):
            for at in places:
                found[at] = _held(table, found[at])
            if not any(found[at].held for at in places):
                # A row that cannot be read and has nobody with it is no document in quarantine.
                for at in places:
                    execute(sql.SQL("update {} set document = null").format(found[at].skipped))
        execute(sql.SQL("drop table pg_temp.{}").format(BAD))
    return found


def parts_known(table: str, reads: Reads, staged: Sequence[Staged]) -> bool:
    """Whether there are both headers and parts to compare."""
    known = reads.unread_tables | {each.stream.target for each in staged}
    return table in known and any(part.table in known for part in PARTS[table])


def _looked_at(delta: Delta, staged: Staged) -> Delta:
    return prepare(delta.number, delta.stage, delta.columns, direct=False, every_value=staged.every_value)


def _rows(staged: Sequence[Staged], deltas: Sequence[Delta], places: Sequence[int]) -> list[Rows]:
    return [
        Rows(
            deltas[at],
            whole=staged[at].mode == FULL,
            complete=staged[at].complete if staged[at].mode == FULL else _brings_all(staged[at]),
            sums=staged[at].stream.sums,
        )
        for at in places
    ]


def _brings_all(staged: Staged) -> bool:
    """Whether a changed document comes with all rows of this stream, also between full reads."""
    return bool(staged.stream.parent or staged.stream.within)


def _find(table: str, rows: Sequence[Rows], reads: Reads) -> None:
    """Fill the table of bad documents (key, column_name, reason), each with the first reason that was found."""
    execute(sql.SQL("drop table if exists pg_temp.{}").format(BAD))
    execute(sql.SQL("create temp table {} (key varchar primary key, column_name text, reason text)").format(BAD))
    headers = rows_of(rows, table)
    for each in headers:
        _add_unreadable(each.delta, each.delta.columns.key.value, own=True)
    for part in PARTS[table]:
        for each in rows_of(rows, part.table):
            reference = value_of(each.delta, part.reference)
            if reference is None:
                continue
            if part.leads:
                _add_unreadable(each.delta, reference, own=False)
            _add_waiting(each.delta, reference, headers, reads.streams.get(table, ()))
    check = Check(reads.source, table, headers, reads.tolerance, reads.unread_tables)
    for part in PARTS[table]:
        reason = check.reason(part.table, part.reference, rows_of(rows, part.table))
        if reason is not None:
            execute(sql.SQL("insert into {} {} on conflict do nothing").format(BAD, reason))


def _add_unreadable(delta: Delta, document: sql.Composable, *, own: bool) -> None:
    """Documents of which a row was rejected; the rows that were rejected themselves learn their document."""
    if not delta.rejected:
        return
    told: sql.Composable = sql.SQL("k.column_name || ' ' || k.reason")
    if not own:
        told = (
            sql.SQL("'its row ' || coalesce({}, '') || ' cannot be read: ' || ").format(delta.columns.key.value) + told
        )
    execute(
        sql.SQL(
            "insert into {bad} select {document}, k.column_name, {told} from {skipped} as k join {stage} as s"
            " on s.ctid = k.pos where k.reason is not null and {document} is not null on conflict do nothing"
        ).format(bad=BAD, document=document, told=told, skipped=delta.skipped, stage=delta.stage.table)
    )
    execute(
        sql.SQL(
            "update {skipped} as k set document = {document} from {stage} as s"
            " where s.ctid = k.pos and k.reason is not null"
        ).format(skipped=delta.skipped, stage=delta.stage.table, document=document)
    )


def _add_waiting(delta: Delta, reference: sql.Composable, headers: Sequence[Rows], streams: Sequence[str]) -> None:
    """Documents whose header waits in quarantine since an earlier read, and was not delivered with these rows."""
    delivered = headers_of(headers)
    execute(
        sql.SQL(
            "insert into {bad} select distinct on (w.key) w.key, 'document', w.reason from hub_rejected_row as w"
            " where w.stream = any({streams}) and w.resolved_at is null and w.key <> ''"
            " and w.key in (select {reference} from {rows})"
            " and not exists (select 1 from ({delivered}) as h where h.key = w.key)"
            " order by w.key, w.id desc on conflict do nothing"
        ).format(
            bad=BAD,
            streams=sql.Literal(list(streams)),
            reference=reference,
            rows=delta.rows(),
            delivered=delivered,
        )
    )


def _held(table: str, delta: Delta) -> Delta:
    """The delta without the rows of bad documents, which it keeps as rejected ones."""
    own = delta.columns.target.table == table
    reference = next((part.reference for part in PARTS[table] if part.table == delta.columns.target.table), "key")
    document = delta.columns.key.value if own else value_of(delta, reference)
    if document is None:
        return delta
    reason = sql.SQL("b.reason") if own else sql.SQL("'its document ' || b.key || ' is in quarantine: ' || b.reason")
    column = sql.SQL("b.column_name") if own else sql.Literal(reference)
    held = execute(
        sql.SQL(
            "insert into {skipped} select s.ctid, {column}, {reason}, b.key from {stage} as s join {bad} as b"
            " on b.key = {document} where {kept} and not exists (select 1 from {skipped} as k where k.pos = s.ctid)"
        ).format(
            skipped=delta.skipped,
            column=column,
            reason=reason,
            stage=delta.stage.table,
            bad=BAD,
            document=document,
            kept=delta.columns.kept,
        )
    )
    _keep_in_mirror(delta, reference)
    delta = replace(delta, rejected=delta.rejected + held, held=held, keeps=True)
    if delta.direct:
        return replace(delta, inserted=delta.loaded)
    if held:
        forget_skipped(delta)
    return counted(delta)


def _keep_in_mirror(delta: Delta, reference: str) -> None:
    """List what the mirror has of these documents, so that nothing of it counts as gone."""
    execute(sql.SQL("create temp table {} (key varchar primary key)").format(delta.kept))
    if delta.direct:
        return
    column = sql.Identifier("m", str(delta.columns.target.fields[reference].column))
    execute(
        sql.SQL(
            "insert into {kept} select m.key from {mirror} as m where m.source = {source} and m.deleted_at is null"
            " and {column} in (select key from {bad}) union select {key} from {skipped} as k join {stage} as s"
            " on s.ctid = k.pos where k.document is not null and {key} is not null"
        ).format(
            kept=delta.kept,
            mirror=delta.mirror,
            source=delta.source,
            column=column,
            bad=BAD,
            key=delta.columns.key.value,
            skipped=delta.skipped,
            stage=delta.stage.table,
        )
    )
