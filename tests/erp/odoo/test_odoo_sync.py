"""Odoo through the whole product: from the stand-in's HTTP to the mirror, changes, and what must not delete."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import F, Sum
from pytest_django import Settings

from integration_hub.jobs import finish
from integration_hub.models import (
    ErpAllocation,
    ErpCompany,
    ErpContact,
    ErpCurrencyRate,
    ErpCustomer,
    ErpDelivery,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    ErpProduct,
    RejectedRow,
    Run,
    RunKind,
    RunStatus,
)
from integration_hub.runs import start_run
from tests.erp.odoo.company import HALDEN, OTHER, TODAY, Business
from tests.erp.odoo.history import history
from tests.erp.odoo.standin import DATABASE, KEY, LOGIN, OdooStandin

HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "odoo"
label = "Odoo"
kind = "odoo"
profile = "odoo"
url = "{url}"
database = "{database}"
username = "{login}"
api_key = "${{ODOO_TEST_KEY}}"
companies = ["1", "2"]
page_rows = 3
"""
COUNTS = {
    ErpCompany: 2, ErpCurrencyRate: 2, ErpProduct: 2, ErpCustomer: 4, ErpContact: 2, ErpOrder: 4, ErpOrderLine: 4,
    ErpDelivery: 2, ErpDeliveryLine: 2, ErpInvoice: 12, ErpInvoiceLine: 13, ErpOpenItem: 11, ErpAllocation: 7,
    ErpPayment: 2,
}  # fmt: skip


@pytest.fixture(params=[15, 19])
def business(request: pytest.FixtureRequest) -> Business:
    return history(request.param)


@pytest.fixture
def odoo(
    business: Business, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[OdooStandin]:
    server = OdooStandin(business.db)
    path = tmp_path / "hub.toml"
    path.write_text(HUB.format(url=server.url, database=DATABASE, login=LOGIN))
    settings.HUB_CONFIG = str(path)
    settings.PUBLISH_HOOKS = []
    monkeypatch.setenv("ODOO_TEST_KEY", KEY)
    monkeypatch.setattr("integration_hub.erp.http.PAUSES", ())
    yield server
    server.close()


def run(kind: RunKind = RunKind.SYNC, **options: object) -> Run:
    return finish(start_run(kind, "odoo", options=options))


def counts() -> dict[type, int]:
    return {model: model.objects.live().count() for model in COUNTS}


def test_everything_arrives_and_figures_equal_the_ledger(odoo: OdooStandin, business: Business) -> None:
    done = run()
    assert done.status == RunStatus.SUCCEEDED, done.problem
    assert list(RejectedRow.objects.values_list("stream", "column", "reason")) == []
    assert counts() == COUNTS
    posted = ErpInvoiceLine.objects.live().exclude(invoice__status__in=["draft", "cancelled"])
    revenue = posted.exclude(kind="down_payment").values_list("invoice__company_id").annotate(
        total=Sum(F("net_amount") * F("invoice__exchange_rate"))
    )  # fmt: skip
    assert dict(revenue) == {
        "odoo:1": business.ledger.revenue[HALDEN].quantize(Decimal("0.01")),
        "odoo:2": business.ledger.revenue[OTHER],
    }
    overdue = ErpOpenItem.objects.live().filter(due_on__lt=TODAY).values_list("company_id").annotate(
        total=Sum(F("open_amount") * F("invoice__exchange_rate"))
    )  # fmt: skip
    assert dict(overdue) == {
        "odoo:1": business.ledger.open(HALDEN, TODAY),
        "odoo:2": business.ledger.open(OTHER, TODAY),
    }


def test_references_point_at_rows_that_are_there(odoo: OdooStandin) -> None:
    run()
    assert ErpInvoice.objects.get(number="RINV/1").reverses.number == "INV/3"
    assert {each.order_line.order.number for each in ErpDeliveryLine.objects.all()} == {"S1"}
    assert ErpInvoiceLine.objects.get(order_line="odoo:1").order_line.order.number == "S1"
    assert {each.invoice.customer_id == each.customer_id for each in ErpOpenItem.objects.all()} == {True}
    assert ErpAllocation.objects.get(payment__number="PAY/4").open_item.due_on.isoformat() == "2026-02-14"


def test_reading_again_changes_nothing(odoo: OdooStandin) -> None:
    run()
    for whole in (False, True):
        again = run(full=whole)
        assert again.status == RunStatus.SUCCEEDED, again.problem
        assert {(each.inserted, each.updated, each.deleted) for each in again.streams.all()} == {(0, 0, 0)}


def test_a_payment_a_line_text_an_archived_contact_and_a_deleted_draft_show(
    odoo: OdooStandin, business: Business
) -> None:
    run()
    business.db.clock = "2026-06-02 00:00:00"
    business.pay(5, "395.00", "2026-06-02")
    business.db.write("sale.order.line", 1, name="Another text")
    business.db.write("res.partner", 3, active=False)
    business.db.unlink("account.move", 12)
    assert run().status == RunStatus.SUCCEEDED
    assert ErpInvoice.objects.get(key="odoo:1").status == "paid"
    assert ErpOpenItem.objects.get(key="odoo:5").open_amount == 0
    assert ErpOrderLine.objects.get(key="odoo:1").text == "Another text"
    assert ErpContact.objects.get(key="odoo:3").deleted_at is not None
    assert run(RunKind.SWEEP).status == RunStatus.SUCCEEDED
    assert ErpInvoice.objects.get(key="odoo:12").gone_reason == "deleted"


def test_a_company_that_is_taken_away_deletes_nothing_and_is_told(odoo: OdooStandin, business: Business) -> None:
    run()
    business.db.tables["res.users"][2]["company_ids"] = [1]
    for kind, options in ((RunKind.SYNC, {"full": True}), (RunKind.SWEEP, {})):
        failed = run(kind, **options)
        assert failed.status == RunStatus.FAILED
        assert 'does not see the company "2"' in failed.problem
    assert counts() == COUNTS


def test_a_read_that_breaks_off_publishes_nothing_and_goes_on(odoo: OdooStandin) -> None:
    odoo.misbehave("cut", path="account.move.line.*search_read", times=99, after=2)
    assert run(stream="invoices").status == RunStatus.FAILED
    assert ErpInvoice.objects.count() == 0
    odoo.faults.clear()
    assert run(stream="invoices").status == RunStatus.SUCCEEDED
    assert (ErpInvoice.objects.count(), ErpOpenItem.objects.count()) == (12, 11)
