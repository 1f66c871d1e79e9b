"""One push run: settle what was interrupted, plan, check, store, send, and say honestly how it ended."""

from dataclasses import dataclass
from functools import partial
from typing import Self

from django.utils import timezone

from integration_hub.config import Hub, hub
from integration_hub.failpoints import reached
from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, Run, RunStatus
from integration_hub.push import approval, ledger, recovery
from integration_hub.push.brake import PushRefused, check_draft, check_organization
from integration_hub.push.drafting import Target, draft_plan, reach
from integration_hub.push.outcome import tell
from integration_hub.push.plan import Draft
from integration_hub.push.sending import BULK, Sending, SwitchedOff, method_for, send
from integration_hub.runs import NotOursError, Outcome
from integration_hub.salesforce.client import connect


@dataclass(frozen=True)
class Options:
    """What was asked for, as kept in Run.options.

    `new_org` is the id of an unknown org that is accepted, `approve` the id of an approved plan.
    """

    dry_run: bool = False
    new_org: str = ""
    approve: int | None = None
    approved_by: str = ""

    @classmethod
    def of(cls, run: Run) -> Self:
        """Read the options of a run."""
        given = run.options
        return cls(
            dry_run=bool(given.get("dry_run")),
            new_org=str(given.get("new_org", "")),
            approve=given.get("approve"),
            approved_by=str(given.get("approved_by", "")),
        )


def is_enabled() -> bool:
    """The kill switch as it stands in hub.toml now; the file is read again when it changed."""
    return hub().push.enabled


def may_send(run: Run) -> bool:
    """Whether the switch is on; asked before every batch. Raises NotOursError when the run was declared dead."""
    if Run.objects.filter(pk=run.pk, status=RunStatus.DEAD).exists():
        raise NotOursError(f"{run} was declared dead meanwhile; it sends nothing more.")
    return is_enabled()


def run_push(run: Run) -> Outcome:
    """Do the push of this run and return how it ended.

    Raises PushRefused when nothing may be sent, SalesforceProblem when Salesforce cannot be used; answers until then
    are kept.
    """
    configuration, options = hub(), Options.of(run)
    _check_configured(configuration, dry_run=options.dry_run)
    org = connect(configuration.salesforce)
    target = reach(org)
    check_organization(target.organization, accepted=options.new_org)
    approved = approval.to_approve(options.approve, target.organization) if options.approve else None
    if not options.dry_run:
        for left in recovery.unfinished(target.organization):
            recovery.settle_job(_sending(target, left, configuration, run))
    draft = draft_plan(target, configuration, settle=not options.dry_run)
    plan = _keep(draft, run, configuration, options, approved)
    if plan.status == PlanStatus.WAITING:
        return approval.waiting(plan, api_calls=org.calls)
    if plan.status == PlanStatus.SENDING:
        _send(_sending(target, plan, configuration, run))
    return tell(plan, api_calls=org.calls)


def _check_configured(configuration: Hub, *, dry_run: bool) -> None:
    if configuration.salesforce is None or not configuration.push.fields:
        raise PushRefused(
            "There is nothing to push.",
            "hub.toml names no Salesforce org or no push fields.",
            "Add [salesforce] and [[push.fields]] to hub.toml.",
        )
    if not configuration.push.enabled and not dry_run:
        raise PushRefused(
            "The push is switched off.",
            "Nothing was sent. Salesforce shows the figures of the last push.",
            "Set enabled = true under [push] in hub.toml when values may be written again.",
        )


def _keep(draft: Draft, run: Run, configuration: Hub, options: Options, approved: PushPlan | None) -> PushPlan:
    """Store the plan: dry, halted (which raises), waiting, or ready to send. An approved one is stored already."""
    push = configuration.push
    halt = check_draft(draft, push, approved, currency=configuration.company.reporting_currency)
    status = PlanStatus.SENDING
    if options.dry_run:
        status = PlanStatus.DRY
    elif halt:
        status = PlanStatus.HALTED
    elif approved is not None:
        return approval.take(approved, run, by=options.approved_by)
    elif push.approval == "always" and draft.to_send:
        status = PlanStatus.WAITING
    asked = approval.same_question(draft, status, run) if status in approval.ASKING else None
    method = method_for(draft.accounts_to_send, collections_up_to=push.collections_up_to)
    plan = asked or ledger.store(draft, run=run, status=status, method=method)
    if status == PlanStatus.SENDING:
        reached("after_plan")
        return plan
    if halt and not asked and not options.dry_run:
        plan.note = f"{halt} {plan.note}".strip()
    plan.finished_at = timezone.now()
    plan.save(update_fields=["note", "finished_at"])
    if halt and not options.dry_run:
        raise halt
    return plan


def _sending(target: Target, plan: PushPlan, configuration: Hub, run: Run) -> Sending:
    return Sending(
        org=target.org,
        plan=plan,
        described=target.described,
        enabled=partial(may_send, run),
        collections_up_to=configuration.push.collections_up_to,
    )


def _send(sending: Sending) -> None:
    plan = sending.plan
    try:
        send(sending)
    except SwitchedOff:
        plan.note = f"{plan.note} The push was switched off while this plan was being sent.".strip()
    except Exception:
        _leave_open(plan)
        raise
    ledger.close(plan)


def _leave_open(plan: PushPlan) -> None:
    """Prepare for the next run after a broken connection.

    A Bulk job goes on without us and will be asked again; whatever else has no answer will be read back.
    """
    if plan.method == BULK and plan.job_id and plan.changes.filter(status=ChangeStatus.SENT).exists():
        return
    plan.changes.filter(status=ChangeStatus.SENT).update(status=ChangeStatus.UNKNOWN)
    ledger.close(plan)
