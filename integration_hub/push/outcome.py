"""Says in words how a plan ended."""

from django.db.models import Count

from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, RunStatus
from integration_hub.runs import Outcome


def tell(plan: PushPlan, *, api_calls: int) -> Outcome:
    """The outcome of a closed plan: `succeeded` only if every row was written and no field was stopped."""
    counts = {"api_calls": api_calls, "accounts_touched": _accounts(plan, ChangeStatus.DONE)}
    stopped = _stopped(plan)
    if plan.status == PlanStatus.DONE or (plan.status == PlanStatus.DRY and not stopped):
        return Outcome(RunStatus.SUCCEEDED, counts=counts)
    if plan.status == PlanStatus.DRY:
        meaning, remedy = "A push would leave these fields out.", "Open the plan: it says what each field needs."
        return Outcome(RunStatus.PARTIAL, stopped, meaning, remedy, counts)
    remedy = (
        "Open the push: it lists each value with its reason and what to do. What is still different goes out again "
        "with the next push."
    )
    problem = " ".join(text for text in (_refused(plan), _unsent(plan), stopped) if text)
    if plan.status == PlanStatus.PARTIAL:
        meaning = "Salesforce shows older figures there; everything else is up to date."
        return Outcome(RunStatus.PARTIAL, problem, meaning, remedy, counts)
    return Outcome(RunStatus.FAILED, problem, "Salesforce shows the figures of an earlier push.", remedy, counts)


def _accounts(plan: PushPlan, *statuses: ChangeStatus) -> int:
    """How many accounts have a change in one of the states."""
    return plan.changes.filter(status__in=statuses).order_by().values("account").distinct().count()


def _refused(plan: PushPlan) -> str:
    accounts = _accounts(plan, ChangeStatus.FAILED)
    if not accounts:
        return ""
    refused = plan.changes.filter(status=ChangeStatus.FAILED).order_by()
    codes = refused.values_list("error_code").annotate(rows=Count("id")).order_by("-rows", "error_code")
    total = _accounts(plan, *(status for status in ChangeStatus if status != ChangeStatus.LEFT))
    return f"{accounts:,} of {total:,} accounts were not written in full, mostly because of {codes[0][0]}."


def _unsent(plan: PushPlan) -> str:
    accounts = _accounts(plan, ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN)
    return f"{accounts:,} accounts were not sent or not answered." if accounts else ""


def _stopped(plan: PushPlan) -> str:
    stopped = sorted({finding["field"] for finding in plan.findings if finding["state"] == "red"})
    return f"The preflight stopped {', '.join(stopped)}." if stopped else ""
