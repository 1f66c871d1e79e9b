"""Sends a stored plan: Collections for few accounts, one Bulk 2.0 job for many, and records each answer by account."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import attrgetter

from integration_hub.failpoints import reached
from integration_hub.models import ChangeStatus, PlanStatus, PushChange, PushPlan
from integration_hub.push import ledger
from integration_hub.push.errors import explain
from integration_hub.push.values import to_send
from integration_hub.salesforce.answers import RowAnswer
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import FieldInfo

COLLECTIONS, BULK = "collections", "bulk"
BATCH, RETRY_BATCH, ANSWERS_AT_ONCE = 200, 25, 1000
PAUSES = (1.0, 3.0, 9.0)
"""Seconds before the second, third and fourth try of rows that were locked."""

Row = dict[str, object]
"""What leaves for one account: Id and the changed fields; None clears a field, an absent one stays as it is."""


class SwitchedOff(Exception):
    """push.enabled became false while a plan was being sent; what had left is recorded, the rest stays planned."""


@dataclass(frozen=True)
class Sending:
    """What a plan is sent with. `enabled` is asked before every batch and every job."""

    org: Org
    plan: PushPlan
    described: Mapping[str, FieldInfo]
    enabled: Callable[[], bool]
    collections_up_to: int
    pauses: Sequence[float] = field(default_factory=lambda: PAUSES)


def method_for(accounts: int, *, collections_up_to: int) -> str:
    """Which way that many accounts go."""
    return COLLECTIONS if accounts <= collections_up_to else BULK


def send(sending: Sending) -> None:
    """Send everything that is still planned, and locked rows up to three times more.

    Raises SwitchedOff, or what the client raises; the answers until then are kept.
    """
    sending.plan.status = PlanStatus.SENDING
    sending.plan.save(update_fields=["status"])
    reached("before_send")
    rows = _rows(sending)
    size = BATCH
    for pause in (*sending.pauses, None):
        in_bulk = method_for(len(rows), collections_up_to=sending.collections_up_to) == BULK
        answers = _by_job(sending, rows) if in_bulk else _by_batches(sending, rows, size)
        again = _record(sending, answers, keep_transient=pause is None)
        rows = [row for row in rows if row["Id"] in again]
        if pause is None or not rows:
            return
        time.sleep(pause)
        size = RETRY_BATCH


def resume(sending: Sending) -> None:
    """Collect the answers of the Bulk job that a killed process left behind; nothing is uploaded again."""
    open_changes = sending.plan.changes.filter(status=ChangeStatus.SENT).order_by("account")
    rows: list[Row] = [{"Id": account} for account in open_changes.values_list("account", flat=True).distinct()]
    if rows:
        answers = sending.org.bulk_update("Account", ["Id"], rows, on_job=_keep(sending), job_id=sending.plan.job_id)
        _record(sending, _portions(answers, len(rows)), keep_transient=True)


def _rows(sending: Sending) -> list[Row]:
    changes = sending.plan.changes.filter(status=ChangeStatus.PLANNED).order_by("account", "id")
    return [
        {"Id": account, **_values(group, sending.described)}
        for account, group in groupby(changes.iterator(ledger.ROWS_AT_ONCE), key=attrgetter("account"))
    ]


def _values(changes: Iterable[PushChange], described: Mapping[str, FieldInfo]) -> Row:
    return {change.field: to_send(change.after, described[change.field]) for change in changes}


def _by_batches(sending: Sending, rows: Sequence[Row], size: int) -> Iterator[list[RowAnswer]]:
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        _check_switch(sending)
        ledger.mark_sent(sending.plan, [str(row["Id"]) for row in batch])
        answers = sending.org.update_collection("Account", batch)
        reached("after_answer")
        yield answers


def _by_job(sending: Sending, rows: Sequence[Row]) -> Iterator[list[RowAnswer]]:
    _check_switch(sending)
    for start in range(0, len(rows), ANSWERS_AT_ONCE):
        ledger.mark_sent(sending.plan, [str(row["Id"]) for row in rows[start : start + ANSWERS_AT_ONCE]])
    answers = sending.org.bulk_update("Account", _columns(rows), rows, on_job=_keep(sending))
    for portion in _portions(answers, len(rows)):
        reached("after_answer")
        yield portion


def _portions(answers: Iterator[RowAnswer], total: int) -> Iterator[list[RowAnswer]]:
    """The answers in portions. The client deletes the job once it is asked for more than the last answer.

    So nothing is asked for beyond `total` before the last portion was recorded.
    """
    for start in range(0, total, ANSWERS_AT_ONCE):
        yield list(islice(answers, min(ANSWERS_AT_ONCE, total - start)))
    for answer in answers:
        yield [answer]


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    names = {name for row in rows for name in row}
    return ("Id", *sorted(names - {"Id"}))


def _keep(sending: Sending) -> Callable[[str], None]:
    def keep(job_id: str) -> None:
        sending.plan.job_id = job_id
        sending.plan.save(update_fields=["job_id"])
        reached("after_job")

    return keep


def _check_switch(sending: Sending) -> None:
    if not sending.enabled():
        raise SwitchedOff


def _record(sending: Sending, portions: Iterable[list[RowAnswer]], *, keep_transient: bool) -> set[str]:
    """Record each portion of answers before the next one is asked for.

    Returns the accounts worth another try; those stay unrecorded unless `keep_transient`.
    """
    again: set[str] = set()
    for portion in portions:
        final = [each for each in portion if keep_transient or each.ok or not explain(each.code).transient]
        again.update({each.id for each in portion} - {each.id for each in final})
        ledger.record(sending.plan, final)
    return again
