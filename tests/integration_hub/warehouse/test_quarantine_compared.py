"""What is compared while a document waits in quarantine: its rows that were not sent again are compared as ever."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings

from integration_hub import reconcile as reconciling
from integration_hub.models import ErpInvoiceLine, ErpOpenItem, Reconciliation, Run, RunKind
from integration_hub.reconcile import reconcile
from integration_hub.runs import start_run
from tests.integration_hub.warehouse.world import SQL_ERP
from tests.integration_hub.warehouse.world import brought_up_to_date as sync

CONFIG = (
    SQL_ERP
    + """[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = "select no, day, 'EUR' as currency, net, changed from rq_invoice"
cursor = "changed"
columns = { key = "no", issued_on = "day", net_amount = "net", currency = "currency", source_modified_at = "changed" }
[[sources.streams]]
name = "lines"
target = "erp_invoice_line"
parent = "invoice"
query = "select no || '/' || place as id, no, place, net, changed from rq_line"
cursor = "changed"
columns = { key = "id", invoice = "no", position = "place", net_amount = "net", source_modified_at = "changed" }
[[sources.streams]]
name = "items"
target = "erp_open_item"
query = "select no || 'a' as id, no, day, 'EUR' as currency, net, changed from rq_item"
CURSOR
columns = { key = "id", invoice = "no", due_on = "day", currency = "currency", amount = "net", open_amount = "net" }
"""
)


@pytest.fixture(params=["", 'cursor = "changed"'], ids=["items as a whole", "items by mark"])
def erp(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings, db: None) -> Iterator[psycopg.Connection]:
    """The ERP's own connection: three invoices of a line and an open item each."""
    path = tmp_path / "hub.toml"
    path.write_text(CONFIG.replace("CURSOR", request.param), encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    known = "changed timestamptz default '2026-09-01 12:00+00'"
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"], autocommit=True) as connection:
        for statement in (
            "drop table if exists rq_invoice, rq_line, rq_item",
            f"create table rq_invoice (no text primary key, day date, net numeric(12,2), {known})",
            f"create table rq_line (no text, place int, net numeric(12,2), {known})",
            f"create table rq_item (no text, day date, net numeric(12,2), {known})",
            "insert into rq_invoice values ('1', '2026-08-01', 100), ('2', '2026-08-02', 50), ('3', '2026-08-03', 7)",
            "insert into rq_line select no, 1, net from rq_invoice",
            "insert into rq_item select no, day + 30, net from rq_invoice",
            "grant select on rq_invoice, rq_line, rq_item to erp_reader",
        ):
            connection.execute(statement)
        try:
            yield connection
        finally:
            connection.execute("drop table rq_invoice, rq_line, rq_item")


def told(run: Run) -> dict[str, tuple[object, ...]]:
    """Rows at the source and here, rows in quarantine, whether they agree, and the sums of both sides, by stream."""
    return {
        each.stream: (
            each.source_rows,
            each.mirror_rows,
            each.waiting,
            each.agrees,
            each.detail,
            each.source_sums,
            each.mirror_sums,
        )
        for each in Reconciliation.objects.filter(run_ref=run)
    }


def on_demand(monkeypatch: pytest.MonkeyPatch, *, by_hashes: bool) -> dict[str, tuple[object, ...]]:
    """A comparison that somebody asked for."""
    run = start_run(RunKind.RECONCILE, "main")
    with monkeypatch.context() as patch:
        if not by_hashes:
            patch.setattr(reconciling, "compared_by_hashes", lambda *_: None)
        reconcile(run)
    return told(run)


def test_rows_that_were_not_sent_again_are_no_difference_while_their_document_waits(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    # An item that lies so far back is not read again with the changed ones.
    erp.execute("insert into rq_item values ('4', '2026-09-30', 0, '2026-09-20')")
    sync()
    sync()
    erp.execute("update rq_line set net = 90, changed = '2026-09-25' where no = '1'")
    erp.execute("update rq_invoice set changed = '2026-09-25' where no = '1'")
    run = sync()
    assert "1 of invoices, 1 of lines." in run.problem, "the item was not sent"
    assert not Reconciliation.objects.filter(agrees=False).exists()
    for by_hashes in (True, False):
        found = on_demand(monkeypatch, by_hashes=by_hashes)
        assert found == told(run), by_hashes
    whole = {"amount": {"EUR": "157"}, "open_amount": {"EUR": "157"}}
    assert found["main.items"] == (4, 4, 0, True, "", whole, whole)
    assert found["main.lines"][:4] == (3, 2, 1, True)
    # What is wrong here is found all the same.
    ErpOpenItem.objects.filter(key="main:1a").update(open_amount=1)
    for by_hashes in (True, False):
        assert "1 row has other values: main:1a." in str(on_demand(monkeypatch, by_hashes=by_hashes)["main.items"])


def test_rows_that_a_waiting_document_has_no_more_are_kept_and_no_difference(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.execute("update rq_line set net = 60 where no = '1'")
    erp.execute("insert into rq_line values ('1', 2, 40)")
    sync()
    erp.execute("delete from rq_line where no = '1' and place = 2")
    for statement in ("update rq_line set changed = '2026-09-25'", "update rq_invoice set changed = '2026-09-25'"):
        erp.execute(f"{statement} where no = '1'")
    for full in (False, True):
        run = sync(full=full)
        assert ErpInvoiceLine.objects.filter(key="main:1/2", deleted_at=None).exists()
        assert told(run)["main.lines"][:5] == (3, 2, 1, True, ""), full
        for by_hashes in (True, False):
            assert on_demand(monkeypatch, by_hashes=by_hashes)["main.lines"] == told(run)["main.lines"], by_hashes
