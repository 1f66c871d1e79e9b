"""Pausing loses nothing: what waits goes on waiting, and what came due meanwhile runs once after it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integration_hub import jobs, schedule
from integration_hub.models import ErpInvoice, ErpOrder, Run, RunKind, RunStatus, SchedulePause
from integration_hub.runs import request_run
from integration_hub.timing import pauses
from tests.integration_hub.warehouse.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def loaded(world: World) -> World:
    """Two streams, loaded once."""
    world.stream("orders", "erp_order")
    world.stream("invoices", "erp_invoice")
    for name in ("orders", "invoices"):
        world.deliver(name, "key,number\n1,A1\n")
    world.sync()
    return world


@pytest.mark.parametrize("name", ["all", "main", "sync main"])
def test_what_is_paused_is_neither_asked_for_nor_done_and_runs_once_afterwards(loaded: World, name: str) -> None:
    now = timezone.now()
    pauses.pause(name, by="ana", reason="The ERP is moved", now=now)
    waiting = request_run(RunKind.SYNC, "main", by="ben")
    jobs.execute(waiting.pk)
    assert schedule.tick(now + HOUR).rung == (0 if name == "all" else 1), "only the day's figures go on"
    waiting.refresh_from_db()
    assert waiting.status == RunStatus.QUEUED
    Run.objects.filter(pk=waiting.pk).delete()
    assert "sync main" not in schedule.tick(now + 2 * HOUR).requested
    assert pauses.resume(name, by="ana", now=now + 3 * HOUR)
    assert "sync main" in schedule.tick(now + 3 * HOUR).requested
    assert "sync main" not in schedule.tick(now + 3 * HOUR).requested
    jobs.execute(Run.objects.get(kind=RunKind.SYNC, status=RunStatus.QUEUED).pk)
    assert not pauses.resume(name, by="ana", now=now + 3 * HOUR)
    kept = SchedulePause.objects.get()
    assert (kept.by, kept.reason, kept.ended_by) == ("ana", "The ERP is moved", "ana")


def test_a_paused_stream_is_left_out_and_read_once_when_it_goes_on(loaded: World) -> None:
    now = timezone.now()
    pauses.pause("sync main.invoices", by="ana", reason="Wrong numbers", now=now)
    for name in ("orders", "invoices"):
        loaded.deliver(name, "key,number\n1,A1\n2,A2\n")
    assert "sync main" in schedule.tick(now + HOUR).requested
    run = Run.objects.get(kind=RunKind.SYNC, status=RunStatus.QUEUED)
    assert run.options == {"streams": ["orders"], "source_due": True}
    jobs.execute(run.pk)
    assert (ErpOrder.objects.count(), ErpInvoice.objects.count()) == (2, 1)
    # Asked for as a whole by a person: the stream still rests.
    loaded.deliver("orders", "key,number\n1,A1\n2,A2\n3,A3\n")
    loaded.sync()
    assert (ErpOrder.objects.count(), ErpInvoice.objects.count()) == (3, 1)
    pauses.resume("sync main.invoices", by="ana", now=now + HOUR)
    made_up = Run.objects.get(kind=RunKind.SYNC, status=RunStatus.QUEUED)
    assert made_up.options == {"streams": ["invoices"]}
    jobs.execute(made_up.pk)
    assert ErpInvoice.objects.count() == 2


def test_a_pause_ends_by_itself_at_its_time(loaded: World) -> None:
    now = timezone.now()
    pauses.pause("main", by="ana", reason="Backup", now=now, until=now + 2 * HOUR)
    assert "sync main" not in schedule.tick(now + HOUR).requested
    assert "sync main" in schedule.tick(now + 2 * HOUR).requested
    assert SchedulePause.objects.get().ended_by == "schedule"
    pauses.pause("main", by="ben", reason="Again", now=now + 3 * HOUR)
    pauses.pause("main", by="ben", reason="Again, longer", now=now + 3 * HOUR)
    assert SchedulePause.objects.filter(ended_at=None).get().reason == "Again, longer"


def test_resuming_rings_for_what_waits_unless_a_wider_pause_still_holds_it(
    loaded: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring", rung.append)
    now = timezone.now()
    run = request_run(RunKind.SYNC, "main")
    for name in ("main", "all"):
        pauses.pause(name, by="ana", reason="r", now=now)
    with django_capture_on_commit_callbacks(execute=True):
        pauses.resume("main", by="ana", now=now)
    assert rung == []
    with django_capture_on_commit_callbacks(execute=True):
        pauses.resume("all", by="ana", now=now)
    assert rung == [run.pk]
