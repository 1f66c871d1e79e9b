"""Hand edits: pushed values that somebody changed in Salesforce. What is known of each, and whether it stays.

The plan flags a value that is neither the wanted nor the last acknowledged one. Here the flag is checked against what
we ourselves may have written, every hand edit gets a record, and policy or a person decides what becomes of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integration_hub import audit
from integration_hub.models import (
    ChangeStatus,
    DriftRecord,
    DriftState,
    PushChange,
    PushedValue,
    PushPlan,
)
from integration_hub.push.editors import Edit
from integration_hub.push.ledger import NO_ANSWER
from integration_hub.push.plan import Change, Draft
from integration_hub.push.recovery import OPEN

Policy = Literal["restore", "accept", "ask"]
Decision = Literal["restore", "accept"]
Key = tuple[str, str]
"""Account and field."""
BY_POLICY = "hub.toml"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was decided about one hand edit, from `expected` to `found`: it holds while the figure is `wanted`."""

    expected: str | None
    found: str | None
    wanted: str | None
    leave: bool


def standing(organization: str) -> dict[Key, Kept]:
    """Every hand edit that somebody decided about and that may still stand, by account and field."""
    decided = DriftRecord.objects.filter(organization=organization).filter(
        Q(state=DriftState.ACCEPTED) | Q(state=DriftState.OPEN, decided_at__isnull=False)
    )
    # The newest record of a field counts.
    return {
        (row.account, row.field): Kept(row.expected, row.found, row.wanted, row.state == DriftState.ACCEPTED)
        for row in decided.order_by("id")
    }


def judge(draft: Draft, policy: Policy, edits: Mapping[Key, Edit]) -> None:
    """Give every hand edit of the draft its status: PLANNED for what is put back, LEFT for what stays.

    What the integration user wrote is none: a value that left without an answer, or one that the field's history
    tells of. `edits` says who made them.
    """
    flagged = [change for change in draft.changes if change.drift]
    if not flagged:
        return
    decided, expected = standing(draft.organization), _expected(draft)
    ours = _sent_by_us(flagged, draft.organization)
    for place, change in enumerate(draft.changes):
        if not change.drift or change.status not in {ChangeStatus.PLANNED, ChangeStatus.LEFT}:
            continue
        key = (change.account, change.field)
        edit = edits.get(key)
        if (*key, change.before) in ours or (edit is not None and edit.exact and edit.ours):
            draft.changes[place] = replace(change, drift=False, status=ChangeStatus.PLANNED)
        else:
            leave = _leave(change, expected.get(key), policy, decided.get(key))
            draft.changes[place] = replace(change, status=ChangeStatus.LEFT if leave else ChangeStatus.PLANNED)


def _leave(change: Change, expected: str | None, policy: Policy, decided: Kept | None) -> bool:
    if decided is None or (decided.expected, decided.found) != (expected, change.before):
        return policy != "restore"
    if not decided.leave:
        return False
    # An accepted value stays until its figure changes.
    return decided.wanted == change.after


def _sent_by_us(flagged: Collection[Change], organization: str) -> set[tuple[str, str, str | None]]:
    """(account, field, value) of what left for these accounts without a known answer."""
    unsure = PushChange.objects.filter(
        Q(status__in=OPEN) | Q(status=ChangeStatus.FAILED, error_code=NO_ANSWER),
        plan__organization=organization,
        account__in={change.account for change in flagged},
    )
    return set(unsure.values_list("account", "field", "after"))


def note(draft: Draft, policy: Policy, edits: Mapping[Key, Edit]) -> list[DriftRecord]:
    """Keep a record of every hand edit of a judged draft, and close those that stand no more.

    Returns the records of the edits that stand now. `edits` says who made them; the policy "accept" accepts at once.
    """
    if draft.rules_stopped:
        return []
    known = _known(draft.organization)
    expected = _expected(draft)
    standing_now: list[DriftRecord] = []
    for change in draft.changes:
        if change.drift:
            key = (change.account, change.field)
            standing_now.append(_record(draft, change, expected.get(key), known.get(key), policy, edits.get(key)))
    _close_gone(draft, {record.pk for record in standing_now})
    return standing_now


