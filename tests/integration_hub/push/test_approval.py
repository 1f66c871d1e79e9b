"""Plans that a person must look at: they wait, are sent exactly as stored, and are asked anew when figures changed."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from integration_hub.config import PushConfig
from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, RunStatus
from integration_hub.push.approval import is_approvable, is_outdated
from integration_hub.push.brake import PushRefused
from tests.integration_hub.push.conftest import AMOUNT, World
from tests.integration_hub.push.test_commands import run_command

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_plan_waits_where_the_configuration_says_so(world: World) -> None:
    (account,) = world.accounts(1)
    world.configure(approval="always")
    world.org.forget_calls()
    outcome, plan = world.push()
    assert world.writes() == []
    assert world.stored(account).get(AMOUNT) is None
    assert (outcome.status, plan.status) == (RunStatus.SUCCEEDED, PlanStatus.WAITING)
    assert f"Plan {plan.pk} waits for approval: 4 values of 1 account" in outcome.problem
    assert set(plan.changes.values_list("status", flat=True)) == {ChangeStatus.PLANNED}
    assert is_approvable(plan)


def test_an_approved_plan_is_sent_exactly_as_it_was_stored(world: World) -> None:
    (account,) = world.accounts(1)
    world.configure(approval="always")
    _, waiting = world.push()
    rows = list(waiting.changes.values_list("pk", "after"))
    outcome, sent = world.push(approve=waiting.pk, approved_by="alice")
    assert sent.pk == waiting.pk
    assert list(sent.changes.values_list("pk", "after")) == rows
    assert (outcome.status, sent.status, sent.approved_by) == (RunStatus.SUCCEEDED, PlanStatus.DONE, "alice")
    assert sent.approved_at is not None
    assert Decimal(str(world.stored(account)[AMOUNT])) == 100
    assert PushPlan.objects.count() == 1


def test_a_halted_plan_that_was_approved_and_sent_no_longer_says_that_nothing_was_sent(world: World) -> None:
    world.accounts(1)
    world.configure(max_changed_share=0.5)
    with pytest.raises(PushRefused):
        world.push()
    halted = PushPlan.objects.get()
    assert "Nothing was sent" in halted.note
    _, sent = world.push(approve=halted.pk, approved_by="alice")
    assert (sent.pk, sent.status, sent.note) == (halted.pk, PlanStatus.DONE, "")


def test_a_plan_without_changes_waits_for_nobody(world: World) -> None:
    world.accounts(1)
    world.push()
    world.configure(approval="always")
    outcome, plan = world.push()
    assert (outcome.status, outcome.problem, plan.status) == (RunStatus.SUCCEEDED, "", PlanStatus.DONE)


def test_an_approved_plan_whose_figures_changed_is_stored_anew_and_asks_again(world: World) -> None:
    (account,) = world.accounts(1)
    world.configure(approval="always")
    _, waiting = world.push()
    world.want(account, overdue_amount="101.00")
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push(approve=waiting.pk, approved_by="alice")
    assert world.writes() == []
    assert "changed since" in refused.value.problem
    newest = PushPlan.objects.latest("pk")
    assert newest.changes.get(field=AMOUNT).after == "101.00"
    assert (is_approvable(newest), is_approvable(waiting), is_outdated(waiting)) == (True, False, True)
    with pytest.raises(PushRefused) as refused:
        world.push(approve=waiting.pk, approved_by="alice")
    assert "is outdated" in refused.value.problem
    outcome, sent = world.push(approve=newest.pk, approved_by="alice")
    assert (outcome.status, sent.pk) == (RunStatus.SUCCEEDED, newest.pk)


def test_a_value_edited_by_hand_after_the_approval_asks_again(world: World) -> None:
    (account,) = world.accounts(1)
    world.configure(approval="always")
    _, waiting = world.push()
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    with pytest.raises(PushRefused, match="changed since"):
        world.push(approve=waiting.pk, approved_by="alice")


@pytest.mark.parametrize("push", [{"approval": "always"}, {"max_changed_share": 0.1}])
def test_the_same_question_is_not_asked_twice(world: World, push: dict[str, Any]) -> None:
    world.accounts(1)
    world.configure(**push)
    for _ in range(3):
        # A brake says no each time; a plan that only waits says nothing.
        with suppress(PushRefused):
            world.push()
    plan = PushPlan.objects.get()
    assert is_approvable(plan)
    outcome, _ = world.push(approve=plan.pk, approved_by="alice")
    assert outcome.status == RunStatus.SUCCEEDED


def test_a_dry_run_is_approved_and_exactly_what_it_showed_is_sent(world: World) -> None:
    (account,) = world.accounts(1)
    world.configure(max_changed_share=0.1)
    _, dry = world.push(dry_run=True)
    assert is_approvable(dry)
    outcome, sent = world.push(approve=dry.pk, approved_by="alice")
    assert (outcome.status, sent.pk, sent.status) == (RunStatus.SUCCEEDED, dry.pk, PlanStatus.DONE)
    assert Decimal(str(world.stored(account)[AMOUNT])) == Decimal(100)


def test_a_later_plan_with_the_same_changes_outdates_nothing(world: World) -> None:
    world.accounts(1)
    world.configure(approval="always")
    _, dry = world.push(dry_run=True)
    _, waiting = world.push()
    assert (waiting.pk > dry.pk, waiting.fingerprint) == (True, dry.fingerprint)
    assert is_approvable(dry)
    outcome, _ = world.push(approve=dry.pk, approved_by="alice")
    assert outcome.status == RunStatus.SUCCEEDED


def test_a_sent_plan_and_one_that_never_was_cannot_be_approved(world: World) -> None:
    world.accounts(1)
    _, done = world.push()
    for number, told in ((done.pk, "it is done"), (done.pk + 1000, "no such plan")):
        with pytest.raises(PushRefused) as refused:
            world.push(approve=number, approved_by="alice")
        assert told in refused.value.problem


def test_a_dry_run_in_between_does_not_outdate_a_waiting_plan(world: World) -> None:
    (account,) = world.accounts(1)
    world.configure(approval="always")
    _, waiting = world.push()
    world.want(account, overdue_amount="101.00")
    world.push(dry_run=True)
    world.want(account)
    outcome, _ = world.push(approve=waiting.pk, approved_by="alice")
    assert outcome.status == RunStatus.SUCCEEDED


def test_the_brake_on_the_total_change_tells_the_figures_and_an_approval_lets_it_pass(world: World) -> None:
    up, down = world.accounts(2)
    world.push()
    world.want(up, overdue_amount="700.00")
    world.want(down, overdue_amount="0.00")
    world.configure(max_total_change=699)
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.writes() == []
    assert refused.value.problem == (
        "The amounts would move by 700.00 EUR in all, more than the brake allows (699 EUR)."
    )
    halted = PushPlan.objects.latest("pk")
    assert (halted.status, halted.total_change) == (PlanStatus.HALTED, Decimal("700.00"))
    world.configure(max_total_change=700)
    assert is_approvable(halted)
    world.configure(max_total_change=699)
    outcome, sent = world.push(approve=halted.pk, approved_by="alice")
    assert (outcome.status, sent.pk, sent.approved_by) == (RunStatus.SUCCEEDED, halted.pk, "alice")


def test_a_total_change_at_the_limit_passes(world: World) -> None:
    world.accounts(2)
    world.configure(max_total_change=200)
    outcome, plan = world.push()
    assert (outcome.status, plan.total_change) == (RunStatus.SUCCEEDED, Decimal("200.00"))


def test_the_command_ends_with_one_and_words_while_its_plan_waits(world: World) -> None:
    world.accounts(1)
    world.configure(approval="always")
    code, out, err = run_command("push")
    assert code == 1
    assert "4 values of 1 account would be written" in out
    assert "waits for approval" in err
    plan = PushPlan.objects.get()
    code, out, _ = run_command("push", "--approve", str(plan.pk))
    assert code == 0
    assert f"Plan {plan.pk}: done" in out


def test_the_first_plan_of_an_org_waits_and_later_ones_do_not(world: World) -> None:
    world.configure(approval="first")
    (account,) = world.accounts(1)
    outcome, plan = world.push()
    assert (outcome.status, plan.status) == (RunStatus.SUCCEEDED, PlanStatus.WAITING)
    assert "waits for approval" in outcome.problem
    assert world.writes() == []
    _, sent = world.push(approve=plan.pk, approved_by="alice")
    assert (sent.pk, sent.status) == (plan.pk, PlanStatus.DONE)
    world.want(account, overdue_amount="7.00")
    _, later = world.push()
    assert later.status == PlanStatus.DONE


def test_without_a_word_in_hub_toml_the_first_plan_waits() -> None:
    assert PushConfig().approval == "first"


def test_a_plan_whose_values_were_written_meanwhile_has_nothing_left_to_approve(world: World) -> None:
    world.accounts(1)
    _, dry = world.push(dry_run=True)
    world.push()
    plans = PushPlan.objects.count()
    with pytest.raises(PushRefused, match="Nothing is left to send"):
        world.push(approve=dry.pk, approved_by="alice")
    assert PushPlan.objects.count() == plans
