"""The ready-made queries for Odoo's and Tryton's own tables: each runs, and the mirror says what the ERP says."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from integration_hub.config import read_hub
from integration_hub.config.profiles import FOLDER
from integration_hub.models import (
    ErpAllocation,
    ErpCurrencyRate,
    ErpCustomer,
    ErpDelivery,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpPayment,
    Run,
    RunStatus,
    StreamRun,
)
from integration_hub.streams import target
from tests.erp.database import odoo_company, tryton_company, worlds
from tests.erp.database.worlds import Database

HERE = Path(__file__).parent
STREAMS = {
    "companies", "rates", "products", "customers", "contacts", "orders", "order_lines", "deliveries", "delivery_lines",
    "invoices", "invoice_lines", "open_items", "payments", "allocations",
}  # fmt: skip
COMPANIES: Mapping[str, Mapping[str, Any]] = {"odoo": odoo_company.ROWS, "tryton": tryton_company.ROWS}


@pytest.fixture
def ledger() -> Iterator[Database]:
    with worlds.postgresql_world() as world:
        yield world


def filled(world: Database, erp: str, hub_config: Path) -> Database:
    """The ERP's tables with the rows of a small company, read by the profile."""
    world.connection.execute((HERE / f"{erp}_tables.sql").read_text().encode())
    for table, rows in COMPANIES[erp].items():
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join(["%s"] * len(row))
            world.connection.execute(f'insert into "{table}" ({names}) values ({marks})'.encode(), list(row.values()))
    world.connection.commit()
    world.options = f'profile = "{erp}_sql"'
    world.configure(hub_config)
    return world


def synced(world: Database) -> Run:
    run = world.sync()
    assert run.status == RunStatus.SUCCEEDED, f"{run.problem} {run.meaning}"
    assert not StreamRun.objects.filter(run_ref=run, rejected__gt=0).exists()
    return run


@pytest.mark.django_db
@pytest.mark.parametrize("erp", ["odoo", "tryton"])
def test_every_stream_is_read_without_a_rejected_row_and_a_second_read_changes_nothing(ledger, hub_config, erp):
    filled(ledger, erp, hub_config)
    read = dict(StreamRun.objects.filter(run_ref=synced(ledger)).values_list("stream", "read"))
    assert {name.removeprefix("main.") for name in read} == STREAMS
    assert all(read.values()), read
    again = StreamRun.objects.filter(run_ref=synced(ledger))
    assert not any(row.inserted or row.updated or row.deleted for row in again)


@pytest.mark.django_db
@pytest.mark.parametrize("erp", ["odoo", "tryton"])
def test_lines_and_instalments_add_up_to_their_documents(ledger, hub_config, erp):
    filled(ledger, erp, hub_config)
    synced(ledger)
    for invoice in ErpInvoice.objects.exclude(status="cancelled"):
        lines = ErpInvoiceLine.objects.filter(invoice=invoice.key).values_list("net_amount", flat=True)
        assert sum((amount or Decimal(0) for amount in lines), Decimal(0)) == invoice.net_amount
        items = list(ErpOpenItem.objects.filter(invoice=invoice.key).values_list("amount", flat=True))
        assert invoice.status == "draft" or sum(items) == invoice.gross_amount
    known = set(ErpCustomer.objects.values_list("key", flat=True))
    for model in (ErpOrder, ErpDelivery, ErpInvoice, ErpOpenItem, ErpPayment, ErpAllocation):
        assert set(model.objects.values_list("customer", flat=True)) <= known


def invoices() -> dict[str, tuple[object, ...]]:
    fields = ("kind", "status", "customer", "currency", "net_amount", "gross_amount", "exchange_rate", "reverses")
    return {
        row[0]: tuple(str(each) if isinstance(each, Decimal) else each for each in row[1:])
        for row in ErpInvoice.objects.values_list("number", *fields)
    }


