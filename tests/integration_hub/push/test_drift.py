"""Pushed values that somebody changed in Salesforce: found, told with who and when, and put back or left by policy."""

import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from integration_hub import locks, schedule
from integration_hub.jobs import finish
from integration_hub.models import (
    ChangeStatus,
    DriftRecord,
    DriftState,
    ParkedRow,
    PushChange,
    PushedValue,
    PushPlan,
    Run,
    RunKind,
    RunStatus,
    SfUser,
)
from integration_hub.push import drift, editors
from integration_hub.push.brake import PushRefused
from integration_hub.push.hand_edits import run_drift_check
from integration_hub.runs import Outcome, start_run
from tests.integration_hub.push.by_hand import edit_by_hand
from tests.integration_hub.push.conftest import AMOUNT, COUNT, World
from tests.integration_hub.push.test_commands import run_command


def check(world: World) -> Outcome:
    """Look for hand edits once."""
    world.org.forget_calls()
    return run_drift_check(Run.objects.create(kind=RunKind.DRIFT, subject="salesforce", status=RunStatus.RUNNING))


def edited(world: World, **values: Any) -> str:
    """An account that was pushed and then edited by hand; 5 instead of 100 where nothing else is said."""
    (account,) = world.accounts(1)
    world.push()
    edit_by_hand(world, account, **(values or {AMOUNT: 5}))
    return account


def checks_due(now: datetime) -> list[str]:
    """What the tick requests of its own kind at an instant."""
    return [name for name in schedule.tick(now).requested if name.startswith("drift")]


def test_the_check_finds_a_hand_edit_and_tells_who_when_and_what_it_was(world: World) -> None:
    account = edited(world)
    outcome = check(world)
    record = DriftRecord.objects.get()
    assert (record.account, record.field, record.state) == (account, AMOUNT, DriftState.OPEN)
    assert (record.expected, record.found, record.wanted) == ("100.00", "5.00", "100.00")
    assert record.changed_by == "carol"
    assert record.changed_at is not None
    assert world.writes() == []
    assert (outcome.status, outcome.counts["accounts_touched"]) == (RunStatus.SUCCEEDED, 1)
    assert "1 value was changed by hand" in outcome.problem


def test_the_name_of_the_user_is_the_mirrors_where_it_has_it(world: World) -> None:
    account = edited(world)
    user = world.stored(account)["LastModifiedById"]
    SfUser.objects.create(key=user, source="salesforce", name="Carol Cullen", synced_at=datetime.now(UTC))
    check(world)
    assert DriftRecord.objects.get().changed_by == "Carol Cullen"


def test_where_our_own_write_came_later_nobody_is_named(world: World) -> None:
    account = edited(world)
    world.org.seed("Account", {"Id": account, "Phone": "1"})
    check(world)
    record = DriftRecord.objects.get()
    assert (record.changed_by, record.changed_at) == ("", None)


def test_the_fields_history_names_the_very_edit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account = edited(world)
    world.org.seed("Account", {"Id": account, "Phone": "1"})
    carol = next(each["Id"] for each in world.org.records("User") if each["Username"].startswith("carol"))
    row = {"CreatedById": carol, "CreatedDate": "2026-02-09T10:11:12.000+0000"}
    monkeypatch.setattr(editors, "_histories", lambda *_: {(account, AMOUNT.lower()): row})
    check(world)
    record = DriftRecord.objects.get()
    assert record.changed_by == "carol"
    assert record.changed_at == datetime(2026, 2, 9, 10, 11, 12, tzinfo=UTC)


def test_what_the_fields_history_lays_at_our_own_door_is_no_hand_edit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    user = world.stored(account)["LastModifiedById"]
    row = {"CreatedById": user, "CreatedDate": "2026-02-09T10:11:12.000+0000"}
    monkeypatch.setattr(editors, "_histories", lambda *_: {(account, AMOUNT.lower()): row})
    assert check(world).problem == ""
    assert not DriftRecord.objects.exists()


def test_a_value_that_left_without_an_answer_is_no_hand_edit(world: World) -> None:
    account = edited(world)
    late = PushPlan.objects.latest("id")
    late.changes.filter(field=AMOUNT).update(status=ChangeStatus.DONE)
    PushChange.objects.create(
        plan=late, account=account, field=AMOUNT, before="100.00", after="5.00", status=ChangeStatus.UNKNOWN
    )
    assert check(world).problem == ""
    assert not DriftRecord.objects.exists()


