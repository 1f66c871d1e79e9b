"""Bugs planted on purpose, by name: a run with one of them must find a violation, or it would find none of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

from django.utils import timezone
from psycopg import sql

from integration_hub import jobs, locks, runs, staging, sync, warehouse, warehouse_merge, warehouse_touched
from integration_hub.config import hub
from integration_hub.models import Run, RunStatus, StreamState
from integration_hub.push import change_rows, ledger, sending, switch
from integration_hub.salesforce import bulk_ingest
from integration_hub.salesforce.answers import RowAnswer, refused_row, unprocessed_row


def _put(module: ModuleType, name: str, value: object) -> None:
    setattr(module, name, value)


def _cursor_before_commit() -> None:
    """The cursor moves when a stream was read, not when its rows are published."""
    stage = staging.stage_stream

    def staged(*arguments: Any, **options: Any) -> Any:
        found = stage(*arguments, **options)
        StreamState.objects.filter(pk=found.name).update(cursor=found.cursor)
        return found

    _put(sync, "stage_stream", staged)


def _old_customer_forgotten() -> None:
    """A document that moves touches only the customer it comes to. Orders are left out: one that two customers have
    ends the load with an error, and nothing wrong is ever shown.
    """
    right = warehouse_merge._note_changed

    def note(delta: Any) -> None:
        target = delta.columns.target
        if target.table == "erp_order":
            right(delta)
            return
        if delta.inserted + delta.updated and target.customer_column:
            new = sql.Identifier(f"new_{target.customer_column}")
            warehouse_touched.touch("touched_customer", sql.SQL("select {} from {}").format(new, delta.changes))
        if delta.inserted + delta.updated:
            warehouse_touched.mark_changed(target.table)

    _put(warehouse_merge, "_note_changed", note)


def _answers_by_position() -> None:
    """The results of a Bulk job are taken in the order in which its rows were sent."""

    def answers(connection: Any, path: str, info: Any, ids: Sequence[str]) -> Iterator[RowAnswer]:
        good = sum(1 for _ in bulk_ingest._result(connection, f"{path}/{bulk_ingest.SUCCESSFUL}"))
        bad = [error for _, error in bulk_ingest._result(connection, f"{path}/{bulk_ingest.FAILED_ROWS}")]
        for place, record_id in enumerate(ids):
            if place < good:
                yield RowAnswer(record_id, ok=True)
            elif place < good + len(bad):
                yield refused_row(record_id, bad[place - good])
            else:
                yield unprocessed_row(record_id, "left over")

    _put(bulk_ingest, "_answers", answers)


def _lock_ignored() -> None:
    """A run that takes longer than half a second counts as dead although its lock is held, and the next one begins all
    the same.
    """

    @contextmanager
    def impatient(name: str) -> Iterator[bool]:
        kind, _, subject = name.removeprefix("run:").partition(":")
        long_ago = timezone.now() - timedelta(seconds=0.5)
        known = Run.objects.filter(kind=kind, subject=subject)
        slow = known.filter(status=RunStatus.RUNNING, started_at__lt=long_ago)
        with locks.holding(name) as free:
            # The first load is let alone: without it there is nothing to be wrong about.
            yield free or (slow.exists() and known.filter(status=RunStatus.SUCCEEDED).exists())

    @contextmanager
    def alone(name: str) -> Iterator[bool]:
        with locks.holding(name):
            yield True

    _put(runs, "locks", SimpleNamespace(**{**vars(locks), "holding": impatient}))
    _put(jobs, "locks", SimpleNamespace(**{**vars(locks), "holding": alone}))


def _sent_before_written_down() -> None:
    """Values leave first; what was intended is written down with the answer."""
    store = change_rows.write_changes
    pending: dict[int, Any] = {}

    def later(plan: Any, changes: Any) -> None:
        pending[plan.pk] = list(changes)

    def rows(sending_: Any) -> list[dict[str, object]]:
        found: dict[str, dict[str, object]] = {}
        for change in pending.get(sending_.plan.pk, ()):
            row = found.setdefault(change.account, {"Id": change.account})
            row[change.field] = sending._value(change, sending_.described)
        return list(found.values())

    def record(plan: Any, answers: Any) -> None:
        store(plan, pending.pop(plan.pk, ()))
        ledger.mark_sent(plan, [answer.id for answer in answers])
        original(plan, answers)

    original = ledger.record
    _put(ledger, "write_changes", later)
    _put(sending, "_rows", rows)
    _put(ledger, "record", record)


def _erp_rows_lost() -> None:
    """Of what changed in the ERP only the newest row arrives."""
    stage = staging.stage_stream

    def staged(*arguments: Any, **options: Any) -> Any:
        found = stage(*arguments, **options)
        if found.mode == staging.INCREMENTAL and found.name.startswith("erp.") and found.stage.rows > 1:
            newest = sql.SQL("select s.ctid from {} as s order by {}::timestamptz desc limit 1").format(
                found.stage.table, found.stage.column(found.stream.cursor)
            )
            warehouse.execute(sql.SQL("delete from {} where ctid <> ({})").format(found.stage.table, newest))
            return replace(found, stage=replace(found.stage, rows=1))
        return found

    _put(sync, "stage_stream", staged)


def _salesforce_values_lost() -> None:
    """A read of what changed keeps the number that an account had, so its customer's money stays with it."""
    stage = staging.stage_stream

    def staged(*arguments: Any, **options: Any) -> Any:
        found = stage(*arguments, **options)
        if found.mode == staging.INCREMENTAL and found.name == "salesforce.Account":
            settings = hub().salesforce
            assert settings is not None
            number, key = (found.stage.column(name) for name in (settings.erp_number_field, "Id"))
            warehouse.execute(
                sql.SQL("update {} as s set {} = a.erp_number from sf_account as a where a.key = {}").format(
                    found.stage.table, sql.Identifier(number._obj[-1]), key
                )
            )
        return found

    _put(sync, "stage_stream", staged)


def _switch_ignored() -> None:
    """Nobody asks whether the push is stopped."""
    _put(switch, "is_on", lambda **_: True)


PLANTS: Mapping[str, Callable[[], None]] = {
    "cursor_before_commit": _cursor_before_commit,
    "old_customer_forgotten": _old_customer_forgotten,
    "answers_by_position": _answers_by_position,
    "lock_ignored": _lock_ignored,
    "sent_before_written_down": _sent_before_written_down,
    "erp_rows_lost": _erp_rows_lost,
    "salesforce_values_lost": _salesforce_values_lost,
    "switch_ignored": _switch_ignored,
}
