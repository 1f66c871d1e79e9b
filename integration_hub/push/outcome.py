"""Says in words how a plan ended."""

from django.db.models import Count

from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, RunStatus
from integration_hub.runs import Outcome


def tell(plan: PushPlan) -> Outcome:
    """The outcome of a closed plan: `succeeded` only if every row was written and no field was stopped."""
    stopped = _stopped(plan)
    if plan.status == PlanStatus.DONE or (plan.status == PlanStatus.DRY and not stopped):
        return Outcome(RunStatus.SUCCEEDED)
    if plan.status == PlanStatus.DRY:
        return Outcome(
            RunStatus.PARTIAL,
            stopped,
            "A push would leave these fields out.",
            "Open the plan: it says what each field needs.",
        )
    status = RunStatus.PARTIAL if plan.status == PlanStatus.PARTIAL else RunStatus.FAILED
    problems = [text for text in (_refused(plan), _unsent(plan), stopped) if text]
    return Outcome(
        status,
        " ".join(problems),
        "Salesforce shows older figures there; everything else is up to date."
        if status == RunStatus.PARTIAL
        else "Salesforce shows the figures of an earlier push.",
        "Open the push: it lists each value with its reason and what to do. What is still different goes out again "
        "with the next push.",
    )


def _refused(plan: PushPlan) -> str:
    refused = plan.changes.filter(status=ChangeStatus.FAILED)
    accounts = refused.values("account").distinct().count()
    if not accounts:
        return ""
    first = refused.values("error_code").annotate(rows=Count("id")).order_by("-rows", "error_code").first()
    code = first["error_code"] if first else ""
    return f"{accounts:,} of {plan.accounts_changed:,} accounts were not written in full, mostly because of {code}."


def _unsent(plan: PushPlan) -> str:
    open_statuses = (ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN)
    accounts = plan.changes.filter(status__in=open_statuses).values("account").distinct().count()
    return f"{accounts:,} accounts were not sent or not answered." if accounts else ""


def _stopped(plan: PushPlan) -> str:
    stopped = sorted({finding["field"] for finding in plan.findings if finding["state"] == "red"})
    return f"The preflight stopped {', '.join(stopped)}." if stopped else ""
