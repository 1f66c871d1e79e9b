"""Reading only what changed, from a real PostgreSQL: cursors, overlap, documents with their lines, first loads."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings

from integration_hub import reconcile as reconciling
from integration_hub import warehouse_direct
from integration_hub.config import StreamConfig
from integration_hub.cursor_marks import doubt_of
from integration_hub.jobs import finish
from integration_hub.models import (
    ErpInvoice,
    ErpOrder,
    ErpOrderLine,
    Notice,
    Reconciliation,
    RejectedRow,
    Run,
    RunKind,
    RunStatus,
    StreamState,
)
from integration_hub.runs import start_run
from tests.integration_hub.warehouse.world import brought_up_to_date as sync
from tests.integration_hub.warehouse.world import counts

TABLES = """
drop table if exists wh_order, wh_line, wh_invoice;
create table wh_order (key text, customer text, net numeric, changed timestamptz, kind text default 'A');
create table wh_line (key text, "order" text, net numeric, changed timestamptz);
create table wh_invoice (key text, number text, customer text, net_amount text);
"""
CONFIG = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "main"
label = "Main ERP"
kind = "sql"
url = "${ERP_DEMO_URL}"
max_deleted_share = 0.5
[[sources.streams]]
name = "orders"
target = "erp_order"
query = "select key, customer, net as net_amount, changed, kind from wh_order"
cursor = "changed"
overlap_minutes = 30
filters = [{ column = "kind", exclude = ["X"] }]
columns.source_modified_at = "changed"
[[sources.streams]]
name = "lines"
target = "erp_order_line"
query = 'select key, "order", net as net_amount, changed from wh_line'
cursor = "changed"
parent = "order"
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = "select * from wh_invoice"
"""


@pytest.fixture
def erp(tmp_path: Path, settings: Settings, db: None) -> Iterator[psycopg.Connection]:
    """The ERP's own connection: 2,001 orders of one second, two of them with lines."""
    config = tmp_path / "hub.toml"
    config.write_text(CONFIG, encoding="utf-8")
    settings.HUB_CONFIG = str(config)
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"], autocommit=True) as connection:
        connection.execute(TABLES)
        connection.execute(
            "insert into wh_order select n::text, (n % 9)::text, n, '2026-02-01 12:00+00'"
            " from generate_series(1, 2001) n"
        )
        connection.execute(
            "insert into wh_line values ('1/1', '1', 1, '2026-02-01 12:00+00'), ('1/2', '1', 0, '2026-02-01 12:00+00'),"
            " ('2/1', '2', 2, '2026-02-01 12:00:00+00')"
        )
        connection.execute("insert into wh_invoice values ('1', 'R1', '7', '10'), ('2', 'R2', '7', '20')")
        try:
            yield connection
        finally:
            connection.execute("drop table if exists wh_order, wh_line, wh_invoice")


def cursor() -> str:
    """Where the orders stand."""
    return StreamState.objects.get(pk="main.orders").cursor


def test_rows_of_the_same_instant_as_the_cursor_are_read_again_and_none_is_lost(erp: psycopg.Connection) -> None:
    assert counts(sync(), "orders") == {"read": 2001, "inserted": 2001}
    assert cursor().startswith("2026-02-01 12:00:00")
    erp.execute("insert into wh_order values ('late', '1', 1, '2026-02-01 12:00:00+00')")
    assert counts(sync(), "orders") == {"read": 2002, "inserted": 1, "unchanged": 2001}


def test_a_late_commit_within_the_overlap_is_found_and_the_cursor_never_goes_back(erp: psycopg.Connection) -> None:
    sync()
    before = cursor()
    erp.execute("delete from wh_order")
    erp.execute("insert into wh_order values ('late', '1', 1, '2026-02-01 11:45:00+00')")
    assert counts(sync(), "orders") == {"read": 1, "inserted": 1}
    assert cursor() == before
    assert ErpOrder.objects.live().count() == 2002, "an incremental read says nothing of what is missing"


def test_a_change_mark_of_a_typing_error_does_not_move_the_cursor(erp: psycopg.Connection) -> None:
    erp.execute("update wh_order set changed = '2999-01-01' where key = '5'")
    sync()
    assert cursor().startswith("2026-02-01 12:00:00")


