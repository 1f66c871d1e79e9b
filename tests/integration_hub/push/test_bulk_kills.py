"""Bulk pushes killed at every step: the end is that of an undisturbed push, and the file is uploaded once."""

from typing import Any

import pytest

from integration_hub.models import (
    ChangeStatus,
    ParkedRow,
    PlanStatus,
    PushChange,
    PushedValue,
    PushPlan,
    Run,
    RunStatus,
)
from integration_hub.push.pushing import run_push
from integration_hub.push.recovery import unfinished
from tests.integration_hub.push.conftest import AMOUNT, AS_OF, COUNT, CURRENCY, World
from tests.integration_hub.push.dying import push_and_die, push_and_kill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
FIELDS = (AMOUNT, COUNT, AS_OF, CURRENCY)
REFUSED = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
RESUMED = ("before_close", "after_close", "mid_poll", "between_results", "after_answer")


def stored(world: World) -> list[tuple[Any, ...]]:
    """What the org holds, account by account."""
    return sorted((record["Id"], *(record.get(name) for name in FIELDS)) for record in world.org.records("Account"))


def uploads(world: World) -> int:
    """How many files Salesforce took."""
    return sum(call["method"] == "PUT" and call["status"] == 201 for call in world.org.calls())


def bulk(world: World, count: int) -> list[str]:
    """Accounts that go as one Bulk job, of which a rule refuses the first."""
    world.configure(collections_up_to=5)
    accounts = world.accounts(count)
    world.org.fault("reject_rows", ids=accounts[:1], code=REFUSED, message="Region must be set")
    world.org.forget_calls()
    return accounts


def assert_as_undisturbed(world: World, accounts: list[str]) -> None:
    """Everything but the refused account is written and acknowledged; that one is parked; nothing is open."""
    written: dict[str, tuple[Any, ...]] = {account: (account, 100, 2, "2026-02-10", "EUR") for account in accounts[1:]}
    written[accounts[0]] = (accounts[0], None, None, None, None)
    assert stored(world) == sorted(written.values())
    assert PushedValue.objects.count() == 4 * (len(accounts) - 1)
    assert not PushedValue.objects.filter(account=accounts[0]).exists()
    assert ParkedRow.objects.get(resolved_at=None).account == accounts[0]
    open_states = (ChangeStatus.SENT, ChangeStatus.UNKNOWN)
    assert not PushChange.objects.filter(status__in=open_states).exists()
    assert unfinished(PushPlan.objects.latest("id").organization) == []


def test_an_undisturbed_push_is_what_the_others_are_compared_with(world: World) -> None:
    accounts = bulk(world, 30)
    world.push()
    assert_as_undisturbed(world, accounts)
    assert uploads(world) == 1


@pytest.mark.parametrize("failpoint", RESUMED)
def test_trap_32_a_killed_push_resumes_the_same_job_without_a_second_upload(world: World, failpoint: str) -> None:
    accounts = bulk(world, 30)
    push_and_die(world, failpoint)
    killed = PushPlan.objects.get()
    assert killed.job_id.startswith("750")
    world.push()
    assert_as_undisturbed(world, accounts)
    assert uploads(world) == 1
    assert sum(call["method"] == "POST" and call["path"].endswith("/jobs/ingest") for call in world.org.calls()) == 1
    assert killed.changes.filter(status=ChangeStatus.DONE).count() == 4 * 29


def test_trap_32_a_push_killed_after_half_of_the_answers_asks_only_for_the_others(world: World) -> None:
    accounts = bulk(world, 620)
    push_and_die(world, "after_record")
    assert PushChange.objects.filter(status=ChangeStatus.DONE).count() == 4 * 500
    assert PushChange.objects.filter(status=ChangeStatus.SENT).count() == 4 * 120
    world.push()
    assert_as_undisturbed(world, accounts)
    assert uploads(world) == 1


def test_trap_32_a_push_killed_before_its_upload_leaves_an_empty_job_and_uploads_once(world: World) -> None:
    accounts = bulk(world, 30)
    push_and_die(world, "after_job")
    world.push()
    assert_as_undisturbed(world, accounts)
    assert uploads(world) == 1


def test_trap_32_a_push_killed_during_its_upload_uploads_once(world: World) -> None:
    accounts = bulk(world, 30)
    world.org.fault("hang", path="/batches", seconds=600, count=1)
    push_and_kill(world, lambda: PushPlan.objects.exclude(job_id="").exists())
    world.push()
    assert_as_undisturbed(world, accounts)
    assert uploads(world) == 1


def test_a_killed_undo_is_finished_by_the_run_that_takes_over(world: World) -> None:
    (account,) = world.accounts(1)
    _, pushed = world.push()
    push_and_die(world, "after_answer", "--undo", str(pushed.pk))
    outcome, _ = world.push(undo=pushed.pk, by="alice")
    assert (outcome.status, outcome.problem) == (RunStatus.SUCCEEDED, "")
    assert world.stored(account)[AMOUNT] is None
    assert PushedValue.objects.get(account=account, field=AMOUNT).value is None
    assert not PushChange.objects.filter(status__in=(ChangeStatus.SENT, ChangeStatus.UNKNOWN)).exists()


def test_the_bulk_job_of_a_killed_undo_is_collected_although_the_undo_has_stopped_the_push(world: World) -> None:
    world.accounts(30)
    world.configure(collections_up_to=5)
    _, pushed = world.push()
    world.org.forget_calls()
    push_and_die(world, "mid_poll", "--undo", str(pushed.pk))
    outcome, _ = world.push(undo=pushed.pk, by="alice")
    assert (outcome.status, outcome.problem) == (RunStatus.SUCCEEDED, "")
    assert uploads(world) == 1
    assert [record.get(AMOUNT) for record in world.org.records("Account")] == [None] * 30


def test_a_killed_push_that_was_approved_is_resumed_by_the_run_that_takes_over(world: World) -> None:
    accounts = world.accounts(30)
    world.configure(collections_up_to=5, approval="always")
    _, waiting = world.push()
    push_and_die(world, "after_close", "--approve", str(waiting.pk))
    outcome = run_push(_successor())
    waiting.refresh_from_db()
    assert (outcome.status, outcome.problem, waiting.status) == (RunStatus.SUCCEEDED, "", PlanStatus.DONE)
    assert [record.get(AMOUNT) for record in world.org.records("Account")] == [100] * len(accounts)
    assert uploads(world) == 1


def test_what_a_killed_push_that_was_approved_had_not_sent_asks_again(world: World) -> None:
    world.accounts(30)
    world.configure(collections_up_to=5, approval="always")
    _, waiting = world.push()
    push_and_die(world, "before_send", "--approve", str(waiting.pk))
    outcome = run_push(_successor())
    waiting.refresh_from_db()
    assert (waiting.status, PushPlan.objects.latest("pk").status) == (PlanStatus.FAILED, PlanStatus.WAITING)
    assert "waits for approval" in outcome.problem
    assert uploads(world) == 0


def _successor() -> Run:
    """The run that follows one whose process is gone, as bury_dead makes it."""
    killed = Run.objects.get(status=RunStatus.RUNNING)
    Run.objects.filter(pk=killed.pk).update(status=RunStatus.DEAD)
    return Run.objects.create(kind=killed.kind, subject="takes over", options=killed.options, attempt=2)
