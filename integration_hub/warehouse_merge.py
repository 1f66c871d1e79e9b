"""Writes a prepared difference into the mirror. Runs inside the publish transaction only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import DataError, IntegrityError, models, transaction
from psycopg import sql

from integration_hub import warehouse_beside
from integration_hub.columns import ColumnMap, Mapped
from integration_hub.failpoints import reached
from integration_hub.streams import GONE
from integration_hub.warehouse import execute
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_fingerprint import renew_fingerprints, staged_fingerprint
from integration_hub.warehouse_touched import mark_changed, touch

TOUCHED = (("touched_customer", "old_customer"), ("touched_account", "old_account"))
# A load of at least this many rows gives the planner new statistics before rollups read the table.
ANALYZE_FROM = 1000


class DirectLoadError(Exception):
    """A first load met a row that does not fit: the stream needs the comparison that looks at every value."""

    def __init__(self, delta: Delta) -> None:
        self.delta = delta
        super().__init__(f"{delta.stage.name} cannot be loaded as a whole")


@dataclass(frozen=True)
class Stamp:
    """What every written row carries: the run's id and the instant of publishing (UTC)."""

    run: int
    at: datetime

    def run_value(self) -> sql.Composable:
        """The run as a value."""
        return sql.Literal(self.run)

    def at_value(self) -> sql.Composable:
        """The instant as a value."""
        return sql.Literal(self.at)


def merge(delta: Delta, stamp: Stamp) -> None:
    """Insert, update and mark as gone what the delta says; note whom it touches."""
    if delta.direct:
        _load_whole(delta, stamp)
    else:
        _note_changed(delta)
        if delta.renewed:
            renew_fingerprints(delta)
        if delta.inserted:
            _insert(delta, stamp)
        if delta.updated:
            _update(delta, stamp)
    reached(f"after_merge:{delta.columns.target.table}")
    if delta.inserted + delta.updated >= ANALYZE_FROM:
        execute(sql.SQL("analyze {}").format(delta.mirror))


def _load_whole(delta: Delta, stamp: Stamp) -> None:
    """First load: every row at once, with keys and indexes built afterwards where that keeps no reader waiting."""
    try:
        with transaction.atomic():
            afterwards = warehouse_beside.begin(delta.columns.target.table)
            values = [column.strict(sql.Identifier("t", f"new_{column.column}")) for column in delta.columns.stored]
            selected = sql.SQL(", ").join(
                sql.SQL("{} as {}").format(column.value, sql.Identifier(f"new_{column.column}"))
                for column in delta.columns.stored
            )
            selected += sql.SQL(", {} as fingerprint").format(staged_fingerprint(delta.columns))
            # The fence (offset 0) lets each value be cast once, although it is tested and stored.
            rows = sql.SQL("(select {} from {} offset 0) as t").format(selected, delta.rows())
            execute(_insert_statement(delta, stamp, values, rows, sql.SQL("true")))
            for statement in afterwards:
                execute(sql.SQL(statement))
    except (DataError, IntegrityError) as error:
        raise DirectLoadError(delta) from error
    target = delta.columns.target
    for table, column in (("touched_customer", target.customer_column), ("touched_account", target.account_column)):
        if column:
            touch(table, sql.SQL("select distinct {} from {}").format(sql.Identifier(column), delta.mirror))
    mark_changed(target.table)


def _insert(delta: Delta, stamp: Stamp) -> None:
    values = [sql.Identifier("t", f"new_{column.column}") for column in delta.columns.stored]
    rows = sql.SQL("{} as t").format(delta.changes)
    execute(_insert_statement(delta, stamp, values, rows, sql.SQL("t.is_new")))


def _insert_statement(
    delta: Delta, stamp: Stamp, values: Iterable[sql.Composable], rows: sql.Composable, where: sql.Composable
) -> sql.Composable:
    columns = delta.columns
    tombstone = _tombstone(columns, stamp)
    fixed: list[tuple[str, sql.Composable]] = [
        ("source", delta.source),
        ("synced_at", stamp.at_value()),
        ("run", stamp.run_value()),
        ("fingerprint", sql.SQL("t.fingerprint")),
        ("deleted_at", tombstone[0]),
        ("gone_reason", tombstone[1]),
        *_defaults(columns),
    ]
    names = [column.column for column in columns.stored] + [name for name, _ in fixed]
    return sql.SQL("insert into {} ({}) select {} from {} where {}").format(
        delta.mirror,
        sql.SQL(", ").join(sql.Identifier(name) for name in names),
        sql.SQL(", ").join([*values, *(value for _, value in fixed)]),
        rows,
        where,
    )