@pytest.mark.django_db
def test_odoo_documents_mean_in_the_mirror_what_they_mean_in_odoo(ledger, hub_config):
    filled(ledger, "odoo", hub_config)
    synced(ledger)
    assert invoices() == {
        "INV/1": ("invoice", "part_paid", "main:10", "USD", "1000.0000", "1190.0000", "0.9000000000", None),
        "RINV/1": ("credit_note", "paid", "main:10", "USD", "-100.0000", "-119.0000", "0.9000000000", "main:1"),
        "INV/2": ("down_payment", "open", "main:10", "EUR", "50.0000", "59.5000", "1.0000000000", None),
        "/": ("invoice", "draft", "main:10", "EUR", "70.0000", "83.3000", "1.0000000000", None),
    }
    kinds = dict(ErpInvoiceLine.objects.values_list("key", "kind"))
    assert kinds == {"main:100": "goods", "main:103": "text", "main:110": "goods", "main:120": "down_payment",
                     "main:130": "service"}  # fmt: skip
    items = ErpOpenItem.objects.exclude(invoice="main:3").order_by("due_on", "key")
    assert [(i.invoice_id, str(i.due_on), int(i.amount or 0), int(i.open_amount or 0)) for i in items] == [
        ("main:2", "2026-03-10", -119, 0), ("main:1", "2026-03-31", 595, 0), ("main:1", "2026-04-30", 595, 376)
    ]  # fmt: skip
    assert {
        (a.open_item_id, a.payment_id, a.credit_note_id, str(a.allocated_on), int(a.amount or 0))
        for a in ErpAllocation.objects.all()
    } == {
        ("main:101", "main:201", None, "2026-03-20", 595),
        ("main:102", "main:201", None, "2026-03-20", 100),
        ("main:102", None, "main:2", "2026-03-10", 119),
        ("main:111", None, None, "2026-03-10", -119),
    }
    payment = ErpPayment.objects.get()
    assert payment.number == "BNK1/1"
    assert [payment.amount, payment.unallocated_amount] == [700, 5]
    order = ErpOrder.objects.get()
    assert (order.customer_id, order.status, str(order.exchange_rate)) == ("main:10", "open", "0.9000000000")
    assert {d.number: (d.is_return, d.status, d.order_id) for d in ErpDelivery.objects.all()} == {
        "OUT/1": (False, "shipped", "main:1"), "IN/1": (True, "shipped", "main:1")
    }  # fmt: skip
    assert sorted(int(q or 0) for q in ErpDeliveryLine.objects.values_list("quantity", flat=True)) == [-1, 2]
    assert str(ErpCurrencyRate.objects.get(currency="USD", base="EUR").rate) == "0.9000000000"
    assert ErpCustomer.objects.get(key="main:10").registration_number == "HRB 12"


@pytest.mark.django_db
def test_odoo_means_the_same_over_sql_as_over_its_api(ledger, hub_config):
    filled(ledger, "odoo", hub_config)
    for change in (
        "insert into res_partner (id, name, commercial_partner_id, is_company) values (12, 'Vendor', 12, true)",
        # Late in the evening in UTC is the next month in Berlin; more was delivered than ordered.
        "update sale_order set date_order = '2026-02-28 23:30', invoice_status = 'upselling', delivery_status = 'full'",
        "update stock_picking set partner_id = 12, location_id = 3 where id = 1",
        "update account_move set payment_state = 'in_payment', amount_residual = amount_total where id = 1",
        "update account_move set debit_origin_id = 1 where id = 3",
        "update account_move_line set price_subtotal = 999.5 where id = 100",
        "insert into account_move_line (id, move_id, display_type, amount_currency) values (104, 1, 'rounding', -0.02)",
        "insert into account_move_line (id, move_id, display_type, amount_currency) values (105, 3, 'rounding', -0.05)",
        "update account_move_line set tax_repartition_line_id = 5 where id = 104",
        "update account_move set amount_untaxed = 50.05 where id = 3",
    ):
        ledger.write(change)
    synced(ledger)
    order = ErpOrder.objects.get()
    assert (str(order.ordered_on), order.status) == ("2026-03-01", "done")
    delivery = ErpDelivery.objects.get(number="OUT/1")
    assert (delivery.customer_id, ErpCustomer.objects.filter(key="main:12").exists()) == ("main:10", False)
    assert set(ErpDeliveryLine.objects.values_list("customer", flat=True)) == {"main:10"}
    kinds = {number: (kind, status) for number, (kind, status, *_) in invoices().items()}
    assert (kinds["INV/1"], kinds["INV/2"]) == (("invoice", "open"), ("debit_note", "open"))
    lines = dict(ErpInvoiceLine.objects.exclude(kind="text").values_list("key", "net_amount"))
    assert (lines["main:100"], lines["main:105"], "main:104" in lines) == (1000, Decimal("0.05"), False)


