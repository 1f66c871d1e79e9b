"""One push run: settle what was interrupted, plan, check, store, send, and say honestly how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from django.utils import timezone

from integration_hub.config import Hub, hub
from integration_hub.failpoints import reached
from integration_hub.installation import restored
from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, PushSwitch, Run, RunStatus
from integration_hub.push import approval, drift, ledger, parking, read_back, recovery, switch, undo
from integration_hub.push.brake import PushRefused, check_draft, check_organization
from integration_hub.push.drafting import Target, draft_plan, reach
from integration_hub.push.hand_edits import weigh
from integration_hub.push.other_installations import check_alone
from integration_hub.push.outcome import tell
from integration_hub.push.plan import Draft
from integration_hub.push.sending import Sending, SwitchedOff, method_for, send
from integration_hub.runs import NotOursError, Outcome
from integration_hub.salesforce.client import connect
from integration_hub.salesforce.errors import SalesforceProblem
from integration_hub.standing_differences import standing_differences


@dataclass(frozen=True)
class Options:
    """What was asked for, as kept in Run.options.

    `new_org` is the id of an unknown org that is accepted, `take_over` the mark of an installation whose place this one
    takes, `approve` the id of an approved plan. `undo` is the id of a plan whose values are put back, `by` who asked.
    """

    dry_run: bool = False
    new_org: str = ""
    take_over: str = ""
    approve: int | None = None
    approved_by: str = ""
    undo: int | None = None
    by: str = ""

    @classmethod
    def of(cls, run: Run) -> Self:
        """Read the options of a run."""
        given = run.options
        return cls(
            dry_run=bool(given.get("dry_run")),
            new_org=str(given.get("new_org", "")),
            take_over=str(given.get("take_over", "")),
            approve=given.get("approve"),
            approved_by=str(given.get("approved_by", "")),
            undo=given.get("undo"),
            by=str(given.get("by", "")) or run.requested_by,
        )


def is_enabled() -> bool:
    """The kill switch as it stands in hub.toml now; the file is read again when it changed."""
    return hub().push.enabled


def may_send(run: Run, despite: PushSwitch | None = None) -> bool:
    """Whether both switches are on; asked before every batch. Raises NotOursError when the run was declared dead.

    `despite` is the stop that an undo itself has made.
    """
    if Run.objects.filter(pk=run.pk, status=RunStatus.DEAD).exists():
        raise NotOursError(f"{run} was declared dead meanwhile; it sends nothing more.")
    return is_enabled() and switch.is_on(despite=despite)


def run_push(run: Run) -> Outcome:
    """Do the push, or the undo, of this run and return how it ended.

    Raises PushRefused when nothing may be sent, SalesforceProblem when Salesforce cannot be used; answers until then
    are kept.
    """
    configuration, options = hub(), Options.of(run)
    _check_configured(configuration)
    if not options.dry_run and not configuration.push.enabled:
        _settle_stopped(configuration, run)
        raise _disabled()
    if not options.dry_run and not options.undo and not switch.is_on():
        _settle_stopped(configuration, run)
        raise _stopped()
    if not options.dry_run:
        restored.check()
    org = connect(configuration.salesforce)
    target = reach(org)
    check_organization(target.organization, accepted=options.new_org)
    if not options.dry_run:
        ledger.close_other_orgs(target.organization)
    approved = _approved(target.organization, run, options)
    if not options.dry_run:
        _settle_unfinished(target, configuration, run)
    if options.undo:
        return _undo(target, run, configuration, options)
    draft = draft_plan(
        target,
        configuration,
        settle=not options.dry_run,
        check=partial(check_alone, rules=configuration.push.fields, take_over=options.take_over),
    )
    probes = _weigh(target, draft, configuration, keep=not options.dry_run)
    plan = _keep(draft, run, configuration, options, approved)
    if plan.status == PlanStatus.WAITING:
        return approval.waiting(plan, api_calls=org.calls)
    if plan.status != PlanStatus.SENDING:
        return tell(plan, api_calls=org.calls)
    restored.close()
    said = _send(_sending(target, plan, configuration, run, probes=probes), configuration)
    return tell(plan, api_calls=org.calls, said=said)


def _approved(organization: str, run: Run, options: Options) -> PushPlan | None:
    """The plan that was approved; none where a run before this one began to send it: what is left is planned anew."""
    if not options.approve:
        return None
    takes_over = run.attempt > 1 or run.not_before is not None
    if takes_over and approval.was_taken(options.approve, organization, by=options.approved_by):
        return None
    return approval.to_approve(options.approve, organization)


def _check_configured(configuration: Hub) -> None:
    if configuration.salesforce is None or not configuration.push.fields:
        raise PushRefused(
            "There is nothing to push.",
            "hub.toml names no Salesforce org or no push fields.",
            "Add [salesforce] and [[push.fields]] to hub.toml.",
        )


def _disabled() -> PushRefused:
    return PushRefused(
        "The push is switched off.",
        "Nothing was sent. Salesforce shows the figures of the last push.",
        "Set enabled = true under [push] in hub.toml when values may be written again.",
    )


def _stopped() -> PushRefused:
    return PushRefused(
        f"The push is switched off. {switch.words()}",
        "Nothing was sent. Salesforce shows the figures of the last push.",
        "Run manage.py push --resume, or resume it on the page Pushes, when values may be written again.",
    )


def _settle_stopped(configuration: Hub, run: Run) -> None:
    """End the Bulk job of a push whose process vanished: the stop holds for it as well."""
    if not PushPlan.objects.filter(status=PlanStatus.SENDING).exclude(job_id="").exists():
        return
    target = reach(connect(configuration.salesforce))
    _settle_unfinished(target, configuration, run)


def _settle_unfinished(target: Target, configuration: Hub, run: Run) -> None:
    for left in recovery.unfinished(target.organization):
        sending = _sending(target, left, configuration, run)
        recovery.settle_job(sending)
        _read_back(sending, configuration)


def _weigh(target: Target, draft: Draft, configuration: Hub, *, keep: bool) -> dict[str, str]:
    """Take out of the draft what is not to be sent again as things are; returns the probes of parked causes."""
    read_back.leave_altered(draft)
    weigh(target.org, draft, configuration, keep=keep)
    return parking.hold(draft, partial(parking.stamps, target.org, target.organization), keep=keep)


def _undo(target: Target, run: Run, configuration: Hub, options: Options) -> Outcome:
    """Put back what stood there before a plan, and stop the push, which would write the same values again."""
    undone = undo.find_undoable(int(options.undo or 0), target.organization)
    draft = undo.draft_undo(target, undone, bulk_from_rows=_bulk_from_rows(configuration))
    status = PlanStatus.DRY if options.dry_run else PlanStatus.SENDING
    method = method_for(draft.accounts_to_send, collections_up_to=configuration.push.collections_up_to)
    plan = ledger.store(draft, run=run, status=status, method=method, undoes=undone)
    plan.note = f"Puts back what stood in Salesforce before push {undone.pk}."
    plan.save(update_fields=["note"])
    if options.dry_run:
        return tell(plan, api_calls=target.org.calls)
    own_stop = undo.announce(undone, options.by) if draft.to_send else None
    reached("after_plan")
    said = _send(_sending(target, plan, configuration, run, despite=own_stop), configuration)
    return tell(plan, api_calls=target.org.calls, said=said)


def _keep(draft: Draft, run: Run, configuration: Hub, options: Options, approved: PushPlan | None) -> PushPlan:
    """Store the plan: dry, halted (which raises), waiting, or ready to send. An approved one is stored already."""
    push = configuration.push
    currency, differing = configuration.company.reporting_currency, standing_differences()
    halt = check_draft(draft, push, approved, currency=currency, differing=differing)
    status = PlanStatus.SENDING
    if options.dry_run:
        status = PlanStatus.DRY
    elif halt:
        status = PlanStatus.HALTED
    elif approved is not None:
        return approval.take(approved, run, by=options.approved_by, note=ledger.note_of(draft))
    elif draft.to_send and approval.is_asked_for(draft, push.approval):
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


def _sending(
    target: Target,
    plan: PushPlan,
    configuration: Hub,
    run: Run,
    *,
    probes: Mapping[str, str] | None = None,
    despite: PushSwitch | None = None,
) -> Sending:
    return Sending(
        org=target.org,
        plan=plan,
        described=target.described,
        enabled=partial(may_send, run, despite or undo.own_stop(plan)),
        collections_up_to=configuration.push.collections_up_to,
        probes=probes or {},
    )


def _send(sending: Sending, configuration: Hub) -> str:
    """Send the plan, close it and read it back; returns what stopped it in the middle, empty when nothing did."""
    plan, said = sending.plan, ""
    try:
        send(sending)
    except SwitchedOff:
        said = f"The push was switched off while this plan was being sent. {switch.words()}".strip()
        plan.note = f"{plan.note} {said}".strip()
        recovery.see_what_arrived(sending, bulk_from_rows=_bulk_from_rows(configuration))
    except Exception:
        _leave_open(plan)
        raise
    ledger.close(plan)
    drift.mark_restored(plan)
    _read_back(sending, configuration)
    return said


def _read_back(sending: Sending, configuration: Hub) -> None:
    """Look whether the written values stand there; a plan that cannot be read back says so and stays written."""
    plan = sending.plan
    try:
        differs = read_back.read_again(sending, bulk_from_rows=_bulk_from_rows(configuration))
    except SalesforceProblem as problem:
        said = f"The written values could not be read back: {problem.problem}"
    else:
        values = "1 value" if differs == 1 else f"{differs:,} values"
        said = f"Salesforce changed {values} after accepting them." if differs else ""
    if said:
        plan.note = f"{plan.note} {said}".strip()
        plan.save(update_fields=["note"])


def _bulk_from_rows(configuration: Hub) -> int:
    return configuration.salesforce.bulk_from_rows if configuration.salesforce else 0


def _leave_open(plan: PushPlan) -> None:
    """Prepare for the next run after a broken connection.

    A Bulk job goes on without us and will be asked again; whatever else has no answer will be read back.
    """
    if plan.job_id and plan.changes.filter(status=ChangeStatus.SENT).exists():
        return
    ledger.leave_unknown(plan)
    ledger.close(plan)
