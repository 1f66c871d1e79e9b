"""Rejected rows are tried again from what was stored of them: they load, stay with a new reason, or are overtaken."""

from decimal import Decimal

import pytest

from integration_hub.jobs import finish
from integration_hub.models import (
    ErpInvoice,
    ErpInvoiceLine,
    ErpOrder,
    RejectedRow,
    ReplayOutcome,
    Run,
    RunKind,
    RunRow,
    RunStatus,
    StreamState,
)
from integration_hub.replay import by_source, open_rows, request_replay
from integration_hub.runs import start_run
from tests.integration_hub.warehouse.world import TOLD, World, counts

ORDERS = "key,number,customer,currency,net_amount,status,source_modified_at"
MAPPED = '[sources.streams.columns]\nstatus = { source = "status", values = { O = "open" } }'
WIDER = '[sources.streams.columns]\nstatus = { source = "status", values = { O = "open", X = "cancelled" } }'


@pytest.fixture
def orders(world: World) -> World:
    """Two orders, of which one has a status that the value map does not know; loaded."""
    world.options = "max_rejected_share = 0.9"
    world.stream("orders", "erp_order", MAPPED)
    world.deliver("orders", f"{ORDERS}\n1,A1,7,EUR,10,O,2026-01-01T10:00:00Z\n2,A2,8,EUR,20,X,2026-01-01T10:00:00Z")
    assert world.sync().status == RunStatus.PARTIAL
    return world


def replayed() -> Run:
    """A replay of everything that is open, which must work."""
    run: Run = finish(start_run(RunKind.REPLAY, "main", options={"rows": by_source(open_rows())["main"]}))
    assert run.status in {RunStatus.SUCCEEDED, RunStatus.PARTIAL}, run.problem
    return run


def test_a_row_loads_once_the_mapping_knows_it_and_the_cursor_stays_where_it_is(orders: World) -> None:
    before = StreamState.objects.get()
    orders.stream("orders", "erp_order", WIDER)
    TOLD.clear()
    run = replayed()
    assert (run.status, counts(run, "orders")) == (RunStatus.SUCCEEDED, {"read": 1, "inserted": 1})
    assert ErpOrder.objects.get(key="main:2").net_amount == Decimal(20)
    row = RejectedRow.objects.get()
    assert (row.outcome, row.replays, row.replayed_by) == (ReplayOutcome.LOADED, 1, run.pk)
    assert row.resolved_at is not None
    after = StreamState.objects.get()
    assert (after.cursor, after.as_of, after.fingerprint) == (before.cursor, before.as_of, before.fingerprint)
    assert (after.rows, after.problem) == (2, ""), "it is no gap any more"
    assert TOLD[0].customers == {"main:8"}, "its customer is rolled up again"
    assert list(RunRow.objects.filter(run_ref=run).values_list("change", "key")) == [("inserted", "main:2")]


def test_a_row_that_still_does_not_fit_stays_open_with_the_reason_of_now(orders: World) -> None:
    RejectedRow.objects.update(record={**RejectedRow.objects.get().record, "status": "O", "net_amount": "twenty"})
    run = replayed()
    row = RejectedRow.objects.get()
    assert run.status == RunStatus.PARTIAL
    assert (row.resolved_at, row.replays, row.column, row.reason) == (None, 1, "net_amount", '"twenty" is not a number')
    assert row.run_ref != run, "it stays in the list of the run that rejected it"


@pytest.mark.parametrize(
    ("stamp", "net", "outcome"),
    [("2026-01-02T10:00:00Z", 25, "overtaken"), ("2025-12-31T10:00:00Z", 20, "loaded"), ("", 25, "overtaken")],
)
def test_an_older_record_never_overwrites_a_newer_row(orders: World, stamp: str, net: int, outcome: str) -> None:
    orders.stream("orders", "erp_order", WIDER)
    # The row came again meanwhile, but nobody resolved the rejected one: as after a restored backup of the ledger.
    orders.deliver("orders", f"{ORDERS}\n1,A1,7,EUR,10,O,2026-01-01T10:00:00Z\n2,A2,8,EUR,25,O,{stamp}")
    assert orders.sync().status == RunStatus.SUCCEEDED
    RejectedRow.objects.update(resolved_at=None)
    run = replayed()
    assert run.status == RunStatus.SUCCEEDED
    assert ErpOrder.objects.get(key="main:2").net_amount == net
    assert RejectedRow.objects.get().outcome == outcome
    if outcome == "overtaken":
        assert run.streams.get().note == "1 record was older than what is here by now, and left out."


