"""What a run keeps beside its counts: the keys behind each number, and how many bytes it read."""

from collections import Counter

import pytest
from django.core.management import call_command

from integration_hub import run_lists
from integration_hub.models import RejectedRow, Run, RunRow, RunStatus, StreamRun
from tests.integration_hub.warehouse.world import World, counts

ORDERS = "key,number,currency,net_amount"


@pytest.fixture
def orders(world: World) -> World:
    world.options = "max_deleted_share = 1.0\nmax_rejected_share = 0.9"
    world.stream("orders", "erp_order")
    world.deliver("orders", f"{ORDERS}\n1,A1,EUR,10\n2,A2,EUR,20\n3,A3,EUR,30")
    assert world.sync().status == RunStatus.SUCCEEDED
    world.deliver("orders", f"{ORDERS}\n1,A1,EUR,10\n2,A2,EUR,25\n4,A4,EUR,40\n4,A4,EUR,41\n5,A5,EUR,50")
    return world


def listed(run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for change, key in RunRow.objects.filter(run_ref=run).order_by("key").values_list("change", "key"):
        found.setdefault(change, []).append(key)
    return found


def test_every_number_has_a_list_of_exactly_its_rows(orders: World) -> None:
    run = orders.sync()
    assert counts(run, "orders") == {
        "read": 5,
        "inserted": 2,
        "updated": 1,
        "unchanged": 1,
        "deleted": 1,
        "duplicates": 1,
    }
    assert listed(run) == {
        "inserted": ["main:4", "main:5"],
        "updated": ["main:2"],
        "deleted": ["main:3"],
        "duplicate": ["main:4"],
    }
    again = orders.sync(full=True)
    assert Counter(listed(again)) == {"duplicate": ["main:4"]}, "nothing was written"


def test_a_number_that_is_too_large_has_no_list_rather_than_half_of_one(
    orders: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_lists, "MOST_LISTED", 1)
    orders.deliver("orders", f"{ORDERS}\n4,A4,EUR,40\n5,A5,EUR,50")
    run = orders.sync()
    assert counts(run, "orders") == {"read": 2, "inserted": 2, "deleted": 3}
    assert listed(run) == {}


def test_bytes_are_counted_as_they_are_read(orders: World) -> None:
    run = orders.sync()
    body = (orders.directory / "orders.csv").read_bytes().partition(b"\n")[2]
    row = StreamRun.objects.get(run_ref=run)
    assert (row.bytes_read, row.api_calls) == (len(body), 0)


def test_the_command_line_tries_open_rows_again_and_says_what_became_of_them(
    orders: World, capsys: pytest.CaptureFixture[str]
) -> None:
    orders.deliver("orders", f"{ORDERS}\n1,A1,EUR,10\n2,A2,QQQ,25")
    run = orders.sync()
    call_command("replay", source="main", stream="orders")
    assert "0 of 1 rejected rows are resolved, 1 stay." in capsys.readouterr().out
    row = RejectedRow.objects.get()
    RejectedRow.objects.update(record={**row.record, "currency": "EUR"})
    call_command("replay", run=run.pk)
    assert "1 of 1 rejected rows are resolved, 0 stay." in capsys.readouterr().out
    call_command("replay")
    assert "No rejected row is open there." in capsys.readouterr().out
