"""What the pages show of values that somebody edited in Salesforce by hand, as dataclasses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from integration_hub.config import hub
from integration_hub.models import DriftRecord, DriftState, Run, RunKind, RunStatus
from integration_hub.pages.account_names import account_names
from integration_hub.pages.push_rows import field_labels, number_fields, shown
from integration_hub.spreadsheet_cells import safe
from integration_hub.timing.items import drift_rhythm, zone

PILLS: Mapping[str, str] = {
    DriftState.OPEN: "pill-warn",
    DriftState.RESTORED: "pill-good",
    DriftState.ACCEPTED: "pill-seg",
}
UNDECIDED = Q(state=DriftState.OPEN, decided_at=None)
FILTERS: Mapping[str, tuple[str, Q]] = {
    "": ("Open", UNDECIDED),
    "decided": ("Decided", ~UNDECIDED),
    "all": ("All", Q()),
}
# What stands in Salesforce still, so that it may be put back or accepted.
STANDING = (DriftState.OPEN, DriftState.ACCEPTED)
POLICIES: Mapping[str, str] = {
    "restore": "A value edited by hand is put back with the next push, unless it is accepted here before.",
    "accept": "A value edited by hand stays until its figure changes, unless it is put back here.",
    "ask": "A value edited by hand stays as it is until somebody decides here.",
}
CSV_HEAD = (
    "account", "name", "field", "label", "expected", "found", "wanted", "changed_by", "changed_at", "found_at", "state",
    "decided_by", "decided_at",
)  # fmt: skip


@dataclass(frozen=True)
class DriftLine:
    """One hand edit: what we had written, what stood there instead, who changed the account and when."""

    record: DriftRecord
    name: str
    label: str
    expected: str | None
    found: str | None
    numeric: bool
    state: str
    pill: str
    can_restore: bool
    can_accept: bool


@dataclass(frozen=True)
class DriftChecks:
    """When hand edits were last looked for, and when they will be next; `running` while a check waits or runs."""

    policy: str
    last: Run | None
    next_at: datetime
    running: bool


def records(show: str) -> "QuerySet[DriftRecord]":
    """The hand edits of a filter, newest first; an unknown filter shows the open ones."""
    return DriftRecord.objects.filter(FILTERS.get(show, FILTERS[""])[1])


def drift_lines(rows: Sequence[DriftRecord]) -> list[DriftLine]:
    """The hand edits of one page with the names of their accounts."""
    names, labels, numbers = account_names({row.account for row in rows}), field_labels(), number_fields()
    return [
        _line(row, names.get(row.account, ""), labels.get(row.field, row.field), numeric=row.field in numbers)
        for row in rows
    ]


def _line(row: DriftRecord, name: str, label: str, *, numeric: bool) -> DriftLine:
    is_open, decided = row.state == DriftState.OPEN, row.decided_at is not None
    return DriftLine(
        row,
        name,
        label,
        shown(row.expected, numeric=numeric),
        shown(row.found, numeric=numeric),
        numeric,
        "Will be put back" if is_open and decided else row.get_state_display(),
        "pill-seg" if is_open and decided else PILLS.get(row.state, ""),
        can_restore=row.state in STANDING and not (is_open and decided),
        can_accept=is_open,
    )


def drift_checks(now: datetime) -> DriftChecks:
    """The policy in words, and the checks around this instant."""
    runs = Run.objects.filter(kind=RunKind.DRIFT)
    return DriftChecks(
        POLICIES[hub().push.drift],
        runs.exclude(finished_at=None).first(),
        next_check(now),
        runs.filter(status__in=(RunStatus.QUEUED, RunStatus.RUNNING)).exists(),
    )


def next_check(now: datetime) -> datetime:
    """The next time of the check by its rhythm; of one with an interval, counted from now."""
    return drift_rhythm(hub()).next_after(now, zone())


def csv_rows(show: str) -> Iterator[tuple[str, ...]]:
    """The head and every hand edit of the filter as text, safe to open in a spreadsheet."""
    yield CSV_HEAD
    found = records(show)
    names = account_names(found.values_list("account", flat=True).order_by().distinct())
    labels = field_labels()
    for row in found.iterator(2000):
        texts = (
            row.account,
            names.get(row.account, ""),
            row.field,
            labels.get(row.field, ""),
            row.expected or "",
            row.found or "",
            row.wanted or "",
            row.changed_by,
            _instant(row.changed_at),
            _instant(row.found_at),
            row.state,
            row.decided_by,
            _instant(row.decided_at),
        )
        yield tuple(safe(text) for text in texts)


def _instant(value: datetime | None) -> str:
    return value.isoformat() if value else ""
