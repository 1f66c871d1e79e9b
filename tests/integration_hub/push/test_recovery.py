"""Pushes killed at each step: nothing is uploaded twice, and no written value stays unaccounted for."""

from decimal import Decimal

import pytest
from django.db import transaction

from integration_hub.models import ChangeStatus, PlanStatus, PushChange, PushedValue, PushPlan, RunStatus
from integration_hub.push.recovery import unfinished
from integration_hub.salesforce.errors import SalesforceProblem
from tests.integration_hub.push.conftest import AMOUNT, World
from tests.integration_hub.push.dying import push_and_die

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]


@pytest.mark.chaos
@pytest.mark.parametrize("failpoint", ["after_plan", "before_send"])
def test_a_push_killed_before_it_sent_anything_is_planned_anew(world: World, failpoint: str) -> None:
    (account,) = world.accounts(1)
    push_and_die(world, failpoint)
    assert world.stored(account).get(AMOUNT) is None
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert Decimal(str(world.stored(account)[AMOUNT])) == Decimal("100.00")
    first = PushPlan.objects.exclude(pk=plan.pk).get()
    assert first.status == PlanStatus.FAILED
    assert unfinished(plan.organization) == []


@pytest.mark.chaos
def test_a_push_killed_after_the_answer_is_read_back_and_not_sent_again(world: World) -> None:
    (account,) = world.accounts(1)
    push_and_die(world, "after_answer")
    assert set(PushChange.objects.values_list("status", flat=True)) == {ChangeStatus.SENT}
    world.org.forget_calls()
    outcome, plan = world.push()
    assert world.writes() == []
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.fields_changed == 0
    assert list(PushChange.objects.filter(field=AMOUNT).values_list("status", flat=True)) == [ChangeStatus.DONE]
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "100.00"
    assert PushPlan.objects.exclude(pk=plan.pk).get().status == PlanStatus.DONE


@pytest.mark.chaos
def test_a_bulk_push_killed_while_its_job_runs_is_resumed_without_a_second_upload(world: World) -> None:
    world.configure(collections_up_to=5)
    world.accounts(30)
    push_and_die(world, "after_answer")
    killed = PushPlan.objects.get()
    assert killed.job_id.startswith("750")
    world.org.forget_calls()
    outcome, plan = world.push()
    assert [call for call in world.writes() if call["method"] in {"POST", "PUT"}] == []
    assert outcome.status == RunStatus.SUCCEEDED
    killed.refresh_from_db()
    assert killed.status == PlanStatus.DONE
    assert plan.fields_changed == 0


@pytest.mark.chaos
def test_a_bulk_push_killed_before_its_upload_is_aborted_and_sent_anew(world: World) -> None:
    world.configure(collections_up_to=5)
    world.accounts(30)
    push_and_die(world, "after_job")
    killed = PushPlan.objects.get()
    assert killed.job_id.startswith("750")
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.job_id != killed.job_id
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 120
    assert set(killed.changes.values_list("error_code", flat=True)) == {"UNPROCESSED"}


def test_an_answer_that_is_cut_off_is_settled_by_the_live_value(world: World) -> None:
    world.accounts(1)
    world.org.fault("cut_body", path="/composite/sobjects", method="PATCH")
    with pytest.raises(SalesforceProblem):
        world.push()
    assert set(PushChange.objects.values_list("status", flat=True)) == {ChangeStatus.UNKNOWN}
    world.org.admin("faults", method="DELETE")
    world.org.forget_calls()
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert world.writes() == []
    assert set(PushChange.objects.values_list("status", flat=True)) == {ChangeStatus.DONE}


def test_a_value_that_never_arrived_is_marked_and_sent_again(world: World) -> None:
    (account,) = world.accounts(1)
    world.org.fault("connection_reset", path="/composite/sobjects", method="PATCH")
    with pytest.raises(SalesforceProblem):
        world.push()
    world.org.admin("faults", method="DELETE")
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.fields_changed == 4
    assert Decimal(str(world.stored(account)[AMOUNT])) == Decimal("100.00")
    assert PushChange.objects.exclude(plan=plan).filter(error_code="NO_ANSWER").count() == 4


def test_a_value_that_arrives_after_it_was_given_up_counts_as_ours(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.want(account, overdue_amount="6.00")
    world.org.fault("connection_reset", path="/composite/sobjects", method="PATCH")
    with pytest.raises(SalesforceProblem):
        world.push()
    world.org.admin("faults", method="DELETE")
    world.want(account, overdue_amount="100.00")
    world.push()
    lost = PushChange.objects.get(field=AMOUNT, after="6.00")
    assert lost.error_code == "NO_ANSWER"
    # The request was under way all the time, and by now the figure is that one again.
    world.org.seed("Account", {"Id": account, AMOUNT: 6})
    world.want(account, overdue_amount="6.00")
    world.org.forget_calls()
    world.push()
    lost.refresh_from_db()
    assert (world.writes(), lost.status, lost.error_code) == ([], ChangeStatus.DONE, "")
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "6.00"


@pytest.mark.parametrize("refusal", ["locked", "rejected"])
def test_a_value_whose_answer_was_lost_and_whose_repetition_was_refused_counts_as_ours(
    world: World, refusal: str
) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.want(account, overdue_amount="250.00")
    writing = {"path": "/composite/sobjects", "method": "PATCH"}
    # The first request writes, but its answer is lost; the second one finds the row locked, or a new rule.
    world.org.fault("cut_body", count=1, **writing)
    if refusal == "locked":
        world.org.fault("lock_rows", share=1, after=1)
    else:
        world.org.fault("reject_rows", share=1, after=1, code="FIELD_CUSTOM_VALIDATION_EXCEPTION")
    outcome, plan = world.push()
    assert outcome.status != RunStatus.SUCCEEDED
    assert Decimal(str(world.stored(account)[AMOUNT])) == Decimal("250.00")
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "100.00"
    world.org.admin("faults", method="DELETE")
    world.org.forget_calls()
    outcome, last = world.push()
    assert (outcome.status, last.fields_changed, world.writes()) == (RunStatus.SUCCEEDED, 0, [])
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "250.00"
    assert plan.changes.get(field=AMOUNT).status == ChangeStatus.DONE


def test_salesforce_down_leaves_no_plan_and_says_so(world: World) -> None:
    world.accounts(1)
    world.org.fault("maintenance_page")
    with pytest.raises(SalesforceProblem) as problem:
        world.push()
    assert problem.value.remedy
    assert not PushPlan.objects.exists()


def test_p25_after_a_restore_of_an_older_backup_nothing_is_written_that_stands_there_already(world: World) -> None:
    account, other = world.accounts(2)
    world.push()
    with transaction.atomic():
        world.want(account, overdue_amount="200.00")
        world.push()
        # As a restored backup leaves it: the database knows nothing of this push, Salesforce does.
        transaction.set_rollback(True)
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "100.00"
    world.org.forget_calls()
    outcome, plan = world.push()
    assert (outcome.status, plan.fields_changed, world.writes()) == (RunStatus.SUCCEEDED, 0, [])
    world.want(other, overdue_amount="300.00")
    _, plan = world.push()
    assert list(plan.changes.values_list("account", "before", "after")) == [(other, "100.00", "300.00")]
    assert Decimal(str(world.stored(account)[AMOUNT])) == Decimal("200.00")
