"""Written values are read again: what an automation made of them is kept apart from what somebody edited."""

from collections.abc import Callable
from typing import Any

import pytest

from integration_hub.models import ChangeStatus, DriftRecord, LiveAccount, PlanStatus, PushedValue, RunStatus
from integration_hub.push import read_back
from integration_hub.push.standing import read_standing
from tests.integration_hub.push.by_hand import edit_by_hand
from tests.integration_hub.push.conftest import AMOUNT, World


def before_reading_back(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once in Salesforce between the answers and the read-back."""
    read, waiting = read_standing, [act]

    def act_first(*args: Any, **options: Any) -> Any:
        if waiting:
            waiting.pop()()
        return read(*args, **options)

    monkeypatch.setattr(read_back, "read_standing", act_first)


def let_a_trigger_round(world: World, monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    """An automation that runs as the integration user changes 100.00 to 99.00."""
    before_reading_back(monkeypatch, lambda: world.org.seed("Account", {"Id": account, AMOUNT: 99}))


def test_a_push_says_when_it_was_read_back_and_that_all_is_there(world: World) -> None:
    world.accounts(3)
    _, plan = world.push()
    assert plan.read_back_at is not None
    assert plan.read_back_differs == 0


def test_what_was_read_back_is_what_salesforce_was_last_seen_to_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a page says of a value that was just written that somebody changed it, until the next read."""
    altered, plain = world.accounts(2)
    before = {row.account: row.values for row in LiveAccount.objects.all()}
    let_a_trigger_round(world, monkeypatch, altered)
    world.push()
    after = {row.account: row.values for row in LiveAccount.objects.all()}
    confirmed = {row.account: row.value for row in PushedValue.objects.filter(field=AMOUNT)}
    assert {account: values[AMOUNT] for account, values in after.items()} == confirmed
    assert confirmed[altered] == "99.00" != confirmed[plain]
    # What was not written stays as it was read.
    assert before.keys() <= after.keys()
    assert all(after[account] | values == after[account] for account, values in before.items())


def test_a_push_that_wrote_nothing_reads_nothing_back(world: World) -> None:
    world.accounts(1)
    world.push()
    _, plan = world.push()
    assert plan.read_back_at is None


def test_a_value_that_salesforce_changed_is_named_and_stays_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, _ = world.accounts(2)
    let_a_trigger_round(world, monkeypatch, account)
    outcome, plan = world.push()
    change = plan.changes.get(account=account, field=AMOUNT)
    assert (change.status, change.error_code) == (ChangeStatus.DONE, "READ_BACK_DIFFERS")
    assert "99.00" in change.error_text
    assert (plan.read_back_differs, plan.status, outcome.status) == (1, PlanStatus.DONE, RunStatus.SUCCEEDED)
    assert "Salesforce changed 1 value" in plan.note
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "99.00"


def test_a_value_that_salesforce_changed_is_not_sent_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (account,) = world.accounts(1)
    let_a_trigger_round(world, monkeypatch, account)
    world.push()
    world.org.forget_calls()
    outcome, plan = world.push()
    assert world.writes() == []
    assert plan.changes.get().status == ChangeStatus.LEFT
    assert plan.changes.get().error_code == "READ_BACK_DIFFERS"
    assert outcome.status == RunStatus.SUCCEEDED
    assert not DriftRecord.objects.exists()


def test_a_changed_figure_goes_out_although_salesforce_changed_the_last_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account,) = world.accounts(1)
    let_a_trigger_round(world, monkeypatch, account)
    world.push()
    world.want(account, overdue_amount="250.00")
    _, plan = world.push()
    assert plan.changes.get().status == ChangeStatus.DONE
    assert world.stored(account)[AMOUNT] == 250


def test_a_value_that_salesforce_changed_can_be_sent_again_on_demand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account,) = world.accounts(1)
    let_a_trigger_round(world, monkeypatch, account)
    _, plan = world.push()
    assert read_back.send_again(plan.organization) == 1
    world.push()
    assert world.stored(account)[AMOUNT] == 100


def test_a_value_edited_by_somebody_before_the_read_back_is_a_hand_edit_and_restored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account,) = world.accounts(1)
    before_reading_back(monkeypatch, lambda: edit_by_hand(world, account, **{AMOUNT: 7}))
    _, plan = world.push()
    assert plan.read_back_differs == 1
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "100.00"
    _, plan = world.push()
    assert (plan.changes.get().drift, plan.changes.get().status) == (True, ChangeStatus.DONE)
    assert world.stored(account)[AMOUNT] == 100


def test_many_accounts_are_read_back_by_one_bulk_job(world: World) -> None:
    world.configure(collections_up_to=5, bulk_from_rows=10)
    world.accounts(30)
    world.org.forget_calls()
    _, plan = world.push()
    assert plan.read_back_at is not None
    jobs = [call for call in world.org.calls() if call["path"].endswith("/jobs/query") and call["method"] == "POST"]
    assert len(jobs) == 2  # the live values before, the written ones after


def test_a_push_that_cannot_be_read_back_stays_written_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.accounts(1)
    before_reading_back(monkeypatch, lambda: world.org.fault("maintenance_page"))
    outcome, plan = world.push()
    assert (outcome.status, plan.status) == (RunStatus.SUCCEEDED, PlanStatus.DONE)
    assert plan.read_back_at is None
    assert "could not be read back" in plan.note


@pytest.mark.parametrize("fault", ["bulk_limit", "invalid_entity", "job_failed"])
def test_where_no_bulk_job_can_be_had_the_values_are_read_back_over_rest(world: World, fault: str) -> None:
    world.configure(collections_up_to=100, bulk_from_rows=10)
    world.accounts(12)
    world.org.fault(fault, path="/jobs/query")
    outcome, plan = world.push()
    assert (outcome.status, plan.read_back_differs) == (RunStatus.SUCCEEDED, 0)
    assert plan.read_back_at is not None
