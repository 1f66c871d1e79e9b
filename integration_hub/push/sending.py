"""Sends a stored plan: Collections for few accounts, one Bulk 2.0 job for many, and records each answer by account."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction

from integration_hub.failpoints import reached
from integration_hub.models import ChangeStatus, PlanKind, PlanStatus, PushChange, PushPlan
from integration_hub.push import ledger, parking
from integration_hub.push.errors import explain
from integration_hub.push.values import to_send
from integration_hub.salesforce.answers import UNPROCESSED, RowAnswer
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import FieldInfo
from integration_hub.salesforce.errors import NotWantedAnyMore

COLLECTIONS, BULK = "collections", "bulk"
SIZES = (200, 50, 10)
"""Accounts in one call of the first, second and every later try: the fewer, the fewer locks are wanted at once."""
ANSWERS_AT_ONCE = 500
JOB_ROWS = 250_000
"""Accounts in one Bulk job: some 60 MB with a dozen fields, well below what a job takes. More go as several jobs."""
PAUSES = (1.0, 3.0, 9.0)
"""Seconds before the second, third and fourth try of rows that were locked."""

Row = dict[str, object]
"""What leaves for one account: Id and the changed fields; None clears a field, an absent one stays as it is."""
Again = Callable[[RowAnswer], bool]
"""Whether a row is tried again after this answer."""


class SwitchedOff(Exception):
    """The push was switched off while a plan was being sent; what had left is recorded, the rest stays planned."""


@dataclass(frozen=True)
class Sending:
    """What a plan is sent with. `enabled` is asked before every batch, every job, every poll of a job, and every
    further try of a call that writes. `probes` are parked accounts that go out to see whether their cause is gone, with
    that cause.
    """

    org: Org
    plan: PushPlan
    described: Mapping[str, FieldInfo]
    enabled: Callable[[], bool]
    collections_up_to: int
    pauses: Sequence[float] = field(default_factory=lambda: PAUSES)
    probes: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Going:
    """Asks the switch, and remembers that it was off."""

    enabled: Callable[[], bool]
    stopped: bool = False

    def __call__(self) -> bool:
        """Whether to go on; once off it stays off for this job."""
        self.stopped = self.stopped or not self.enabled()
        return not self.stopped


def method_for(accounts: int, *, collections_up_to: int) -> str:
    """Which way that many accounts go."""
    return COLLECTIONS if accounts <= collections_up_to else BULK


def send(sending: Sending) -> None:
    """Send everything that is still planned, locked rows up to three times more, then what a probe has set free.

    Raises SwitchedOff, or what the client raises; the answers until then are kept.
    """
    sending.plan.status = PlanStatus.SENDING
    sending.plan.save(update_fields=["status"])
    reached("before_send")
    _deliver(sending, _rows(sending))
    if parking.follow(sending.plan, sending.probes):
        _deliver(sending, _rows(sending))


def resume(sending: Sending) -> None:
    """Collect the answers of the Bulk job that a killed process left behind; nothing is uploaded again."""
    open_changes = sending.plan.changes.filter(status=ChangeStatus.SENT).order_by("account")
    rows: list[Row] = [{"Id": account} for account in open_changes.values_list("account", flat=True).distinct()]
    if not rows:
        return
    going = Going(sending.enabled)
    answers = sending.org.bulk_update(
        "Account", ["Id"], rows, on_job=_keep(sending), job_id=sending.plan.job_id, going=going
    )
    _record(sending, _portions(answers, len(rows)), lambda answer: going.stopped and answer.code == UNPROCESSED)


def _rows(sending: Sending) -> list[Row]:
    """What is planned, in the order of the plan: neighbours share a parent, an owner, and so their locks."""
    rows: dict[str, Row] = {}
    planned = sending.plan.changes.filter(status=ChangeStatus.PLANNED).order_by("id")
    for change in planned.iterator(ledger.ROWS_AT_ONCE):
        row = rows.setdefault(change.account, {"Id": change.account})
        row[change.field] = _value(change, sending.described)
    return list(rows.values())


def _value(change: PushChange, described: Mapping[str, FieldInfo]) -> object:
    return to_send(change.after, described[change.field])


def _deliver(sending: Sending, rows: list[Row]) -> None:
    """Send the rows, then after growing pauses only those that were locked; what still is then counts as refused."""
    for tried, pause in enumerate((*sending.pauses, None)):
        going = Going(sending.enabled)
        again = _worth(going, tried=tried, last=pause is None)
        if method_for(len(rows), collections_up_to=sending.collections_up_to) == BULK:
            answers = _by_job(sending, rows, going)
        else:
            answers = _by_batches(sending, rows, SIZES[min(tried, len(SIZES) - 1)])
        left = _record(sending, answers, again)
        if going.stopped:
            raise SwitchedOff
        rows = [row for row in rows if row["Id"] in left]
        if pause is None or not rows:
            return
        time.sleep(pause)


def _worth(going: Going, *, tried: int, last: bool) -> Again:
    """Which answers call for another try. What a job did not reach goes once more, unless the switch ended the job."""

    def again(answer: RowAnswer) -> bool:
        if answer.code == UNPROCESSED:
            return going.stopped or (tried == 0 and not last)
        return not last and not answer.ok and explain(answer.code).transient

    return again


def _by_batches(sending: Sending, rows: Sequence[Row], size: int) -> Iterator[list[RowAnswer]]:
    if sending.plan.job_id:
        # The answers of an earlier job of this plan say nothing of what is sent now.
        sending.plan.note = f"{sending.plan.note} Sent first as Bulk job {sending.plan.job_id}.".strip()
        _keep(sending)("")
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        _check_switch(sending)
        ledger.mark_sent(sending.plan, [str(row["Id"]) for row in batch])
        try:
            answers = sending.org.update_collection("Account", batch, going=sending.enabled)
        except NotWantedAnyMore:
            ledger.leave_unknown(sending.plan)
            raise SwitchedOff from None
        reached("after_answer")
        yield answers


def _by_job(sending: Sending, rows: Sequence[Row], going: Going) -> Iterator[list[RowAnswer]]:
    for start in range(0, len(rows), JOB_ROWS):
        if going.stopped:
            return
        yield from _one_job(sending, rows[start : start + JOB_ROWS], going)


def _one_job(sending: Sending, rows: Sequence[Row], going: Going) -> Iterator[list[RowAnswer]]:
    _check_switch(sending)
    _keep(sending)("")

    def on_job(job_id: str) -> None:
        # Only now: before a job exists nothing can have left, and a file that cannot be made has marked nothing.
        for start in range(0, len(rows), ANSWERS_AT_ONCE):
            ledger.mark_sent(sending.plan, [str(row["Id"]) for row in rows[start : start + ANSWERS_AT_ONCE]])
        _keep(sending)(job_id)

    answers = sending.org.bulk_update("Account", _columns(rows), rows, on_job=on_job, going=going)
    for portion in _portions(answers, len(rows)):
        reached("after_answer")
        yield portion
        reached("after_record")


def _portions(answers: Iterator[RowAnswer], total: int) -> Iterator[list[RowAnswer]]:
    """The answers in portions, each of which is recorded before the next one is asked for."""
    for start in range(0, total, ANSWERS_AT_ONCE):
        yield list(islice(answers, min(ANSWERS_AT_ONCE, total - start)))


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    names = {name for row in rows for name in row}
    return ("Id", *sorted(names - {"Id"}))


def _keep(sending: Sending) -> Callable[[str], None]:
    def keep(job_id: str) -> None:
        sending.plan.job_id = job_id
        sending.plan.save(update_fields=["job_id"])
        if job_id:
            reached("after_job")

    return keep


def _check_switch(sending: Sending) -> None:
    if not sending.enabled():
        raise SwitchedOff


def _record(sending: Sending, portions: Iterable[list[RowAnswer]], again: Again) -> set[str]:
    """Record each portion of answers before the next one is asked for. Returns the accounts that are tried again."""
    plan, left = sending.plan, set[str]()
    parks = plan.kind == PlanKind.PUSH
    for portion in portions:
        postponed = [each for each in portion if again(each)]
        left.update(each.id for each in postponed)
        final = [each for each in portion if each.id not in left]
        refused = [each.id for each in final if parks and parking.parks(each)]
        stamps = parking.stamps(sending.org, plan.organization, refused)
        with transaction.atomic():
            ledger.postpone(plan, postponed)
            ledger.record(plan, final)
            if parks:
                parking.settle(plan, final, stamps)
    return left
