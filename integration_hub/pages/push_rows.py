"""What the pages show of a plan's changes, as dataclasses: which values, from what to what, how it went and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Min, Q, QuerySet

from integration_hub.config import hub
from integration_hub.models import ChangeStatus, PushChange, PushPlan, SfAccount
from integration_hub.pages.account_names import account_names
from integration_hub.pages.error_words import Words, words_for
from integration_hub.push.read_back import DIFFERS
from integration_hub.push.wanted import Kind, kinds_of
from integration_hub.spreadsheet_cells import safe

CHANGE_PILLS: Mapping[str, str] = {
    ChangeStatus.DONE: "pill-good",
    ChangeStatus.FAILED: "pill-bad",
    ChangeStatus.UNKNOWN: "pill-warn",
    ChangeStatus.LEFT: "pill-warn",
    ChangeStatus.PARKED: "pill-warn",
    ChangeStatus.SKIPPED: "pill-warn",
    ChangeStatus.SENT: "pill-seg",
}
REFUSED = (ChangeStatus.FAILED, ChangeStatus.PARKED)
FILTERS: Mapping[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "planned": ("Not sent", Q(status=ChangeStatus.PLANNED)),
    "written": ("Written", Q(status=ChangeStatus.DONE)),
    "refused": ("Refused", Q(status=ChangeStatus.FAILED)),
    "parked": ("Parked", Q(status=ChangeStatus.PARKED)),
    "open": ("Not answered", Q(status__in=[ChangeStatus.SENT, ChangeStatus.UNKNOWN])),
    "altered": ("Changed by Salesforce", Q(status=ChangeStatus.DONE, error_code=DIFFERS)),
    "drift": ("Changed by hand", Q(drift=True)),
    "left": ("Left alone", Q(status=ChangeStatus.LEFT)),
    "skipped": ("Changed since", Q(status=ChangeStatus.SKIPPED)),
}
BIGGEST_FIRST = (F("movement").desc(nulls_last=True), "account", "id")
CSV_HEAD = (
    "account", "name", "field", "label", "before", "after", "difference", "movement", "note", "changed_by_hand",
    "status", "error_code", "error", "meaning", "remedy", "who_can_fix_it", "answered_at",
)  # fmt: skip


@dataclass(frozen=True)
class ChangeLine:
    """One changed field: who, which, from what to what, and how it went. None is an empty field.

    `difference` is what a number moves by, in the unit of the field. `code` is that of a refusal.
    """

    change: PushChange
    name: str
    label: str
    before: str | None
    after: str | None
    difference: str
    numeric: bool
    pill: str
    code: str
    words: Words | None


@dataclass(frozen=True)
class Refusal:
    """All values refused with one code: how many, of how many accounts, Salesforce's own words for one of them."""

    code: str
    text: str
    values: int
    accounts: int
    words: Words | None


@dataclass(frozen=True)
class Choice:
    """A filter of a plan's changes with how many it shows."""

    name: str
    label: str
    count: int


def asked_changes(plan: PushPlan, *, field: str = "", code: str = "", text: str = "") -> "QuerySet[PushChange]":
    """The changes of a field, with an error code, of an account whose name holds the text or whose id starts so."""
    rows = plan.changes.all()
    if field:
        rows = rows.filter(field=field)
    if code:
        rows = rows.filter(error_code=code)
    if text:
        named = SfAccount.objects.filter(name__icontains=text).values("key")
        rows = rows.filter(Q(account__startswith=text) | Q(account__in=named))
    return rows


def chosen_changes(
    plan: PushPlan, show: str = "", field: str = "", *, code: str = "", text: str = ""
) -> "QuerySet[PushChange]":
    """The changes asked for, biggest movers first; an unknown filter shows all."""
    rows = asked_changes(plan, field=field, code=code, text=text)
    return rows.filter(FILTERS.get(show, FILTERS[""])[1]).order_by(*BIGGEST_FIRST)


def choices(rows: "QuerySet[PushChange]", show: str = "") -> list[Choice]:
    """The filters with what each shows of the rows; those that would show nothing are left out, but for the chosen."""
    counts = rows.order_by().aggregate(**{f"n_{name}": Count("id", filter=rule) for name, (_, rule) in FILTERS.items()})
    found = [Choice(name, label, counts[f"n_{name}"]) for name, (label, _) in FILTERS.items()]
    return [choice for choice in found if choice.count or choice.name in {"", show}]


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
        shown(change.before, numeric=numeric),
        shown(change.after, numeric=numeric),
        shown(_difference(change), numeric=numeric, signed=True) or "",
        numeric,
        CHANGE_PILLS.get(change.status, ""),
        change.error_code if change.status in REFUSED else "",
        words_for(change.error_code),
    )


def _difference(change: PushChange) -> str | None:
    if change.movement is None:
        return None
    return f"{Decimal(change.after or 0) - Decimal(change.before or 0):f}"


def refusals(plan: PushPlan) -> list[Refusal]:
    """Why values of the plan were refused or wait, the most frequent reason first."""
    rows = plan.changes.filter(status__in=REFUSED).order_by().values("error_code")
    counted = rows.annotate(number=Count("id"), accounts=Count("account", distinct=True), text=Min("error_text"))
    return [
        Refusal(row["error_code"], row["text"], row["number"], row["accounts"], words_for(row["error_code"]))
        for row in counted.order_by("-number", "error_code")
    ]


def shown(text: str | None, *, numeric: bool, signed: bool = False) -> str | None:
    """An exact text as a person reads it: numbers with separators and a true minus sign."""
    if text is None or not numeric:
        return text
    return f"{Decimal(text):{'+' if signed else ''},f}".replace("-", "\u2212")


def field_labels() -> dict[str, str]:
    """What an administrator called each pushed field in hub.toml, else its measure."""
    return {rule.field: rule.label or rule.measure.replace("_", " ").capitalize() for rule in hub().push.fields}


def number_fields() -> frozenset[str]:
    """The pushed fields that hold numbers, by API name."""
    kinds = kinds_of(hub().push.fields)
    return frozenset(name for name, kind in kinds.items() if kind in {Kind.MONEY, Kind.NUMBER})


def csv_rows(plan: PushPlan) -> Iterator[tuple[str, ...]]:
    """The head and every change of a plan as text, biggest movers first, safe to open in a spreadsheet."""
    yield CSV_HEAD
    names = account_names(plan.changes.values_list("account", flat=True).order_by().distinct())
    labels = field_labels()
    for change in chosen_changes(plan).iterator(2000):
        words = words_for(change.error_code)
        yield (
            change.account,
            safe(names.get(change.account, "")),
            change.field,
            safe(labels.get(change.field, "")),
            safe(change.before or ""),
            safe(change.after or ""),
            _difference(change) or "",
            "" if change.movement is None else f"{change.movement:f}",
            safe(change.note),
            "yes" if change.drift else "",
            change.status,
            change.error_code,
            safe(change.error_text),
            *((words.meaning, words.remedy, words.who) if words else ("", "", "")),
            change.answered_at.isoformat() if change.answered_at else "",
        )
