"""Runs live in PostgreSQL: requested once, done once, retried with bounds, never published by two."""

import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django_rq
import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings
from rq.job import Job, JobStatus

from integration_hub import jobs, locks, runs, schedule
from integration_hub.models import ErpOrder, Run, RunKind, RunStatus
from integration_hub.runs import NotOursError, Outcome
from integration_hub.sources import SourceProblem
from tests.integration_hub.warehouse.world import World


@pytest.fixture
def orders(world: World) -> World:
    """One order."""
    world.stream("orders", "erp_order")
    world.deliver("orders", "key,number\n1,A1\n")
    return world


def test_fifty_requests_make_one_waiting_run(orders: World) -> None:
    made = {runs.request_run(RunKind.SYNC, "main").pk for _ in range(50)}
    assert len(made) == 1
    assert Run.objects.count() == 1


def test_options_of_a_second_request_are_added_to_the_waiting_run(orders: World) -> None:
    runs.request_run(RunKind.SYNC, "main")
    assert runs.request_run(RunKind.SYNC, "main", options={"full": True}).options == {"full": True}
    assert Run.objects.get().options == {"full": True}


def test_a_run_is_done_once_however_often_the_bell_rings(orders: World) -> None:
    run = runs.request_run(RunKind.SYNC, "main")
    for _ in range(3):
        jobs.execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert Run.objects.filter(kind=RunKind.SYNC).count() == 1


