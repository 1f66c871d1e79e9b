"""Whole syncs of the profile business_central against a stand-in: companies, orders that vanish, what is open."""

from decimal import Decimal

import pytest

from integration_hub.models import (
    ErpCompany,
    ErpCurrencyRate,
    ErpCustomer,
    ErpDelivery,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    RunKind,
    RunStatus,
)
from tests.erp.odata.bc import HUB, NORTH, SOUTH, BusinessCentral, guid
from tests.erp.odata.conftest import Configure, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(bc: BusinessCentral) -> BusinessCentral:
    """Customers in two companies, orders, a shipment, invoices and a credit memo."""
    bc.add("customers", 17, number="C17", displayName="Kestrel Marine", blocked="_x0020_", creditLimit="5000")
    bc.add("customers", 18, SOUTH, number="C17", displayName="Kestrel US", blocked="All")
    bc.add("currencyExchangeRates", 5, currencyCode="USD", startingDate="2026-01-01", exchangeRateAmount="100")
    bc.rows("currencyExchangeRates")[0]["relationalExchangeRateAmount"] = "92.5"
    for number in (1, 2, 3):
        bc.order(number, f"{number}00")
    bc.order(4, "11", SOUTH, number="SO1", currencyCode="USD")
    shipped = bc.line("salesShipmentLines", 700, "0")
    bc.add("salesShipments", 70, number="SS70", orderNumber="SO1", customerId=guid(17), postingDate="2026-02-20")
    bc.rows("salesShipments")[0]["salesShipmentLines"] = [shipped]
    bc.invoice(50, "100", "100", orderNumber="SO1")
    bc.invoice(51, "80", "0", status="Paid")
    bc.invoice(52, "60", "0", status="Canceled")
    bc.invoice(53, "40", "40", status="In_x0020_Review")
    bc.credit_memo(60, "60", status="Corrective", invoiceId=guid(52))
    bc.credit_memo(61, "5", invoiceId="00000000-0000-0000-0000-000000000000")
    return bc


def test_every_company_is_read_and_numbers_repeat_across_them(books: BusinessCentral) -> None:
    run = sync("bc")
    assert (run.status, run.problem) == (RunStatus.SUCCEEDED, "")
    assert sorted(ErpCompany.objects.values_list("key", "name", "currency")) == [
        (f"bc:{NORTH}", "NORTH Inc", "EUR"),
        (f"bc:{SOUTH}", "SOUTH Inc", "USD"),
    ]
    assert sorted(ErpCustomer.objects.values_list("number", "company_id", "currency", "blocked")) == [
        ("C17", f"bc:{NORTH}", "EUR", False),
        ("C17", f"bc:{SOUTH}", "USD", True),
    ]
    assert sorted(ErpOrder.objects.values_list("key", "currency", "net_amount")) == [
        (f"bc:{NORTH}/SO1", "EUR", Decimal(100)),
        (f"bc:{NORTH}/SO2", "EUR", Decimal(200)),
        (f"bc:{NORTH}/SO3", "EUR", Decimal(300)),
        (f"bc:{SOUTH}/SO1", "USD", Decimal(11)),
    ]
    rate = ErpCurrencyRate.objects.get()
    assert (rate.currency, rate.base, rate.rate) == ("USD", "EUR", Decimal("0.925"))
    assert ErpDelivery.objects.get().order_id == f"bc:{NORTH}/SO1"


def test_invoices_and_credit_memos_have_signs_states_and_one_open_item_each(books: BusinessCentral) -> None:
    books.invoice(54, "90", "30")
    sync("bc")
    found = ErpInvoice.objects.order_by("number").values_list("number", "kind", "status", "net_amount", "reverses")
    assert list(found) == [
        ("CM60", "credit_note", "reversed", Decimal(-60), f"bc:{guid(52)}"),
        ("CM61", "credit_note", "open", Decimal(-5), None),
        ("SI50", "invoice", "open", Decimal(100), None),
        ("SI51", "invoice", "paid", Decimal(80), None),
        ("SI52", "invoice", "reversed", Decimal(60), None),
        ("SI53", "invoice", "draft", Decimal(40), None),
        ("SI54", "invoice", "part_paid", Decimal(90), None),
    ]
    items = ErpOpenItem.objects.order_by("number").values_list("number", "amount", "open_amount", "invoice__number")
    assert list(items) == [
        ("CM60", Decimal(-60), Decimal(0), "CM60"),
        ("CM61", Decimal(-5), Decimal(-5), "CM61"),
        ("SI50", Decimal(100), Decimal(100), "SI50"),
        ("SI51", Decimal(80), Decimal(0), "SI51"),
        ("SI52", Decimal(60), Decimal(0), "SI52"),
        ("SI53", Decimal(40), Decimal(40), "SI53"),
        ("SI54", Decimal(90), Decimal(30), "SI54"),
    ]
    assert ErpInvoice.objects.get(number="SI50").order_id == f"bc:{NORTH}/SO1"
    assert ErpInvoiceLine.objects.get(invoice__number="CM61").net_amount == -5