@pytest.mark.parametrize("full", [False, True])
def test_s5_a_stored_cursor_in_the_future_leads_to_a_whole_read_and_is_told(
    erp: psycopg.Connection, full: bool
) -> None:
    sync()
    stood = cursor()
    StreamState.objects.filter(pk="main.orders").update(cursor="2999-01-01 00:00:00+00")
    erp.execute("update wh_order set net = 7, changed = '2026-02-03 12:00+00' where key = '5'")
    read = sync(full=full).streams.get(stream="main.orders")
    assert (read.mode, read.read, read.updated) == ("snapshot", 2001, 1)
    assert 'The stored change mark "2999-01-01 00:00:00+00" of "orders" lies in the future' in read.note
    assert cursor().startswith("2026-02-03 12:00:00") > stood.startswith("2026-02-03")
    told = Notice.objects.get(subject="main.orders", code="cursor_doubted", cleared_at=None)
    assert "everything was read instead" in told.text
    assert sync().streams.get(stream="main.orders").mode == "incremental"
    told.refresh_from_db()
    assert told.cleared_at is None, "it stands until the next whole read"
    sync(full=True)
    told.refresh_from_db()
    assert told.cleared_at is not None


def test_s5_a_cursor_in_the_future_is_noticed_although_nothing_changed(erp: psycopg.Connection) -> None:
    sync()
    stood = cursor()
    StreamState.objects.filter(pk="main.orders").update(cursor="2999-01-01 00:00:00+00")
    assert counts(sync(), "orders") == {"read": 2001, "unchanged": 2001}
    assert cursor() == stood


def test_s5_a_number_beyond_all_that_comes_is_noticed_when_nothing_comes(
    erp: psycopg.Connection, settings: Settings
) -> None:
    erp.execute("alter table wh_order add version bigint")
    erp.execute("update wh_order set version = key::bigint")
    config = Path(settings.HUB_CONFIG)
    by_number = CONFIG.replace("net_amount, changed, kind", "net_amount, changed, kind, version").replace(
        'cursor = "changed"\noverlap_minutes', 'cursor = "version"\noverlap_minutes'
    )
    config.write_text(by_number, encoding="utf-8")
    sync()
    assert cursor() == "2001"
    assert counts(sync(), "orders") == {"read": 1, "unchanged": 1}, "the row that the mark came from comes once more"
    StreamState.objects.filter(pk="main.orders").update(cursor="900000")
    erp.execute("insert into wh_order values ('new', '1', 1, now(), 'A', 2002)")
    nothing = sync().streams.get(stream="main.orders")
    assert nothing.read == 0
    assert "The next run reads everything." in nothing.note
    assert counts(sync(), "orders") == {"read": 2002, "inserted": 1, "unchanged": 2001}
    assert cursor() == "2002"


@pytest.mark.django_db
@pytest.mark.parametrize(("mark", "doubted"), [("2030.123", False), ("R-2030-12", False), ("2030-05-03 12:00", True)])
def test_s5_only_an_instant_is_one_of_the_future(mark: str, doubted: bool) -> None:
    stream = StreamConfig(name="orders", target="erp_order", cursor="changed")
    assert bool(doubt_of(stream, mark, datetime(2026, 2, 2, tzinfo=UTC))) is doubted


