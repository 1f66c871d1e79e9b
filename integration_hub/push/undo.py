"""Puts back what stood in Salesforce before a push, as far as nobody and nothing has changed it since."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from integration_hub.models import (
    ChangeStatus,
    PlanStatus,
    PushChange,
    PushedValue,
    PushPlan,
    PushSwitch,
)
from integration_hub.push import recovery, switch
from integration_hub.push.brake import PushRefused
from integration_hub.push.drafting import Target
from integration_hub.push.drift import open_edits
from integration_hub.push.ledger import BACK_ALREADY, ROWS_AT_ONCE
from integration_hub.push.plan import Change, Draft
from integration_hub.push.preflight import PERMISSION_SET, Finding, State
from integration_hub.push.standing import Standing, read_standing
from integration_hub.push.values import movement
from integration_hub.salesforce.describe import FieldInfo

UNDOABLE = (PlanStatus.DONE, PlanStatus.PARTIAL, PlanStatus.FAILED)
CHANGED, GONE = "CHANGED_SINCE", "ACCOUNT_GONE"
WORDS: Mapping[str, str] = {
    CHANGED: "The value was changed after this push wrote it, so it stays.",
    GONE: "The account is gone, or the integration user may not see it any more.",
    BACK_ALREADY: "The value from before the push stands there already.",
}
Acknowledged = Mapping[tuple[str, str], tuple[str | None, int | None]]
"""(account, field) -> the value Salesforce acknowledged last, and the plan that wrote it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an undo would do, as far as is known here: the run itself looks at what stands in Salesforce."""

    restorable: int
    skipped: int
    accounts: int


def preview(plan: PushPlan) -> Preview:
    """Count what an undo of this plan would put back and what it would leave; asks nobody outside."""
    acknowledged = _acknowledged(plan)
    edited = set(open_edits(plan.organization).values_list("account", "field"))
    accounts: set[str] = set()
    restorable = skipped = 0
    for change in written(plan).iterator(ROWS_AT_ONCE):
        key = (change.account, change.field)
        value, last = acknowledged.get(key, (None, None))
        if last == plan.pk and value != change.before and key not in edited:
            restorable += 1
            accounts.add(change.account)
        else:
            skipped += 1
    return Preview(restorable, skipped, len(accounts))


def written(plan: PushPlan) -> "QuerySet[PushChange]":
    """The changes of a plan that Salesforce acknowledged, in the order in which they were sent."""
    return plan.changes.filter(status=ChangeStatus.DONE).order_by("id")


def find_undoable(pk: int, organization: str) -> PushPlan:
    """The plan that is to be undone. Raises PushRefused for one that wrote nothing, or wrote to another org."""
    plan = PushPlan.objects.filter(pk=pk, status__in=UNDOABLE).first()
    if plan is None or not written(plan).exists():
        raise PushRefused(
            f"Push {pk} cannot be undone.",
            "It wrote nothing, it is not finished, or there is no push with this number.",
            "Choose a push whose list of changes shows written values.",
        )
    if plan.organization != organization:
        raise PushRefused(
            f"Push {pk} was written to another Salesforce org: {plan.organization} instead of {organization}.",
            "Nothing was compared or sent.",
            "Sign in to the org of that push, then undo it.",
        )
    return plan


def draft_undo(target: Target, plan: PushPlan, *, bulk_from_rows: int) -> Draft:
    """What puts the values of before the plan back: PLANNED where what we wrote still stands, else SKIPPED."""
    unsure = PushChange.objects.filter(plan__organization=plan.organization, status__in=recovery.OPEN)
    unanswered = set(unsure.values_list("account", "field"))
    own = written(plan).order_by()
    names = sorted({*own.values_list("field", flat=True).distinct(), *(name for _, name in unanswered)})
    emptied = set(own.filter(before=None).values_list("field", flat=True).distinct())
    findings = tuple(_check(name, target.described.get(name), emptied) for name in names)
    stopped = {finding.field for finding in findings if finding.state is State.RED}
    fields = [target.described[name] for name in names if name in target.described]
    compared = set(own.values_list("account", flat=True).distinct())
    accounts = compared | {account for account, _ in unanswered}
    live = read_standing(target.org, fields, accounts, in_bulk=len(accounts) >= bulk_from_rows)
    recovery.read_back(plan.organization, [info.name for info in fields], live)
    draft = Draft(plan.as_of, plan.organization, findings, compared=len(compared))
    draft.changes = list(_changes(plan, stopped, live, target.described))
    return draft


def _acknowledged(plan: PushPlan) -> Acknowledged:
    rows = PushedValue.objects.filter(account__in=written(plan).order_by().values("account"))
    return {
        (account, name): (value, pk)
        for account, name, value, pk in rows.values_list("account", "field", "value", "plan_id")
    }


def _check(name: str, info: FieldInfo | None, emptied: Collection[str]) -> Finding:
    """Whether a field can be written back. Its values stood there before, so they fit."""
    if info is None:
        text = f"Account has no field {name}, or the integration user may not see it; Salesforce does not tell which."
    elif not info.updateable or info.calculated:
        text = f"The integration user may not edit the field {name}."
    elif not info.nillable and name in emptied:
        text = f"The field {name} must not be empty any more, but was before the push."
    else:
        return Finding(name, State.GREEN)
    return Finding(name, State.RED, text, f"Assign the permission set {PERMISSION_SET}, or restore the field.")


def _changes(
    plan: PushPlan, stopped: Collection[str], live: Mapping[str, Standing], described: Mapping[str, FieldInfo]
) -> Iterator[Change]:
    acknowledged = _acknowledged(plan)
    for change in written(plan).exclude(field__in=stopped).iterator(ROWS_AT_ONCE):
        account = live.get(change.account)
        now = account.values[change.field] if account else None
        value, last = acknowledged.get((change.account, change.field), (None, None))
        if account is None:
            code = GONE
        elif now == change.before:
            code = BACK_ALREADY
        else:
            code = "" if last == plan.pk and now == value else CHANGED
        yield Change(
            change.account,
            change.field,
            now,
            change.before,
            movement(now, change.before, described[change.field]),
            status=ChangeStatus.SKIPPED if code else ChangeStatus.PLANNED,
            error_code=code,
            error_text=WORDS.get(code, ""),
        )


def announce(plan: PushPlan, by: str) -> PushSwitch:
    """Stop the push before the values are put back: it would write the same ones again."""
    reason = (
        f"{_undone(plan.pk)} {by}: the next push would write the same values again; correct the source, then resume"
    )
    return switch.stop(by, reason)


def own_stop(plan: PushPlan) -> PushSwitch | None:
    """The stop that this undo has made itself, which does not hold for it; None where another one stands."""
    newest = switch.last()
    if (
        plan.undoes_id is None
        or newest is None
        or newest.is_on
        or not newest.reason.startswith(_undone(plan.undoes_id))
    ):
        return None
    return newest


def _undone(number: int) -> str:
    return f"push {number} was undone by"
