"""A read page by page goes on after a kill, misses nothing that changed meanwhile, and no change that came late."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from integration_hub import warehouse
from integration_hub.config import Column
from integration_hub.models import ErpOrder, ReadCheckpoint, Run, RunKind, RunStatus
from integration_hub.runs import request_run
from integration_hub.sources import SourceProblem
from tests.erp.database.worlds import Database, counts, read, stream
from tests.integration_hub.warehouse.test_kills import buried

pytestmark = pytest.mark.chaos

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import django, sys
django.setup()
from django.conf import settings
settings.PUBLISH_HOOKS = []
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from integration_hub.jobs import execute
execute(int(sys.argv[1]))
"""
ORDERS = """
[[sources.streams]]
name = "orders"
target = "erp_order"
query = "select no, total, changed from so"
key_column = "no"
cursor = "changed"
overlap_minutes = 30
columns = { key = "no", number = "no", net_amount = "total", source_modified_at = "changed" }
"""


def filled(world: Database, hub_config: Path, rows: int = 25) -> Database:
    world.write("create table so (no integer primary key, total {money}, changed {instant})")
    world.write(
        "insert into so values (?, ?, ?)", [(n, str(n), f"2026-03-01 10:{n:02}:00") for n in range(1, rows + 1)]
    )
    world.options = "page_rows = 10"
    world.configure(hub_config, ORDERS)
    return world


def work(hub_config: Path, run: Run, failpoint: str) -> int:
    """Do a run in a process of its own; its exit code."""
    environment = os.environ | {
        "FAILPOINT": failpoint,
        "HUB_CONFIG": str(hub_config),
        "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
    }
    command = [sys.executable, "-c", SCRIPT, str(run.pk), connection.settings_dict["NAME"]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=60).returncode


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("portion", [1, 2, 3, 4])
def test_an_interrupted_read_goes_on_and_sees_what_changed_in_the_pages_before(database, hub_config, portion):
    filled(database, hub_config)
    run = request_run(RunKind.SYNC, "main")
    assert work(hub_config, run, f"after_portion:orders:{portion}") == -9
    assert not ErpOrder.objects.exists()
    left = ReadCheckpoint.objects.get()
    assert left.rows == {1: 0, 2: 10, 3: 20, 4: 25}[portion]
    database.write("update so set total = 100, changed = '2026-03-01 11:00:00' where no in (3, 24)")
    database.write("insert into so values (?, ?, ?)", [(0, "7", "2026-03-01 11:00:00"), (26, "8", None)])
    assert [dead.pk for dead in buried()] == [run.pk]
    successor = Run.objects.get(status=RunStatus.QUEUED)
    assert work(hub_config, successor, "") == 0
    successor.refresh_from_db()
    assert successor.status in {RunStatus.SUCCEEDED, RunStatus.PARTIAL}, successor.problem
    again = database.sync()
    assert again.status == RunStatus.SUCCEEDED
    found = dict(ErpOrder.objects.filter(deleted_at=None).values_list("number", "net_amount"))
    assert len(found) == 27
    assert {name: int(found[name]) for name in ("0", "3", "24", "25", "26")} == {
        "0": 7, "3": 100, "24": 100, "25": 25, "26": 8
    }  # fmt: skip
    assert warehouse.purge_stages() == []


def test_pages_hold_every_row_once_also_those_without_a_key(database):
    database.write("create table so (no varchar(20), kunde varchar(20))")
    rows = [(None, "x"), ("b", "1"), ("a", "2"), ("c", "3"), (None, "y"), ("d", "4")]
    database.write("insert into so values (?, ?)", rows)
    for size in (1, 2, 3, 4, 100):
        source = database.source(page_rows=size)
        lines = read(source, stream("select * from so", key_column="no"))
        assert sorted(lines) == ["\\N\tx", "\\N\ty", "a\t2", "b\t1", "c\t3", "d\t4"]
        source.close()


def test_a_key_column_that_is_not_unique_is_refused_before_a_row_is_lost(database):
    database.write("create table so (no varchar(20), kunde varchar(20))")
    database.write("insert into so values (?, ?)", [("a", str(number)) for number in range(5)])
    with pytest.raises(SourceProblem, match='column "no" of "orders" is not unique'):
        read(database.source(page_rows=2), stream("select * from so", key_column="no"))


@pytest.mark.parametrize("first", [-5, 2**62])
def test_pages_follow_numbers_as_numbers(database, first):
    database.write("create table so (no bigint primary key)")
    database.write("insert into so values (?)", [(first + n,) for n in range(12)])
    lines = read(database.source(page_rows=5), stream("select no from so", key_column="no"))
    assert lines == [str(first + n) for n in range(12)]


@pytest.mark.django_db
def test_a_change_that_is_committed_late_is_found_by_the_overlap(database, hub_config):
    filled(database, hub_config, rows=3)
    assert counts(database.sync(), "orders")["inserted"] == 3
    # Stamped before the newest row that was read, and visible only now.
    database.write(
        "insert into so values (?, ?, ?)", [(4, "4", "2026-03-01 09:40:00"), (5, "5", "2026-03-01 09:20:00")]
    )
    run = database.sync()
    assert run.status == RunStatus.SUCCEEDED
    assert counts(run, "orders") == {"read": 4, "inserted": 1, "unchanged": 3}
    assert counts(database.sync(full=True), "orders")["inserted"] == 1


def test_a_transaction_that_is_still_open_is_not_in_the_snapshot_and_comes_with_the_next(maria):
    maria.write("create table so (no integer primary key, changed datetime(6))")
    maria.write("insert into so values (?, ?)", [(1, "2026-03-01 10:00:00")])
    wanted = stream("select no, changed from so order by no", cursor="changed", columns={"key": Column(source=("no",))})
    late = maria.connection.cursor()
    late.execute("insert into so values (2, '2026-03-01 09:59:30')")
    source = maria.source()
    assert [line[0] for line in read(source, wanted)] == ["1"]
    maria.connection.commit()
    assert [line[0] for line in read(source, wanted)] == ["1"]
    source.close()
    assert [line[0] for line in read(source, wanted, "2026-03-01 10:00:00.000000")] == ["1", "2"]
