"""Settles what an interrupted push left open: resumes its Bulk job, and reads back values whose answer never came."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Protocol

from django.db.models import Q
from django.utils import timezone

from integration_hub.models import ChangeStatus, LiveAccount, PlanStatus, PushChange, PushedValue, PushPlan
from integration_hub.push import ledger
from integration_hub.push.sending import Sending, resume
from integration_hub.push.standing import read_standing
from integration_hub.salesforce.errors import RequestRefused, SalesforceProblem

OPEN = (ChangeStatus.SENT, ChangeStatus.UNKNOWN)
LATE = timedelta(days=2)
"""For so long a value that left without an answer is looked for: a half-open connection can deliver it afterwards."""


class HasValues(Protocol):
    """What stands in the fields of one account: exact texts by API name."""

    @property
    def values(self) -> Mapping[str, str | None]: ...


def unfinished(organization: str) -> list[PushPlan]:
    """Plans of this org whose process vanished; only one push runs at a time, so none of them is alive."""
    return list(
        PushPlan.objects.filter(
            organization=organization, status__in=(PlanStatus.PLANNED, PlanStatus.SENDING)
        ).order_by("id")
    )


def settle_job(sending: Sending) -> None:
    """Finish an interrupted plan as far as answers can still be had; the rest becomes `unknown` for the read-back."""
    plan = sending.plan
    if plan.job_id:
        try:
            resume(sending)
        except RequestRefused as refused:
            plan.note = f"{plan.note} The Bulk job {plan.job_id} can no longer be asked: {refused}".strip()
    ledger.leave_unknown(plan)
    ledger.close(plan)


def see_what_arrived(sending: Sending, *, bulk_from_rows: int) -> None:
    """Decide what left without an answer before the push was stopped: no other push comes soon. Where Salesforce
    cannot be asked, it stays unknown.
    """
    plan = sending.plan
    if not plan.changes.filter(status=ChangeStatus.UNKNOWN).exists():
        return
    unsure = PushChange.objects.filter(plan__organization=plan.organization, status__in=OPEN)
    names = sorted(unsure.order_by().values_list("field", flat=True).distinct())
    fields = [sending.described[name] for name in names if name in sending.described]
    accounts = set(unsure.values_list("account", flat=True))
    try:
        live = read_standing(sending.org, fields, accounts, in_bulk=len(accounts) >= bulk_from_rows)
    except SalesforceProblem as problem:
        plan.note = f"{plan.note} What was not answered could not be read back: {problem.problem}".strip()
        return
    read_back(plan.organization, [info.name for info in fields], live)


def read_back(organization: str, fields: Collection[str], live: Mapping[str, HasValues]) -> int:
    """Decide the unanswered changes of these fields by what stands in Salesforce now.

    Returns how many had been written.
    """
    open_changes = PushChange.objects.filter(plan__organization=organization, field__in=fields, status__in=OPEN)
    written: list[int] = []
    lost: list[int] = []
    plans: set[int] = set()
    for change in open_changes.iterator(ledger.ROWS_AT_ONCE):
        account = live.get(change.account)
        stands = account is not None and account.values[change.field] == change.after
        (written if stands else lost).append(change.pk)
        plans.add(change.plan_id)
    for start in range(0, len(written), ledger.ROWS_AT_ONCE):
        ledger.confirm(PushChange.objects.filter(pk__in=written[start : start + ledger.ROWS_AT_ONCE]))
    PushChange.objects.filter(pk__in=lost).update(
        status=ChangeStatus.FAILED,
        error_code=ledger.NO_ANSWER,
        error_text="Salesforce did not answer, and the value is not there.",
        answered_at=timezone.now(),
    )
    for plan in PushPlan.objects.filter(pk__in=plans):
        ledger.close(plan)
    return len(written)


def confirm_late(organization: str) -> int:
    """Count as written what had left, was given up, and stands there all the same; how many values.

    Without it the value acknowledged before would stay the last one, although ours arrived after it. It was given up
    for lost, or refused: a request whose answer was lost is repeated, and the answer to the second one may be that the
    row is locked, or has come to be refused, although the first one wrote it.
    """
    refused = Q(status=ChangeStatus.FAILED, answered_at__isnull=False)
    # Locked rows wait for another try, which a push that was killed or stopped did not come to.
    postponed = Q(status=ChangeStatus.PLANNED) & ~Q(error_code="") & ~Q(plan__status=PlanStatus.WAITING)
    lost = PushChange.objects.filter(
        refused | postponed, plan__organization=organization, plan__made_at__gte=timezone.now() - LATE
    )
    live = {row.account: row.values for row in LiveAccount.objects.filter(account__in=lost.values("account"))}
    known = PushedValue.objects.filter(account__in=lost.values("account")).values_list("account", "field", "value")
    acknowledged = {(account, field): value for account, field, value in known}
    arrived = [
        change.pk
        for change in lost.order_by("pk")
        if live.get(change.account, {}).get(change.field) == change.after
        and acknowledged.get((change.account, change.field), change.after) != change.after
    ]
    return ledger.confirm(PushChange.objects.filter(pk__in=arrived)) if arrived else 0
