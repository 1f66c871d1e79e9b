"""Rows whose text is known are left alone, all others are compared; a source may say that nothing changed at all."""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings

from integration_hub import warehouse_compare
from integration_hub.jobs import finish
from integration_hub.models import ErpInvoice, RejectedRow, Run, RunKind, RunStatus, StreamRun
from integration_hub.runs import start_run
from integration_hub.staging import UNREAD
from tests.integration_hub.warehouse.world import World, counts

ROWS = 60
HEAD = "key,number,customer,net_amount\n"
LINES = [f"{n},R{n},7,{n}.50\n" for n in range(1, ROWS + 1)]


@pytest.fixture(params=[1, 1_000_000], ids=["keys first", "all at once"])
def invoices(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Sixty invoices, loaded once; compared in each of the two ways."""
    monkeypatch.setattr(warehouse_compare, "NARROW_FROM", request.param)
    world.options = "max_deleted_share = 0.5"
    world.stream("invoices", "erp_invoice")
    deliver(world)
    assert counts(world.sync(), "invoices") == {"read": ROWS, "inserted": ROWS}
    return world


def deliver(world: World, old: str = "", new: str = "", *, twice: str = "", left: str = "") -> None:
    """The sixty invoices with one text changed, one line delivered a second time, or one line missing."""
    lines = [line for line in LINES if line != left]
    world.deliver(
        "invoices", (HEAD + "".join(lines)).replace(old, new) + twice if old else HEAD + "".join(lines) + twice
    )


def prints() -> dict[str, int | None]:
    """The fingerprints by key."""
    return dict(ErpInvoice.objects.values_list("key", "fingerprint"))


def test_a_changed_value_of_a_known_key_is_found(invoices: World) -> None:
    before = prints()
    deliver(invoices, "R9,7,9.50", "R9,7,9.51")
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "updated": 1, "unchanged": ROWS - 1}
    assert ErpInvoice.objects.get(key="main:9").net_amount == Decimal("9.51")
    assert None not in before.values()
    assert {key for key, value in prints().items() if before[key] != value} == {"main:9"}


def test_a_new_row_and_a_row_that_left_are_found(invoices: World) -> None:
    deliver(invoices, twice="61,R61,8,1\n", left=LINES[4])
    expected = {"read": ROWS, "inserted": 1, "unchanged": ROWS - 1, "deleted": 1}
    assert counts(invoices.sync(), "invoices") == expected
    assert prints()["main:5"] is None


def test_a_tombstoned_row_that_comes_back_with_the_same_text_is_alive_again(invoices: World) -> None:
    deliver(invoices, left=LINES[4])
    invoices.sync()
    assert ErpInvoice.objects.get(key="main:5").deleted_at is not None
    deliver(invoices)
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "updated": 1, "unchanged": ROWS - 1}
    assert ErpInvoice.objects.get(key="main:5").deleted_at is None


def test_only_a_full_sync_compares_the_values_of_a_row_whose_text_is_known(invoices: World) -> None:
    ErpInvoice.objects.filter(key="main:3").update(net_amount=999)
    deliver(invoices, "R9,7,9.50", "R9,7,9.51")
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "updated": 1, "unchanged": ROWS - 1}
    assert ErpInvoice.objects.get(key="main:3").net_amount == 999
    assert counts(invoices.sync(full=True), "invoices") == {"read": ROWS, "updated": 1, "unchanged": ROWS - 1}
    assert ErpInvoice.objects.get(key="main:3").net_amount == Decimal("3.50")


def test_rows_without_a_fingerprint_are_compared_and_get_one(invoices: World) -> None:
    before, run = prints(), ErpInvoice.objects.get(key="main:9").run
    ErpInvoice.objects.update(fingerprint=None)
    ErpInvoice.objects.filter(key="main:3").update(net_amount=999)
    invoices.deliver("invoices", HEAD + "".join(reversed(LINES)))
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "updated": 1, "unchanged": ROWS - 1}
    assert prints() == before
    assert ErpInvoice.objects.filter(run=run).count() == ROWS - 1


def test_a_changed_mapping_reads_every_row_again(invoices: World) -> None:
    before = prints()
    invoices.stream("invoices", "erp_invoice", 'columns.net_amount = { source = "net_amount", factor = "-1" }')
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "updated": ROWS}
    assert ErpInvoice.objects.get(key="main:9").net_amount == Decimal("-9.50")
    assert not set(before.values()) & set(prints().values())


def test_another_text_of_the_same_value_is_no_change_but_is_remembered(invoices: World) -> None:
    before, run = prints(), ErpInvoice.objects.get(key="main:9").run
    deliver(invoices, "R9,7,9.50", "R9,7,9.500")
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "unchanged": ROWS}
    assert ErpInvoice.objects.get(key="main:9").run == run
    assert {key for key, value in prints().items() if before[key] != value} == {"main:9"}


def test_an_unreadable_value_of_a_known_key_is_rejected_and_the_row_stays(invoices: World) -> None:
    deliver(invoices, "R9,7,9.50", "R9,7,nine")
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "unchanged": ROWS - 1, "rejected": 1}
    assert ErpInvoice.objects.get(key="main:9").net_amount == Decimal("9.50")
    deliver(invoices)
    assert counts(invoices.sync(), "invoices") == {"read": ROWS, "unchanged": ROWS}
    assert RejectedRow.objects.get().resolved_at is not None


def test_a_key_delivered_twice_is_counted_the_same_way_every_time(invoices: World) -> None:
    deliver(invoices, twice="9,R9,7,1.00\n")
    assert counts(invoices.sync(), "invoices") == {
        "read": ROWS + 1,
        "updated": 1,
        "unchanged": ROWS - 1,
        "duplicates": 1,
    }
    deliver(invoices, "R3,7,3.50", "R3,7,3.500", twice="9,R9,7,1.00\n")
    assert counts(invoices.sync(), "invoices") == {"read": ROWS + 1, "unchanged": ROWS, "duplicates": 1}
    assert ErpInvoice.objects.get(key="main:9").net_amount == Decimal("1.00")


SOURCE = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "main"
label = "Main ERP"
kind = "sql"
url = "${ERP_DEMO_URL}"
max_rejected_share = 0.5
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = "select * from fp_invoice"
columns.number = { source = ["flag", "code", "address", "raw", "made", "document", "part"], separator = "|" }
"""
TABLE = """
drop table if exists fp_invoice;
create table fp_invoice (key text, customer text, net_amount text, flag boolean, code char(6), address inet, raw bytea,
    made timestamptz, document jsonb, part real);
insert into fp_invoice select n, case n when 1 then null when 2 then '' else 'ü"(,' || chr(92) || n end, n || '.50',
    n % 2 = 0, n, '10.0.0.1', decode('00ff', 'hex'), '2026-03-29 02:30+02', '{"a": [1, null]}', 0.1
from generate_series(1, 50) n;
"""


@pytest.fixture
def erp(tmp_path: Path, settings: Settings, db: None) -> Iterator[psycopg.Connection]:
    """A PostgreSQL source with fifty invoices of many types, loaded once; the ERP's own connection."""
    config = tmp_path / "hub.toml"
    config.write_text(SOURCE, encoding="utf-8")
    settings.HUB_CONFIG = str(config)
    settings.PUBLISH_HOOKS = []
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"], autocommit=True) as connection:
        connection.execute(TABLE)
        assert sync() == ({"read": 50, "inserted": 50}, False)
        yield connection
        connection.execute("drop table fp_invoice")


def sync(**options: object) -> tuple[dict[str, int], bool]:
    """The counts, and whether the source was spared sending its rows."""
    run: Run = finish(start_run(RunKind.SYNC, "main", options=options))
    assert run.status in {RunStatus.SUCCEEDED, RunStatus.PARTIAL}, run.problem
    return dict(counts(run, "invoices")), UNREAD in StreamRun.objects.get(run_ref=run).note


def test_a_source_that_hashes_the_same_rows_need_not_send_them(erp: psycopg.Connection) -> None:
    assert sync() == ({"read": 50, "unchanged": 50}, True)
    assert sync(full=True) == ({"read": 50, "unchanged": 50}, False)


def test_one_changed_value_makes_the_source_send_its_rows(erp: psycopg.Connection) -> None:
    erp.execute("update fp_invoice set net_amount = '9.51' where key = '9'")
    assert sync() == ({"read": 50, "updated": 1, "unchanged": 49}, False)
    # A stream that had changes is read; one that had none is asked first.
    assert sync() == ({"read": 50, "unchanged": 50}, False)
    assert sync() == ({"read": 50, "unchanged": 50}, True)


def test_two_rows_that_swap_their_values_are_noticed(erp: psycopg.Connection) -> None:
    erp.execute(
        "update fp_invoice set net_amount = case key when '8' then '9.50' else '8.50' end where key in ('8', '9')"
    )
    assert sync() == ({"read": 50, "updated": 2, "unchanged": 48}, False)


def test_an_empty_text_is_not_the_same_as_none(erp: psycopg.Connection) -> None:
    erp.execute("update fp_invoice set customer = case key when '1' then '' end where key in ('1', '2')")
    assert not sync()[1]


def test_a_row_that_left_and_one_that_came_are_noticed(erp: psycopg.Connection) -> None:
    erp.execute("update fp_invoice set key = '99' where key = '9'")
    assert sync() == ({"read": 50, "inserted": 1, "unchanged": 49, "deleted": 1}, False)


def test_rows_are_read_while_one_of_them_waits_to_load(erp: psycopg.Connection) -> None:
    erp.execute("update fp_invoice set net_amount = 'nine' where key = '9'")
    assert sync()[0] == {"read": 50, "unchanged": 49, "rejected": 1}
    erp.execute("update fp_invoice set net_amount = '9.50' where key = '9'")
    assert sync() == ({"read": 50, "unchanged": 50}, False)
    assert RejectedRow.objects.get().resolved_at is not None


def test_a_row_edited_in_the_mirror_is_found_by_a_full_sync(erp: psycopg.Connection) -> None:
    ErpInvoice.objects.filter(key="main:3").update(net_amount=999)
    assert sync() == ({"read": 50, "unchanged": 50}, True)
    assert sync(full=True) == ({"read": 50, "updated": 1, "unchanged": 49}, False)
