"""Whole syncs of files with changed rows: in order, marked deletions, kills, lines of documents, full files between."""

import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from integration_hub.diagnosis.check import Light
from integration_hub.diagnosis.outside import check_source
from integration_hub.models import ErpOrder, ErpOrderLine, Notice, Run, RunKind, RunStatus, StreamRun, StreamState
from integration_hub.reconcile import reconcile
from integration_hub.runs import bury_dead, request_run, start_run
from tests.integration_hub.warehouse.test_kills import PLACES, ROOT, SCRIPT
from tests.integration_hub.warehouse.world import World, counts

NUMBERED = """delivery = "delta"
full_path = "full_orders*.csv"
sequence = true
trailer = "T,{rows},{sum:net_amount}"
[sources.streams.columns]
gone = { source = "flag", values = { D = "true" }, default = "false" }
"""
HEADER = "key,number,customer,net_amount,source_modified_at,flag"


def put(world: World, name: str, *rows: str) -> Path:
    """A file with the trailer that it should have."""
    total = sum(Decimal(row.split(",")[3] or 0) for row in rows)
    path = world.directory / name
    path.write_text("\n".join([HEADER, *rows, f"T,{len(rows)},{total}"]) + "\n", encoding="utf-8")
    return path


def live() -> dict[str, str]:
    """Keys and amounts of the orders that are there."""
    found = ErpOrder.objects.filter(deleted_at=None).order_by("key")
    return {order.key.partition(":")[2]: f"{order.net_amount:.0f}" for order in found}


@pytest.fixture
def numbered(world: World) -> World:
    world.stream("orders", "erp_order", NUMBERED)
    put(world, "orders_1.csv", "1,A1,7,10,2026-01-05,", "2,A2,7,20,2026-01-05,")
    put(world, "orders_2.csv", "2,A2,7,21,2026-01-04,", "3,A3,8,30,,")
    return world


@pytest.mark.django_db
def test_a_sequence_is_read_in_order_and_the_last_row_counts(numbered: World) -> None:
    run = numbered.sync()
    assert run.status == RunStatus.SUCCEEDED
    # Order of the files, not the stamp: the older stamp came later.
    assert live() == {"1": "10", "2": "21", "3": "30"}
    assert counts(run, "orders") == {"read": 4, "inserted": 3, "duplicates": 1}
    row = StreamRun.objects.get(run_ref=run)
    assert (row.mode, row.note) == ("incremental", "")
    assert not Notice.objects.filter(cleared_at=None).exists()
    put(numbered, "orders_3.csv", "1,A1,7,11,,", "3,,,,,D")
    run = numbered.sync()
    assert live() == {"1": "11", "2": "21"}
    assert ErpOrder.objects.get(key="main:3").gone_reason == "deleted"
    assert counts(run, "orders") == {"read": 2, "updated": 2}


@pytest.mark.django_db
def test_a_run_without_a_new_file_changes_nothing(numbered: World) -> None:
    numbered.sync()
    before = StreamState.objects.get()
    run = numbered.sync()
    assert run.status == RunStatus.SUCCEEDED
    assert not StreamRun.objects.filter(run_ref=run).exists()
    assert StreamState.objects.get().fingerprint == before.fingerprint


@pytest.mark.django_db
def test_a_row_that_came_and_went_within_one_run_is_gone(numbered: World) -> None:
    put(numbered, "orders_3.csv", "2,,,,,D")
    put(numbered, "orders_4.csv", "9,A9,7,90,,")
    numbered.sync()
    assert live() == {"1": "10", "3": "30", "9": "90"}


@pytest.mark.django_db
def test_nothing_is_deleted_because_a_delta_does_not_hold_it(numbered: World) -> None:
    numbered.sync()
    put(numbered, "orders_3.csv", "4,A4,8,40,,")
    run = numbered.sync()
    assert live() == {"1": "10", "2": "21", "3": "30", "4": "40"}
    assert counts(run, "orders") == {"read": 1, "inserted": 1}


@pytest.mark.django_db
def test_a_full_file_removes_what_it_does_not_hold_and_the_sequence_goes_on(numbered: World) -> None:
    numbered.options = "max_deleted_share = 1.0"
    numbered.write()
    numbered.sync()
    put(numbered, "full_orders_3.csv", "1,A1,7,12,,", "5,A5,8,50,,")
    put(numbered, "orders_4.csv", "5,A5,8,55,,")
    run = numbered.sync()
    assert run.status == RunStatus.SUCCEEDED
    assert live() == {"1": "12", "5": "55"}
    assert StreamRun.objects.get(run_ref=run).mode == "snapshot"
    put(numbered, "orders_5.csv", "6,A6,8,60,,")
    numbered.sync()
    assert live() == {"1": "12", "5": "55", "6": "60"}


