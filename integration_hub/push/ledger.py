"""Keeps plans and answers in PostgreSQL: the intent before a value leaves, the answer after it came."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from integration_hub.models import (
    ChangeStatus,
    DriftRecord,
    DriftState,
    ParkedRow,
    PlanKind,
    PlanStatus,
    PushChange,
    PushedValue,
    PushPlan,
    Run,
)
from integration_hub.push.change_rows import write_changes
from integration_hub.push.plan import Draft
from integration_hub.salesforce.answers import RowAnswer

ROWS_AT_ONCE = 5000
NO_ANSWER = "NO_ANSWER"
BACK_ALREADY = "BACK_ALREADY"
"""An undo finds the value from before the push there already."""
_ACKNOWLEDGE = (Path(__file__).parents[1] / "sql" / "acknowledge_changes.sql").read_text(encoding="utf-8")


def store(
    draft: Draft,
    *,
    run: Run | None,
    status: PlanStatus,
    method: str,
    approved_by: str = "",
    undoes: PushPlan | None = None,
) -> PushPlan:
    """Write the plan and all its changes in one transaction."""
    with transaction.atomic():
        plan = PushPlan.objects.create(
            run_ref=run,
            as_of=draft.as_of,
            organization=draft.organization,
            status=status,
            fingerprint=draft.fingerprint,
            method=method,
            accounts_compared=draft.compared,
            accounts_changed=draft.accounts_to_send,
            fields_changed=len(draft.to_send),
            total_change=draft.total_change,
            findings=[finding.as_json() for finding in draft.findings],
            approved_by=approved_by,
            kind=PlanKind.UNDO if undoes else PlanKind.PUSH,
            undoes=undoes,
            note=note_of(draft),
        )
        write_changes(plan, draft.changes)
    return plan


def note_of(draft: Draft) -> str:
    """What is to be known of a plan before it is sent; empty when it compares every account."""
    if not draft.vanished:
        return ""
    accounts = "1 account of the mirror" if draft.vanished == 1 else f"{draft.vanished:,} accounts of the mirror"
    return f"Left out: {accounts} not found in Salesforce, or hidden from the integration user."


def close_other_orgs(organization: str) -> None:
    """Nothing waits any more for what was parked or edited in an org that is no longer pushed to."""
    DriftRecord.objects.filter(state=DriftState.OPEN).exclude(organization=organization).update(
        state=DriftState.SETTLED
    )
    ParkedRow.objects.filter(resolved_at=None).exclude(organization=organization).update(resolved_at=timezone.now())


def mark_sent(plan: PushPlan, accounts: Iterable[str]) -> None:
    """Say that these accounts' values are about to leave; committed before they do."""
    plan.changes.filter(account__in=list(accounts), status=ChangeStatus.PLANNED).update(status=ChangeStatus.SENT)


def leave_unknown(plan: PushPlan) -> None:
    """Say of what left and has no answer that nobody knows whether it arrived; the next push reads the live values."""
    plan.changes.filter(status=ChangeStatus.SENT).update(status=ChangeStatus.UNKNOWN)


@transaction.atomic
def record(plan: PushPlan, answers: Iterable[RowAnswer]) -> None:
    """Complete the audit rows of the answered accounts, and remember what Salesforce acknowledged."""
    known = list(answers)
    accepted = [answer.id for answer in known if answer.ok]
    if accepted:
        confirm(plan.changes.filter(account__in=accepted, status=ChangeStatus.SENT))
    for (code, text), accounts in _by_error(answer for answer in known if not answer.ok).items():
        refuse(plan.changes.filter(account__in=accounts, status=ChangeStatus.SENT), code, text)


@transaction.atomic
def postpone(plan: PushPlan, answers: Iterable[RowAnswer]) -> None:
    """Put accounts back among the planned ones, with what Salesforce said: they are tried again."""
    for (code, text), accounts in _by_error(answers).items():
        plan.changes.filter(account__in=accounts, status=ChangeStatus.SENT).update(
            status=ChangeStatus.PLANNED, error_code=code[:80], error_text=text
        )


def _by_error(answers: Iterable[RowAnswer]) -> dict[tuple[str, str], list[str]]:
    refused: dict[tuple[str, str], list[str]] = defaultdict(list)
    for answer in answers:
        refused[answer.code, answer.text].append(answer.id)
    return refused


@transaction.atomic
def confirm(changes: "QuerySet[PushChange]") -> int:
    """Mark the changes as written; their values become the acknowledged ones. Returns how many."""
    now = timezone.now()
    ids = list(changes.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_ACKNOWLEDGE, {"ids": ids, "at": now})
    PushChange.objects.filter(pk__in=ids).update(
        status=ChangeStatus.DONE, error_code="", error_text="", answered_at=now
    )
    return len(ids)


@transaction.atomic
def refuse(changes: "QuerySet[PushChange]", code: str, text: str) -> None:
    """Mark the changes as refused, and show the error beside the values acknowledged before."""
    told = f"{code}: {text}"
    same = changes.filter(account=OuterRef("account"), field=OuterRef("field"))
    PushedValue.objects.filter(Exists(same)).update(last_error=told)
    changes.update(status=ChangeStatus.FAILED, error_code=code[:80], error_text=text, answered_at=timezone.now())


def close(plan: PushPlan) -> None:
    """Set the plan's final status from its rows: done only if every one was written and no field was stopped.

    A plan that wrote nothing has failed, unless all that was refused had been parked before, or was withheld by us.
    """
    counts = dict(plan.changes.values_list("status").annotate(Count("id")).order_by())
    done = counts.get(ChangeStatus.DONE, 0)
    open_ones = sum(counts.get(status, 0) for status in (ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN))
    stopped = any(finding["state"] == "red" for finding in plan.findings)
    skipped = plan.changes.filter(status=ChangeStatus.SKIPPED).exclude(error_code=BACK_ALREADY).count()
    left = counts.get(ChangeStatus.PARKED, 0) + skipped
    if open_ones or _refused_newly(plan):
        plan.status = PlanStatus.PARTIAL if done else PlanStatus.FAILED
    else:
        incomplete = stopped or left or counts.get(ChangeStatus.FAILED, 0)
        plan.status = PlanStatus.PARTIAL if incomplete else PlanStatus.DONE
    plan.finished_at = timezone.now()
    plan.save(update_fields=["status", "finished_at", "note"])


def _refused_newly(plan: PushPlan) -> bool:
    """Whether a row was refused that had not been parked for it before."""
    known = ParkedRow.objects.filter(organization=plan.organization, resolved_at=None, attempts__gt=1)
    refused = plan.changes.filter(status=ChangeStatus.FAILED).exclude(answered_at=None)
    return refused.exclude(account__in=known.values("account")).exists()