def test_an_untouched_org_has_no_hand_edits(world: World) -> None:
    world.accounts(3)
    world.push()
    outcome = check(world)
    assert (outcome.problem, outcome.counts["accounts_touched"]) == ("", 0)
    assert not DriftRecord.objects.exists()


def test_a_new_figure_alone_is_no_hand_edit(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.want(account, overdue_amount="300.00")
    check(world)
    assert not DriftRecord.objects.exists()


def test_the_policy_restore_puts_the_value_back_with_the_next_push_and_closes_the_record(world: World) -> None:
    account = edited(world)
    check(world)
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert world.stored(account)[AMOUNT] == 100
    assert DriftRecord.objects.get().state == DriftState.RESTORED


def test_a_push_records_the_hand_edits_that_it_meets_itself(world: World) -> None:
    edited(world)
    world.push()
    record = DriftRecord.objects.get()
    assert (record.state, record.changed_by, record.found) == (DriftState.RESTORED, "carol", "5.00")


def test_a_value_that_somebody_put_right_again_is_settled(world: World) -> None:
    account = edited(world)
    check(world)
    edit_by_hand(world, account, later_seconds=120, **{AMOUNT: 100})
    check(world)
    assert DriftRecord.objects.get().state == DriftState.SETTLED


def test_the_policy_accept_leaves_the_value_until_its_figure_changes(world: World) -> None:
    world.configure(drift="accept")
    account = edited(world)
    for _ in range(2):
        world.org.forget_calls()
        _, plan = world.push()
        assert world.writes() == []
        assert plan.changes.get().status == ChangeStatus.LEFT
    record = DriftRecord.objects.get()
    assert (record.state, record.decided_by) == (DriftState.ACCEPTED, "hub.toml")
    world.want(account, overdue_amount="101.00")
    world.push()
    assert world.stored(account)[AMOUNT] == 101


def test_a_second_edit_of_an_accepted_value_is_a_new_one(world: World) -> None:
    world.configure(drift="accept")
    account = edited(world)
    world.push()
    edit_by_hand(world, account, later_seconds=120, **{AMOUNT: 6})
    world.push()
    assert list(DriftRecord.objects.order_by("id").values_list("found", flat=True)) == ["5.00", "6.00"]


def test_the_policy_ask_leaves_the_value_until_somebody_decides(world: World) -> None:
    world.configure(drift="ask")
    account = edited(world)
    world.push()
    assert world.stored(account)[AMOUNT] == 5
    record = DriftRecord.objects.get()
    assert (record.state, record.decided_at) == (DriftState.OPEN, None)
    world.want(account, overdue_amount="101.00")
    world.push()
    assert world.stored(account)[AMOUNT] == 5
    record.refresh_from_db()
    assert record.wanted == "101.00"


@pytest.mark.parametrize(("decision", "stands"), [("restore", 100), ("accept", 5)])
def test_a_decision_of_a_person_is_carried_out_by_the_next_push(
    world: World, decision: drift.Decision, stands: int
) -> None:
    world.configure(drift="ask")
    account = edited(world)
    check(world)
    drift.decide(DriftRecord.objects.get(), decision, "alice")
    world.push()
    assert world.stored(account)[AMOUNT] == stands
    record = DriftRecord.objects.get()
    assert record.decided_by == "alice"
    assert record.state == (DriftState.RESTORED if decision == "restore" else DriftState.ACCEPTED)


def test_a_person_may_accept_a_value_although_the_policy_restores(world: World) -> None:
    account = edited(world)
    check(world)
    drift.decide(DriftRecord.objects.get(), "accept", "alice")
    world.push()
    assert world.stored(account)[AMOUNT] == 5
    world.want(account, overdue_amount="101.00")
    world.push()
    assert world.stored(account)[AMOUNT] == 101


def test_a_decision_holds_only_for_the_edit_it_was_made_about(world: World) -> None:
    world.configure(drift="ask")
    account = edited(world)
    check(world)
    drift.decide(DriftRecord.objects.get(), "restore", "alice")
    edit_by_hand(world, account, later_seconds=120, **{AMOUNT: 6})
    world.push()
    assert world.stored(account)[AMOUNT] == 6
    assert DriftRecord.objects.get().decided_at is None


def test_an_edit_that_stands_no_more_cannot_be_decided(world: World) -> None:
    edited(world)
    world.push()
    with pytest.raises(ValueError, match="does not stand"):
        drift.decide(DriftRecord.objects.get(), "accept", "alice")


def test_a_dry_run_records_no_hand_edit(world: World) -> None:
    edited(world)
    _, plan = world.push(dry_run=True)
    assert plan.changes.get().drift
    assert not DriftRecord.objects.exists()


def test_a_value_never_pushed_is_no_hand_edit(world: World) -> None:
    (account,) = world.accounts(1)
    edit_by_hand(world, account, **{COUNT: 9})
    check(world)
    assert not DriftRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_check_waits_while_a_push_runs(world: World) -> None:
    edited(world)
    other = connection.copy()
    with other.cursor() as cursor:
        name = locks.run_name(RunKind.PUSH, "salesforce")
        cursor.execute("select pg_advisory_lock(%s, %s)", [locks.SPACE, zlib.crc32(name.encode()) - 2**31])
        with pytest.raises(PushRefused) as refused:
            check(world)
    other.close()
    assert refused.value.transient
    assert not DriftRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_command_prints_the_table_of_hand_edits(world: World, capsys: Any) -> None:
    edited(world)
    code, _, err = run_command("push", "--drift-check")
    out = capsys.readouterr().out
    assert code == 0
    assert "1 value was changed by hand" in err
    for cell in ("100.00", "5.00", "carol"):
        assert cell in out
    assert run_command("push")[0] == 0
    _, said, _ = run_command("push", "--drift-check")
    assert "No pushed value was changed by hand." in said


def test_the_check_is_due_once_a_day_from_its_hour_in_the_companys_time_zone(world: World) -> None:
    world.configure(drift_check_hour=3)
    world.accounts(1)
    world.push()
    Run.objects.create(kind=RunKind.SYNC, subject="salesforce", started_at=datetime(2026, 2, 12, tzinfo=UTC))
    before, at = datetime(2026, 2, 11, 1, 59, tzinfo=UTC), datetime(2026, 2, 11, 2, 0, tzinfo=UTC)
    assert checks_due(before) == []
    assert checks_due(at) == ["drift 2026-02-11"]
    assert checks_due(at) == []


def test_no_check_is_due_before_anything_was_pushed(world: World) -> None:
    Run.objects.create(kind=RunKind.SYNC, subject="salesforce", started_at=datetime(2026, 2, 12, tzinfo=UTC))
    assert checks_due(datetime(2026, 2, 11, 12, 0, tzinfo=UTC)) == []


def test_hand_edits_that_are_to_be_put_back_are_followed_by_a_push(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integration_hub.jobs.ring", lambda _: True)
    edited(world)
    pushes = Run.objects.filter(kind=RunKind.PUSH, status=RunStatus.QUEUED, subject="salesforce")
    finish(start_run(RunKind.DRIFT, "salesforce"))
    assert pushes.count() == 1
    pushes.delete()
    world.configure(drift="ask")
    finish(start_run(RunKind.DRIFT, "salesforce"))
    assert not pushes.exists()
    assert PushedValue.objects.exists()
    assert locks.is_free(locks.run_name(RunKind.PUSH, "salesforce"))


@pytest.mark.parametrize("policy", ["ask", "restore"])
def test_a_value_typed_into_a_field_that_was_never_written_is_a_hand_edit_too(world: World, policy: str) -> None:
    world.configure(drift=policy)
    (account,) = world.accounts(1)
    world.want(account, overdue_count=None)
    world.push()
    assert not PushedValue.objects.filter(field=COUNT).exists()
    edit_by_hand(world, account, **{COUNT: 9})
    world.push()
    record = DriftRecord.objects.get(field=COUNT)
    assert (record.expected, record.found) == (None, "9")
    assert world.stored(account).get(COUNT) == (9 if policy == "ask" else None)


def test_hand_edits_and_parked_accounts_of_another_org_wait_no_more(world: World) -> None:
    (account,) = world.accounts(1)
    now = timezone.now()
    DriftRecord.objects.create(organization="00D000000000009AAA", account=account, field=AMOUNT)
    ParkedRow.objects.create(
        organization="00D000000000009AAA", account=account, cause="c", code="X", first_at=now, last_at=now
    )
    world.push()
    assert DriftRecord.objects.get().state == DriftState.SETTLED
    assert ParkedRow.objects.get().resolved_at is not None
