"""What Salesforce does between a value that leaves and a value that stands there, and what a push makes of it."""

import math
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.models import (
    ChangeStatus,
    LiveAccount,
    ParkedRow,
    PlanStatus,
    PushedValue,
    PushPlan,
    RunStatus,
    SfAccount,
)
from integration_hub.push import ledger, sending
from integration_hub.push.plan import Draft
from integration_hub.runs import start_run
from integration_hub.sync import run_sync
from tests.integration_hub.push.by_hand import edit_by_hand
from tests.integration_hub.push.conftest import AMOUNT, World
from tests.integration_hub.push.test_commands import run_command

pytestmark = pytest.mark.chaos

RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
LOCKED = "UNABLE_TO_LOCK_ROW"


def collection_calls(world: World) -> int:
    """How many Collections calls left since the last `forget_calls`."""
    return sum("/composite/sobjects" in call["path"] for call in world.writes())


def jobs(world: World) -> int:
    """How many ingest jobs were made since the last `forget_calls`."""
    return sum(call["path"].endswith("/jobs/ingest") for call in world.writes())


def test_trap_33_three_bad_rows_of_ten_are_told_and_the_run_ends_in_part(world: World) -> None:
    world.configure(collections_up_to=5)
    accounts = world.accounts(10)
    world.org.fault("reject_rows", ids=accounts[:3], code=RULE, message="Blocked: see rule 4, please\nor call")
    outcome, plan = world.push()
    assert (outcome.status, plan.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert set(PushedValue.objects.values_list("account", flat=True)) == set(accounts[3:])
    refused = plan.changes.filter(status=ChangeStatus.FAILED)
    assert set(refused.values_list("account", flat=True)) == set(accounts[:3])
    assert set(refused.values_list("error_code", flat=True)) == {RULE}
    assert all("Blocked: see rule 4, please\nor call" in text for text in refused.values_list("error_text", flat=True))
    assert set(ParkedRow.objects.values_list("account", flat=True)) == set(accounts[:3])
    assert run_command("push")[0] == 1


def test_trap_34_of_a_job_that_failed_half_way_only_the_unprocessed_rows_are_sent_again(world: World) -> None:
    world.configure(collections_up_to=20)
    accounts = world.accounts(30)
    world.org.fault("job_half_processed", rows=20, count=1)
    # A row of the first twenty that were sent a second time would be refused.
    world.org.fault("reject_rows", ids=accounts[:20], after=1)
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 120
    assert (jobs(world), collection_calls(world)) == (1, 1)


def test_trap_34_what_a_job_does_not_reach_is_sent_again_once_and_then_told(world: World) -> None:
    world.configure(collections_up_to=0)
    world.accounts(6)
    world.org.fault("job_half_processed", rows=0, message="InternalServerError : TooManyLockFailure")
    world.org.forget_calls()
    outcome, plan = world.push()
    assert jobs(world) == 2
    assert outcome.status == RunStatus.FAILED
    assert set(plan.changes.values_list("status", "error_code")) == {(ChangeStatus.FAILED, "UNPROCESSED")}
    assert "TooManyLockFailure" in plan.changes.all()[0].error_text
    assert not ParkedRow.objects.exists()


def test_trap_35_each_account_gets_its_own_answer_in_whatever_order_they_come(world: World) -> None:
    world.configure(collections_up_to=5)
    accounts = world.accounts(40)
    for place, account in enumerate(accounts):
        world.want(account, overdue_amount=f"{place}.50")
    bad = set(accounts[::7])
    world.org.fault("reject_rows", ids=sorted(bad), code=RULE)
    _, plan = world.push()
    assert set(plan.changes.filter(status=ChangeStatus.FAILED).values_list("account", flat=True)) == bad
    acknowledged = dict(PushedValue.objects.filter(field=AMOUNT).values_list("account", "value"))
    assert acknowledged == {account: f"{place}.50" for place, account in enumerate(accounts) if account not in bad}
    stored = {record["Id"]: record.get(AMOUNT) for record in world.org.records("Account")}
    assert {account: Decimal(str(stored[account])) for account in acknowledged} == {
        account: Decimal(value or 0) for account, value in acknowledged.items()
    }


def test_trap_36_only_the_locked_rows_go_again_in_smaller_batches(world: World) -> None:
    accounts = world.accounts(400)
    locked = accounts[::20]
    world.org.fault("lock_rows", ids=locked, count=2)
    # Rows that were not locked would be refused the second time.
    free = [account for account in accounts if account not in set(locked)]
    world.org.fault("reject_rows", ids=free, after=2)
    world.org.forget_calls()
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 1600
    assert collection_calls(world) == 2 + math.ceil(len(locked) / 50)


def test_trap_36_rows_that_stay_locked_are_reported_after_the_last_try_and_go_with_the_next_push(
    world: World,
) -> None:
    world.accounts(120)
    world.org.fault("lock_rows", share=1)
    world.org.forget_calls()
    outcome, plan = world.push()
    assert outcome.status == RunStatus.FAILED
    assert collection_calls(world) == 1 + 3 + 12 + 12  # batches of 200, of 50, and twice of 10
    assert set(plan.changes.values_list("status", "error_code")) == {(ChangeStatus.FAILED, LOCKED)}
    assert not ParkedRow.objects.exists()
    world.org.admin("faults", method="DELETE")
    outcome, plan = world.push()
    assert (outcome.status, plan.accounts_changed) == (RunStatus.SUCCEEDED, 120)


def test_trap_36_the_pauses_between_the_tries_grow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(sending, "PAUSES", (1.0, 3.0, 9.0))
    monkeypatch.setattr("integration_hub.push.sending.time.sleep", slept.append)
    world.accounts(1)
    world.org.fault("lock_rows", share=1)
    world.push()
    assert slept == [1.0, 3.0, 9.0]


def test_trap_36_rows_locked_in_a_bulk_job_go_again_without_a_second_job_for_the_rest(world: World) -> None:
    world.configure(collections_up_to=5)
    accounts = world.accounts(40)
    world.org.fault("lock_rows", ids=accounts[:4], count=1)
    world.org.fault("reject_rows", ids=accounts[4:], after=1)
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert (jobs(world), collection_calls(world)) == (1, 1)


def test_trap_40_a_collection_answered_with_200_holds_one_guilty_row_and_no_bystander(world: World) -> None:
    accounts = world.accounts(5)
    world.org.fault("reject_rows", ids=[accounts[2]], code=RULE, message="Region must be set")
    world.org.forget_calls()
    outcome, plan = world.push()
    (call,) = [each for each in world.writes() if "composite" in each["path"]]
    assert call["status"] == 200
    told = set(plan.changes.values_list("account", "status", "error_code"))
    assert told == {
        *((account, ChangeStatus.DONE, "") for account in accounts if account != accounts[2]),
        (accounts[2], ChangeStatus.FAILED, RULE),
    }
    assert outcome.status == RunStatus.PARTIAL
    assert "1 of 5 accounts" in outcome.problem


def test_accounts_leave_in_the_order_of_the_stored_plan(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = sorted(world.accounts(6))
    store, asked = ledger.store, iter([True, False])

    def store_backwards(draft: Draft, **options: Any) -> PushPlan:
        draft.changes.reverse()
        return store(draft, **options)

    monkeypatch.setattr(ledger, "store", store_backwards)
    monkeypatch.setattr(sending, "SIZES", (2,))
    monkeypatch.setattr("integration_hub.push.pushing.is_enabled", lambda: next(asked))
    _, plan = world.push()
    done = plan.changes.filter(status=ChangeStatus.DONE).values_list("account", flat=True)
    assert set(done) == set(accounts[-2:])


def test_somebody_who_edits_the_same_account_meanwhile_keeps_what_she_wrote(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account,) = world.accounts(1)

    def edit() -> bool:
        edit_by_hand(world, account, Phone="+49 30 1")
        return True

    monkeypatch.setattr("integration_hub.push.pushing.is_enabled", edit)
    outcome, _ = world.push()
    stored = world.stored(account)
    assert (outcome.status, stored["Phone"], stored[AMOUNT]) == (RunStatus.SUCCEEDED, "+49 30 1", 100)


@pytest.mark.parametrize("collections_up_to", [1000, 0], ids=["collections", "bulk"])
def test_trap_extra_deleted_account_between_reading_and_pushing_is_remembered_and_tombstoned(
    world: World, monkeypatch: pytest.MonkeyPatch, collections_up_to: int
) -> None:
    world.org.admin(
        "fields", {"sobject": "Account", "fields": [{"name": "ERP_Number__c", "type": "string", "length": 40}]}
    )
    world.configure(collections_up_to=collections_up_to)
    gone, stays = world.accounts(2)
    _sync(monkeypatch)
    LiveAccount.objects.update_or_create(
        account=gone, defaults={"organization": world.org.records("Organization")[0]["Id"], "values": {}}
    )

    def delete_it() -> bool:
        if not world.stored(gone).get("IsDeleted"):
            world.org.admin("delete", {"sobject": "Account", "ids": [gone]})
        return True

    with monkeypatch.context() as patched:
        patched.setattr("integration_hub.push.pushing.is_enabled", delete_it)
        outcome, plan = world.push()
    assert set(plan.changes.filter(account=gone).values_list("status", "error_code")) == {
        (ChangeStatus.FAILED, "ENTITY_IS_DELETED")
    }
    assert outcome.status == RunStatus.PARTIAL
    assert set(PushedValue.objects.values_list("account", flat=True)) == {stays}
    assert not ParkedRow.objects.exists()
    assert not LiveAccount.objects.filter(account=gone).exists()
    world.org.forget_calls()
    _, plan = world.push()
    assert world.writes() == []
    assert not plan.changes.exists()
    assert SfAccount.objects.get(key=gone).deleted_at is None
    _sync(monkeypatch)
    assert SfAccount.objects.get(key=gone).deleted_at is not None
    assert SfAccount.objects.get(key=stays).deleted_at is None


def _sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the mirror up to date, as the schedule would."""
    monkeypatch.setattr("django.conf.settings.PUBLISH_HOOKS", [])
    outcome = run_sync(start_run("sync", "salesforce"))
    assert outcome.status == RunStatus.SUCCEEDED, outcome.problem
