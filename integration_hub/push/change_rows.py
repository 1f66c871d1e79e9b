"""Writes the changes of a plan by COPY, in the order in which they are to be sent: their ids rise with it."""

from collections.abc import Iterable, Iterator

from django.db import connection

from integration_hub.erp.copy_text import copy_text
from integration_hub.models import PushPlan
from integration_hub.push.plan import Change

COLUMNS = "plan_id, account, field, before, after, movement, drift, status, error_code, error_text, note"


def write_changes(plan: PushPlan, changes: Iterable[Change]) -> None:
    """Store the changes of a plan that is stored already."""
    statement = f"copy hub_push_change ({COLUMNS}) from stdin"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in copy_text(_rows(plan, changes)):
            copy.write(chunk)


def _rows(plan: PushPlan, changes: Iterable[Change]) -> Iterator[tuple[str | None, ...]]:
    for change in changes:
        yield (
            str(plan.pk),
            change.account,
            change.field,
            change.before,
            change.after,
            None if change.movement is None else str(change.movement),
            str(change.drift).lower(),
            change.status,
            change.error_code,
            change.error_text,
            change.note,
        )
