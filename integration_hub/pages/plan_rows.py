"""What the pages show of push plans, as dataclasses: what each is for, how it stands, and how many values it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from integration_hub.models import ChangeStatus, PlanKind, PlanStatus, PushChange, PushPlan
from integration_hub.push.approval import APPROVABLE, outdated_by
from integration_hub.push.undo import UNDOABLE

PLAN_PILLS: Mapping[str, str] = {
    PlanStatus.DONE: "pill-good",
    PlanStatus.PARTIAL: "pill-warn",
    PlanStatus.WAITING: "pill-warn",
    PlanStatus.HALTED: "pill-bad",
    PlanStatus.FAILED: "pill-bad",
    PlanStatus.SENDING: "pill-seg",
}


@dataclass(frozen=True)
class PlanCounts:
    """How many values of a plan there are, and how many of each kind; each opens exactly those values."""

    total: int = 0
    written: int = 0
    refused: int = 0
    parked: int = 0
    drifted: int = 0


@dataclass(frozen=True)
class PlanLine:
    """One plan. `share` is the part of the compared accounts that change (1 = all), None where none was compared.

    `newer` is the id of the plan that took the place of one that was not sent. `why` says why it was not sent.
    """

    plan: PushPlan
    title: str
    state: str
    pill: str
    share: Decimal | None
    counts: PlanCounts
    newer: int | None
    why: str

    @property
    def approvable(self) -> bool:
        """Whether somebody may send exactly this plan now."""
        return self.plan.status in APPROVABLE and self.plan.fields_changed > 0 and self.newer is None

    @property
    def undoable(self) -> bool:
        """Whether there is something to take back."""
        return self.plan.status in UNDOABLE and self.counts.written > 0


def plan_lines(plans: Iterable[PushPlan]) -> list[PlanLine]:
    """The plans of one page."""
    plans = list(plans)
    counts = _counts(plans)
    newer = outdated_by([plan.pk for plan in plans if plan.status in APPROVABLE])
    return [_line(plan, counts.get(plan.pk, PlanCounts()), newer.get(plan.pk)) for plan in plans]


def _line(plan: PushPlan, counts: PlanCounts, newer: int | None) -> PlanLine:
    outdated = newer is not None and plan.status != PlanStatus.DRY
    return PlanLine(
        plan,
        title(plan),
        "Outdated" if outdated else plan.get_status_display(),
        "" if outdated else PLAN_PILLS.get(plan.status, ""),
        Decimal(plan.accounts_changed) / plan.accounts_compared if plan.accounts_compared else None,
        counts,
        newer,
        plan.run_ref.problem if plan.run_ref and plan.status in {PlanStatus.HALTED, PlanStatus.FAILED} else "",
    )


def title(plan: PushPlan) -> str:
    """Push 12, or what it takes back: Undo of push 11."""
    if plan.kind != PlanKind.UNDO:
        return f"Push {plan.pk}"
    return f"Undo of push {plan.undoes_id}" if plan.undoes_id else f"Undo {plan.pk}"


def note(plan: PushPlan) -> str:
    """The plan's note without the sentences that its run says as well."""
    said = plan.run_ref
    text = plan.note
    for sentence in (said.problem, said.meaning, said.remedy) if said else ():
        text = text.replace(sentence, "")
    return " ".join(text.split())


def _counts(plans: Iterable[PushPlan]) -> dict[int, PlanCounts]:
    rows = PushChange.objects.filter(plan__in=plans).order_by().values_list("plan")
    counted = rows.annotate(
        total=Count("id"),
        written=Count("id", filter=Q(status=ChangeStatus.DONE)),
        refused=Count("id", filter=Q(status=ChangeStatus.FAILED)),
        parked=Count("id", filter=Q(status=ChangeStatus.PARKED)),
        drifted=Count("id", filter=Q(drift=True)),
    )
    return {plan: PlanCounts(*counts) for plan, *counts in counted}