def test_a_failing_publish_hook_leaves_cursor_and_mirror_as_they_were(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    before = cursor()
    erp.execute("insert into wh_order values ('new', '1', 1, '2026-02-03 12:00:00+00')")

    def breaks(publication: object) -> int:
        raise ValueError("a bug in a rollup")

    monkeypatch.setattr("tests.integration_hub.warehouse.world.listen", breaks)
    run = start_run(RunKind.SYNC, "main")
    with pytest.raises(ValueError, match="a bug"):
        finish(run)
    assert (Run.objects.get(pk=run.pk).status, cursor()) == (RunStatus.FAILED, before)
    assert not ErpOrder.objects.filter(key="main:new").exists()


def test_a_changed_order_is_replaced_with_all_its_lines(erp: psycopg.Connection) -> None:
    sync()
    erp.execute("delete from wh_line where key = '1/2'")
    erp.execute("update wh_line set changed = '2026-02-02 12:00:00+00' where key = '1/1'")
    erp.execute("update wh_order set changed = '2026-02-02 12:00:00+00' where key = '1'")
    assert counts(sync(), "lines")["deleted"] == 1
    assert list(ErpOrderLine.objects.live().order_by("key").values_list("key", flat=True)) == ["main:1/1", "main:2/1"]


def test_a_changed_order_that_lost_every_line_loses_them_here(erp: psycopg.Connection) -> None:
    sync()
    erp.execute("update wh_line set changed = '2026-02-01 00:00:00+00'")
    sync(full=True)
    erp.execute("delete from wh_line where key = '2/1'")
    erp.execute("update wh_order set net = 0, changed = '2026-02-02 12:00:00+00' where key = '2'")
    sync()
    assert ErpOrderLine.objects.get(key="main:2/1").gone_reason == "deleted"
    assert ErpOrderLine.objects.live().count() == 2


def test_a_row_that_is_filtered_out_from_now_on_leaves_with_that_reason(erp: psycopg.Connection) -> None:
    sync()
    erp.execute("update wh_order set kind = 'X', changed = '2026-02-02 12:00:00+00' where key = '3'")
    run = sync()
    assert counts(run, "orders")["deleted"] == 1
    assert ErpOrder.objects.get(key="main:3").gone_reason == "excluded"


def test_a_full_read_falls_due_and_finds_what_was_deleted(erp: psycopg.Connection) -> None:
    sync()
    erp.execute("delete from wh_order where key = '7'")
    sync()
    assert ErpOrder.objects.live().count() == 2001
    state = StreamState.objects.get(pk="main.orders")
    assert state.full_as_of is not None
    state.full_as_of -= timedelta(hours=25)
    state.save()
    assert counts(sync(), "orders") == {"read": 2000, "unchanged": 2000, "deleted": 1}


def test_a_column_that_vanishes_stops_the_run_and_a_new_one_is_noticed(erp: psycopg.Connection) -> None:
    sync()
    erp.execute("alter table wh_invoice add column colour text")
    sync()
    assert "colour" in Notice.objects.get(subject="main.invoices", code="new_column").text
    erp.execute("alter table wh_invoice drop column number")
    run = finish(start_run(RunKind.SYNC, "main"))
    assert (run.status, '"number"' in run.problem) == (RunStatus.FAILED, True)
    assert ErpInvoice.objects.get(key="main:1").number == "R1"


def test_a_large_first_load_builds_its_indexes_afterwards(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    monkeypatch.setattr(warehouse_direct, "DIRECT_FROM_ROWS", 2)
    before = connection.introspection.get_constraints(connection.cursor(), "erp_invoice").keys()
    assert counts(sync(), "invoices") == {"read": 2, "inserted": 2}
    assert connection.introspection.get_constraints(connection.cursor(), "erp_invoice").keys() == before
    assert set(ErpInvoice.objects.values_list("customer", "kind", "company_currency")) == {("main:7", "invoice", "")}


@pytest.mark.parametrize("bad", ["1.00001", "NaN", "x"])
def test_a_first_load_with_a_bad_row_rejects_that_row_only(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    monkeypatch.setattr(warehouse_direct, "DIRECT_FROM_ROWS", 2)
    erp.execute("insert into wh_invoice values ('3', 'R3', '7', %s), ('1', 'again', '8', '11')", [bad])
    run = sync()
    assert counts(run, "invoices") == {"read": 4, "inserted": 2, "rejected": 1, "duplicates": 1}
    assert RejectedRow.objects.get().record["net_amount"] == bad
    assert ErpInvoice.objects.get(key="main:1").number == "again"


def test_a_rejected_row_is_a_gap_until_it_loads_or_a_full_read_no_longer_has_it(erp: psycopg.Connection) -> None:
    def problem() -> str:
        return StreamState.objects.get(pk="main.orders").problem

    sync()
    erp.execute("insert into wh_order select k, '1', 'NaN', '2026-02-01 14:00+00' from unnest(array['a', 'b']) as k")
    sync()
    assert problem() == (
        "2 rows wait in quarantine (orders), in no figure; where an earlier version is known, that one is still shown."
    )
    erp.execute("insert into wh_order values ('c', '1', 1, '2026-02-01 20:00+00')")
    sync()
    sync()
    assert problem().startswith("2 rows wait in quarantine (orders)")
    erp.execute("update wh_order set net = 1, changed = '2026-02-01 21:00+00' where key = 'a'")
    sync()
    assert problem().startswith("1 row waits in quarantine (orders)")
    erp.execute("delete from wh_order where key = 'b'")
    sync(full=True)
    assert problem() == ""


def test_reconcile_agrees_after_a_sync_and_names_what_differs(erp: psycopg.Connection) -> None:
    sync()
    run = start_run(RunKind.RECONCILE, "main")
    assert [each.agrees for each in reconciling.reconcile(run)] == [True, True, True]
    kept = Reconciliation.objects.get(stream="main.orders", after_load=False)
    assert (kept.source_rows, kept.mirror_rows, kept.source_sums) == (2001, 2001, {"net_amount": {"": "2003001"}})
    ErpInvoice.objects.filter(key="main:2").update(net_amount=21)
    erp.execute("insert into wh_invoice values ('9', 'R9', '7', '5')")
    invoices = reconciling.reconcile(run)[-1]
    assert not invoices.agrees
    assert "1 row is missing here and 1 row has other values: main:9, main:2." in invoices.detail
    assert (invoices.source_sums, invoices.mirror_sums) == ({"net_amount": {"": "35"}}, {"net_amount": {"": "31"}})