def _defaults(columns: ColumnMap) -> list[tuple[str, sql.Composable]]:
    """Values of the columns that the stream does not deliver and that may not be null."""
    return [
        (str(field.column), _default(field))
        for name, field in columns.target.fields.items()
        if name not in columns.names and not field.null
    ]


def _default(field: "models.Field[object, object]") -> sql.Composable:
    if isinstance(field, models.JSONField):
        return sql.SQL("'{}'::jsonb")
    return sql.Literal(field.get_default())


def _tombstone(columns: ColumnMap, stamp: Stamp) -> tuple[sql.Composable, sql.Composable]:
    """deleted_at and gone_reason of a new row, by what the source says of it."""
    if not _says_gone(columns):
        return sql.SQL("null::timestamptz"), sql.Literal("")
    merged = sql.SQL("false")
    if "master_record" in columns.names:
        merged = sql.SQL("coalesce(t.new_master_record, '') <> ''")
    return (
        sql.SQL("case when t.new_gone then {} end").format(stamp.at_value()),
        sql.SQL("case when not t.new_gone then '' when {} then 'merged' else 'deleted' end").format(merged),
    )


def _says_gone(columns: ColumnMap) -> bool:
    return any(column.name == GONE for column in columns.columns)


def _update(delta: Delta, stamp: Stamp) -> None:
    columns = delta.columns
    deleted, reason = _tombstone(columns, stamp)
    if _says_gone(columns):
        # A row that was gone before keeps the day it went.
        deleted = sql.SQL("case when t.new_gone then coalesce(m.deleted_at, {}) end").format(stamp.at_value())
    sets = [_set(column) for column in columns.stored if column.name != "key"]
    sets += [
        sql.SQL("synced_at = {}").format(stamp.at_value()),
        sql.SQL("run = {}").format(stamp.run_value()),
        sql.SQL("fingerprint = t.fingerprint"),
        sql.SQL("deleted_at = {}").format(deleted),
        sql.SQL("gone_reason = {}").format(reason),
    ]
    execute(
        sql.SQL("update {} as m set {} from {} as t where m.key = t.new_key and not t.is_new").format(
            delta.mirror, sql.SQL(", ").join(sets), delta.changes
        )
    )


def _set(column: Mapped) -> sql.Composable:
    return sql.SQL("{} = {}").format(sql.Identifier(column.column), sql.Identifier("t", f"new_{column.column}"))


def _note_changed(delta: Delta) -> None:
    """Touch the customers and accounts, old and new, of every row that is written."""
    if not delta.inserted + delta.updated:
        return
    target = delta.columns.target
    mapped = {column.column for column in delta.columns.stored}
    for (table, old), column in zip(TOUCHED, (target.customer_column, target.account_column), strict=True):
        if column:
            new = sql.SQL(" union select {} from {}").format(sql.Identifier(f"new_{column}"), delta.changes)
            touch(
                table,
                sql.SQL("select {} from {}{}").format(
                    sql.Identifier(old), delta.changes, new if column in mapped else sql.SQL("")
                ),
            )
    mark_changed(target.table)


def bury_gone(delta: Delta, stamp: Stamp, *, closes: bool = False) -> int:
    """Mark the rows of the delta's list of gone keys; returns how many. `closes` keeps them, with status closed."""
    target = delta.columns.target
    for table, column in (("touched_customer", target.customer_column), ("touched_account", target.account_column)):
        if column:
            touch(
                table,
                sql.SQL("select m.{} from {} as m join {} as g on g.key = m.key where m.deleted_at is null").format(
                    sql.Identifier(column), delta.mirror, delta.gone
                ),
            )
    if closes:
        _close(delta, stamp)
    buried = execute(
        sql.SQL(
            "update {} as m set deleted_at = {at}, gone_reason = g.reason, synced_at = {at}, run = {run},"
            " fingerprint = null"
            " from {} as g where g.key = m.key and m.deleted_at is null{only}"
        ).format(
            delta.mirror,
            delta.gone,
            at=stamp.at_value(),
            run=stamp.run_value(),
            only=sql.SQL(" and g.reason = 'excluded'" if closes else ""),
        )
    )
    if buried:
        mark_changed(target.table)
    return buried


def _close(delta: Delta, stamp: Stamp) -> None:
    """Close the listed rows, but for those that a filter leaves out now. A row that comes back is written anew."""
    closed = execute(
        sql.SQL(
            "update {} as m set status = case when m.status in ('done', 'cancelled') then m.status else 'closed' end,"
            " gone_reason = 'closed', synced_at = {at}, run = {run}, fingerprint = null"
            " from {} as g where g.key = m.key and g.reason <> 'excluded' and m.deleted_at is null"
        ).format(delta.mirror, delta.gone, at=stamp.at_value(), run=stamp.run_value())
    )
    if closed:
        mark_changed(delta.columns.target.table)
