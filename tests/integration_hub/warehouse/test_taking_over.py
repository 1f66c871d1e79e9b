"""Dead workers are noticed and replaced within seconds, also where two die in a row or a clock is wrong."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import django_rq
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integration_hub import jobs, runs, schedule
from integration_hub.management.commands import scheduler
from integration_hub.models import Run, RunKind, RunStatus
from tests.integration_hub.warehouse.test_runs import taken
from tests.integration_hub.warehouse.world import World


@pytest.fixture
def orders(world: World) -> World:
    """One order."""
    world.stream("orders", "erp_order")
    world.deliver("orders", "key,number\n1,A1\n")
    return world


def rung() -> list[str]:
    """The entries that wait for a worker."""
    found: list[str] = django_rq.get_queue("default").job_ids
    return found


def test_a_worker_that_died_before_it_began_its_run_is_replaced_at_the_next_look(orders: World) -> None:
    run = runs.request_run(RunKind.SYNC, "main")
    assert jobs.ring(run.pk)
    entry = taken(run, seconds_ago=0)
    schedule.watch()
    assert rung() == []
    entry.started_at = datetime.now(UTC) - timedelta(seconds=jobs.CLAIM_SECONDS + 1)
    entry.save()
    schedule.watch()
    assert rung() == [f"run-{run.pk}"]
    assert jobs.CLAIM_SECONDS + scheduler.LOOK_SECONDS <= 3  # the worker has two more to begin in


def test_an_emptied_queue_is_filled_at_the_next_look(orders: World) -> None:
    run = runs.request_run(RunKind.SYNC, "main")
    schedule.watch()
    assert rung() == [f"run-{run.pk}"]


def test_no_worker_is_rung_for_while_the_same_is_at_work(orders: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "bury_dead", list)
    at_work = runs.start_run(RunKind.SYNC, "main")
    waiting = runs.request_run(RunKind.SYNC, "main")
    schedule.watch()
    schedule.tick()
    assert rung() == []
    Run.objects.filter(pk=at_work.pk).update(status=RunStatus.SUCCEEDED)
    schedule.watch()
    assert rung() == [f"run-{waiting.pk}"]


def test_a_look_asks_two_questions_where_nothing_runs_or_waits(db: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        schedule.watch()
    of_runs = [each for each in asked.captured_queries if "hub_run" in each["sql"]]
    assert len(of_runs) == 2


@pytest.mark.parametrize("hours", [-1, -24])
def test_p19_a_slow_clock_holds_no_later_attempt_back(orders: World, hours: int) -> None:
    run = runs.request_run(RunKind.SYNC, "main")
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=True):
        schedule.watch()
        assert rung() == [f"run-{run.pk}"]
        assert runs.claim(run.pk) is not None


def test_a_run_that_begins_buries_the_one_whose_lock_it_got_and_does_what_that_was_asked_for(orders: World) -> None:
    dead = runs.start_run(RunKind.SYNC, "main", options={"full": True})
    waiting = runs.request_run(RunKind.SYNC, "main")
    jobs.execute(waiting.pk)
    dead.refresh_from_db()
    waiting.refresh_from_db()
    assert (dead.status, waiting.status) == (RunStatus.DEAD, RunStatus.SUCCEEDED)
    assert waiting.options == {"full": True}
    assert not Run.objects.filter(status=RunStatus.QUEUED, kind=RunKind.SYNC).exists()


@pytest.mark.parametrize(("before", "waits"), [(RunStatus.FAILED, False), (RunStatus.DEAD, True)])
def test_a_first_death_is_not_waited_for_whatever_failed_before_and_a_second_one_is(
    orders: World, before: RunStatus, *, waits: bool
) -> None:
    earlier = runs.start_run(RunKind.SYNC, "main")
    Run.objects.filter(pk=earlier.pk).update(status=before)
    dead = runs.start_run(RunKind.SYNC, "main")
    Run.objects.filter(pk=dead.pk).update(attempt=2)
    schedule.watch()
    successor = Run.objects.get(status=RunStatus.QUEUED)
    assert (successor.attempt, successor.not_before is not None) == (3, waits)
    assert rung() == ([] if waits else [f"run-{successor.pk}"])


def test_a_queue_that_is_back_is_rung_again_within_seconds(orders: World, monkeypatch: pytest.MonkeyPatch) -> None:
    moment, asked = [100.0], list[int]()

    def rings(run: int) -> bool:
        asked.append(run)
        return False

    monkeypatch.setattr(schedule, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    monkeypatch.setattr(schedule, "ring", rings)
    monkeypatch.setattr(schedule, "_silent", {"until": 0.0})
    runs.request_run(RunKind.SYNC, "main")
    for seconds, times in ((0.0, 1), (1.0, 1), (6.0, 2)):
        moment[0] = 100.0 + seconds
        schedule.watch()
        assert len(asked) == times
