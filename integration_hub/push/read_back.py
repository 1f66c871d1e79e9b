"""Reads the written values again: Salesforce may accept a value and then keep another, by rounding or by automation."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integration_hub.models import ChangeStatus, PushChange, PushedValue, PushPlan
from integration_hub.push import live
from integration_hub.push.ledger import ROWS_AT_ONCE
from integration_hub.push.plan import Draft
from integration_hub.push.sending import Sending
from integration_hub.push.standing import Standing, read_standing

DIFFERS = "READ_BACK_DIFFERS"
SAID = "Salesforce accepted the value and then kept another one: {stands}."
LEFT = "Salesforce kept this value when the wanted one was written; it goes out again when the figure changes."


def read_again(sending: Sending, *, bulk_from_rows: int) -> int:
    """Compare what the plan wrote with what stands there now; returns how many values differ.

    What an automation of Salesforce made of a value counts as acknowledged, so that it is not sent for ever. Where
    somebody else changed the account meanwhile, the written value stays the acknowledged one: that is a hand edit.
    """
    plan = sending.plan
    written = plan.changes.filter(status=ChangeStatus.DONE)
    names = sorted(set(written.values_list("field", flat=True)) & set(sending.described))
    accounts = list(written.filter(field__in=names).order_by("id").values_list("account", flat=True))
    accounts = list(dict.fromkeys(accounts))
    if not accounts:
        return 0
    fields = [sending.described[name] for name in names]
    now = read_standing(sending.org, fields, accounts, in_bulk=len(accounts) >= bulk_from_rows)
    found = _differing(written.filter(field__in=names), now)
    _keep(plan, found, now, user=sending.org.user_id)
    # Until the next read nobody would know that these values are there, and call them changed by hand.
    live.take_in(plan.organization, {account: each.values for account, each in now.items()})
    return len(found)


def _differing(written: "QuerySet[PushChange]", now: Mapping[str, Standing]) -> list[PushChange]:
    """The changes whose value is not there. An account that is gone or hidden by now tells nothing."""
    return [
        change
        for change in written.iterator(ROWS_AT_ONCE)
        if change.account in now and now[change.account].values[change.field] != change.after
    ]


@transaction.atomic
def _keep(plan: PushPlan, found: Collection[PushChange], now: Mapping[str, Standing], *, user: str) -> None:
    for change in found:
        account = now[change.account]
        stands = account.values[change.field]
        change.error_code = DIFFERS
        change.error_text = SAID.format(stands="nothing" if stands is None else stands)
        if account.modified_by == user or not user:
            mine = PushedValue.objects.filter(plan=plan, account=change.account, field=change.field)
            mine.update(value=stands, last_error=f"{DIFFERS}: {change.error_text}")
    PushChange.objects.bulk_update(found, ["error_code", "error_text"], batch_size=ROWS_AT_ONCE)
    plan.read_back_at, plan.read_back_differs = timezone.now(), len(found)
    plan.save(update_fields=["read_back_at", "read_back_differs"])


def leave_altered(draft: Draft) -> None:
    """Leave the values that Salesforce altered when exactly the wanted ones were written, and that stand as it left
    them.
    """
    altered = PushedValue.objects.filter(plan__organization=draft.organization, last_error__startswith=DIFFERS)
    rows = {(row.account, row.field): row for row in altered.iterator(ROWS_AT_ONCE)}
    if not rows:
        return
    sent = PushChange.objects.filter(
        plan__in={row.plan_id for row in rows.values()}, status=ChangeStatus.DONE, error_code=DIFFERS
    )
    wanted = {(each.account, each.field): each for each in sent.order_by("id").iterator(ROWS_AT_ONCE)}
    for place, change in enumerate(draft.changes):
        row, last = rows.get((change.account, change.field)), wanted.get((change.account, change.field))
        same = row is not None and last is not None and (change.before, change.after) == (row.value, last.after)
        if same and change.status == ChangeStatus.PLANNED:
            draft.changes[place] = replace(change, status=ChangeStatus.LEFT, error_code=DIFFERS, error_text=LEFT)


def send_again(organization: str) -> int:
    """Forget that Salesforce altered values: the next push writes the wanted ones again. Returns how many."""
    altered = PushedValue.objects.filter(plan__organization=organization, last_error__startswith=DIFFERS)
    return altered.update(last_error="")