@pytest.mark.django_db
def test_an_odoo_line_text_that_was_changed_brings_the_whole_document_again(ledger, hub_config):
    filled(ledger, "odoo", hub_config)
    synced(ledger)
    ledger.write("update sale_order_line set name = 'changed', write_date = '2026-05-01' where id = 11")
    ledger.write("delete from sale_order_line where id = 12")
    run = synced(ledger)
    row = StreamRun.objects.get(run_ref=run, stream="main.order_lines")
    assert (row.mode, row.updated, row.deleted) == ("incremental", 2, 1)


@pytest.mark.django_db
def test_tryton_documents_mean_in_the_mirror_what_they_mean_in_tryton(ledger, hub_config):
    filled(ledger, "tryton", hub_config)
    synced(ledger)
    assert invoices() == {
        "R1": ("invoice", "part_paid", "main:10", "USD", "1000.0000", "1190.0000", "0.9000000000", None),
        "R2": ("credit_note", "open", "main:10", "EUR", "-100.0000", "-119.0000", "1.0000000000", "main:4"),
        "R3": ("down_payment", "paid", "main:10", "EUR", "50.0000", "50.0000", "1.0000000000", None),
        "R4": ("invoice", "reversed", "main:10", "EUR", "100.0200", "119.0200", "1.0000000000", None),
        "M44": ("credit_note", "paid", "main:10", "EUR", "-100.0200", "-119.0200", "1.0000000000", "main:4"),
    }
    items = ErpOpenItem.objects.filter(invoice="main:1").order_by("due_on").values_list("amount", "open_amount")
    assert [(int(amount or 0), int(left or 0)) for amount, left in items] == [(595, 0), (595, 490)]
    assert {(p.number, int(p.amount or 0), int(p.unallocated_amount or 0)) for p in ErpPayment.objects.all()} == {
        ("B1", 700, 0), ("B2", 12, 12), ("B3", 50, 0)
    }  # fmt: skip
    assert {(a.payment_id, a.invoice_id, int(a.amount or 0)) for a in ErpAllocation.objects.all()} == {
        ("main:201", "main:1", 700), ("main:203", "main:3", 50)
    }  # fmt: skip
    # 3 x 0.005 = 0.015 and 5 x 0.005 = 0.025: Tryton rounds both to the even cent.
    amounts = ErpInvoiceLine.objects.filter(invoice="main:4").values_list("net_amount", flat=True)
    assert sorted(str(amount) for amount in amounts) == ["0.0200", "0.0200", "99.9800"]
    assert {d.key: (d.is_return, d.order_id) for d in ErpDelivery.objects.all()} == {
        "main:1": (False, "main:1"), "main:return-1": (True, "main:1")
    }  # fmt: skip
    assert sorted(int(q or 0) for q in ErpDeliveryLine.objects.values_list("quantity", flat=True)) == [-1, 2]


def test_the_template_names_every_stream_with_columns_that_exist(tmp_path):
    profile = tomllib.loads((FOLDER / "template_sql.toml").read_text(encoding="utf-8"))
    assert {stream["name"] for stream in profile["streams"]} == STREAMS
    targets = {model._meta.db_table for model in apps.get_app_config("integration_hub").get_models()}
    for stream in profile["streams"]:
        assert stream["target"] in targets
        wanted = target(stream["target"]).fields
        named = set(re.findall(r'(?m)^ +\w+ as "?(\w+)', stream["query"]))
        assert len(named) > 4
        assert named <= {*wanted}, stream["name"]


@pytest.mark.parametrize("name", ["odoo_sql", "tryton_sql", "template_sql"])
def test_a_profile_makes_a_configuration_with_nothing_but_an_address(tmp_path, name):
    path = tmp_path / "hub.toml"
    path.write_text(
        '[company]\nname = "X"\nreporting_currency = "EUR"\ntime_zone = "UTC"\n'
        '[[sources]]\nname = "erp"\nlabel = "ERP"\n'
        f'kind = "sql"\nprofile = "{name}"\nurl = "${{ERP_URL}}"\n'
    )
    found = read_hub(path, {"ERP_URL": "postgresql://reader@localhost/erp"})
    assert {stream.name for stream in found.source("erp").streams} == STREAMS
