"""An ERP rings for one document of a database: it is read by its key, and nothing else of the ERP is."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from integration_hub import jobs
from integration_hub.models import (
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    RejectedRow,
    Ring,
    Run,
    RunKind,
    RunStatus,
    StreamState,
)
from integration_hub.staging import BY_KEY
from integration_hub.timing import bell, pauses
from integration_hub.timing.due import began_at
from integration_hub.timing.items import find
from integration_hub.timing.states import State, standings
from tests.erp.database import worlds
from tests.erp.database.worlds import Database, counts
from tests.integration_hub.warehouse import world as told

NUMBERS = count()
SECRET = "s3cret-" + "x" * 40
ORDERS = """
[[sources.streams]]
name = "orders"
target = "erp_order"
cursor = "changed"
query = "select no, debtor, net, changed from so"
columns = { key = "no", number = "no", customer = "debtor", net_amount = "net", currency = { constant = "EUR" } }
[[sources.streams]]
name = "order_lines"
target = "erp_order_line"
parent = "order"
cursor = "changed"
query = "select i.no, i.pos, i.net, o.changed from item as i join so as o using (no)"
columns = { key = { source = ["no", "pos"] }, order = "no", position = "pos", net_amount = "net" }
[[sources.streams]]
name = "open_items"
target = "erp_open_item"
query = "select plant, no, bill, amount from rec"
[sources.streams.columns]
key = { source = ["plant", "no"], separator = "-" }
invoice = "bill"
amount = "amount"
open_amount = "amount"
currency = { constant = "EUR" }
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = "select bill, net from inv"
columns = { key = { source = ["bill"], strip_zeros = true }, net_amount = "net", currency = { constant = "EUR" } }
"""
AT, LATER = "2026-03-01 10:00:00", "2026-02-01 10:00:00"


@pytest.fixture(params=["sqlite", "postgresql"])
def erp(
    request: pytest.FixtureRequest, db: None, hub_config: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """Three orders and what belongs to them, loaded; the ERP has a bell."""
    monkeypatch.setenv("BELL", SECRET)
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    told.TOLD.clear()
    folder = hub_config.parent
    world = worlds.postgresql_world() if request.param == "postgresql" else worlds.sqlite_world(folder)
    with world as found:
        found.options = 'webhook_secret = "${BELL}"\nmax_deleted_share = 0.5'
        for table in (
            "create table so (no bigint primary key, debtor varchar(20), net {money}, changed {instant})",
            "create table item (no bigint, pos int, net {money})",
            "create table rec (plant varchar(4), no int, bill varchar(20), amount {money})",
            "create table inv (bill varchar(20), net {money})",
        ):
            found.write(table)
        found.write("insert into so values (?, ?, ?, ?)", [(n, f"c{n}", 30, AT) for n in (1, 2, 3)])
        found.write("insert into item values (?, ?, ?)", [(n, pos, 10 * pos) for n in (1, 2, 3) for pos in (1, 2)])
        found.write("insert into rec values (?, ?, ?, ?)", [("A", 1, "7", 5), ("B", 1, "7", 6)])
        found.write("insert into inv values (?, ?)", [("0007", 11)])
        found.configure(hub_config, ORDERS)
        assert found.sync().status == RunStatus.SUCCEEDED
        told.TOLD.clear()
        yield found


def ring(*documents: tuple[str, Any]) -> dict[str, Any]:
    """What the bell answers. A number makes each ring another one, also within a second."""
    told = {"documents": [{"stream": stream, "key": key} for stream, key in documents], "number": next(NUMBERS)}
    body, stamp = json.dumps(told).encode(), str(int(timezone.now().timestamp()))
    headers = {bell.TIMESTAMP: stamp, bell.SIGNATURE: bell.sign(SECRET, stamp, body)}
    answer = Client().post(reverse("hook", args=["main"]), body, content_type="application/json", headers=headers)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


def done(pk: int) -> Run:
    """The run, done in this process."""
    jobs.execute(pk)
    return Run.objects.get(pk=pk)


def test_a_ring_reads_one_document_with_its_lines_and_moves_no_cursor(erp: Database, admin_client: Client) -> None:
    # Everything changed, without a change mark that a short read would see.
    erp.write("update so set net = 47, changed = ?", [(LATER,)])
    erp.write("update item set net = 47 where pos = 1")
    erp.write("delete from item where pos = 2")
    before = list(StreamState.objects.order_by("pk").values("pk", "cursor", "as_of", "full_as_of", "fingerprint"))
    sync = find("sync main")
    assert sync is not None
    began = began_at(sync)
    answer = ring(("orders", 2))
    assert answer == {"run": answer["run"], "documents": 1, "by_key": 1, "streams": []}
    run = done(answer["run"])
    assert run.status == RunStatus.SUCCEEDED, run.problem
    assert counts(run, "orders") == {"read": 1, "updated": 1}
    assert counts(run, "order_lines") == {"read": 1, "updated": 1, "deleted": 1}
    assert {stream.mode for stream in run.streams.all()} == {BY_KEY}
    assert dict(ErpOrder.objects.values_list("key", "net_amount")) == {"main:1": 30, "main:2": 47, "main:3": 30}
    assert set(ErpOrderLine.objects.live().filter(order="main:2").values_list("key", flat=True)) == {"main:2/1"}
    assert [told.customers for told in told.TOLD] == [{"main:c2"}], "nobody else is computed anew"
    assert (
        list(StreamState.objects.order_by("pk").values("pk", "cursor", "as_of", "full_as_of", "fingerprint")) == before
    )
    assert began_at(sync) == began, "it does not stand for the next sync"
    assert {each.cursor_before for each in run.streams.all()} == {each.cursor_after for each in run.streams.all()}
    page = admin_client.get(reverse("run", args=[run.pk])).content.decode()
    assert "Rung for 1\u00a0document" in page
    assert "orders 2" in page
    assert "Written by this run" in page


def test_what_is_not_there_is_not_taken_for_gone(erp: Database, admin_client: Client) -> None:
    erp.write("delete from so where no = 2")
    run = done(ring(("orders", 2), ("orders", "x' or 1=1"), ("orders", 10**30), ("orders", 3))["run"])
    assert run.status == RunStatus.SUCCEEDED, run.problem
    assert counts(run, "orders") == {"read": 1, "unchanged": 1}
    assert ErpOrder.objects.live().count() == 3
    note = run.streams.get(stream="main.orders").note
    assert "4 documents were asked for by key; 3 are not there and stay as they are here, until a whole read" in note
    page = admin_client.get(reverse("run", args=[run.pk])).content.decode()
    assert "Not here" in page
    assert "As it was" in page
    assert erp.sync(full=True).status == RunStatus.SUCCEEDED
    assert ErpOrder.objects.live().count() == 2


def test_a_rung_document_is_checked_as_ever(erp: Database) -> None:
    erp.write("update so set net = 31 where no = 1")
    erp.write("update so set debtor = 'c9' where no = 2")
    run = done(ring(("orders", 1), ("orders", 2))["run"])
    assert run.status == RunStatus.PARTIAL
    assert "quarantine" in run.problem
    assert ErpOrder.objects.get(key="main:1").net_amount == 30
    assert ErpOrder.objects.get(key="main:2").customer_id == "main:c9"
    assert RejectedRow.objects.filter(stream="main.orders", key="main:1", resolved_at=None).exists()
    assert "in quarantine" in StreamState.objects.get(pk="main.orders").problem
    erp.write("update so set net = 30 where no = 1")
    assert done(ring(("orders", 1))["run"]).status == RunStatus.SUCCEEDED
    assert not RejectedRow.objects.filter(resolved_at=None).exists()
    assert StreamState.objects.get(pk="main.orders").problem == ""


def test_a_key_of_several_columns_is_taken_apart_and_what_cannot_be_asked_for_is_read_with_its_stream(
    erp: Database,
) -> None:
    erp.write("update rec set amount = 9")
    answer = ring(("open_items", "B-1"))
    assert (answer["by_key"], answer["streams"]) == (1, [])
    assert done(answer["run"]).status == RunStatus.SUCCEEDED
    assert dict(ErpOpenItem.objects.values_list("key", "open_amount")) == {"main:A-1": 5, "main:B-1": 9}
    # Zeros are stripped from this key, and that key can be taken apart in two ways; lines are no documents.
    for stream, key in (("invoices", "7"), ("open_items", "B-1-1"), ("order_lines", "1/1")):
        answer = ring((stream, key))
        assert answer["by_key"] == 0
        assert stream in answer["streams"]
        run = done(answer["run"])
        assert run.status == RunStatus.SUCCEEDED, run.problem
        assert {each.stream.partition(".")[2] for each in run.streams.all()} == set(answer["streams"])
    assert dict(ErpOpenItem.objects.values_list("key", "open_amount")) == {"main:A-1": 9, "main:B-1": 9}


def test_a_thousand_rings_for_one_key_are_one_read(erp: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(250):
        ring(("orders", 1), ("orders", 2))
    waiting = Run.objects.get(status=RunStatus.QUEUED)
    assert waiting.options == {"rung": True, "documents": {"orders": ["1", "2"]}}
    assert Ring.objects.filter(run_ref=waiting).count() == 250
    assert counts(done(waiting.pk), "orders") == {"read": 2, "unchanged": 2}
    # Of very many documents the changed rows of the stream are read, and what waits stays small.
    monkeypatch.setattr(bell, "MOST_AT_ONCE", 10)
    for start in range(0, 30, 6):
        answer = ring(*(("orders", start + number) for number in range(6)))
    assert answer["streams"] == ["order_lines", "orders"]
    assert Run.objects.get(status=RunStatus.QUEUED).options == {"rung": True, "streams": ["order_lines", "orders"]}


def test_a_paused_stream_is_not_read_and_rings_do_not_hide_that_its_source_failed(erp: Database) -> None:
    pauses.pause("sync main.orders", by="ana", reason="Year end", now=timezone.now())
    erp.write("update so set debtor = 'c9'")
    erp.write("update rec set amount = 9")
    failed = Run.objects.create(
        kind=RunKind.SYNC, subject="main", status=RunStatus.FAILED, problem="Down.", finished_at=timezone.now()
    )
    run = done(ring(("orders", 1), ("open_items", "A-1"))["run"])
    assert run.status == RunStatus.SUCCEEDED, run.problem
    assert [each.stream for each in run.streams.all()] == ["main.open_items"]
    assert ErpOrder.objects.get(key="main:1").customer_id == "main:c1"
    standing = next(each for each in standings(timezone.now()) if each.item.name == "sync main")
    assert (standing.state, standing.last) == (State.FAILED, failed)


def test_what_was_never_loaded_is_read_as_a_stream(erp: Database) -> None:
    StreamState.objects.filter(pk="main.order_lines").delete()
    answer = ring(("orders", 1), ("open_items", "A-1"))
    assert (answer["by_key"], answer["streams"]) == (1, ["order_lines", "orders"])
    run = done(answer["run"])
    assert run.status == RunStatus.SUCCEEDED, run.problem
    modes = {each.stream: each.mode for each in run.streams.all()}
    assert modes["main.open_items"] == BY_KEY
    assert modes["main.order_lines"] == "snapshot"
