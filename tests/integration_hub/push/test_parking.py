"""Accounts that Salesforce refuses for good: parked, probed, asked for, and let out when the reason is gone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integration_hub.models import (
    ChangeStatus,
    LiveAccount,
    ParkedRow,
    PlanStatus,
    PushedValue,
    RunStatus,
    SfAccount,
    SfUser,
)
from integration_hub.push import parked_rows
from integration_hub.push.parking import cause_of, stamps
from integration_hub.salesforce.answers import RowAnswer
from integration_hub.salesforce.client import connect
from tests.integration_hub.push.by_hand import edit_by_hand
from tests.integration_hub.push.conftest import AMOUNT, World

RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def refuse(world: World, accounts: list[str]) -> None:
    """Let a rule of the org refuse these accounts."""
    world.org.fault("reject_rows", ids=accounts, code=RULE, message="Region must be set")


def park(world: World, count: int) -> list[str]:
    """Accounts that a rule of the org refuses, parked by a first push."""
    accounts = world.accounts(count)
    refuse(world, accounts)
    world.push()
    assert ParkedRow.objects.filter(resolved_at=None).count() == count
    return accounts


def test_a_refused_account_is_parked_with_its_reason_and_what_it_was_to_hold(world: World) -> None:
    (account,) = park(world, 1)
    row = ParkedRow.objects.get()
    assert (row.account, row.code, row.text, row.attempts) == (account, RULE, "Region must be set", 1)
    assert row.values[AMOUNT] == "100.00"
    assert row.seen_stamp is not None
    assert row.first_at == row.last_at


def test_a_refused_value_is_never_taken_for_a_confirmed_one(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.want(account, overdue_amount="200.00")
    world.org.fault("reject_rows", ids=[account], code=RULE)
    world.push()
    confirmed = PushedValue.objects.get(account=account, field=AMOUNT)
    assert confirmed.value == "100.00"
    assert confirmed.last_error.startswith(RULE)
    world.org.admin("faults", method="DELETE")
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.changes.get().status == ChangeStatus.DONE
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "200.00"


def test_of_many_accounts_parked_for_one_reason_only_a_probe_goes_out_with_every_push(world: World) -> None:
    park(world, 5)
    outcome, plan = world.push()
    assert plan.changes.exclude(answered_at=None).values("account").distinct().count() == 1
    assert plan.fields_changed == 4
    assert plan.changes.filter(status=ChangeStatus.PARKED).values("account").distinct().count() == 4
    assert (outcome.status, plan.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert "4 accounts are parked" in outcome.problem


def test_the_probe_is_the_account_that_was_tried_longest_ago(world: World) -> None:
    accounts = park(world, 3)
    tried = []
    for _ in range(3):
        _, plan = world.push()
        tried.append(plan.changes.filter(status=ChangeStatus.FAILED).values_list("account", flat=True)[0])
    assert sorted(tried) == sorted(accounts)
    assert {row.attempts for row in ParkedRow.objects.all()} == {2}


def test_when_the_probe_is_accepted_the_others_follow_in_the_same_push(world: World) -> None:
    accounts = park(world, 5)
    world.org.admin("faults", method="DELETE")
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.status == PlanStatus.DONE
    assert {world.stored(account)[AMOUNT] for account in accounts} == {100}
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 20
    assert not ParkedRow.objects.filter(resolved_at=None).exists()


def test_an_accepted_probe_frees_only_the_accounts_of_its_own_reason(world: World) -> None:
    first, second, third = park(world, 3)
    ParkedRow.objects.filter(account__in=[second, third]).update(cause="another")
    ParkedRow.objects.filter(account=third).update(last_at=timezone.now() + timedelta(minutes=5))
    world.org.admin("faults", method="DELETE")
    world.org.fault("reject_rows", ids=[second], code="DUPLICATES_DETECTED", message="Looks double")
    _, plan = world.push()
    states = dict(plan.changes.filter(field=AMOUNT).values_list("account", "status"))
    assert states == {first: ChangeStatus.DONE, second: ChangeStatus.FAILED, third: ChangeStatus.PARKED}


def test_a_parked_account_goes_out_when_its_values_change(world: World) -> None:
    _, second = park(world, 2)
    ParkedRow.objects.filter(account=second).update(last_at=timezone.now() + timedelta(minutes=5))
    world.want(second, overdue_amount="777.00")
    _, plan = world.push()
    assert set(plan.changes.filter(account=second).values_list("status", flat=True)) == {ChangeStatus.FAILED}


def test_a_parked_account_goes_out_when_somebody_changed_it_in_salesforce(world: World) -> None:
    _, second = park(world, 2)
    ParkedRow.objects.filter(account=second).update(last_at=timezone.now() + timedelta(minutes=5))
    world.org.admin("faults", method="DELETE")
    edit_by_hand(world, second, Phone="1")
    refuse(world, [second])
    _, plan = world.push()
    assert set(plan.changes.filter(account=second).values_list("status", flat=True)) == {ChangeStatus.FAILED}


def test_the_change_mark_is_the_one_read_with_the_live_values_where_there_is_one(world: World) -> None:
    (first,) = park(world, 1)
    mark = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    organization = ParkedRow.objects.get(account=first).organization
    LiveAccount.objects.update_or_create(
        account=first, defaults={"organization": organization, "modified_at": mark, "values": {}}
    )
    assert stamps(connect(), organization, [first]) == {first: mark}


def test_a_parked_account_goes_out_when_somebody_asks(world: World) -> None:
    _, second = park(world, 2)
    rows = ParkedRow.objects.filter(account=second)
    rows.update(last_at=timezone.now() + timedelta(minutes=5))
    assert parked_rows.retry([rows.get().pk]) == 1
    world.push()
    assert rows.get().attempts == 2
    assert not rows.get().retry_asked


def test_asking_for_all_accounts_of_a_reason_sends_all_of_them(world: World) -> None:
    park(world, 4)
    assert set(ParkedRow.objects.values_list("code", flat=True)) == {RULE}
    assert parked_rows.retry(list(ParkedRow.objects.values_list("pk", flat=True))) == 4
    world.push()
    assert {row.attempts for row in ParkedRow.objects.all()} == {2}


def test_a_parked_account_is_forgotten_when_its_value_is_no_longer_wanted_or_the_account_is_gone(
    world: World,
) -> None:
    unwanted, gone, reached = park(world, 3)
    world.forget(unwanted)
    world.org.admin("delete", {"sobject": "Account", "ids": [gone]})
    stored = {AMOUNT: 100, "ERP_Overdue_Invoices__c": 2}
    world.org.seed(
        "Account", {"Id": reached, **stored, "ERP_Figures_As_Of__c": "2026-02-10", "ERP_Figures_Currency__c": "EUR"}
    )
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert not ParkedRow.objects.filter(resolved_at=None).exists()


def test_a_dry_run_shows_what_is_parked_and_resolves_nothing(world: World) -> None:
    unwanted, _, _ = park(world, 3)
    world.forget(unwanted)
    world.org.forget_calls()
    _, plan = world.push(dry_run=True)
    assert world.writes() == []
    assert plan.changes.filter(status=ChangeStatus.PARKED).values("account").distinct().count() == 1
    assert ParkedRow.objects.filter(resolved_at=None).count() == 3


def test_locked_accounts_are_not_parked(world: World) -> None:
    world.accounts(1)
    world.org.fault("lock_rows", share=1)
    world.push()
    assert not ParkedRow.objects.exists()


def test_a_bulk_push_parks_and_frees_accounts_as_well(world: World) -> None:
    world.configure(collections_up_to=0)
    accounts = park(world, 4)
    world.org.admin("faults", method="DELETE")
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert {world.stored(account)[AMOUNT] for account in accounts} == {100}
    assert not ParkedRow.objects.filter(resolved_at=None).exists()


def test_the_list_of_parked_accounts_names_owner_age_and_who_takes_care(world: World) -> None:
    (account,) = park(world, 1)
    now = timezone.now()
    SfUser.objects.create(key="005000000000001AAA", source="salesforce", name="Olga Owner", synced_at=now)
    SfAccount.objects.create(
        key=account, source="salesforce", name="Kestrel", owner_id="005000000000001AAA", synced_at=now
    )
    ParkedRow.objects.update(first_at=now - timedelta(days=3))
    assert parked_rows.assign(list(ParkedRow.objects.values_list("pk", flat=True)), "alice") == 1
    (line,) = parked_rows.parked_lines(parked_rows.parked(), now)
    assert (line.account_name, line.owner, line.age.days, line.row.assigned_to) == ("Kestrel", "Olga Owner", 3, "alice")
    assert line.who
    assert "validation rule" in line.meaning


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            RowAnswer("1", False, "A", "Limit 40 of 001000000000001AAA"),
            RowAnswer("2", False, "A", "limit 7 of 9"),
            True,
        ),
        (RowAnswer("1", False, "A", "Region"), RowAnswer("2", False, "B", "Region"), False),
        (RowAnswer("1", False, "A", "Region"), RowAnswer("2", False, "A", "Segment"), False),
        (RowAnswer("1", False, "A", "x", ("F",)), RowAnswer("2", False, "A", "x", ("G",)), False),
    ],
)
def test_a_reason_is_its_code_its_fields_and_its_words_without_ids_and_numbers(
    one: RowAnswer, other: RowAnswer, same: bool
) -> None:
    assert (cause_of(one) == cause_of(other)) is same


def test_a_reason_that_nobody_knows_is_not_tried_blindly(world: World) -> None:
    ids = world.accounts(2)
    world.org.fault("reject_rows", ids=ids, code="WEIRD_NEW_CODE", message="Who knows.")
    world.push()
    assert set(ParkedRow.objects.values_list("code", flat=True)) == {"WEIRD_NEW_CODE"}
    world.org.forget_calls()
    _, plan = world.push()
    assert world.writes() == []
    assert set(plan.changes.values_list("status", flat=True)) == {ChangeStatus.PARKED}
    assert "somebody asks" in plan.changes.all()[0].note
