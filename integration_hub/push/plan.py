"""Compares wanted with live values: which field of which account changes, from what to what."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from integration_hub.config import PushField
from integration_hub.models import ChangeStatus
from integration_hub.push.live import LiveAccount
from integration_hub.push.preflight import Finding, State
from integration_hub.push.values import exact_text, movement
from integration_hub.push.wanted import WantedRow
from integration_hub.salesforce.describe import FieldInfo

Acknowledged = Mapping[tuple[str, str], str | None]
"""(account, field) -> the exact text that Salesforce last confirmed to us; a missing key means never."""

CURRENCY_DIFFERS = "CURRENCY_DIFFERS"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one account whose live value is not the wanted one; texts are exact, None is empty.

    `status` is PLANNED for what will be sent, LEFT for a hand-edited value that stays, FAILED for what must not be
    sent.
    """

    account: str
    field: str
    before: str | None
    after: str | None
    movement: Decimal | None
    drift: bool = False
    status: ChangeStatus = ChangeStatus.PLANNED
    error_code: str = ""
    error_text: str = ""
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """The rules of comparing: the sendable fields, what was acknowledged, and the policies."""

    rules: Sequence[PushField]
    described: Mapping[str, FieldInfo]
    acknowledged: Acknowledged
    currency: str
    restore_drift: bool


@dataclass
class Draft:
    """A plan before it is stored.

    `compared` counts the accounts both wanted and live, `vanished` those wanted but not live.
    """

    as_of: date
    organization: str
    findings: tuple[Finding, ...]
    compared: int = 0
    vanished: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def to_send(self) -> list[Change]:
        """The changes that will be sent."""
        return [change for change in self.changes if change.status == ChangeStatus.PLANNED]

    @property
    def accounts_to_send(self) -> int:
        """How many accounts will be written."""
        return len({change.account for change in self.to_send})

    @property
    def stopped(self) -> list[Finding]:
        """The findings that stop their field."""
        return [finding for finding in self.findings if finding.state is State.RED]

    @property
    def rules_stopped(self) -> bool:
        """Whether the preflight stopped every field."""
        return bool(self.findings) and {finding.field for finding in self.findings} == {
            finding.field for finding in self.stopped
        }

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the org and every change to send; two plans are the same exactly when it is."""
        digest = hashlib.sha256(self.organization.encode())
        for change in sorted(self.to_send, key=lambda each: (each.account, each.field)):
            digest.update(repr((change.account, change.field, change.before, change.after)).encode())
        return digest.hexdigest()


def compare(draft: Draft, rows: Sequence[WantedRow], live: Mapping[str, LiveAccount], by: Comparison) -> None:
    """Fill the draft, accounts in the order of their ids: neighbours share owners and parents, and so their locks."""
    for row in sorted(rows, key=lambda each: each.account):
        account = live.get(row.account)
        if account is None:
            draft.vanished += 1
            continue
        draft.compared += 1
        draft.changes += _changes(row, account, by)


def _changes(row: WantedRow, live: LiveAccount, by: Comparison) -> Iterator[Change]:
    for rule in by.rules:
        if rule.field not in row.values:
            continue
        value, info = row.values[rule.field], by.described[rule.field]
        if value is None and rule.when_empty == "leave":
            continue
        after = exact_text(0 if value is None and rule.when_empty == "zero" else value, info)
        before = live.values[rule.field]
        if before != after:
            yield _judge(row, live, info, before, after, by)


def _judge(
    row: WantedRow, live: LiveAccount, info: FieldInfo, before: str | None, after: str | None, by: Comparison
) -> Change:
    moved = movement(before, after, info)
    if info.type == "currency" and live.currency and live.currency != by.currency:
        # Salesforce reads an amount in a currency field as being in the record's own currency.
        text = f"The account is kept in {live.currency}, but the figures are in {by.currency}."
        return Change(
            row.account,
            info.name,
            before,
            after,
            moved,
            status=ChangeStatus.FAILED,
            error_code=CURRENCY_DIFFERS,
            error_text=text,
        )
    key = (row.account, info.name)
    drift = key in by.acknowledged and by.acknowledged[key] != before
    status = ChangeStatus.LEFT if drift and not by.restore_drift else ChangeStatus.PLANNED
    return Change(row.account, info.name, before, after, moved, drift=drift, status=status)
