"""Whole syncs of the profile s4hana against a stand-in: what the figures rest on."""

from decimal import Decimal

import pytest

from integration_hub.models import (
    ErpCustomer,
    ErpDelivery,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    RunKind,
    RunStatus,
    StreamState,
)
from tests.erp.odata.conftest import sync
from tests.erp.odata.sap import BILLS, DELIVERIES, ITEMS, ORDERS, Sap

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(sap: Sap) -> Sap:
    """One customer; three orders; a delivery; an invoice, a credit memo, a cancelled bill, a pro forma; open items."""
    sap.partner("17", "Kestrel Marine")
    sap.partner("18", "Blocked Ltd", OrderIsBlockedForCustomer="01")
    sap.order("1", "100", "50")
    sap.order("2", "70", OverallSDProcessStatus="C")
    sap.order("10", "10", OverallSDDocumentRejectionSts="C")
    sap.delivery("800", "1", None, OverallGoodsMovementStatus="C", ActualGoodsMovementDate="2026-03-02")
    sap.bill("900", "M", "100")
    sap.bill("901", "O", "20")
    sap.bill("902", "M", "300", BillingDocumentIsCancelled=True)
    sap.bill("903", "N", "300", CancelledBillingDocument="902")
    sap.bill("904", "U", "999")
    sap.bill("905", "M", "40", AccountingTransferStatus="A")
    sap.item("1400", "119", BillingDocument="900")
    sap.item("1401", "-24", BillingDocument="901")
    sap.item("1402", "357", BillingDocument="902", IsCleared=True, ClearingCreationDate="2026-03-03")
    sap.reduces("1500", "-50", "0000001400")
    return sap


def open_amounts() -> dict[str, str]:
    return {
        key.split("/")[2]: f"{amount.normalize():f}"
        for key, amount in ErpOpenItem.objects.live().values_list("key", "open_amount")
    }


def test_everything_arrives_in_pages_with_its_lines(books: Sap) -> None:
    run = sync("sap")
    assert (run.status, run.problem) == (RunStatus.SUCCEEDED, "")
    assert list(
        ErpCustomer.objects.order_by("key").values_list("key", "name", "city", "street", "email", "blocked")
    ) == [
        ("sap:17", "Kestrel Marine", "Kiel", "Hafenstraße 4", "a@example.com", False),
        ("sap:18", "Blocked Ltd", "Kiel", "Hafenstraße 4", "a@example.com", True),
    ]
    assert sorted(ErpOrder.objects.values_list("key", "status", "net_amount")) == [
        ("sap:1", "open", Decimal(150)),
        ("sap:10", "cancelled", Decimal(10)),
        ("sap:2", "done", Decimal(70)),
    ]
    assert sorted(ErpOrderLine.objects.values_list("key", "order_id", "unit_price")) == [
        ("sap:1/10", "sap:1", Decimal(50)),
        ("sap:1/20", "sap:1", Decimal(25)),
        ("sap:10/10", "sap:10", Decimal(5)),
        ("sap:2/10", "sap:2", Decimal(35)),
    ]
    shipped = ErpDelivery.objects.get()
    assert (shipped.status, str(shipped.shipped_on), shipped.customer_id) == ("shipped", "2026-03-02", "sap:17")
    assert ErpDeliveryLine.objects.get().order_line_id == "sap:1/10"


def test_credit_memos_are_negative_and_a_cancelled_bill_counts_with_the_one_that_cancels_it(books: Sap) -> None:
    sync("sap")
    found = ErpInvoice.objects.order_by("key").values_list("key", "kind", "status", "net_amount", "reverses")
    assert list(found) == [
        ("sap:900", "invoice", "open", Decimal(100), None),
        ("sap:901", "credit_note", "open", Decimal(-20), None),
        ("sap:902", "invoice", "reversed", Decimal(300), None),
        ("sap:903", "credit_note", "reversed", Decimal(-300), "sap:902"),
        ("sap:905", "invoice", "draft", Decimal(40), None),
    ]
    lines = ErpInvoiceLine.objects.order_by("key").values_list("key", "net_amount", "order_line")
    assert list(lines)[:2] == [("sap:900/10", Decimal(100), "sap:1/10"), ("sap:901/10", Decimal(-20), None)]


def test_a_part_payment_counts_against_the_open_item_that_it_names(books: Sap) -> None:
    sync("sap")
    assert open_amounts() == {"1400": "69", "1401": "-24", "1402": "0", "1500": "0"}
    item = ErpOpenItem.objects.get(key="sap:1010/2026/1400/1")
    assert (item.invoice_id, item.customer_id, str(item.due_on), item.amount) == (
        "sap:900",
        "sap:17",
        "2026-04-02",
        Decimal(119),
    )


