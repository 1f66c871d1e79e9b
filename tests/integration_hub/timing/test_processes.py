"""Real processes that are killed: of three schedulers another one goes on, and a dead worker's run is taken over."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from integration_hub import locks
from integration_hub.models import ErpOrder, Run, RunKind, RunStatus
from integration_hub.runs import request_run
from integration_hub.schedule import LEAD
from tests.integration_hub.warehouse.test_kills import work
from tests.integration_hub.warehouse.world import World

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[3]
SOON, STARTED = 5.0, 60.0
SCRIPT = """
import sys
from django.conf import settings
database = settings.DATABASES["default"]
database["NAME"], database["OPTIONS"]["application_name"] = sys.argv[1], sys.argv[2]
import django
django.setup()
settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
from django.core.management import call_command
call_command(*sys.argv[3:])
"""
SCHEDULER = ("scheduler",)
WORKER = ("rqworker", "default", "--serializer", "rq.serializers.JSONSerializer")


@contextmanager
def processes(world: World, commands: dict[str, tuple[str, ...]]) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Management commands in processes of their own, by name; whatever is left at the end is killed."""
    environment = os.environ | {"HUB_CONFIG": str(world.config), "DJANGO_SETTINGS_MODULE": "integration_hub.settings"}
    database = connection.settings_dict["NAME"]
    started = {
        name: subprocess.Popen(
            [sys.executable, "-c", SCRIPT, database, name, *command],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for name, command in commands.items()
    }
    try:
        yield started
    finally:
        for process in started.values():
            process.kill()
            process.wait()


def waited(seconds: float, is_so: Callable[[], object]) -> float:
    """Seconds until something is so; fails when it takes longer."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def leaders() -> list[str]:
    """Names of the processes that hold the lead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select application_name from pg_locks join pg_stat_activity using (pid)"
            " where locktype = 'advisory' and classid = %s and objid = %s and granted"
            " and pg_locks.database = (select oid from pg_database where datname = current_database())",
            [locks.SPACE, locks._number(LEAD) % 2**32],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def orders(transactional_db: None, world: World) -> World:
    """An ERP with one stream."""
    world.stream("orders", "erp_order")
    world.deliver("orders", "key,number\n1,A1\n")
    return world


def test_of_three_schedulers_one_works_and_another_goes_on_within_seconds_of_its_death(orders: World) -> None:
    syncs = Run.objects.filter(kind=RunKind.SYNC, subject="main")
    with processes(orders, {f"scheduler-{number}": SCHEDULER for number in range(3)}) as started:
        waited(STARTED, syncs.exists)
        for _ in range(2):
            (leader,) = leaders()
            # Everything is due again, for whoever looks next.
            syncs.delete()
            started.pop(leader).kill()
            taken = waited(SOON, syncs.exists)
            assert leaders() != [leader]
            sys.stdout.write(f"another scheduler ticked {taken:.1f} s after the kill\n")
        assert len(leaders()) == 1


def test_a_scheduler_that_hangs_loses_the_lead_and_lives_on_without_it(
    orders: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = orders.directory / "systemd"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    syncs = Run.objects.filter(kind=RunKind.SYNC, subject="main")
    command = ("scheduler", "--silent", "3")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        processes(orders, {"one": command, "two": command}) as started,
    ):
        systemd.bind(str(address))
        systemd.settimeout(STARTED)
        told = {systemd.recv(100) for _ in range(4)}
        assert told == {b"READY=1", b"WATCHDOG=1"}
        waited(STARTED, syncs.exists)
        waited(STARTED, lambda: len(leaders()) == 1)
        (leader,) = leaders()
        other = ({"one", "two"} - {leader}).pop()
        syncs.delete()
        started[leader].send_signal(signal.SIGSTOP)
        taken = waited(3 + 2 * SOON, syncs.exists)
        sys.stdout.write(f"another scheduler ticked {taken:.1f} s after the other froze\n")
        assert leaders() == [other]
        started[leader].send_signal(signal.SIGCONT)
        # It notices that it leads no more, and takes over again when it is its turn.
        started[other].kill()
        waited(SOON, lambda: leaders() == [leader])
        assert started[leader].poll() is None


def test_the_run_of_a_killed_worker_is_taken_over_within_seconds(orders: World) -> None:
    with processes(orders, {"scheduler": SCHEDULER, "worker": WORKER}) as started:
        first = Run.objects.filter(kind=RunKind.SYNC, status=RunStatus.SUCCEEDED)
        waited(STARTED, first.exists)
        waited(STARTED, lambda: not Run.objects.filter(status__in=(RunStatus.QUEUED, RunStatus.RUNNING)).exists())
        orders.deliver("orders", "key,number\n1,A1\n2,A2\n")
        # Another worker takes it, and dies at it. The live one is not told of it: its bell is not rung.
        started["scheduler"].send_signal(signal.SIGSTOP)
        run = Run.objects.create(kind=RunKind.SYNC, subject="main")
        assert work(orders, run, "before_publish") == -9
        started["scheduler"].send_signal(signal.SIGCONT)
        noticed = waited(SOON, lambda: Run.objects.filter(pk=run.pk, status=RunStatus.DEAD).exists())
        successor = Run.objects.filter(kind=RunKind.SYNC, attempt=2)
        taken = noticed + waited(SOON, lambda: successor.filter(started_at__isnull=False).exists())
        assert taken < SOON
        sys.stdout.write(f"noticed {noticed:.1f} s, taken over {taken:.1f} s after the kill\n")
        waited(STARTED, lambda: successor.filter(status=RunStatus.SUCCEEDED).exists())
    assert ErpOrder.objects.count() == 2
    assert request_run(RunKind.SYNC, "main").attempt == 1
