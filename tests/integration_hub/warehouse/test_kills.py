"""kill -9 at every named place of a sync: the previous state stays whole, and the next run completes it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from integration_hub import locks, schedule, warehouse
from integration_hub.models import (
    ErpInvoice,
    ErpOrder,
    Reconciliation,
    RejectedRow,
    Run,
    RunKind,
    RunStatus,
    StreamRun,
    StreamState,
)
from integration_hub.runs import bury_dead, request_run
from tests.integration_hub.warehouse.world import World

ROOT = Path(__file__).resolve().parents[3]
PLACES = (
    "after_stage:orders",
    "after_stage:invoices",
    "before_publish",
    "after_merge:erp_order",
    "after_merge:erp_invoice",
    "after_hooks",
    "before_commit",
)
SCRIPT = """
import django, sys
django.setup()
from django.conf import settings
settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from integration_hub.jobs import execute
execute(int(sys.argv[1]))
"""


def buried() -> list[Run]:
    """The runs that are declared dead; a busy PostgreSQL takes a moment to notice that a client is gone."""
    until = time.monotonic() + 20
    while not (dead := bury_dead()) and time.monotonic() < until:
        time.sleep(0.1)
    return dead


@pytest.fixture
def delivered(transactional_db: None, world: World) -> World:
    """Two streams, loaded once; then the ERP changes both."""
    world.stream("orders", "erp_order")
    world.stream("invoices", "erp_invoice")
    world.deliver("orders", "key,number,customer,net_amount\n1,A1,7,10\n2,A2,7,20\n")
    world.deliver("invoices", "key,number,customer,net_amount\n1,R1,7,10\n")
    assert world.sync().status == RunStatus.SUCCEEDED
    world.deliver("orders", "key,number,customer,net_amount\n1,A1,7,11\n2,A2,7,20\n3,A3,8,30\n")
    world.deliver("invoices", "key,number,customer,net_amount\n1,R1,8,99\n2,R2,8,bad\n")
    return world


def state() -> list[object]:
    """Everything a reader could see, and where the next read begins."""
    return [
        list(ErpOrder.objects.order_by("key").values_list("key", "customer", "net_amount", "run", "deleted_at")),
        list(ErpInvoice.objects.order_by("key").values_list("key", "customer", "net_amount", "run", "deleted_at")),
        list(StreamState.objects.order_by("stream").values_list("stream", "cursor", "fingerprint", "as_of", "rows")),
        RejectedRow.objects.count(),
        StreamRun.objects.count(),
    ]


def work(world: World, run: Run, failpoint: str) -> int:
    """Do a run in a process of its own; its exit code."""
    environment = os.environ | {
        "FAILPOINT": failpoint,
        "HUB_CONFIG": str(world.config),
        "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
    }
    command = [sys.executable, "-c", SCRIPT, str(run.pk), connection.settings_dict["NAME"]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=60).returncode


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", PLACES)
def test_a_kill_leaves_the_previous_state_and_the_next_run_completes(delivered: World, place: str) -> None:
    before = state()
    run = request_run(RunKind.SYNC, "main")
    assert work(delivered, run, place) == -9
    assert state() == before
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert [dead.pk for dead in buried()] == [run.pk]
    run.refresh_from_db()
    assert (run.status, run.problem != "") == (RunStatus.DEAD, True)
    successor = Run.objects.get(status=RunStatus.QUEUED)
    assert (successor.attempt, successor.not_before) == (2, None)
    assert work(delivered, successor, "") == 0
    successor.refresh_from_db()
    assert successor.status == RunStatus.PARTIAL
    assert ErpOrder.objects.count() == 3
    assert ErpInvoice.objects.get(key="main:1").customer_id == "main:8"
    assert RejectedRow.objects.count() == 1
    assert warehouse.purge_stages() == []


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_a_kill_before_the_comparison_leaves_the_load_published_and_the_next_one_is_compared(
    delivered: World,
) -> None:
    Reconciliation.objects.all().delete()
    run = request_run(RunKind.SYNC, "main")
    assert work(delivered, run, "before_reconcile") == -9
    run.refresh_from_db()
    assert run.status == RunStatus.PARTIAL
    assert ErpOrder.objects.count() == 3
    assert not Reconciliation.objects.exists()
    delivered.deliver("invoices", "key,number,customer,net_amount\n1,R1,8,98\n2,R2,8,5\n")
    assert work(delivered, request_run(RunKind.SYNC, "main"), "") == 0
    assert Reconciliation.objects.get(stream="main.invoices").agrees


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_the_tick_buries_a_killed_run_and_rings_for_its_successor(delivered: World) -> None:
    run = request_run(RunKind.SYNC, "main")
    work(delivered, run, "before_commit")
    until = time.monotonic() + 20
    while not locks.is_free(locks.run_name(RunKind.SYNC, "main")) and time.monotonic() < until:
        time.sleep(0.1)  # a busy PostgreSQL takes a moment to notice that a client is gone
    done = schedule.tick()
    assert done.buried == (run.pk,)
    assert done.redis_answers
    assert Run.objects.get(status=RunStatus.QUEUED, kind=RunKind.SYNC).attempt == 2
    assert django_settings.RQ_QUEUES["default"]["SERIALIZER"].endswith("JSONSerializer")