def test_a_run_that_was_buried_meanwhile_publishes_nothing(orders: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.start_run(RunKind.SYNC, "main")

    def buried(publication: object) -> int:
        Run.objects.filter(pk=run.pk).update(status=RunStatus.DEAD)
        return 0

    monkeypatch.setattr("tests.integration_hub.warehouse.world.listen", buried)
    jobs.finish(run)
    assert run.status == RunStatus.RUNNING  # the burial happened inside the publish that was rolled back
    assert ErpOrder.objects.count() == 0


def test_settling_a_run_of_somebody_else_is_refused(orders: World) -> None:
    run = runs.start_run(RunKind.SYNC, "main")
    Run.objects.filter(pk=run.pk).update(status=RunStatus.DEAD)
    with pytest.raises(NotOursError):
        runs.settle(run, Outcome())


def test_redis_down_does_not_fail_a_request(
    orders: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    broken = dict(settings.RQ_QUEUES["default"], URL="unix:///nowhere/valkey.sock")
    monkeypatch.setattr("django_rq.settings.QUEUES", {"default": broken})
    with django_capture_on_commit_callbacks(execute=True):
        run = runs.request_run(RunKind.SYNC, "main")
    assert not jobs.ring(run.pk)
    assert not schedule.tick().redis_answers
    assert Run.objects.get(pk=run.pk).status == RunStatus.QUEUED


def test_a_redis_that_hangs_keeps_nobody_waiting_who_asks_for_a_run(
    orders: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.request_run(RunKind.SYNC, "main")
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        slow = dict(settings.RQ_QUEUES["default"], URL=f"redis://127.0.0.1:{hangs.getsockname()[1]}/0")
        monkeypatch.setattr("django_rq.settings.QUEUES", {"default": slow})
        monkeypatch.setattr(jobs, "ANSWER_SECONDS", 0.5)
        began = time.monotonic()
        assert not jobs.ring(run.pk)
        assert time.monotonic() - began < 3.0, "its own waiting time, not that of a worker"


def test_an_emptied_queue_is_filled_again_by_the_tick(orders: World) -> None:
    queue = django_rq.get_queue("default")
    run = runs.request_run(RunKind.SYNC, "main")
    assert jobs.ring(run.pk)
    assert queue.job_ids == [f"run-{run.pk}"]
    queue.connection.flushdb()
    assert queue.job_ids == []
    assert schedule.tick().rung == 1
    assert queue.job_ids == [f"run-{run.pk}"]
    schedule.tick()
    assert queue.job_ids == [f"run-{run.pk}"]


def test_a_source_that_fails_for_good_keeps_the_last_data_and_says_why(orders: World) -> None:
    orders.sync()
    (orders.directory / "orders.csv").unlink()
    run = orders.sync()
    assert (run.status, bool(run.problem and run.meaning and run.remedy)) == (RunStatus.FAILED, True)
    assert "No file matches" in run.problem
    assert ErpOrder.objects.live().count() == 1


def test_a_passing_problem_is_tried_again_later_with_growing_delay_and_an_end(
    orders: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(run: Run) -> Outcome:
        raise SourceProblem("The ERP is away.", "m", "r", transient=True)

    monkeypatch.setattr(jobs, "run_sync", fails)
    run = runs.start_run(RunKind.SYNC, "main")
    delays = []
    for _ in range(10):
        jobs.finish(run)
        successor = Run.objects.filter(status=RunStatus.QUEUED).first()
        if successor is None:
            break
        assert successor.not_before is not None
        delays.append(round((successor.not_before - timezone.now()) / timedelta(seconds=1)))
        jobs.execute(successor.pk)
        assert Run.objects.get(pk=successor.pk).status == RunStatus.QUEUED, "not due yet"
        Run.objects.filter(pk=successor.pk).update(status=RunStatus.RUNNING)
        run = Run.objects.get(pk=successor.pk)
    assert delays == [30, 120, 600]


@time_machine.travel(datetime(2036, 2, 11, 9, 0, tzinfo=UTC))  # far from any midnight
def test_the_tick_requests_what_is_due_and_the_new_day(orders: World) -> None:
    now = timezone.now()
    assert schedule.tick(now).requested == ("sync main",)
    assert schedule.tick(now).requested == ()
    jobs.execute(Run.objects.get().pk)
    assert schedule.tick(now).requested == (f"rollup {schedule.local_day(now)}",)
    assert schedule.tick(now + timedelta(minutes=14)).requested == ()
    assert schedule.tick(now + timedelta(minutes=16)).requested == ("sync main",)


@time_machine.travel(datetime(2036, 2, 11, 9, 0, tzinfo=UTC))
def test_the_tick_requests_a_rollup_whenever_what_figures_rest_on_changes(orders: World) -> None:
    now, rollup = timezone.now(), (f"rollup {schedule.local_day(timezone.now())}",)
    schedule.tick(now)
    jobs.execute(Run.objects.get().pk)
    assert schedule.tick(now).requested == rollup
    text = orders.config.read_text(encoding="utf-8")
    for change in ('"EUR"\nfiscal_year_start = 4', '"USD"', '"EUR"'):
        orders.config.write_text(text.replace('"EUR"', change, 1), encoding="utf-8")
        assert schedule.tick(now).requested == rollup, change
        assert schedule.tick(now).requested == ()


def test_a_lock_is_held_for_the_length_of_a_block_and_free_afterwards(db: None) -> None:
    with locks.holding("x") as held:
        assert held
    assert locks.is_free("x")


def taken(run: Run, *, seconds_ago: float) -> Job:
    """The entry of a run as a worker leaves it who has just begun with it, and did not get any further."""
    queue = django_rq.get_queue("default")
    entry = queue.fetch_job(f"run-{run.pk}")
    assert isinstance(entry, Job)
    queue.remove(entry)
    entry.started_at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    entry.set_status(JobStatus.STARTED)
    entry.save()
    return entry


def test_p4_an_entry_whose_worker_is_gone_before_it_began_the_run_is_rung_again(orders: World) -> None:
    run = runs.request_run(RunKind.SYNC, "main")
    assert jobs.ring(run.pk)
    entry = taken(run, seconds_ago=0)
    assert jobs.ring(run.pk)
    assert django_rq.get_queue("default").job_ids == []  # a worker that has just taken it is given its time
    entry.started_at = datetime.now(UTC) - timedelta(seconds=6)
    entry.save()
    assert schedule.tick().rung >= 1
    assert django_rq.get_queue("default").job_ids == [f"run-{run.pk}"]


def test_p4_an_entry_at_work_is_left_alone_however_long_it_takes(orders: World) -> None:
    run = runs.request_run(RunKind.SYNC, "main")
    assert jobs.ring(run.pk)
    taken(run, seconds_ago=3600)
    assert runs.claim(run.pk) is not None
    assert jobs.ring(run.pk)
    assert django_rq.get_queue("default").job_ids == []


def test_p17_an_entry_that_vanishes_while_it_is_looked_at_is_rung_anew(
    orders: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, fetch = django_rq.get_queue("default"), Job.fetch
    run = runs.request_run(RunKind.SYNC, "main")
    assert jobs.ring(run.pk)

    def vanishing(*arguments: Any, **options: Any) -> Job:
        found = fetch(*arguments, **options)
        queue.connection.flushdb()
        return found

    monkeypatch.setattr(Job, "fetch", vanishing)
    assert jobs.ring(run.pk)
    assert queue.job_ids == [f"run-{run.pk}"]


def test_p19_a_worker_with_a_wrong_clock_does_not_hold_back_the_next_attempt(orders: World) -> None:
    right = timezone.now()
    with time_machine.travel(right + timedelta(days=1)):
        successor = runs.retry(runs.start_run(RunKind.SYNC, "main"))
    assert successor is not None
    assert successor.not_before is not None
    assert right < successor.not_before < right + timedelta(minutes=5)
