"""The matching run: asked for while something waits, done by the worker, and not every minute after a failure."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.matching import refreshing, runs
from customers.matching.refreshing import state
from customers.models import LinkProposal, MatchState
from integration_hub.jobs import finish
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.runs import start_run
from tests.customers.matching.corruptions import labelled
from tests.customers.matching.mirror import fill
from tests.customers.world import World


def test_while_something_waits_the_scheduler_asks_for_one_run_and_the_worker_does_it(
    figures: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "MOST_IN_A_PUBLISH", 3)
    fill(labelled(13, 20, demo=False))
    now = timezone.now()
    assert runs.tick(now) == []
    figures.publish(changed=["erp_customer"], full=True)
    assert state().pending
    assert runs.tick(now) == ["match"]
    assert runs.tick(now) == []
    Run.objects.filter(kind=RunKind.MATCH).update(status=RunStatus.FAILED)
    assert runs.tick(timezone.now()) == []
    assert runs.tick(timezone.now() + timedelta(minutes=16)) == ["match"]
    Run.objects.filter(status=RunStatus.QUEUED).delete()
    done = finish(start_run(RunKind.MATCH))
    assert (done.status, done.accounts_touched, str(done)) == ("succeeded", 0, f"Find accounts #{done.pk}")
    assert LinkProposal.objects.count() > 10
    assert not state().pending
    assert runs.tick(timezone.now() + timedelta(hours=1)) == []


def test_a_run_that_fails_says_so_and_still_waits(figures: World, monkeypatch: pytest.MonkeyPatch) -> None:
    MatchState.objects.create(pk=1, pending=True)

    def broken(**values: Any) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(runs, "match_all", broken)
    assert finish(start_run(RunKind.MATCH)).status == RunStatus.FAILED
    assert state().pending
