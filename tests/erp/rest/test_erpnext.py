"""What the ERPNext adapter reads, what it must not ask, and what it says of bad answers."""

from decimal import Decimal
from typing import Any

import pytest

from integration_hub.erp.adapter import Question
from integration_hub.erp.erpnext.source import ErpNextAdapter
from integration_hub.erp.rest import rest_adapter
from integration_hub.sources import SourceProblem, SourceRefused
from tests.erp.rest.conftest import Configure
from tests.erp.rest.erpnext_history import DAY, DE, US, invoice, ledger, order
from tests.erp.rest.frappe_site import FrappeSite
from tests.erp.rest.read import Read, opened

KEYS = 'api_key = "${ERP_KEY}"\nclient_secret = "${ERP_SECRET}"\n'


@pytest.fixture
def adapter(configure: Configure, site: FrappeSite) -> ErpNextAdapter:
    return opened(rest_adapter(configure("erpnext", site.url, KEYS)), ErpNextAdapter)


def reading(configure: Configure, site: FrappeSite, more: str) -> Read:
    return Read(opened(rest_adapter(configure("erpnext", site.url, KEYS + more)), ErpNextAdapter))


def test_check_says_who_we_are_where_and_that_it_is_not_proven(adapter: ErpNextAdapter) -> None:
    check = adapter.check()
    assert (check.companies, check.proven, check.warnings) == ((DE, US), False, ())
    assert check.version == "erpnext 15.40.1, frappe 15.40.1, site time Europe/Berlin"


