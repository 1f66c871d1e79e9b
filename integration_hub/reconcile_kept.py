"""Rows that the mirror keeps although their source has them no more: their document waits in quarantine, and with it
all that was known of it. They are no difference. What the source still has of such a document, and was not sent again,
is compared as ever.
"""

from psycopg import sql

from integration_hub.staging import FULL, Staged
from integration_hub.warehouse import fetch
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_documents import PARTS


def kept_rows(staged: Staged, delta: Delta) -> list[str]:
    """The keys of these rows, told from what was read."""
    if staged.stage.unread:
        # The source has exactly the rows that are here.
        return []
    if staged.mode != FULL:
        # A document that was sent came with all its lines; of other rows a read of some says nothing.
        comes_whole = bool(staged.stream.parent or staged.stream.within)
        return rows_of_waiting(delta, sent_with=staged.name) if comes_whole else []
    keys = rows_of_waiting(delta)
    if not keys:
        return []
    statement = sql.SQL("select key from (select {} as key from {}) as h where key = any({})").format(
        delta.columns.key.value, delta.rows(), sql.Literal(keys)
    )
    there = {str(key) for (key,) in fetch(statement)}
    return [key for key in keys if key not in there]


def rows_of_waiting(delta: Delta, *, sent_with: str = "") -> list[str]:
    """The keys of the mirror's rows whose document waits in quarantine; with `sent_with` only of those documents that
    were sent themselves, or of which this stream "<source>.<stream>" sent a row.
    """
    reference = _reference(delta)
    if not reference:
        return []
    only = sql.SQL(" and (w.stream = {} or w.key = w.document)").format(sql.Literal(sent_with))
    statement = sql.SQL(
        "select m.key from {mirror} as m where m.source = {source} and m.deleted_at is null and m.{document} in"
        " (select w.document from hub_rejected_row as w where w.resolved_at is null and w.document <> ''{only})"
        " order by m.key"
    ).format(
        mirror=delta.mirror,
        source=delta.source,
        document=sql.Identifier(str(delta.columns.target.fields[reference].column)),
        only=only if sent_with else sql.SQL(""),
    )
    return [str(key) for (key,) in fetch(statement)]


def _reference(delta: Delta) -> str:
    """The column that names a row's document; empty where rows belong to none."""
    table = delta.columns.target.table
    return next((part.reference for parts in PARTS.values() for part in parts if part.table == table), "")
