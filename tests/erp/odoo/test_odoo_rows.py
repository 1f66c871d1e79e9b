"""What Odoo's records become: the same rows from all versions, and figures that equal a ledger kept beside them."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.erp.odoo.company import HALDEN, OTHER, TODAY, Business
from tests.erp.odoo.conftest import Reads
from tests.erp.odoo.history import history
from tests.erp.odoo.rows import Rows, by, pulled, stream
from tests.erp.odoo.standin import OdooStandin

VOID = {"draft", "cancelled"}
HEADERS = ("companies", "rates", "products", "customers", "contacts", "orders", "deliveries", "invoices", "payments")
NOT_IN_EVERY_VERSION = {"blocked", "block_reason", "registration_number"}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def rate_of(rows: Rows) -> dict[str | None, Decimal]:
    return {each["key"]: Decimal(each["exchange_rate"] or "0") for each in rows["invoices"]}


def test_revenue_equals_the_ledger_to_the_cent(reads: Reads, business: Business) -> None:
    rows = pulled(reads(), "invoices")
    headers, rates = {each["key"]: each for each in rows["invoices"]}, rate_of(rows)
    revenue: dict[str | None, Decimal] = defaultdict(Decimal)
    for line in rows["invoice_lines"]:
        head = headers[line["invoice"]]
        if head["status"] not in VOID and line["kind"] != "down_payment":
            revenue[head["company"]] += Decimal(line["net_amount"] or "") * rates[line["invoice"]]
    assert {key: cents(value) for key, value in revenue.items()} == {
        "1": cents(business.ledger.revenue[HALDEN]),
        "2": cents(business.ledger.revenue[OTHER]),
    }
    assert cents(business.ledger.revenue[HALDEN]) == Decimal("2095.33")


@pytest.mark.parametrize("before", ["9999-12-31", TODAY])
def test_what_is_open_and_overdue_equals_the_ledger_to_the_cent(reads: Reads, business: Business, before: str) -> None:
    rows = pulled(reads(), "invoices")
    rates = rate_of(rows)
    for company in (HALDEN, OTHER):
        due = [
            each for each in rows["open_items"] if each["company"] == str(company) and (each["due_on"] or "") < before
        ]
        found = sum((Decimal(each["open_amount"] or "") * rates[each["invoice"]] for each in due), Decimal(0))
        assert cents(found) == cents(business.ledger.open(company, before))
    assert business.ledger.open(OTHER, TODAY) == Decimal("500.00")


def test_an_item_is_open_by_what_its_dated_allocations_leave(reads: Reads) -> None:
    rows = pulled(reads(), "invoices")
    settled: dict[str | None, Decimal] = defaultdict(Decimal)
    for each in rows["allocations"]:
        assert each["allocated_on"]
        settled[each["open_item"]] += Decimal(each["amount"] or "")
    for item in rows["open_items"]:
        assert Decimal(item["amount"] or "") - settled[item["key"]] == Decimal(item["open_amount"] or "")


def test_lines_and_items_add_up_to_their_document(reads: Reads) -> None:
    rows = pulled(reads(), "invoices")
    for head in rows["invoices"]:
        lines = [Decimal(each["net_amount"] or "") for each in rows["invoice_lines"] if each["invoice"] == head["key"]]
        assert sum(lines) == Decimal(head["net_amount"] or "")
        items = [Decimal(each["amount"] or "") for each in rows["open_items"] if each["invoice"] == head["key"]]
        assert (sum(items) == Decimal(head["gross_amount"] or "")) is (head["status"] not in VOID)


def test_every_version_delivers_the_same_rows(reads: Reads, version: int) -> None:
    with OdooStandin(history(19).db) as newest:
        for name in HEADERS:
            ours = pulled(reads(), name)
            theirs = pulled(reads(url=newest.url), name)
            for rows in (ours, theirs):
                for each in rows["customers"] if name == "customers" else []:
                    for column in NOT_IN_EVERY_VERSION:
                        each.pop(column)
            assert ours == theirs


def test_kinds_signs_and_states_of_invoices(reads: Reads) -> None:
    rows = pulled(reads(), "invoices")["invoices"]
    told = {
        each["number"]: (each["kind"], each["status"], each["net_amount"]) for each in rows if each["company"] == "1"
    }
    assert told == {
        "INV/1": ("invoice", "part_paid", "1000.0"),
        "INV/2": ("invoice", "paid", "1000.0"),
        "INV/3": ("invoice", "reversed", "77.7"),
        "RINV/1": ("credit_note", "paid", "-77.7"),
        "INV/4": ("invoice", "paid", "33.33"),
        "RINV/2": ("credit_note", "part_paid", "-50.0"),
        "INV/5": ("down_payment", "open", "100.0"),
        "INV/6": ("invoice", "open", "200.0"),
        "INV/7": ("invoice", "cancelled", "9.0"),
        "REC/1": ("receipt", "open", "12.0"),
        None: ("invoice", "draft", "5.0"),
    }
    assert by(rows, "number", "RINV/1")["reverses"] == by(rows, "number", "INV/3")["key"]


def test_numbers_repeat_in_companies_and_keys_do_not(reads: Reads) -> None:
    rows = pulled(reads(), "invoices")["invoices"]
    assert sorted(each["company"] or "" for each in rows if each["number"] == "INV/1") == ["1", "2"]
    assert len({each["key"] for each in rows}) == len(rows)


def test_documents_belong_to_the_company_behind_an_address(reads: Reads) -> None:
    adapter = reads()
    assert by(pulled(adapter, "orders")["orders"], "number", "S1")["customer"] == "1"
    invoice = pulled(adapter, "invoices")["invoices"][0]
    assert (invoice["customer"], invoice["order"], invoice["customer_reference"]) == ("1", "1", "PO 7")


def test_a_dollar_document_names_the_booked_rate(reads: Reads) -> None:
    adapter = reads()
    assert by(pulled(adapter, "invoices")["invoices"], "number", "INV/2")["exchange_rate"] == "0.8"
    order = by(pulled(adapter, "orders")["orders"], "number", "S4")
    assert (order["currency"], order["company_currency"], order["exchange_rate"]) == ("USD", "EUR", "0.8")


def test_rates_are_worth_of_one_unit_in_the_companys_currency(reads: Reads) -> None:
    rates = pulled(reads(), "rates")["rates"]
    assert [(each["currency"], each["base"], each["rate"]) for each in rates] == [
        ("USD", "EUR", "0.8"),
        ("EUR", "USD", "1.25"),
    ]


def test_orders_drop_notes_keep_the_order_of_lines_and_know_when_they_are_done(reads: Reads) -> None:
    rows = pulled(reads(), "orders")
    assert {each["number"]: each["status"] for each in rows["orders"]} == {
        "S1": "done", "S2": "quote", "S3": "cancelled", "S4": "open",
    }  # fmt: skip
    lines = [each for each in rows["order_lines"] if each["order"] == "1"]
    assert [(each["position"], each["text"], each["kind"]) for each in lines] == [
        ("1", "Assembly", "service"),
        ("2", "Pump", "goods"),
    ]


def test_a_day_is_the_companys_day(reads: Reads) -> None:
    assert by(pulled(reads(), "orders")["orders"], "number", "S1")["ordered_on"] == "2026-01-11"


def test_only_transfers_from_and_to_customers_count_and_returns_are_negative(reads: Reads) -> None:
    rows = pulled(reads(), "deliveries")
    assert [(each["number"], each["is_return"], each["status"]) for each in rows["deliveries"]] == [
        ("OUT/1", "false", "shipped"),
        ("IN/1", "true", "shipped"),
    ]
    assert [each["quantity"] for each in rows["delivery_lines"]] == ["2.5", "-0.5"]
    assert {each["order_line"] for each in rows["delivery_lines"]} == {"1"}


def test_customers_are_commercial_partners_and_archived_ones_stay(reads: Reads) -> None:
    rows = pulled(reads(), "customers")["customers"]
    assert [(each["name"], each["archived"]) for each in rows] == [
        ("Ada GmbH", "false"),
        ("Berta", "true"),
        ("Ada Süd GmbH", "false"),
        ("Foreign Inc", "false"),
    ]
    assert by(rows, "name", "Ada Süd GmbH")["parent"] == "1"
    ada = by(rows, "name", "Ada GmbH")
    assert (ada["number"], ada["street"], ada["country"], ada["payment_days"]) == ("C-1", "Ring 1, Hof", "DE", "60")


def test_contacts_are_the_persons_below_and_archived_ones_are_gone(reads: Reads) -> None:
    rows = pulled(reads(), "contacts")
    assert [(each["name"], each["role"], each["customer"]) for each in rows["contacts"]] == [
        ("Invoice address", "Invoice address", "1"),
        ("Adele", "Buyer", "1"),
    ]
    assert rows["gone"] == [{"key": "11"}]


def test_a_cancelled_payment_is_gone_and_money_given_back_is_negative(reads: Reads, business: Business) -> None:
    payments = business.db.tables["account.payment"]
    payments[1]["state"] = "canceled" if business.db.version >= 18 else "cancel"
    payments[2]["payment_type"] = "outbound"
    adapter = reads()
    rows = pulled(adapter, "payments")
    assert [(each["key"], each["amount"]) for each in rows["payments"]] == [("2", "-1000.0")]
    assert rows["gone"] == [{"key": "1"}]
    assert list(adapter.keys(stream(adapter, "payments"))) == [["2"]]


def test_every_stream_names_the_keys_that_it_delivers(reads: Reads) -> None:
    adapter = reads()
    for name in HEADERS:
        for own, rows in pulled(adapter, name).items():
            if own != "gone":
                keys = [key for page in adapter.keys(stream(adapter, own)) for key in page]
                assert sorted(keys) == sorted(each["key"] or "" for each in rows)


def test_odoos_own_totals_equal_the_rows(reads: Reads) -> None:
    adapter = reads()
    for name in HEADERS:
        rows, totals = pulled(adapter, name)[name], adapter.totals(stream(adapter, name))
        assert totals is not None
        assert totals.rows == len(rows)
        for column, sums in totals.sums.items():
            found: dict[str, Decimal] = defaultdict(Decimal)
            for each in rows:
                found[each["currency"] or ""] += Decimal(each[column] or "0")
            assert found == sums
    invoices = adapter.totals(stream(adapter, "invoices"))
    assert invoices is not None
    assert invoices.groups["2", "2026-01", "USD"] == (
        1,
        {"net_amount": Decimal(500), "tax_amount": Decimal(0), "gross_amount": Decimal(500)},
    )


def test_a_field_of_hub_toml_is_read_and_one_that_does_not_exist_is_empty_and_named(reads: Reads, version: int) -> None:
    adapter = reads()
    config = stream(adapter, "customers")
    config.columns["website"] = type(config.columns["website"])(source=("mobile",))
    can = adapter.capabilities(config)
    assert ("This Odoo has no field mobile of res.partner." in can.missing) is (version >= 19)
    assert "mobile" in can.columns
    ada = by(pulled(adapter, "customers")["customers"], "name", "Ada GmbH")
    assert ada["registration_number"] == ("HRB 12" if version >= 16 else None), "Odoo 15 has no such field"
    assert not [words for words in can.missing if "company_registry" in words]


def test_a_line_text_of_a_million_characters_is_cut(reads: Reads, business: Business) -> None:
    business.db.tables["sale.order.line"][1]["name"] = "x" * 1_000_000
    assert len(by(pulled(reads(), "orders")["order_lines"], "key", "1")["text"] or "") == 500