def test_check_warns_of_a_user_who_could_write(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    site.may_write = True
    assert adapter.check().warnings == (
        "The user reader@example.com could write Customer in ERPNext: give it a role that only reads.",
    )


def test_invoices_come_with_lines_instalments_and_dated_allocations(adapter: ErpNextAdapter) -> None:
    read = Read(adapter)
    invoices = read.all("invoices")
    assert {key: (row["kind"], row["status"], row["gross_amount"]) for key, row in invoices.items()} == {
        "SI-0001": ("invoice", "part_paid", "119.0"),
        "SI-0002": ("credit_note", "paid", "-11.9"),
        "SI-0003": ("invoice", "paid", "100.0"),
        "SI-0004": ("invoice", "cancelled", "50.0"),
        "SI-0004-1": ("invoice", "open", "55.0"),
        "SI-0005": ("invoice", "draft", "10.0"),
    }
    assert invoices["SI-0002"]["reverses"] == "SI-0001"
    assert invoices["SI-0001"]["source_modified_at"] == "2026-03-01T10:00:00.000000+01:00"
    items = read.beside["open_items"]
    assert {key: (row["due_on"], row["amount"], row["open_amount"]) for key, row in items.items()} == {
        "s1": ("2026-03-31", "59.5", "0.0"),
        "s2": ("2026-04-30", "59.5", "47.1"),
        "SI-0002": ("2026-03-31", "-11.9", "0.0"),
        "SI-0003": ("2026-03-31", "100.0", "0.00"),
        "SI-0004-1": ("2026-03-31", "55.0", "55.0"),
    }
    found = {key: row for key, row in read.beside["allocations"].items() if row["currency"] == "EUR"}
    assert {key: (row["invoice"], row["payment"], row["credit_note"], row["amount"]) for key, row in found.items()} == {
        "L2/s1": ("SI-0001", None, "SI-0002", "11.9"),
        "L2/SI-0002": ("SI-0002", None, "SI-0001", "-11.9"),
        "L3/s1": ("SI-0001", "PE-0001", None, "47.6"),
        "L3/s2": ("SI-0001", "PE-0001", None, "12.4"),
    }
    assert found["L2/s1"]["allocated_on"] == "2026-03-05"
    assert found["L3/s2"]["open_item"] == "s2"


def test_a_ledger_in_the_companys_currency_settles_to_the_cent(adapter: ErpNextAdapter) -> None:
    read = Read(adapter)
    read.all("invoices")
    parts = [row for row in read.beside["allocations"].values() if row["invoice"] == "SI-0003"]
    assert sum(Decimal(str(row["amount"])) for row in parts) == Decimal("100.00")
    assert {row["currency"] for row in parts} == {"USD"}


def test_what_was_paid_in_advance_is_no_part_of_the_schedule(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    invoice(site, "SI-0020", "119.00", schedule=(("a1", "2026-04-30", "66.67"), ("a2", "2026-05-31", "33.32")))
    ledger(site, "A1", "SI-0020", "SI-0020", "119.00")
    ledger(site, "A2", "PE-0099", "SI-0020", "-19.01", of="Payment Entry", day="2026-02-01")
    invoice(site, "SI-0021", "100.00", schedule=(("b1", "2026-04-30", "33.33"), ("b2", "2026-05-31", "66.66")))
    read = Read(adapter)
    read.some("invoices", ["SI-0020", "SI-0021"])
    items = read.beside["open_items"]
    assert {key: (row["due_on"], row["amount"], row["open_amount"]) for key, row in items.items()} == {
        "SI-0020": ("2026-03-01", "19.01", "0.00"),
        "a1": ("2026-04-30", "66.67", "66.67"),
        "a2": ("2026-05-31", "33.32", "33.32"),
        "b1": ("2026-04-30", "33.33", "33.33"),
        "b2": ("2026-05-31", "66.67", "66.67"),
    }
    assert read.beside["allocations"]["A2/SI-0020"]["allocated_on"] == "2026-03-01"


def test_a_site_that_does_not_say_its_time_zone_needs_the_option(configure: Configure, site: FrappeSite) -> None:
    site.time_zone = ""
    with pytest.raises(SourceProblem, match="time zone"):
        reading(configure, site, "").all("companies")
    told = reading(configure, site, '[sources.options]\ntime_zone = "Asia/Kolkata"')
    assert told.all("orders")["SO-0001"]["source_modified_at"] == "2026-03-01T10:00:00.000000+05:30"


def test_every_other_stream_has_its_columns(adapter: ErpNextAdapter) -> None:
    read = Read(adapter)
    assert read.all("companies")[US]["currency"] == "USD"
    assert read.all("rates")["2026-03-01-USD-EUR"]["rate"] == "0.92"
    assert read.all("products")["PUMP"]["unit"] == "Nos"
    berg = read.all("customers")["Berg"]
    assert (berg["street"], berg["postal_code"], berg["vat_id"], berg["website"]) == (
        "Hauptstr. 1",
        "53111",
        "DE1",
        None,
    )
    assert read.all("contacts")["Jane Doe"]["customer"] == "Berg"
    assert read.all("orders")["SO-0001"]["net_amount"] == "100.0"
    assert read.beside["order_lines"]["SO-0001-i1"]["order"] == "SO-0001"
    assert read.all("deliveries")["DN-0001"]["shipped_on"] == "2026-03-02"
    assert read.beside["delivery_lines"]["DN-0001-i1"]["order_line"] == "SO-0001-i1"
    assert read.all("payments")["PE-0001"]["amount"] == "60.0"


def test_money_paid_back_is_negative(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    site.put("Payment Entry", "PE-0001", DAY, payment_type="Pay")
    assert Read(adapter).all("payments")["PE-0001"]["amount"] == "-60.0"


def test_totals_are_those_of_the_rows(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    for version in ("15.1.0", "16.2.0"):
        site.version = version
        adapter.__dict__.pop("_versions", None)
        read = Read(adapter)
        rows = read.all("invoices").values()
        totals = adapter.totals(read.stream("invoices"))
        assert totals is not None
        assert totals.rows == len(rows)
        for currency in ("EUR", "USD"):
            net = sum(Decimal(str(row["net_amount"])) for row in rows if row["currency"] == currency)
            assert totals.sums["net_amount"][currency] == net
        assert adapter.totals(read.stream("customers")).rows == 2  # type: ignore[union-attr]


def test_keys_are_those_of_the_rows(adapter: ErpNextAdapter) -> None:
    for name in ("customers", "orders", "deliveries", "invoices", "payments"):
        read = Read(adapter)
        assert read.keys(name) == set(read.all(name))
        for beside, rows in read.beside.items():
            assert read.keys(beside) == set(rows), beside


def test_many_rows_of_one_stamp_all_arrive_over_page_edges(configure: Configure, site: FrappeSite) -> None:
    for number in range(25):
        order(site, f"SO-1{number:03}", "10.00", "2026-03-02 08:00:00.000000")
    read = reading(configure, site, "page_rows = 7")
    assert len(read.all("orders")) == 26
    assert len(read.since("orders", "2026-03-02T06:59:00+00:00")) == 25
    assert len(read.beside["order_lines"]) == 25


def test_a_read_goes_on_behind_its_place(configure: Configure, site: FrappeSite) -> None:
    for number in range(9):
        order(site, f"SO-1{number:03}", "10.00")
    read = reading(configure, site, "page_rows = 4")
    places = [batch.place for batch in read.adapter.pull(Question(read.stream("orders")))]
    assert places == ["nSO-1002", "nSO-1006", "nSO-1008"]
    again = read.adapter.pull(Question(read.stream("orders"), place=places[0]))
    assert sum(len(batch.rows) for batch in again) == 6


def test_an_order_whose_progress_moves_no_stamp_is_seen_through_its_delivery(
    adapter: ErpNextAdapter, site: FrappeSite
) -> None:
    read = Read(adapter)
    assert read.since("orders", "2026-03-02T00:00:00+00:00") == {}
    site.tables["Sales Order"]["SO-0001"]["status"] = "Completed"
    site.tables["Delivery Note"]["DN-0001"]["modified"] = "2026-03-02 12:00:00.000000"
    assert read.since("orders", "2026-03-02T00:00:00+00:00")["SO-0001"]["status"] == "Completed"


def test_a_cancelled_payment_is_named_as_gone_and_reopens_its_invoice(
    adapter: ErpNextAdapter, site: FrappeSite
) -> None:
    later = "2026-04-01 09:00:00.000000"
    site.put("Payment Entry", "PE-0001", later, docstatus=2)
    site.put("Payment Ledger Entry", "L3", later, delinked=1)
    read = Read(adapter)
    assert read.since("payments", "2026-03-31T00:00:00+00:00") == {}
    assert read.gone == ["PE-0001"]
    changed = read.since("invoices", "2026-03-31T00:00:00+00:00")
    assert {key: row["status"] for key, row in changed.items()} == {"SI-0001": "part_paid"}
    assert read.beside["open_items"]["s1"]["open_amount"] == "47.6"


def test_deleted_documents_are_named_where_the_user_may_see_them(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    site.unreadable.clear()
    del site.tables["Customer"]["Tal"]
    site.put("Deleted Document", "d1", "2026-04-01 09:00:00.000000", deleted_doctype="Customer", deleted_name="Tal")
    site.put("Deleted Document", "d2", "2026-04-01 09:00:00.000000", deleted_doctype="Customer", deleted_name="Berg")
    read = Read(adapter)
    read.since("customers", "2026-03-31T00:00:00+00:00")
    assert read.gone == ["Tal"]


def test_rows_of_the_hour_that_summer_time_repeats_are_not_passed(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    order(site, "SO-0002", "10.00", "2026-10-25 02:05:00.000000")  # 01:05 UTC, the second time round
    assert "SO-0002" in Read(adapter).since("orders", "2026-10-25T00:50:00+00:00")


def test_only_the_companies_of_the_configuration_are_read(configure: Configure, site: FrappeSite) -> None:
    invoice(site, "SI-0009", "10.00", company=US)
    read = reading(configure, site, f'companies = ["{US}"]')
    assert set(read.all("invoices")) == {"SI-0009"}
    assert set(read.all("companies")) == {US}


def test_a_company_that_is_not_seen_stops_instead_of_deleting(configure: Configure, site: FrappeSite) -> None:
    read = reading(configure, site, 'companies = ["Halden SA"]')
    with pytest.raises(SourceProblem, match='shows no company "Halden SA"'):
        read.all("invoices")
    with pytest.raises(SourceProblem, match='shows no company "Halden SA"'):
        read.keys("invoices")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/resource/Sales%20Invoice"),
        ("PUT", "/api/resource/Sales%20Invoice/SI-0001"),
        ("DELETE", "/api/resource/Sales%20Invoice/SI-0001"),
        ("GET", "/api/resource/Sales%20Invoice/SI-0001"),
        ("POST", "/api/method/frappe.client.set_value"),
        ("POST", "/api/method/frappe.client.insert"),
        ("GET", "/api/method/frappe.client.delete"),
        ("POST", "/api/method/frappe.client.submit"),
        ("POST", "/api/method/frappe.client.cancel"),
        ("POST", "/api/method/frappe.client.get_list/../frappe.client.insert"),
        ("POST", "/api/method/login"),
        ("PATCH", "/api/resource/Customer"),
    ],
)
def test_nothing_that_writes_reaches_the_socket(
    adapter: ErpNextAdapter, site: FrappeSite, method: str, path: str
) -> None:
    with pytest.raises(SourceRefused):
        adapter.session.ask(method, path, body={"doctype": "Customer"})
    assert site.asked == []


BAD: list[tuple[str, dict[str, Any], str, bool]] = [
    ("html", {}, "web page titled", True),
    ("cut", {}, "broke off", True),
    ("cut_json", {}, "no whole JSON", True),
    ("status", {"status": 403, "body": {"exception": "No permission for Sales Order"}}, "No permission for", False),
    ("status", {"status": 503}, "status 503", True),
    ("status", {"status": 401}, "refuses our sign-in", False),
    ("status", {"status": 500, "body": {"exception": "Unknown column 'x'"}}, "Unknown column", True),
]


@pytest.mark.parametrize(("kind", "options", "words", "transient"), BAD)
def test_bad_answers_are_said_in_words(
    adapter: ErpNextAdapter, site: FrappeSite, kind: str, options: dict[str, Any], words: str, transient: bool
) -> None:
    site.misbehave(kind, path="Sales%20Order|Sales\\+Order", times=9, **options)
    with pytest.raises(SourceProblem, match=words) as caught:
        Read(adapter).all("orders")
    assert caught.value.transient is transient


def test_a_page_that_repeats_or_stands_out_of_order_leaves_no_gap(configure: Configure, site: FrappeSite) -> None:
    for number in range(9):
        order(site, f"SO-1{number:03}", "10.00")
    read = reading(configure, site, 'page_rows = 4\nwithout = ["order_lines"]')
    site.misbehave("repeat", path="/api/resource/Sales%20Order\\?", after=1)
    with pytest.raises(SourceProblem, match="page came twice"):
        read.all("orders")
    site.shuffled = True
    with pytest.raises(SourceProblem, match="out of order"):
        read.all("orders")


def test_a_busy_site_is_waited_for(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    waited: list[float] = []
    adapter.session.sleep = waited.append
    site.misbehave("status", path="Sales%20Order", status=429, headers={"Retry-After": "7"})
    assert Read(adapter).all("orders")
    assert waited == [7.0]


def test_a_wrong_key_is_said_without_showing_it(configure: Configure, site: FrappeSite) -> None:
    site.token = "token other:one"
    read = reading(configure, site, "")
    with pytest.raises(SourceProblem, match="Make a new key") as caught:
        read.all("companies")
    assert "secret" not in str(caught.value)


def test_a_field_that_is_not_shown_to_the_user_stops(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    site.hidden.add("net_total")
    with pytest.raises(SourceProblem, match="does not show net_total of Sales Order"):
        Read(adapter).all("orders")


def test_a_text_of_a_million_characters_comes_whole(adapter: ErpNextAdapter, site: FrappeSite) -> None:
    site.put("Customer", "Berg", DAY, customer_name="x" * 1_000_000)
    assert len(Read(adapter).all("customers")["Berg"]["name"] or "") == 1_000_000
