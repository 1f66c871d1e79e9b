"""Whole syncs of both ERPs into the mirror: every row arrives, figures to the cent, changes and deletions within a
cycle.
"""

from decimal import Decimal

import pytest
from django.db.models import Sum

from integration_hub.jobs import finish
from integration_hub.models import (
    ErpAllocation,
    ErpCustomer,
    ErpDelivery,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpPayment,
    RejectedRow,
    Run,
    RunKind,
    RunStatus,
)
from integration_hub.runs import start_run
from tests.erp.rest.conftest import Configure
from tests.erp.rest.erpnext_history import deliver, invoice, ledger, pay
from tests.erp.rest.frappe_site import FrappeSite
from tests.erp.rest.netsuite_account import NetSuiteAccount
from tests.erp.rest.netsuite_history import document, link

pytestmark = pytest.mark.django_db
LATER = "2026-03-02 12:00:00.000000"
NETSUITE_LATER = "2026-03-02 12:00:00"


def run(source: str, kind: RunKind = RunKind.SYNC, **options: object) -> Run:
    done = finish(start_run(kind, source, options=options))
    assert done.status == RunStatus.SUCCEEDED, done.problem
    return done


@pytest.fixture
def erpnext(configure: Configure, site: FrappeSite) -> FrappeSite:
    configure("erpnext", site.url, 'api_key = "${ERP_KEY}"\nclient_secret = "${ERP_SECRET}"\npage_rows = 3')
    run("erpnext")
    return site


@pytest.fixture
def netsuite(configure: Configure, account: NetSuiteAccount) -> NetSuiteAccount:
    configure("netsuite", account.url, 'api_key = "${ERP_KEY}"\npage_rows = 3')
    run("netsuite")
    return account


def adding_up() -> None:
    """Lines add up to their invoice, allocations to what is settled of their item."""
    assert RejectedRow.objects.count() == 0
    for each in ErpInvoice.objects.live():
        lines = ErpInvoiceLine.objects.live().filter(invoice=each).aggregate(net=Sum("net_amount"))
        assert lines["net"] == each.net_amount, each.key
    for item in ErpOpenItem.objects.live().filter(dated_allocations=True):
        taken = ErpAllocation.objects.live().filter(open_item=item).aggregate(all=Sum("amount"))["all"] or 0
        assert item.amount - taken == item.open_amount, item.key


def opened(source: str) -> dict[str, Decimal]:
    rows = ErpOpenItem.objects.live().filter(source=source).exclude(open_amount=0)
    return {str(row.key).partition(":")[2]: row.open_amount.quantize(Decimal("0.01")) for row in rows}


def test_erpnext_arrives_whole_and_a_second_read_changes_nothing(erpnext: FrappeSite) -> None:
    adding_up()
    assert opened("erpnext") == {"s2": Decimal("47.10"), "SI-0004-1": Decimal("55.00")}
    assert ErpInvoice.objects.get(pk="erpnext:SI-0001").status == "part_paid"
    assert ErpDelivery.objects.get().lines.get().order_line_id == "erpnext:SO-0001-i1"
    assert ErpCustomer.objects.get(pk="erpnext:Berg").street == "Hauptstr. 1"
    again = run("erpnext", full=True)
    assert {(each.inserted, each.updated, each.deleted) for each in again.streams.all()} == {(0, 0, 0)}


def test_what_erpnext_writes_without_a_stamp_is_there_after_one_cycle(erpnext: FrappeSite) -> None:
    erpnext.tables["Sales Order"]["SO-0001"]["status"] = "To Bill"  # its own stamp stays
    deliver(erpnext, "DN-0002", "SO-0001", LATER)
    run("erpnext")
    assert ErpOrder.objects.get(pk="erpnext:SO-0001").source_status == "To Bill"
    assert ErpDelivery.objects.count() == 2