def test_a_part_payment_of_a_cleared_item_stands_for_itself(books: Sap) -> None:
    books.reduces("1501", "-7", "1402")
    sync("sap")
    assert open_amounts()["1501"] == "-7"


def test_a_new_part_payment_changes_the_item_it_names_which_did_not_change_itself(books: Sap) -> None:
    sync("sap")
    for row in books.data[ITEMS]:
        row["AccountingDocumentCreationDate"] = "2026-01-01"
    books.reduces("1600", "-19", "1400", AccountingDocumentCreationDate="2026-03-09")
    sync("sap")
    assert open_amounts()["1400"] == "50"
    assert open_amounts()["1600"] == "0"


def test_a_cleared_item_is_found_by_the_day_of_its_clearing_alone(books: Sap) -> None:
    sync("sap")
    for row in books.data[ITEMS]:
        row["AccountingDocumentCreationDate"] = "2026-01-01"
    for row in (books.data[ITEMS][0], books.data[ITEMS][3]):
        row |= {"IsCleared": True, "ClearingCreationDate": "2026-03-10"}
    sync("sap")
    assert open_amounts() == {"1400": "0", "1401": "-24", "1402": "0", "1500": "0"}


def test_a_day_as_change_mark_is_read_again_for_two_days_and_an_instant_for_half_an_hour(books: Sap) -> None:
    sync("sap")
    books.asked.clear()
    sync("sap")
    filters: dict[str, str] = {}
    for asked in books.asked:  # a count of all rows follows what is asked for
        entity = asked.path.rpartition("/")[2]
        filters[entity] = f"{filters.get(entity, '')} {asked.params.get('$filter', '')}"
    assert "LastChangeDateTime ge datetimeoffset'2026-03-01T09:30:00Z'" in filters["A_SalesOrder"]
    assert "LastChangeDate ge datetime'2026-02-28T00:00:00'" in filters["A_OutbDeliveryHeader"]
    assert StreamState.objects.get(pk="sap.deliveries").cursor == "2026-03-02"


def test_a_delivery_that_was_never_changed_counts_by_the_day_of_its_creation(books: Sap) -> None:
    sync("sap")
    books.delivery("801", "2", None, CreationDate="2026-03-04")
    sync("sap")
    assert ErpDelivery.objects.filter(key="sap:801").exists()


def test_two_full_reads_are_equal(books: Sap) -> None:
    sync("sap")
    again = sync("sap", full=True)
    assert {(each.stream, each.inserted, each.updated, each.deleted) for each in again.streams.all()} == {
        (each.stream, 0, 0, 0) for each in again.streams.all()
    }


def test_a_changed_item_of_an_order_replaces_its_lines(books: Sap) -> None:
    sync("sap")
    order = books.data[ORDERS][0]
    del order["to_Item"][1]
    order |= {"TotalNetAmount": "100", "LastChangeDateTime": "2026-03-05T10:00:00Z"}
    sync("sap")
    assert sorted(ErpOrderLine.objects.live().values_list("key", flat=True)) == ["sap:1/10", "sap:10/10", "sap:2/10"]


def test_a_sweep_removes_what_is_gone_and_leaves_bills_of_the_other_stream_alone(books: Sap) -> None:
    sync("sap")
    books.data[BILLS] = [row for row in books.data[BILLS] if row["BillingDocument"] != "905"]
    books.data[DELIVERIES].clear()
    books.delivery("802", "1", "2020-01-01", CreationDate="2020-01-01")
    swept = sync("sap", RunKind.SWEEP)
    assert (swept.status, swept.problem) == (RunStatus.SUCCEEDED, "")
    assert sorted(ErpInvoice.objects.live().values_list("key", flat=True)) == [
        "sap:900",
        "sap:901",
        "sap:902",
        "sap:903",
    ]
    assert ErpInvoiceLine.objects.live().count() == 4
    assert sorted(ErpDelivery.objects.live().values_list("key", flat=True)) == ["sap:800", "sap:802"]


def test_a_changed_credit_memo_keeps_its_lines(books: Sap) -> None:
    sync("sap")
    books.data[BILLS][1] |= {"LastChangeDateTime": "2026-03-09T10:00:00Z", "PurchaseOrderByCustomer": "PO 7"}
    sync("sap")
    assert ErpInvoice.objects.get(key="sap:901").customer_reference == "PO 7"
    assert ErpInvoiceLine.objects.live().count() == 5