def _known(organization: str) -> dict[Key, DriftRecord]:
    """The newest record of each field that is open or accepted."""
    rows = DriftRecord.objects.filter(
        organization=organization, state__in=(DriftState.OPEN, DriftState.ACCEPTED)
    ).order_by("id")
    return {(row.account, row.field): row for row in rows}


def _expected(draft: Draft) -> dict[Key, str | None]:
    accounts = {change.account for change in draft.changes if change.drift}
    rows = PushedValue.objects.filter(plan__organization=draft.organization, account__in=accounts)
    return {(account, name): value for account, name, value in rows.values_list("account", "field", "value")}


def _record(
    draft: Draft,
    change: Change,
    expected: str | None,
    row: DriftRecord | None,
    policy: Policy,
    edit: Edit | None,
) -> DriftRecord:
    """The record of one hand edit: the one that is known if it is still the same edit, else a new one."""
    same = row is not None and (row.found, row.expected) == (change.before, expected)
    if row is None or not (same or row.state == DriftState.OPEN):
        row = DriftRecord(organization=draft.organization, account=change.account, field=change.field)
    elif not same:
        # Edited once more before anybody decided: whatever was decided was about another value.
        row.decided_by, row.decided_at = "", None
    if row.state == DriftState.OPEN:
        row.expected, row.found, row.wanted = expected, change.before, change.after
        if edit is not None:
            row.changed_by, row.changed_at = edit.by, edit.at
        if policy == "accept" and row.decided_at is None:
            row.state, row.decided_by, row.decided_at = DriftState.ACCEPTED, BY_POLICY, timezone.now()
        row.save()
    return row


def unknown_edits(draft: Draft) -> list[Change]:
    """The hand edits of a draft that have no record yet: whoever made them is to be asked for."""
    known = _known(draft.organization)

    def is_known(change: Change) -> bool:
        row = known.get((change.account, change.field))
        return row is not None and row.found == change.before

    return [change for change in draft.changes if change.drift and not is_known(change)]


def _close_gone(draft: Draft, standing_now: Collection[int]) -> None:
    stopped = [finding.field for finding in draft.stopped]
    gone = DriftRecord.objects.filter(organization=draft.organization, state=DriftState.OPEN)
    gone = gone.exclude(pk__in=standing_now).exclude(field__in=stopped)
    _written_since(gone).update(state=DriftState.RESTORED)
    gone.update(state=DriftState.SETTLED)


def mark_restored(plan: PushPlan) -> int:
    """Close the records whose values this plan put back; returns how many."""
    rows = DriftRecord.objects.filter(organization=plan.organization, state=DriftState.OPEN)
    return _written_since(rows).update(state=DriftState.RESTORED)


def _written_since(rows: "QuerySet[DriftRecord]") -> "QuerySet[DriftRecord]":
    acknowledged = PushedValue.objects.filter(
        account=OuterRef("account"), field=OuterRef("field"), acknowledged_at__gt=OuterRef("found_at")
    )
    return rows.filter(Exists(acknowledged))


def decide(record: DriftRecord, decision: Decision, by: str) -> None:
    """Let the next push put the value back, or accept it until its figure changes.

    ValueError for an edit that stands no more.
    """
    newer = DriftRecord.objects.filter(
        organization=record.organization, account=record.account, field=record.field, pk__gt=record.pk
    )
    if record.state not in {DriftState.OPEN, DriftState.ACCEPTED} or newer.exists():
        raise ValueError("this edit does not stand any more")
    record.state = DriftState.ACCEPTED if decision == "accept" else DriftState.OPEN
    record.decided_by, record.decided_at = by, timezone.now()
    with transaction.atomic():
        record.save(update_fields=["state", "decided_by", "decided_at"])
        told = {"field": record.field, "found": record.found, "expected": record.expected}
        audit.record(f"hand_edit.{decision}", "account", record.account, before=told, who=by)


def open_edits(organization: str = "") -> "QuerySet[DriftRecord]":
    """The hand edits that stand, newest first: open ones and accepted ones; of one org or of all."""
    rows = DriftRecord.objects.filter(state__in=(DriftState.OPEN, DriftState.ACCEPTED)).order_by("-id")
    return rows.filter(organization=organization) if organization else rows
