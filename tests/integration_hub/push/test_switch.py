"""The kill switch: stops between two batches, aborts a running Bulk job, and is set and taken back by name."""

import pytest

from integration_hub.jobs import finish
from integration_hub.models import ChangeStatus, PlanStatus, PushPlan, PushSwitch, Run, RunKind, RunStatus
from integration_hub.push import sending, switch, undo
from integration_hub.push.brake import PushRefused
from integration_hub.runs import start_run
from integration_hub.salesforce import polling
from integration_hub.salesforce.errors import SalesforceProblem
from tests.integration_hub.push.conftest import AMOUNT, World
from tests.integration_hub.push.test_commands import run_command


def stop_when_asked(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """Somebody stops the push when hub.toml has been asked `after` times."""
    asked: list[bool] = []

    def ask() -> bool:
        asked.append(True)
        if len(asked) == after + 1:
            switch.stop("alice", "wrong figures")
        return True

    monkeypatch.setattr("integration_hub.push.pushing.is_enabled", ask)


def test_a_stop_ends_collections_within_one_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.accounts(450)
    stop_when_asked(monkeypatch, after=1)
    outcome, plan = world.push()
    assert len([call for call in world.writes() if "composite" in call["path"]]) == 1
    assert (outcome.status, plan.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert plan.changes.filter(status=ChangeStatus.PLANNED).count() == 250 * 4
    assert "Stopped by alice: wrong figures." in outcome.problem


def test_a_stop_ends_the_tries_of_a_call_that_brought_no_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried for minutes otherwise, and written long after somebody said stop."""
    world.accounts(2)
    world.org.fault("cut_body", count=1, method="PATCH")
    stop_when_asked(monkeypatch, after=1)
    outcome, plan = world.push()
    assert len([call for call in world.writes() if "composite" in call["path"]]) == 1
    # It had arrived, as a look shows: it can be undone although the push is stopped.
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 2 * 4
    assert undo.preview(plan).restorable == 2 * 4
    assert (outcome.status, plan.status) == (RunStatus.SUCCEEDED, PlanStatus.DONE)
    assert "Stopped by alice: wrong figures." in plan.note
    switch.resume("alice")
    world.org.forget_calls()
    assert world.push()[1].fields_changed == 0
    assert world.writes() == []


def test_what_nobody_can_look_at_stays_unknown_until_the_next_push(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.accounts(2)
    world.org.fault("cut_body", count=1, method="PATCH")
    stop_when_asked(monkeypatch, after=1)
    with monkeypatch.context() as patched:
        patched.setattr("integration_hub.push.recovery.read_standing", unreachable)
        outcome, plan = world.push()
    assert (outcome.status, plan.status) == (RunStatus.FAILED, PlanStatus.FAILED)
    assert plan.changes.filter(status=ChangeStatus.UNKNOWN).count() == 2 * 4
    assert "or those of this one" in outcome.meaning
    assert "could not be read back" in plan.note
    switch.resume("alice")
    world.org.forget_calls()
    assert world.push()[1].fields_changed == 0
    assert world.writes() == []
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 2 * 4


def unreachable(*_: object, **__: object) -> None:
    raise SalesforceProblem("Salesforce did not answer.", "", "")


def test_after_a_stop_no_further_bulk_job_of_the_plan_is_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "JOB_ROWS", 10)
    world.configure(collections_up_to=5)
    world.accounts(30)
    stop_when_asked(monkeypatch, after=1)
    outcome, plan = world.push()
    assert [call["method"] for call in world.writes()] == ["POST", "PUT", "PATCH"]
    assert plan.changes.filter(status=ChangeStatus.PLANNED).count() == 30 * 4
    assert "Stopped by alice" in outcome.problem


def test_a_stop_ends_the_tries_to_close_a_bulk_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.configure(collections_up_to=5)
    ids = world.accounts(30)
    world.org.fault("server_unavailable", count=1, method="PATCH")
    stop_when_asked(monkeypatch, after=2)
    outcome, plan = world.push()
    assert [call["status"] for call in world.org.calls() if call["method"] == "PATCH"] == [503, 200]
    assert plan.changes.filter(status=ChangeStatus.PLANNED).count() == 30 * 4
    assert (outcome.status, plan.status) == (RunStatus.FAILED, PlanStatus.FAILED)
    assert world.stored(ids[0]).get(AMOUNT) is None


def test_a_stop_aborts_the_running_bulk_job_and_keeps_what_it_had_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)
    world.configure(collections_up_to=5)
    world.accounts(30)
    world.org.fault("slow_job", polls=500)
    world.org.fault("job_half_processed", rows=20, count=1)
    stop_when_asked(monkeypatch, after=3)
    outcome, plan = world.push()
    (job,) = [call for call in world.writes() if call["path"].endswith("/jobs/ingest")]
    assert job["status"] == 200
    assert len([call for call in world.org.calls() if call["method"] == "PATCH"]) == 2  # closed, then aborted
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 20 * 4
    assert plan.changes.filter(status=ChangeStatus.PLANNED).count() == 10 * 4
    assert (outcome.status, plan.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert "switched off" in plan.note


def test_a_stopped_push_asks_nothing_and_says_who_stopped_it_and_how_to_resume(world: World) -> None:
    world.accounts(1)
    switch.stop("alice", "wrong figures")
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.org.calls() == []
    assert "Stopped by alice: wrong figures." in refused.value.problem
    assert "--resume" in refused.value.remedy


@pytest.mark.parametrize("how", ["switch", "hub.toml"])
@pytest.mark.parametrize("method", ["bulk", "collections"])
def test_a_stop_holds_for_the_job_of_a_push_whose_process_vanished(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str, method: str
) -> None:
    """Also for the job that a few accounts led to: a probe among them had set thousands free."""
    world.configure(collections_up_to=5)
    world.accounts(30)
    world.org.fault("slow_job", polls=500)

    def vanish() -> bool:
        if any(call["method"] == "PATCH" for call in world.org.calls()):
            raise KeyboardInterrupt
        return True

    with monkeypatch.context() as patched:
        patched.setattr("integration_hub.push.pushing.is_enabled", vanish)
        with pytest.raises(KeyboardInterrupt):
            world.push()
    PushPlan.objects.update(method=method)
    if how == "switch":
        switch.stop("alice", "wrong figures")
    else:
        world.configure(collections_up_to=5, enabled=False)
    world.org.forget_calls()
    with pytest.raises(PushRefused):
        world.push()
    (aborted,) = world.writes()
    assert (aborted["method"], aborted["status"]) == ("PATCH", 200)


def test_a_dry_run_works_while_the_push_is_stopped(world: World) -> None:
    world.accounts(1)
    switch.stop("alice", "")
    outcome, plan = world.push(dry_run=True)
    assert (outcome.status, plan.status) == (RunStatus.SUCCEEDED, PlanStatus.DRY)


def test_after_resuming_the_next_push_sends_what_was_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = world.accounts(450)
    with monkeypatch.context() as patched:
        stop_when_asked(patched, after=1)
        world.push()
    switch.resume("bob")
    outcome, plan = world.push()
    assert (outcome.status, plan.accounts_changed) == (RunStatus.SUCCEEDED, 250)
    assert {world.stored(account)[AMOUNT] for account in accounts[:1] + accounts[-1:]} == {100}


def test_the_commands_stop_and_resume(world: World) -> None:
    world.accounts(1)
    code, out, _ = run_command("push", "--stop", "wrong figures")
    assert (code, switch.is_on()) == (0, False)
    assert "--resume" in out
    code, _, err = run_command("push")
    assert code == 1
    assert "wrong figures" in err
    run_command("push", "--resume")
    assert [(row.is_on, row.reason) for row in PushSwitch.objects.order_by("id")] == [
        (False, "wrong figures"),
        (True, ""),
    ]
    code, _, _ = run_command("push")
    assert code == 0


@pytest.mark.parametrize("stopped", [True, False])
def test_new_figures_request_a_push_only_while_it_is_on(
    world: World, monkeypatch: pytest.MonkeyPatch, *, stopped: bool
) -> None:
    if stopped:
        switch.stop("alice", "")
    monkeypatch.setattr("integration_hub.jobs.ring", lambda _: True)
    monkeypatch.setattr("customers.publishing.recompute_all", lambda *_args, **_options: 3)
    finish(start_run(RunKind.ROLLUP, options={"as_of": "2026-02-10"}))
    assert Run.objects.filter(kind=RunKind.PUSH).exists() is not stopped
