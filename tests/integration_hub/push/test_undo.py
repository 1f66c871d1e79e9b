"""Undoing a push: what we wrote and nobody changed goes back, the rest stays, and the push stops until somebody
resumes it.
"""

from typing import Any

import pytest

from integration_hub.models import ChangeStatus, PlanKind, PlanStatus, PushedValue, PushPlan, RunStatus
from integration_hub.push import switch, undo
from integration_hub.push.brake import PushRefused
from tests.integration_hub.push.by_hand import edit_by_hand
from tests.integration_hub.push.conftest import AMOUNT, COUNT, World
from tests.integration_hub.push.test_commands import run_command

WAYS = pytest.mark.parametrize("collections_up_to", [1000, 0], ids=["collections", "bulk"])


def states(plan: PushPlan) -> dict[tuple[str, str], tuple[str, str]]:
    """(account, field) -> state and code of each change of a plan."""
    rows = plan.changes.values_list("account", "field", "status", "error_code")
    return {(account, name): (status, code) for account, name, status, code in rows}


def amounts(world: World, *accounts: str) -> list[Any]:
    """What stands in the amount field."""
    return [world.stored(account).get(AMOUNT) for account in accounts]


@WAYS
def test_an_undo_puts_back_what_stood_there_and_clears_what_was_empty(world: World, collections_up_to: int) -> None:
    world.configure(collections_up_to=collections_up_to)
    held, empty = world.accounts(2)
    world.org.seed("Account", {"Id": held, AMOUNT: 55})
    _, pushed = world.push()
    assert amounts(world, held, empty) == [100, 100]
    outcome, undone = world.push(undo=pushed.pk, by="alice")
    assert amounts(world, held, empty) == [55, None]
    assert (outcome.status, undone.status) == (RunStatus.SUCCEEDED, PlanStatus.DONE)
    assert (undone.kind, undone.undoes) == (PlanKind.UNDO, pushed)
    assert undone.method == ("collections" if collections_up_to else "bulk")
    assert PushedValue.objects.get(account=held, field=AMOUNT).value == "55.00"


def test_an_undo_stops_the_push_with_the_reason_and_nothing_is_written_again(world: World) -> None:
    (account,) = world.accounts(1)
    _, pushed = world.push()
    world.push(undo=pushed.pk, by="alice")
    newest = switch.last()
    assert newest is not None
    assert (newest.is_on, newest.by) == (False, "alice")
    assert f"push {pushed.pk} was undone by alice" in newest.reason
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.org.calls() == []
    assert "correct the source" in refused.value.problem
    switch.resume("alice")
    world.push()
    assert amounts(world, account) == [100]


