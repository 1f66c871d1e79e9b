"""The same rows in SQLite, MariaDB and PostgreSQL become the same rows of the mirror, odd values and all."""

from pathlib import Path
from typing import Any

import pytest

from integration_hub.models import ErpInvoice, ErpInvoiceLine, RunStatus, StreamRun
from tests.erp.database import worlds
from tests.erp.database.worlds import Database, counts

INVOICES = """
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = "select id, number, net, issued, day, changed, note, curr from inv"
{options}
[sources.streams.columns]
key = "id"
net_amount = "net"
issued_on = "day"
source_status = "note"
currency = "curr"
source_modified_at = "changed"
"""
LINES = """
[[sources.streams]]
name = "lines"
target = "erp_invoice_line"
parent = "invoice"
sums = false
query = "select id as item, inv as invoice, text, qty as quantity from item"
columns = { key = "item" }
"""
TABLES = (
    (
        "create table inv (id bigint primary key, number varchar(80), net {money}, issued {instant}, day date,"
        " changed {instant}, note varchar(80), curr varchar(3))"
    ),
    "create table item (id bigint primary key, inv bigint, text {long}, qty {money})",
    "create table empty_one (id bigint primary key)",
)
AT = "2026-02-28 23:59:59.123456"
ROWS: tuple[tuple[Any, ...], ...] = (
    (1, "plain", "10.500000", AT, "2026-02-28", AT, "", "EUR"),
    (2, "Ünïcødé 😀 漢字", "-0.000100", AT, "2024-02-29", AT, None, "USD"),
    (2**62 + 1, "back\\slash tab\t line\n return\r", "999999999999.999900", AT, "0001-01-01", AT, "\\N", "EUR"),
    (-7, " blanks kept ", None, None, None, None, "'quoted' \"twice\" %s :x", ""),
    (5, "\\.", "0", AT, "9999-12-31", "2026-03-01 00:00:00", "ok", "eur"),
)
ITEMS: tuple[tuple[Any, ...], ...] = ((1, 1, "é" * 500, "0.000001"), (2, 1, None, "-3"), (3, 2, "", "1234567.654321"))


def filled(world: Database, path: Path, options: str = "") -> Database:
    for table in TABLES:
        world.write(table)
    world.write("insert into inv values (?, ?, ?, ?, ?, ?, ?, ?)", ROWS)
    world.write("insert into item values (?, ?, ?, ?)", ITEMS)
    world.configure(path, INVOICES.format(options=options), LINES)
    return world


def mirrored() -> list[Any]:
    """Every row of the mirror, as it is shown."""
    return [
        *ErpInvoice.objects.order_by("key").values_list(
            "key", "number", "net_amount", "issued_on", "source_status", "currency", "source_modified_at"
        ),
        *ErpInvoiceLine.objects.order_by("key").values_list("key", "invoice", "text", "quantity"),
    ]


def expected(path: Path) -> list[Any]:
    """The mirror as PostgreSQL's own COPY fills it."""
    with worlds.postgresql_world() as world:
        filled(world, path)
        assert world.sync().status == RunStatus.SUCCEEDED
        found = mirrored()
    for model in (ErpInvoice, ErpInvoiceLine):
        model.objects.all().delete()
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("options", ["", 'key_column = "id"'])
def test_the_mirror_is_the_same_whatever_database_it_came_from(database, hub_config, options):
    wanted = expected(hub_config)
    from integration_hub.models import StreamState

    StreamState.objects.all().delete()
    filled(database, hub_config, options)
    run = database.sync()
    assert run.status == RunStatus.SUCCEEDED, run.problem
    assert mirrored() == wanted
    assert len(wanted) == len(ROWS) + len(ITEMS)
    assert counts(run, "invoices") == {"read": 5, "inserted": 5}
    assert counts(database.sync(), "invoices") == {"read": 5, "unchanged": 5}


@pytest.mark.django_db
def test_nul_characters_are_counted_and_a_text_of_a_million_characters_is_cut_visibly(database, hub_config):
    filled(database, hub_config)
    database.write("insert into item values (?, ?, ?, ?)", [(9, 1, "a\0b", "1"), (10, 1, "x" * 1_000_000, "1")])
    run = database.sync()
    assert run.status == RunStatus.SUCCEEDED
    assert counts(run, "lines") == {"read": 5, "inserted": 5}
    assert ErpInvoiceLine.objects.get(key="main:9").text == "ab"
    assert ErpInvoiceLine.objects.get(key="main:10").text == f"{'x' * 499}…"
    assert "1 NUL characters were removed" in StreamRun.objects.get(run_ref=run, stream="main.lines").note


@pytest.mark.django_db
def test_a_table_without_rows_is_read_and_adds_nothing(database, hub_config):
    filled(database, hub_config)
    database.configure(
        hub_config,
        '[[sources.streams]]\nname = "none"\ntarget = "erp_order"\nquery = "select id as no from empty_one"\n'
        'columns = { key = "no" }\n',
    )
    run = database.sync()
    assert run.status == RunStatus.SUCCEEDED
    assert counts(run, "none") == {}


@pytest.mark.django_db
def test_doubles_are_rounded_half_up_to_the_decimals_of_their_column(database, hub_config):
    database.write("create table inv (id varchar(20), number varchar(20), net double, tax double)")
    rows = [("100107", "100107", 0.1 + 0.2, 2.00005), ("2", "1.10", 1e22, 1), ("3", "x", None, -1e-9)]
    database.write("insert into inv values (?, ?, ?, ?)", rows)
    query = "select id, number, net, tax from inv"
    columns = '{ key = "id", net_amount = "net", tax_amount = "tax" }'
    database.configure(
        hub_config,
        f'[[sources.streams]]\nname = "i"\ntarget = "erp_invoice"\nquery = "{query}"\ncolumns = {columns}\n',
    )
    run = database.sync()
    assert counts(run, "i") == {"read": 3, "inserted": 2, "rejected": 1}
    found = ErpInvoice.objects.get(key="main:100107")
    assert (found.number, str(found.net_amount), str(found.tax_amount)) == ("100107", "0.3000", "2.0001")
    assert ErpInvoice.objects.get(key="main:3").tax_amount == 0
    told = StreamRun.objects.get(run_ref=run).note
    assert ("SQLite keeps decimals as doubles" in told) == (database.dialect == "sqlite")


@pytest.mark.django_db
def test_a_lost_right_deletes_nothing(maria, hub_config):
    filled(maria, hub_config)
    assert maria.sync().status == RunStatus.SUCCEEDED
    before = mirrored()
    name = maria.url.partition("//")[2].partition(":")[0]
    maria.write(f"revoke select on {name}.* from {name}@localhost")
    maria.write(f"grant select on {name}.inv to {name}@localhost")
    run = maria.sync()
    assert run.status == RunStatus.FAILED
    assert "lacks the right to read it" in run.meaning
    assert mirrored() == before


@pytest.mark.django_db
def test_a_lost_table_deletes_nothing(lite, hub_config):
    filled(lite, hub_config)
    assert lite.sync().status == RunStatus.SUCCEEDED
    before = mirrored()
    lite.write("drop table item")
    run = lite.sync()
    assert run.status == RunStatus.FAILED
    assert "no such table: item" in run.problem
    assert mirrored() == before
