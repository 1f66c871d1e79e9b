"""Says in words how a plan ended."""

from django.db.models import Count

from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, RunStatus
from integration_hub.push.ledger import BACK_ALREADY
from integration_hub.runs import Outcome

STAYING = frozenset({ChangeStatus.LEFT, ChangeStatus.PARKED, ChangeStatus.SKIPPED})


def tell(plan: PushPlan, *, api_calls: int, said: str = "") -> Outcome:
    """The outcome of a closed plan: `succeeded` only if every row was written and no field was stopped.

    `said` is what stopped it in the middle.
    """
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
    problem = " ".join(text for text in (said, _refused(plan), _unsent(plan), _waiting(plan), stopped) if text)
    if plan.status == PlanStatus.PARTIAL:
        meaning = "Salesforce shows older figures there; everything else is up to date."
        return Outcome(RunStatus.PARTIAL, problem, meaning, remedy, counts)
    meaning = "Salesforce shows the figures of an earlier push."
    if _accounts(plan, ChangeStatus.SENT, ChangeStatus.UNKNOWN):
        meaning = "Salesforce shows the figures of an earlier push, or those of this one where its answer was lost."
    return Outcome(RunStatus.FAILED, problem, meaning, remedy, counts)


def amount(values: int, accounts: int) -> str:
    """ "1 value of 1 account", "2,543 values of 277 accounts"."""
    value, account = "value" if values == 1 else "values", "account" if accounts == 1 else "accounts"
    return f"{values:,} {value} of {accounts:,} {account}"


def _accounts(plan: PushPlan, *statuses: ChangeStatus) -> int:
    """How many accounts have a change in one of the states."""
    return plan.changes.filter(status__in=statuses).order_by().values("account").distinct().count()


def _refused(plan: PushPlan) -> str:
    accounts = _accounts(plan, ChangeStatus.FAILED)
    if not accounts:
        return ""
    refused = plan.changes.filter(status=ChangeStatus.FAILED).order_by()
    codes = refused.values_list("error_code").annotate(rows=Count("id")).order_by("-rows", "error_code")
    total = _accounts(plan, *(status for status in ChangeStatus if status not in STAYING))
    who = "The account was" if total == 1 else f"{accounts:,} of {total:,} accounts were"
    return f"{who} not written in full, mostly because of {codes[0][0]}."


def _unsent(plan: PushPlan) -> str:
    accounts = _accounts(plan, ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN)
    return f"{accounts:,} accounts were not sent or not answered." if accounts else ""


def _waiting(plan: PushPlan) -> str:
    """What stays as it is on purpose: parked accounts, and values that an undo leaves."""
    parked = _accounts(plan, ChangeStatus.PARKED)
    skipped = plan.changes.filter(status=ChangeStatus.SKIPPED).exclude(error_code=BACK_ALREADY).count()
    texts = []
    if parked:
        accounts = "1 account is" if parked == 1 else f"{parked:,} accounts are"
        texts.append(f"{accounts} parked, because Salesforce refused them before.")
    if skipped:
        values = "1 value was" if skipped == 1 else f"{skipped:,} values were"
        texts.append(f"{values} left, because of a change since that push.")
    return " ".join(texts)


def _stopped(plan: PushPlan) -> str:
    stopped = sorted({finding["field"] for finding in plan.findings if finding["state"] == "red"})
    return f"The preflight stopped {', '.join(stopped)}." if stopped else ""