def test_a_row_that_has_left_the_source_since_does_not_come_back(orders: World) -> None:
    orders.options += "\nmax_deleted_share = 1.0"
    orders.stream("orders", "erp_order", WIDER)
    assert orders.sync(full=True).status == RunStatus.SUCCEEDED
    orders.deliver("orders", f"{ORDERS}\n1,A1,7,EUR,10,O,2026-01-01T10:00:00Z")
    orders.sync()
    RejectedRow.objects.update(resolved_at=None)
    replayed()
    assert ErpOrder.objects.get(key="main:2").deleted_at is not None
    assert RejectedRow.objects.get().outcome == ReplayOutcome.OVERTAKEN


INVOICES = "key,number,customer,currency,net_amount,gross_amount\n1,R1,7,EUR,100.00,119.00\n2,R2,7,EUR,50.00,59.50\n"
LINES = "key,invoice,position,net_amount\n1/1,1,1,60.00\n1/2,1,2,30.00\n2/1,2,1,50.00\n"


@pytest.fixture
def invoices(world: World) -> World:
    """Two invoices; the lines of the first add up to 10.00 less than it says, so it waits in quarantine."""
    world.options = "max_deleted_share = 1.0\nmax_rejected_share = 0.9"
    world.stream("invoices", "erp_invoice")
    world.stream("lines", "erp_invoice_line", 'parent = "invoice"')
    world.deliver("invoices", INVOICES)
    world.deliver("lines", LINES)
    assert world.sync().status == RunStatus.PARTIAL
    assert RejectedRow.objects.filter(resolved_at=None).count() == 3
    return world


def test_a_document_in_quarantine_is_tried_whole_whichever_of_its_rows_was_asked_for(invoices: World) -> None:
    line = RejectedRow.objects.filter(key="main:1/1")
    again: Run = finish(start_run(RunKind.REPLAY, "main", options={"rows": by_source(line)["main"]}))
    assert (again.status, set(RejectedRow.objects.values_list("replays", flat=True))) == (RunStatus.PARTIAL, {1})
    assert not ErpInvoice.objects.filter(key="main:1").exists()
    invoices.options += '\nsum_tolerance = "10"'
    invoices.write()
    run: Run = finish(start_run(RunKind.REPLAY, "main", options={"rows": by_source(line)["main"]}))
    assert (run.status, counts(run, "lines")) == (RunStatus.SUCCEEDED, {"read": 2, "inserted": 2})
    assert ErpInvoice.objects.live().count() == 2
    assert not RejectedRow.objects.filter(resolved_at=None).exists()


def test_lines_of_an_older_version_of_a_document_are_not_put_beside_the_newer_one(invoices: World) -> None:
    invoices.deliver("lines", "key,invoice,position,net_amount\n1/1,1,1,100.00\n2/1,2,1,50.00\n")
    assert invoices.sync(full=True).status == RunStatus.SUCCEEDED
    # A line that the corrected document no longer has still waits.
    RejectedRow.objects.filter(key="main:1/2").update(resolved_at=None)
    replayed()
    assert RejectedRow.objects.get(key="main:1/2").outcome == ReplayOutcome.OVERTAKEN
    assert set(ErpInvoiceLine.objects.live().values_list("key", flat=True)) == {"main:1/1", "main:2/1"}


def test_two_requests_become_one_run_that_tries_the_rows_of_both(invoices: World) -> None:
    first, second = RejectedRow.objects.filter(key="main:1/1"), RejectedRow.objects.filter(key="main:1/2")
    (run,) = request_replay(first, by="alice")
    (same,) = request_replay(second, by="bob")
    assert run == same
    assert same.options["rows"] == sorted([first.get().pk, second.get().pk])
    assert same.requested_by == "alice"