def test_a_payment_and_its_cancellation_at_erpnext_are_there_after_one_cycle(erpnext: FrappeSite) -> None:
    pay(erpnext, "PE-0009", "55.00", LATER)
    ledger(erpnext, "L9", "PE-0009", "SI-0004-1", "-55.00", of="Payment Entry", modified=LATER)
    run("erpnext")
    assert ErpInvoice.objects.get(pk="erpnext:SI-0004-1").status == "paid"
    erpnext.put("Payment Entry", "PE-0009", "2026-03-02 13:00:00.000000", docstatus=2)
    erpnext.put("Payment Ledger Entry", "L9", "2026-03-02 13:00:00.000000", delinked=1)
    run("erpnext")
    assert ErpInvoice.objects.get(pk="erpnext:SI-0004-1").status == "open"
    assert not ErpPayment.objects.live().filter(pk="erpnext:PE-0009").exists()
    adding_up()


def test_a_full_return_reverses_its_invoice(erpnext: FrappeSite) -> None:
    invoice(erpnext, "SI-0010", "-55.00", LATER, is_return=1, return_against="SI-0004-1", status="Return")
    ledger(erpnext, "L10", "SI-0010", "SI-0004-1", "-55.00", modified=LATER)
    run("erpnext")
    states = dict(ErpInvoice.objects.filter(number__in=("SI-0010", "SI-0004-1")).values_list("number", "status"))
    assert states == {"SI-0010": "paid", "SI-0004-1": "reversed"}
    adding_up()


def test_a_sweep_of_erpnext_finds_a_deleted_draft_and_a_dropped_line(erpnext: FrappeSite) -> None:
    del erpnext.tables["Sales Invoice"]["SI-0005"]
    del erpnext.tables["Customer"]["Tal"]
    del erpnext.tables["Sales Order Item"]["SO-0001-i1"]
    erpnext.tables["Sales Order"]["SO-0001"]["net_total"] = 0.0
    swept = run("erpnext", RunKind.SWEEP)
    assert not ErpInvoice.objects.live().filter(pk="erpnext:SI-0005").exists()
    assert list(ErpCustomer.objects.live().values_list("number", flat=True)) == ["Berg"]
    assert ErpOrder.objects.get(pk="erpnext:SO-0001").lines.filter(deleted_at=None).count() == 0
    notes = {each.stream: each.note for each in swept.streams.all()}
    assert "1 documents differed" in notes["erpnext.orders"]
    assert "differed" not in notes["erpnext.invoices"] + notes["erpnext.deliveries"]


def test_netsuite_arrives_whole_and_a_second_read_changes_nothing(netsuite: NetSuiteAccount) -> None:
    adding_up()
    assert opened("netsuite") == {"120": Decimal("47.10")}
    assert ErpDelivery.objects.get().lines.get(position=1).order_line_id == "netsuite:100/1"
    again = run("netsuite", full=True)
    assert {(each.inserted, each.updated, each.deleted) for each in again.streams.all()} == {(0, 0, 0)}


def test_a_payment_at_netsuite_is_there_after_one_cycle(netsuite: NetSuiteAccount) -> None:
    document(netsuite, 300, "CustPymt", 47.1, modified=NETSUITE_LATER, unused=0.0)
    link(netsuite, 120, 0, 300, 0, "Payment", 47.1, ("CustInvc", "CustPymt"))
    netsuite.change("update NextTransactionLineLink set lastmodifieddate = ? where nextdoc = 300", NETSUITE_LATER)
    netsuite.change('update "transaction" set foreignamountunpaid = 0 where id = 120')
    run("netsuite")
    assert ErpInvoice.objects.get(pk="netsuite:120").status == "paid"
    adding_up()


def test_deletions_at_netsuite_come_by_name_or_by_sweep(netsuite: NetSuiteAccount) -> None:
    document(netsuite, 101, "SalesOrd", 5.0, modified=NETSUITE_LATER)
    run("netsuite")
    netsuite.change('delete from "transaction" where id in (100, 170)')
    swept = run("netsuite", RunKind.SWEEP)
    assert list(ErpOrder.objects.live().values_list("number", flat=True)) == ["N101"]
    assert "differed" not in "".join(each.note for each in swept.streams.all())
    netsuite.unseen.clear()
    netsuite.add("deletedrecord", recordid=130, deleteddate="2026-03-03 00:00:00")
    netsuite.change('delete from "transaction" where id = 130')
    run("netsuite")
    assert set(ErpInvoice.objects.live().values_list("number", flat=True)) == {"N120", "N150", "N160"}
