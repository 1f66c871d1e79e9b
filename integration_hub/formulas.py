"""Refreshes formula and roll-up fields, which change without any mark: only these columns are read, only what differs
is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from psycopg import sql

from integration_hub import locks
from integration_hub.columns import ColumnMap
from integration_hub.config import StreamConfig, hub
from integration_hub.models import Run, StreamRun, StreamState
from integration_hub.publish import Publication
from integration_hub.runs import Outcome, settle
from integration_hub.sources import RecordSource, SourceProblem, opened_source
from integration_hub.staging import extract_columns
from integration_hub.streams import full_name
from integration_hub.sync import no_sync_beside
from integration_hub.warehouse import Stage, drop_stage, drop_table, execute, one
from integration_hub.warehouse_merge import Stamp
from integration_hub.warehouse_portions import fill_portions
from integration_hub.warehouse_touched import create_touched, drop_touched, mark_changed, touch

MODE = "formulas"


@dataclass(frozen=True)
class _Refresh:
    """One stream's computed columns in their stage."""

    stream: StreamConfig
    name: str
    fields: tuple[str, ...]
    stage: Stage
    columns: ColumnMap
    as_of: datetime
    calls: int

    @property
    def changes(self) -> sql.Identifier:
        """Temporary table (key, account, a column per value) with the rows that differ."""
        return sql.Identifier(f"formula_{self.columns.target.table}")


def run_formulas(run: Run) -> Outcome:
    """Refresh the computed fields of every stream that was loaded before. Raises SourceProblem."""
    with no_sync_beside(run.subject), opened_source(run.subject) as source:
        if not isinstance(source, RecordSource):
            raise SourceProblem(f"{run.subject} has no formula fields.", "Nothing was read.", "Only Salesforce has.")
        source.check()
        refreshes: list[_Refresh] = []
        try:
            for stream in source.streams:
                refresh = _staged(run, source, stream)
                if refresh is not None:
                    refreshes.append(refresh)
            return _publish(run, source.name, refreshes)
        finally:
            for each in refreshes:
                drop_stage(each.stage)


def _staged(run: Run, source: RecordSource, stream: StreamConfig) -> _Refresh | None:
    """Read a stream's computed fields; None where it has none, or was never loaded."""
    name, fields = full_name(source.name, stream), source.calculated(stream)
    if not StreamState.objects.filter(pk=name).exclude(as_of=None).exists():
        return None
    _note_fields(name, fields)
    if not fields:
        return None
    with source.some_fields(stream, fields) as extract:
        wanted = {each for column in stream.columns.values() for each in column.source}
        columns = extract_columns(source.name, stream, extract, frozenset(wanted - set(extract.columns)))
        stage = fill_portions(run.pk, f"{stream.name}_{MODE}", extract, None)
        return _Refresh(stream, name, fields, stage, columns, extract.as_of, extract.api_calls())


def _note_fields(name: str, fields: Sequence[str]) -> None:
    """Flag the computed fields, also where there are none any more."""
    source = f"{name.partition('.')[0]} {MODE}"
    StreamState.objects.update_or_create(stream=f"{name} {MODE}", defaults={"source": source, "columns": list(fields)})


def _publish(run: Run, source: str, refreshes: Sequence[_Refresh]) -> Outcome:
    today = datetime.now(ZoneInfo(hub().company.time_zone)).date()
    stamp = Stamp(run.pk, timezone.now())
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        create_touched()
        for each in refreshes:
            _write(run, each, stamp)
        publication = Publication(run, source, today, full=False)
        touched = sum(import_string(name)(publication) for name in settings.PUBLISH_HOOKS)
        calls = sum(each.calls for each in refreshes)
        outcome = Outcome(counts={"accounts_touched": touched, "api_calls": calls})
        settle(run, outcome)
        drop_touched()
    return outcome


def _write(run: Run, refresh: _Refresh, stamp: Stamp) -> None:
    """Write the rows that differ, and the stream's result."""
    table = refresh.columns.target
    unread = _compare(refresh)
    changed = int(one(sql.SQL("select count(*) from {}").format(refresh.changes)))
    if changed:
        sets = [
            sql.SQL("{} = n.{}").format(sql.Identifier(each.column), sql.Identifier(f"new_{each.column}"))
            for each in refresh.columns.stored[1:]
        ]
        # A fingerprint speaks of the whole row as it was read; it does not say what the row holds now.
        execute(
            sql.SQL(
                "update {} as m set {}, fingerprint = null, synced_at = {}, run = {} from {} as n where m.key = n.key"
            ).format(
                sql.Identifier(table.table),
                sql.SQL(", ").join(sets),
                stamp.at_value(),
                stamp.run_value(),
                refresh.changes,
            )
        )
        touch("touched_account", sql.SQL("select account from {}").format(refresh.changes))
        mark_changed(table.table)
    drop_table(f"formula_{table.table}")
    _record(run, refresh, changed, unread)


def _compare(refresh: _Refresh) -> int:
    """Fill the table of changes; returns the rows whose values do not fit, which stay as they are."""
    columns = refresh.columns
    problem = sql.SQL("coalesce({}, null::text)").format(sql.SQL(", ").join(each.problem for each in columns.columns))
    fits = sql.SQL("(select s.* from {} as s where {} is null offset 0) as s").format(refresh.stage.table, problem)
    account = columns.target.account_column
    values = [
        sql.SQL("{} as {}").format(each.value, sql.Identifier(f"new_{each.column}")) for each in columns.stored[1:]
    ]
    differs = [
        sql.SQL("m.{} is distinct from {}").format(sql.Identifier(each.column), each.value)
        for each in columns.stored[1:]
    ]
    execute(
        sql.SQL(
            "create temp table {changes} as select m.key, {account} as account, {values} from {rows}"
            " join {mirror} as m on m.key = {key} where m.deleted_at is null and ({differs})"
        ).format(
            changes=refresh.changes,
            account=sql.Identifier("m", account) if account else sql.SQL("null::varchar"),
            values=sql.SQL(", ").join(values),
            rows=fits,
            mirror=sql.Identifier(columns.target.table),
            key=columns.key.value,
            differs=sql.SQL(" or ").join(differs),
        )
    )
    return refresh.stage.rows - int(one(sql.SQL("select count(*) from {}").format(fits)))


def _record(run: Run, refresh: _Refresh, changed: int, unread: int) -> None:
    rows = refresh.stage.rows
    StreamRun.objects.create(
        run_ref=run,
        stream=refresh.name,
        mode=MODE,
        read=rows,
        updated=changed,
        rejected=unread,
        unchanged=rows - changed - unread,
        note=f"Only {', '.join(refresh.fields)} were read.",
    )
    StreamState.objects.filter(pk=f"{refresh.name} {MODE}").update(
        as_of=refresh.as_of, rows=rows, attempted_at=timezone.now()
    )