@pytest.mark.django_db
def test_a_gap_stops_the_run_in_words_and_is_over_when_the_file_comes(numbered: World) -> None:
    numbered.sync()
    put(numbered, "orders_4.csv", "4,A4,8,40,,")
    run = numbered.sync()
    assert run.status == RunStatus.FAILED
    assert "after number 2 comes orders_4.csv, without number 3" in run.problem
    assert "without number 3" in StreamState.objects.get().problem
    assert "4" not in live()
    put(numbered, "orders_3.csv", "3,A3,8,33,,")
    assert numbered.sync().status == RunStatus.SUCCEEDED
    assert live() == {"1": "10", "2": "21", "3": "33", "4": "40"}
    assert StreamState.objects.get().problem == ""


@pytest.mark.django_db
def test_a_file_whose_totals_do_not_agree_is_refused_and_nothing_moves(numbered: World) -> None:
    numbered.sync()
    before = StreamState.objects.get().fingerprint
    path = put(numbered, "orders_3.csv", "3,A3,8,33,,")
    path.write_text(path.read_text().replace("T,1,33", "T,1,34"), encoding="utf-8")
    run = numbered.sync()
    assert run.status == RunStatus.FAILED
    assert 'The last line sums "net_amount" to 34, but the rows add up to 33' in run.problem
    assert StreamState.objects.get().fingerprint == before
    assert live() == {"1": "10", "2": "21", "3": "30"}
    check = next(each for each in check_source("main", "Main ERP") if each.light is Light.AMBER)
    assert "orders_3.csv was refused on 20" in check.finding
    assert "rows add up to 33" in check.finding


@pytest.mark.django_db
def test_everything_can_be_read_anew_and_compared(numbered: World) -> None:
    numbered.sync()
    put(numbered, "orders_3.csv", "3,A3,8,33,,")
    numbered.sync()
    run = numbered.sync(full=True)
    assert counts(run, "orders") == {"read": 5, "unchanged": 3, "duplicates": 2}
    (compared,) = reconcile(start_run(RunKind.RECONCILE, "main"))
    assert compared.detail == ""
    assert compared.source_sums == {"net_amount": {"": "64"}}


@pytest.mark.django_db
def test_lines_of_a_changed_document_are_replaced_and_those_of_others_stay(world: World) -> None:
    world.stream("orders", "erp_order", 'delivery = "delta"')
    world.stream("lines", "erp_order_line", 'delivery = "delta"\nparent = "order"')
    (world.directory / "orders_1.csv").write_text("key,number,customer\nA,A,7\nB,B,7\n")
    (world.directory / "lines_1.csv").write_text("key,order,position\nA1,A,1\nA2,A,2\nB1,B,1\n")
    world.sync()
    # The lines of B are not here yet, though the document is.
    (world.directory / "orders_2.csv").write_text("key,number,customer\nA,A-,7\nB,B-,7\n")
    (world.directory / "lines_2.csv").write_text("key,order,position\nA1,A,9\nA2,A,2\n")
    (world.directory / "lines_3.csv").write_text("key,order,position\nA1,A,8\n")
    assert world.sync().status == RunStatus.SUCCEEDED
    lines = ErpOrderLine.objects.filter(deleted_at=None).order_by("key")
    assert [(line.key, str(line.position)) for line in lines] == [("main:A1", "8"), ("main:B1", "1")]


def work(world: World, run: Run, state: Path, failpoint: str) -> int:
    """Do a run in a process of its own; its exit code."""
    environment = os.environ | {
        "FAILPOINT": failpoint,
        "HUB_CONFIG": str(world.config),
        "STATE_DIR": str(state),
        "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
    }
    command = [sys.executable, "-c", SCRIPT, str(run.pk), connection.settings_dict["NAME"]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=60).returncode


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", [place for place in PLACES if "invoice" not in place])
def test_a_kill_moves_nothing_and_the_next_run_reads_the_same_files_once(
    transactional_db: None, numbered: World, tmp_path: Path, place: str
) -> None:
    state = tmp_path / "state"
    numbered.sync()
    before = StreamState.objects.get().fingerprint
    put(numbered, "orders_3.csv", "1,A1,7,11,,", "3,,,,,D")
    put(numbered, "orders_4.csv", "4,A4,8,40,,")
    assert work(numbered, request_run(RunKind.SYNC, "main"), state, place) == -signal.SIGKILL
    assert StreamState.objects.get().fingerprint == before
    assert live() == {"1": "10", "2": "21", "3": "30"}
    bury_dead()
    assert work(numbered, Run.objects.get(status=RunStatus.QUEUED), state, "") == 0
    assert live() == {"1": "11", "2": "21", "4": "40"}
    assert StreamState.objects.get().fingerprint.endswith("-4")
    kept = sorted(path.name.partition("--")[0] for path in state.glob("archive/main/orders/*/*"))
    assert kept == ["orders_1", "orders_2", "orders_3", "orders_4"]