def test_an_undo_leaves_what_changed_since_and_says_what_stands_there(world: World) -> None:
    edited, rewritten, untouched = world.accounts(3)
    _, pushed = world.push()
    edit_by_hand(world, edited, **{AMOUNT: 7})
    world.configure(drift="accept")
    world.want(rewritten, overdue_amount="200.00")
    world.push()
    outcome, undone = world.push(undo=pushed.pk, by="alice")
    found = states(undone)
    assert found[edited, AMOUNT] == (ChangeStatus.SKIPPED, "CHANGED_SINCE")
    assert undone.changes.get(account=edited, field=AMOUNT).before == "7.00"
    assert found[rewritten, AMOUNT] == (ChangeStatus.SKIPPED, "CHANGED_SINCE")
    assert found[edited, COUNT] == found[untouched, AMOUNT] == (ChangeStatus.DONE, "")
    assert amounts(world, edited, rewritten, untouched) == [7, 200, None]
    assert (outcome.status, undone.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert "2 values were left" in outcome.problem


def test_a_later_push_that_wrote_the_same_value_again_counts_as_a_change_since(world: World) -> None:
    (account,) = world.accounts(1)
    _, first = world.push()
    for amount in ("200.00", "100.00"):
        world.want(account, overdue_amount=amount)
        world.push()
    _, undone = world.push(undo=first.pk, by="alice")
    assert states(undone)[account, AMOUNT] == (ChangeStatus.SKIPPED, "CHANGED_SINCE")
    assert amounts(world, account) == [100]


def test_an_undo_of_an_undo_writes_the_figures_again(world: World) -> None:
    (account,) = world.accounts(1)
    _, pushed = world.push()
    _, undone = world.push(undo=pushed.pk, by="alice")
    outcome, redone = world.push(undo=undone.pk, by="bob")
    assert (outcome.status, redone.undoes) == (RunStatus.SUCCEEDED, undone)
    assert amounts(world, account) == [100]


def test_an_undo_asked_for_twice_finds_everything_back_already(world: World) -> None:
    (account,) = world.accounts(1)
    _, pushed = world.push()
    world.push(undo=pushed.pk, by="alice")
    world.org.forget_calls()
    _, again = world.push(undo=pushed.pk, by="alice")
    assert world.writes() == []
    assert set(states(again).values()) == {(ChangeStatus.SKIPPED, "BACK_ALREADY")}
    assert amounts(world, account) == [None]


def test_an_undo_works_while_the_push_is_stopped_and_itself_stops_at_a_new_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.accounts(450)
    _, pushed = world.push()
    switch.stop("carol", "wrong figures")
    asked: list[bool] = []

    def ask() -> bool:
        asked.append(True)
        if len(asked) == 2:
            switch.stop("dora", "not this one either")
        return True

    monkeypatch.setattr("integration_hub.push.pushing.is_enabled", ask)
    outcome, undone = world.push(undo=pushed.pk, by="alice")
    assert undone.changes.filter(status=ChangeStatus.DONE).values("account").distinct().count() == 200
    assert "Stopped by dora" in outcome.problem


def test_an_undo_leaves_accounts_that_are_gone_and_fields_that_cannot_be_written(world: World) -> None:
    gone, stays = world.accounts(2)
    _, pushed = world.push()
    world.org.admin("delete", {"sobject": "Account", "ids": [gone]})
    world.org.admin(
        "field_access",
        {"user": world.org.username, "sobject": "Account", "field": COUNT, "readable": True, "editable": False},
    )
    outcome, undone = world.push(undo=pushed.pk, by="alice")
    found = states(undone)
    assert found[gone, AMOUNT] == (ChangeStatus.SKIPPED, "ACCOUNT_GONE")
    assert found[stays, AMOUNT] == (ChangeStatus.DONE, "")
    assert (stays, COUNT) not in found
    assert COUNT in outcome.problem


def test_an_undo_leaves_refused_values_unparked(world: World) -> None:
    (account,) = world.accounts(1)
    _, pushed = world.push()
    world.org.fault("reject_rows", ids=[account])
    outcome, undone = world.push(undo=pushed.pk, by="alice")
    assert (outcome.status, undone.status) == (RunStatus.FAILED, PlanStatus.FAILED)
    world.org.admin("faults", method="DELETE")
    outcome, _ = world.push(undo=pushed.pk, by="alice")
    assert outcome.status == RunStatus.SUCCEEDED


def test_a_dry_undo_writes_nothing_and_stops_nothing(world: World) -> None:
    (account,) = world.accounts(1)
    _, pushed = world.push()
    world.org.forget_calls()
    _, plan = world.push(undo=pushed.pk, by="alice", dry_run=True)
    assert world.writes() == []
    assert (plan.status, plan.fields_changed) == (PlanStatus.DRY, 4)
    assert switch.is_on()
    assert amounts(world, account) == [100]


@pytest.mark.parametrize("what", ["unknown", "dry", "other org"])
def test_what_cannot_be_undone_is_refused_in_words(world: World, what: str) -> None:
    world.accounts(1)
    _, dry = world.push(dry_run=True)
    _, pushed = world.push()
    if what == "other org":
        other = PushPlan.objects.create(as_of=pushed.as_of, organization="00D000000000009EAA", status=PlanStatus.DONE)
        pushed.changes.update(plan=other)
        number = other.pk
        PushPlan.objects.create(as_of=pushed.as_of, organization=pushed.organization, status=PlanStatus.DONE)
    else:
        number = dry.pk if what == "dry" else 999_999
    world.org.forget_calls()
    with pytest.raises(PushRefused, match=f"Push {number}"):
        world.push(undo=number, by="alice")
    assert world.writes() == []


def test_the_preview_counts_what_would_go_back_without_asking_salesforce(world: World) -> None:
    world.configure(drift="ask")
    first, second = world.accounts(2)
    _, pushed = world.push()
    assert undo.preview(pushed) == undo.Preview(restorable=8, skipped=0, accounts=2)
    world.want(first, overdue_amount="200.00")
    edit_by_hand(world, second, **{AMOUNT: 7})
    world.push()
    world.org.forget_calls()
    assert undo.preview(pushed) == undo.Preview(restorable=6, skipped=2, accounts=2)
    assert world.org.calls() == []


def test_the_command_undoes_a_push(world: World) -> None:
    (account,) = world.accounts(1)
    _, pushed = world.push()
    code, out, _ = run_command("push", "--undo", str(pushed.pk))
    assert code == 0
    assert "4 values of 1 account written" in out
    assert amounts(world, account) == [None]
    assert "command line" in switch.words()
