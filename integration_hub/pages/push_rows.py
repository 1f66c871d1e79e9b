"""What the push pages show, as dataclasses: plans, and each change with its words and remedy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db.models import Count, F, Min, Q, QuerySet

from integration_hub.config import hub
from integration_hub.models import ChangeStatus, PlanStatus, PushChange, PushPlan, SfAccount
from integration_hub.push.errors import explain

PLAN_PILLS: Mapping[str, str] = {
    PlanStatus.DONE: "pill-good",
    PlanStatus.PARTIAL: "pill-warn",
    PlanStatus.HALTED: "pill-bad",
    PlanStatus.FAILED: "pill-bad",
    PlanStatus.SENDING: "pill-seg",
}
CHANGE_PILLS: Mapping[str, str] = {
    ChangeStatus.DONE: "pill-good",
    ChangeStatus.FAILED: "pill-bad",
    ChangeStatus.UNKNOWN: "pill-warn",
    ChangeStatus.LEFT: "pill-warn",
    ChangeStatus.SENT: "pill-seg",
}
FILTERS: Mapping[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "refused": ("Refused", Q(status=ChangeStatus.FAILED)),
    "open": ("Not answered", Q(status__in=[ChangeStatus.PLANNED, ChangeStatus.SENT, ChangeStatus.UNKNOWN])),
    "drift": ("Changed by hand", Q(drift=True)),
}
CSV_HEAD = ("account", "name", "field", "before", "after", "changed_by_hand", "status", "error_code", "error")
# A spreadsheet runs a cell that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class PlanLine:
    """One plan of the list, with how many of its changes were refused."""

    plan: PushPlan
    pill: str
    refused: int
    drifted: int


@dataclass(frozen=True)
class ChangeLine:
    """One changed field: who, which, from what to what, and how it went. None is an empty field."""

    change: PushChange
    name: str
    label: str
    before: str | None
    after: str | None
    numeric: bool
    pill: str


@dataclass(frozen=True)
class Refusal:
    """All values refused with one code: how many accounts, Salesforce's own words for one of them, ours for all."""

    code: str
    text: str
    accounts: int
    meaning: str
    remedy: str


@dataclass(frozen=True)
class Choice:
    """A filter of a plan's changes with how many it shows."""

    name: str
    label: str
    count: int


def plan_lines(plans: Iterable[PushPlan]) -> list[PlanLine]:
    """The plans of one page."""
    plans = list(plans)
    rows = PushChange.objects.filter(plan__in=plans).order_by().values("plan")
    counts = {
        row["plan"]: row
        for row in rows.annotate(
            refused=Count("id", filter=Q(status=ChangeStatus.FAILED)), drifted=Count("id", filter=Q(drift=True))
        )
    }
    none = {"refused": 0, "drifted": 0}
    return [
        PlanLine(
            plan,
            PLAN_PILLS.get(plan.status, ""),
            counts.get(plan.pk, none)["refused"],
            counts.get(plan.pk, none)["drifted"],
        )
        for plan in plans
    ]


def choices(plan: PushPlan) -> list[Choice]:
    """The filters of a plan; those that would show nothing are left out."""
    counts = plan.changes.order_by().aggregate(
        **{f"n_{name}": Count("id", filter=rule) for name, (_, rule) in FILTERS.items()}
    )
    found = [Choice(name, label, counts[f"n_{name}"]) for name, (label, _) in FILTERS.items()]
    return [choice for choice in found if choice.count or not choice.name]


def chosen_changes(plan: PushPlan, show: str, field: str) -> "QuerySet[PushChange]":
    """The changes of a plan, biggest movers first; an unknown filter shows all."""
    rows = plan.changes.filter(FILTERS.get(show, FILTERS[""])[1]).order_by(
        F("movement").desc(nulls_last=True), "account", "id"
    )
    return rows.filter(field=field) if field else rows


def change_lines(changes: Sequence[PushChange]) -> list[ChangeLine]:
    """The changes of one page with the names of their accounts."""
    names = account_names({change.account for change in changes})
    labels = field_labels()
    return [_line(change, names.get(change.account, ""), labels.get(change.field, change.field)) for change in changes]


def _line(change: PushChange, name: str, label: str) -> ChangeLine:
    numeric = change.movement is not None
    return ChangeLine(
        change,
        name,
        label,
        _shown(change.before, numeric=numeric),
        _shown(change.after, numeric=numeric),
        numeric,
        CHANGE_PILLS.get(change.status, ""),
    )


def refusals(plan: PushPlan) -> list[Refusal]:
    """Why values of the plan were refused, the most frequent reason first."""
    rows = plan.changes.exclude(error_code="").order_by().values("error_code")
    counted = rows.annotate(accounts=Count("account", distinct=True), text=Min("error_text"))
    found = []
    for row in counted.order_by("-accounts", "error_code"):
        words = explain(row["error_code"])
        found.append(Refusal(row["error_code"], row["text"], row["accounts"], words.meaning, words.remedy))
    return found


def _shown(text: str | None, *, numeric: bool) -> str | None:
    if text is None or not numeric:
        return text
    return f"{Decimal(text):,f}".replace("-", "\u2212")


def account_names(accounts: Iterable[str]) -> dict[str, str]:
    """Names of mirrored accounts by id."""
    return dict(SfAccount.objects.filter(key__in=list(accounts)).values_list("key", "name"))


def field_labels() -> dict[str, str]:
    """What an administrator called each pushed field in hub.toml, else its measure."""
    return {rule.field: rule.label or rule.measure.replace("_", " ").capitalize() for rule in hub().push.fields}


def csv_rows(plan: PushPlan) -> Iterator[tuple[str, ...]]:
    """The head and every change of a plan as text, biggest movers first, safe to open in a spreadsheet."""
    yield CSV_HEAD
    changes = chosen_changes(plan, "", "")
    names = account_names(changes.values_list("account", flat=True).order_by().distinct())
    for change in changes.iterator(2000):
        yield (
            change.account,
            _safe(names.get(change.account, "")),
            change.field,
            _safe(change.before or ""),
            _safe(change.after or ""),
            "yes" if change.drift else "",
            change.status,
            change.error_code,
            _safe(change.error_text),
        )


def _safe(text: str) -> str:
    """Keep numbers as they are; put an apostrophe before any other text that a spreadsheet would run."""
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        Decimal(text)
    except InvalidOperation:
        return f"'{text}"
    return text