@pytest.mark.parametrize("kind", [RunKind.SYNC, RunKind.SWEEP])
def test_an_order_that_vanishes_when_it_is_posted_is_closed_not_gone(books: BusinessCentral, kind: RunKind) -> None:
    sync("bc")
    books.rows("salesOrders").pop(0)
    run = sync("bc", kind, **({"full": True} if kind == RunKind.SYNC else {}))
    assert (run.status, run.problem) == (RunStatus.SUCCEEDED, "")
    order = ErpOrder.objects.get(key=f"bc:{NORTH}/SO1")
    assert (order.status, order.deleted_at, order.net_amount) == ("closed", None, Decimal(100))
    assert ErpOrderLine.objects.live().filter(order=order.key).count() == 1
    assert ErpOrder.objects.filter(status="open").count() == 3


def test_a_part_payment_is_seen_although_the_invoice_has_the_same_stamp(books: BusinessCentral) -> None:
    sync("bc")
    later = books.invoice(55, "10", "10", lastModifiedDateTime="2026-04-01T10:00:00Z")
    sync("bc")
    books.rows("salesInvoices")[0]["remainingAmount"] = "25"
    run = sync("bc")
    assert ErpOpenItem.objects.get(number="SI50").open_amount == 25
    assert ErpInvoice.objects.get(number="SI50").status == "part_paid"
    assert run.streams.get(stream="bc.invoices").duplicates == 0
    assert later["id"] == guid(55)


def test_only_the_companies_of_hub_toml_are_read(books: BusinessCentral, configure: Configure) -> None:
    configure(HUB.format(url=books.url, options='companies = ["SOUTH"]'))
    sync("bc")
    assert set(ErpOrder.objects.values_list("company_id", flat=True)) == {f"bc:{SOUTH}"}
    assert not any(NORTH in asked.path for asked in books.asked)


def test_a_company_that_is_not_seen_stops_before_anything_is_read(books: BusinessCentral, configure: Configure) -> None:
    sync("bc")
    configure(HUB.format(url=books.url, options='companies = ["NORTH", "WEST"]'))
    run = sync("bc", full=True)
    assert run.status == RunStatus.FAILED
    assert 'no company "WEST"' in run.problem
    assert "NORTH, SOUTH" in run.remedy
    assert ErpOrder.objects.live().count() == 4


def test_a_token_that_ran_out_is_renewed_once_and_never_more(books: BusinessCentral) -> None:
    sync("bc")
    books.faults.clear()
    tokens = len(books.tokens)
    books.expired.update(books.tokens)
    books.misbehave("status", path="salesShipments", status=401)
    assert sync("bc").status == RunStatus.SUCCEEDED
    assert len(books.tokens) == tokens + 2
    books.allowed = lambda _header: False
    failed = sync("bc")
    assert (failed.status, "refuses our sign-in" in failed.problem) == (RunStatus.FAILED, True)
    assert len(books.tokens) == tokens + 4


def test_a_throttled_request_waits_as_long_as_it_is_told(books: BusinessCentral) -> None:
    books.misbehave("status", path="salesOrders", status=429, headers={"Retry-After": "0"})
    assert sync("bc").status == RunStatus.SUCCEEDED
    assert ErpOrder.objects.count() == 4


def test_pages_are_asked_for_by_preference_and_followed_by_their_links(books: BusinessCentral) -> None:
    sync("bc")
    asked = [each for each in books.asked if each.path.endswith(f"companies({NORTH})/salesOrders")]
    assert [each.headers["Prefer"] for each in asked[:1]] == ["odata.maxpagesize=2"]
    assert "$skiptoken" in asked[1].params
    pages = [each for each in asked if each.params.get("$top") != "1"]  # a count asks for one row
    assert not any("$top" in each.params or "$skip" in each.params for each in pages)
