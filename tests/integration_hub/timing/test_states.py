"""Every named state there is, each brought about in PostgreSQL, with a cause and something to do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from integration_hub.models import (
    Notice,
    PlanStatus,
    PushPlan,
    PushSwitch,
    Reconciliation,
    Run,
    RunCause,
    RunKind,
    RunStatus,
    ScheduleMark,
    SchedulePause,
    StreamState,
)
from integration_hub.timing import pauses
from integration_hub.timing.states import Standing, State, standings
from tests.integration_hub.warehouse.world import World

NOW = datetime(2036, 2, 11, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SALESFORCE = """
[salesforce]
login_url = "https://example.my.salesforce.com"
[push]
[[push.fields]]
field = "ERP_Overdue_Amount__c"
measure = "overdue_amount"
label = "Overdue"
"""


@pytest.fixture
def erp(world: World) -> World:
    """An ERP that was read a minute ago, and an org that figures go to."""
    world.options = "every_minutes = 15"
    world.stream("orders", "erp_order")
    world.config.write_text(world.config.read_text(encoding="utf-8") + SALESFORCE, encoding="utf-8")
    a_run(RunStatus.SUCCEEDED)
    StreamState.objects.create(stream="main.orders", source="main", as_of=NOW - MINUTE)
    return world


def a_run(status: RunStatus, *, ago: float = 1, **changes: Any) -> Run:
    """A sync of the ERP that was asked for minutes ago."""
    at = NOW - ago * MINUTE
    ended = status not in {RunStatus.QUEUED, RunStatus.RUNNING}
    values = {
        "kind": RunKind.SYNC,
        "subject": "main",
        "started_at": None if status == RunStatus.QUEUED else at,
        "finished_at": at if ended else None,
    }
    run = Run.objects.create(status=status, **values | changes)
    Run.objects.filter(pk=run.pk).update(requested_at=at)
    return run


def at_limit() -> None:
    a_run(RunStatus.QUEUED, not_before=NOW + 60 * MINUTE, problem="Waits for API requests to become free.")


def retrying() -> None:
    a_run(RunStatus.FAILED, problem="The ERP is away.")
    a_run(RunStatus.QUEUED, attempt=2, not_before=NOW + MINUTE)


def a_difference() -> None:
    Reconciliation.objects.create(
        stream="main.orders", agrees=False, confirmed=True, after_load=True, detail="1 row is missing", since=NOW
    )


def never_loaded() -> None:
    Run.objects.all().delete()


def late() -> None:
    Run.objects.update(started_at=NOW - 60 * MINUTE)


def due() -> None:
    Run.objects.update(started_at=NOW - 15 * MINUTE)


def guarded() -> None:
    Notice.objects.create(
        subject="main.orders", code="too_many_deletions", text="300 rows are missing.", remedy="Look."
    )


def paused() -> None:
    pauses.pause("main", by="ana", reason="The ERP is moved", now=NOW, until=NOW + 60 * MINUTE)


WAYS: dict[tuple[State, str], Callable[[], object]] = {
    (State.RUNNING, "sync main"): lambda: a_run(RunStatus.RUNNING, attempt=2),
    (State.PAUSED, "sync main"): paused,
    (State.HELD_BACK, "sync main"): at_limit,
    (State.RETRYING, "sync main"): retrying,
    (State.WAITING, "sync main"): lambda: a_run(RunStatus.QUEUED),
    (State.NO_WORKER, "sync main"): lambda: a_run(RunStatus.QUEUED, ago=11),
    (State.SWITCHED_OFF, "push salesforce"): lambda: PushSwitch.objects.create(is_on=False, by="ana", reason="Wrong"),
    (State.BRAKE, "push salesforce"): lambda: PushPlan.objects.create(as_of=NOW.date(), status=PlanStatus.HALTED),
    (State.DIFFERENCE, "push salesforce"): a_difference,
    (State.UNREACHABLE, "sync main"): lambda: a_run(
        RunStatus.FAILED, cause=RunCause.UNREACHABLE, problem="The ERP is away."
    ),
    (State.RIGHT_LOST, "sync main"): lambda: a_run(RunStatus.FAILED, cause=RunCause.REFUSED, problem="No sign-in."),
    (State.RIGHT_LOST, "sync main.orders"): lambda: StreamState.objects.update(missing=["net_amount"]),
    (State.FAILED, "sync main"): lambda: a_run(RunStatus.FAILED, problem="The file is broken.", remedy="Correct it."),
    (State.INTERRUPTED, "sync main"): lambda: a_run(RunStatus.DEAD, attempt=4, problem="It died."),
    (State.NEVER_LOADED, "sync main"): never_loaded,
    (State.DUE, "sync main"): due,
    (State.LATE, "sync main"): late,
    (State.GUARD, "sync main"): guarded,
    (State.IN_PART, "sync main"): lambda: a_run(RunStatus.PARTIAL),
    (State.ON_TIME, "sync main"): lambda: None,
    (State.ON_DEMAND, "reconcile main"): lambda: None,
}


def found(name: str) -> Standing:
    """The standing of one item."""
    return next(each for each in standings(NOW) if each.item.name == name)


def test_each_state_has_a_way_to_come_about() -> None:
    assert {state for state, _name in WAYS} == set(State)


@pytest.mark.parametrize(("state", "name"), WAYS, ids=[f"{state.label}: {name}" for state, name in WAYS])
def test_a_state_comes_about_with_its_cause_and_what_to_do(erp: World, state: State, name: str) -> None:
    WAYS[state, name]()
    standing = found(name)
    assert standing.state is state, standing
    assert standing.cause.endswith(".")
    assert standing.remedy.endswith(".")
    if state in {State.HELD_BACK, State.RETRYING, State.PAUSED}:
        assert standing.until is not None
        assert standing.until > NOW


def test_the_number_of_queries_does_not_grow_with_what_is_scheduled(erp: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(14):
        few = len(standings(NOW))
    for number in range(20):
        erp.stream(f"more_{number}", "erp_order")
    erp.config.write_text(erp.config.read_text(encoding="utf-8") + SALESFORCE, encoding="utf-8")
    with django_assert_num_queries(14):
        assert len(standings(NOW)) == few + 20


def test_the_next_time_is_that_of_the_rhythm_or_the_one_that_was_missed(erp: World) -> None:
    assert found("sync main").next_at == NOW + 14 * MINUTE
    drift = found("drift salesforce")
    assert drift.next_at == datetime(2036, 2, 12, 2, 0, tzinfo=UTC)
    missed = datetime(2036, 2, 10, 2, 0, tzinfo=UTC)
    assert drift.item.rhythm is not None
    ScheduleMark.objects.create(pk="drift salesforce", due_for=missed, rhythm=drift.item.rhythm.mark)
    drift = found("drift salesforce")
    assert (drift.state, drift.next_at) == (State.LATE, missed + timedelta(days=1))


def test_the_command_lists_pauses_resumes_and_starts(erp: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("schedule", "--pause", "main", "--reason", "Backup", "--until", "2099-01-01T06:00")
    assert SchedulePause.objects.get().by == "command line"
    call_command("schedule", "--run", "main")
    assert "It is paused" in capsys.readouterr().out
    assert Run.objects.filter(status=RunStatus.QUEUED, kind=RunKind.SYNC, subject="main").count() == 1
    call_command("schedule")
    listed = capsys.readouterr().out
    assert "sync main: Paused. All work with Main ERP was paused by command line: Backup." in " ".join(listed.split())
    call_command("schedule", "--resume", "main")
    assert SchedulePause.objects.get().ended_by == "command line"
    for wrong in (
        ("--pause", "main"),
        ("--pause", "nothing", "--reason", "r"),
        ("--pause", "main", "--reason", "r", "--until", "2020-01-01T06:00"),
        ("--pause", "main", "--reason", "r", "--until", "soon"),
        ("--pause", "main", "--reason", "r", "--until", "9999-12-31T23:59-05:00"),
        ("--resume", "main"),
        ("--run", "all"),
    ):
        with pytest.raises(CommandError):
            call_command("schedule", *wrong)
