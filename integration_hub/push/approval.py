"""Plans that wait for a person: which of them may still be approved, and what an approval lets pass."""

from collections.abc import Collection

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from integration_hub.installation import restored
from integration_hub.models import PlanStatus, PushedValue, PushPlan, Run, RunStatus
from integration_hub.push.brake import PushRefused
from integration_hub.push.outcome import amount
from integration_hub.push.plan import Draft
from integration_hub.runs import Outcome

ASKING = (PlanStatus.WAITING, PlanStatus.HALTED)
APPROVABLE = (*ASKING, PlanStatus.DRY)
"""A dry run may be approved as well: then exactly what it showed is sent."""


def is_asked_for(draft: Draft, approval: str) -> bool:
    """Whether a person has to look at this plan although no brake stops it. The first one after a restore always is."""
    if restored.is_open():
        return True
    if approval == "first":
        return not PushedValue.objects.filter(plan__organization=draft.organization).exists()
    return approval == "always"


def is_outdated(plan: PushPlan) -> bool:
    """Whether a later plan of the same org holds other changes, so that this one cannot be sent any more."""
    return plan.pk in outdated_by([plan.pk])


def outdated_by(plans: Collection[int]) -> dict[int, int]:
    """Those of the plans that are outdated, each with the newest later plan of its org that holds other changes."""
    later = (
        PushPlan.objects.filter(organization=OuterRef("organization"), pk__gt=OuterRef("pk"))
        .exclude(status=PlanStatus.DRY)
        .exclude(fingerprint=OuterRef("fingerprint"))
        .order_by("-id")
    )
    rows = PushPlan.objects.filter(pk__in=plans).annotate(newer=Subquery(later.values("pk")[:1]))
    return dict(rows.exclude(newer=None).values_list("pk", "newer"))


def is_approvable(plan: PushPlan) -> bool:
    """Whether a person can let this plan pass now."""
    return plan.status in APPROVABLE and bool(plan.fields_changed) and not is_outdated(plan)


def to_approve(number: int, organization: str) -> PushPlan:
    """The plan that somebody approved. Raises PushRefused when it can no longer be sent."""
    plan = PushPlan.objects.filter(pk=number, organization=organization).first()
    if plan is None or plan.status not in APPROVABLE or not plan.fields_changed:
        state = f"it is {plan.get_status_display().lower()}" if plan else "this org has no such plan"
        raise PushRefused(
            f"Plan {number} does not wait for an approval: {state}.",
            "Nothing was sent.",
            "Open the list of pushes and approve the newest plan there.",
        )
    if is_outdated(plan):
        raise PushRefused(
            f"Plan {number} is outdated: a later plan holds other changes.",
            "Nothing was sent: an approval holds only for exactly the changes that were looked at.",
            "Look at the newest plan and approve that one.",
        )
    return plan


def was_taken(number: int, organization: str, *, by: str) -> bool:
    """Whether a run has begun to send this plan on that person's word."""
    taken = PushPlan.objects.filter(pk=number, organization=organization, approved_by=by).exclude(approved_at=None)
    return taken.exclude(status__in=APPROVABLE).exists()


def take(plan: PushPlan, run: Run, *, by: str, note: str) -> PushPlan:
    """Let the plan pass: it is sent by this run, exactly as it was stored. Why it was halted is over: `note` stays."""
    plan.note = note
    plan.run_ref, plan.status, plan.finished_at = run, PlanStatus.SENDING, None
    plan.approved_by, plan.approved_at = by, timezone.now()
    plan.save(update_fields=["note", "run_ref", "status", "finished_at", "approved_by", "approved_at"])
    return plan


def same_question(draft: Draft, status: PlanStatus, run: Run) -> PushPlan | None:
    """The newest plan if it asks exactly this already: then nobody is asked anew, and it belongs to this run."""
    newest = PushPlan.objects.filter(organization=draft.organization).exclude(status=PlanStatus.DRY).first()
    if newest is None or newest.status != status or newest.fingerprint != draft.fingerprint:
        return None
    newest.run_ref, newest.as_of = run, draft.as_of
    newest.findings = [finding.as_json() for finding in draft.findings]
    newest.save(update_fields=["run_ref", "as_of", "findings"])
    return newest


def waiting(plan: PushPlan, *, api_calls: int) -> Outcome:
    """The outcome of a run whose plan waits: nothing is wrong, and nothing was sent."""
    return Outcome(
        RunStatus.SUCCEEDED,
        f"Plan {plan.pk} waits for approval: {amount(plan.fields_changed, plan.accounts_changed)}.",
        "Nothing was sent. Salesforce shows the figures of the last push.",
        f"Look at the plan and approve it there, or run: manage.py push --approve {plan.pk}",
        {"api_calls": api_calls},
    )
