"""Parks accounts that Salesforce refuses for a reason which trying again does not cure, and lets them out again.

A parked account is not sent with every push. It goes out again when its values changed, when the account changed in
Salesforce, when somebody asks, or as a probe: of each cause one account goes out with every push, and when it is
accepted the others follow in the same run.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from integration_hub.models import ChangeStatus, LiveAccount, ParkedRow, PushPlan
from integration_hub.push.errors import explain
from integration_hub.push.plan import Change, Draft
from integration_hub.salesforce.answers import RowAnswer
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.error_kinds import Action

DELETED = "ENTITY_IS_DELETED"
STAYS = frozenset({Action.FIX_DATA, Action.FIX_PERMISSION, Action.FIX_CONFIGURATION})
"""What somebody has to do something about; every other reason passes by itself."""
PROBE = "Goes out to see whether the reason for its parking is gone."
WAITS = "Parked. Goes out when its values or the account change, or when somebody asks: the reason is not known."
FOLLOWS = "Parked. Goes out with this push if another account with the same reason is accepted."
TRIED = ("plan", "cause", "code", "text", "values", "seen_stamp", "last_at", "retry_asked", "attempts")
_CHANGING = re.compile(r"\b(?:[A-Za-z0-9]{18}|[A-Za-z0-9]{15})\b|\d+")

Stamps = Mapping[str, datetime]
"""Account -> its change mark in Salesforce (UTC)."""


def parks(answer: RowAnswer) -> bool:
    """Whether this answer parks its account."""
    return not answer.ok and answer.code != DELETED and explain(answer.code).action in STAYS


def cause_of(answer: RowAnswer) -> str:
    """One text per reason: the code, the fields, and the words without ids, numbers and letter case."""
    words = " ".join(_CHANGING.sub("#", answer.text).lower().split())
    return hashlib.sha256(repr((answer.code, words, sorted(answer.fields))).encode()).hexdigest()


def stamps(org: Org, organization: str, accounts: Collection[str]) -> Stamps:
    """When these accounts changed last: as read with the live values, else asked from Salesforce."""
    kept = LiveAccount.objects.filter(organization=organization, account__in=accounts).exclude(modified_at=None)
    known = {account: at for account, at in kept.values_list("account", "modified_at") if at is not None}
    missing = [account for account in accounts if account not in known]
    for record in org.query_in(["Id", "SystemModstamp"], "Account", "Id", missing):
        known[str(record["Id"])] = datetime.fromisoformat(str(record["SystemModstamp"]))
    return known


def settle(plan: PushPlan, answers: Sequence[RowAnswer], seen: Stamps) -> None:
    """Park the accounts that were refused for good, free those that were accepted, forget those that are deleted.

    To be called in the transaction that records the answers.
    """
    deleted = [answer.id for answer in answers if answer.code == DELETED]
    if deleted:
        LiveAccount.objects.filter(organization=plan.organization, account__in=deleted).delete()
    _resolve(plan.organization, [*(answer.id for answer in answers if answer.ok), *deleted])
    refused = {answer.id: answer for answer in answers if parks(answer)}
    values: dict[str, dict[str, str | None]] = defaultdict(dict)
    sent = plan.changes.filter(account__in=refused, status=ChangeStatus.FAILED).exclude(answered_at=None)
    for account, name, after in sent.values_list("account", "field", "after"):
        values[account][name] = after
    now = timezone.now()
    known = {row.account: row for row in _open(plan.organization).filter(account__in=refused)}
    new = {
        account: ParkedRow(organization=plan.organization, account=account, attempts=0, first_at=now)
        for account in refused
        if account not in known
    }
    for account, row in (known | new).items():
        answer = refused[account]
        row.plan, row.cause, row.code, row.text = plan, cause_of(answer), answer.code[:80], answer.text
        row.values, row.seen_stamp, row.last_at, row.retry_asked = values[account], seen.get(account), now, False
        row.attempts += 1
    ParkedRow.objects.bulk_create(new.values(), batch_size=1000)
    ParkedRow.objects.bulk_update(known.values(), TRIED, batch_size=1000)


def hold(draft: Draft, look: Callable[[Collection[str]], Stamps], *, keep: bool) -> dict[str, str]:
    """Turn what is parked and unchanged into PARKED changes of the draft; returns the probes with their cause.

    `look` tells the change marks of accounts. With `keep`, parked rows whose values are no longer wanted, stand there
    already, or whose account is gone are resolved.
    """
    parked = {row.account: row for row in _open(draft.organization)}
    if not parked or draft.rules_stopped:
        return {}
    planned: dict[str, dict[str, str | None]] = defaultdict(dict)
    for change in draft.changes:
        if change.status == ChangeStatus.PLANNED and change.account in parked:
            planned[change.account][change.field] = change.after
    if keep:
        stopped = {finding.field for finding in draft.stopped}
        done = [each for each, row in parked.items() if each not in planned and stopped.isdisjoint(row.values)]
        _resolve(draft.organization, done)
    held = _unchanged({account: parked[account] for account in planned}, planned, look)
    probes = _probes(held)
    for place, change in enumerate(draft.changes):
        row = held.get(change.account)
        if row is not None and change.status == ChangeStatus.PLANNED:
            draft.changes[place] = _held(change, row, is_probe=change.account in probes)
    return probes


def _unchanged(
    parked: Mapping[str, ParkedRow],
    planned: Mapping[str, Mapping[str, str | None]],
    look: Callable[[Collection[str]], Stamps],
) -> dict[str, ParkedRow]:
    """The parked rows that nothing speaks for trying again."""
    same = {each: row for each, row in parked.items() if row.values == planned[each] and not row.retry_asked}
    now = look(list(same)) if same else {}
    return {each: row for each, row in same.items() if not _moved(row.seen_stamp, now.get(each))}


def _moved(seen: datetime | None, now: datetime | None) -> bool:
    return seen is None or (now is not None and now > seen)


def _probes(held: Mapping[str, ParkedRow]) -> dict[str, str]:
    """Of each cause the row that was tried longest ago. A reason that nobody knows is not tried blindly."""
    first: dict[str, ParkedRow] = {}
    for row in sorted(held.values(), key=lambda each: (each.last_at, each.account)):
        if explain(row.code).known:
            first.setdefault(row.cause, row)
    return {row.account: row.cause for row in first.values()}


def _held(change: Change, row: ParkedRow, *, is_probe: bool) -> Change:
    if is_probe:
        return replace(change, note=" ".join(part for part in (change.note, PROBE) if part))
    waits = FOLLOWS if explain(row.code).known else WAITS
    note = " ".join(part for part in (change.note, waits) if part)
    return replace(change, status=ChangeStatus.PARKED, error_code=row.code, error_text=row.text, note=note)


def follow(plan: PushPlan, probes: Mapping[str, str]) -> int:
    """Plan the parked changes whose probe was accepted in this plan; how many there are."""
    accepted = plan.changes.filter(status=ChangeStatus.DONE, account__in=probes).values_list("account", flat=True)
    causes = {probes[account] for account in accepted.distinct()}
    if not causes:
        return 0
    freed = _open(plan.organization).filter(cause__in=causes).values("account")
    waiting = plan.changes.filter(status=ChangeStatus.PARKED, account__in=freed)
    return waiting.update(status=ChangeStatus.PLANNED, error_code="", error_text="")


def _open(organization: str) -> "QuerySet[ParkedRow]":
    return ParkedRow.objects.filter(organization=organization, resolved_at=None)


def _resolve(organization: str, accounts: Collection[str]) -> None:
    if accounts:
        _open(organization).filter(account__in=accounts).update(resolved_at=timezone.now())
