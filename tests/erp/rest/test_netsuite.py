"""What the NetSuite adapter reads, what it must not ask, and what it says of bad answers."""

from decimal import Decimal
from typing import Any

import pytest

from integration_hub.erp.adapter import Question
from integration_hub.erp.netsuite.source import NetSuiteAdapter
from integration_hub.erp.netsuite.suiteql import PATH
from integration_hub.erp.rest import rest_adapter
from integration_hub.sources import SourceProblem, SourceRefused
from tests.erp.rest.conftest import Configure
from tests.erp.rest.netsuite_account import NetSuiteAccount, refusal
from tests.erp.rest.netsuite_history import DAY, document
from tests.erp.rest.read import Read, opened

KEYS = 'api_key = "${ERP_KEY}"\n'


@pytest.fixture
def adapter(configure: Configure, account: NetSuiteAccount) -> NetSuiteAdapter:
    return opened(rest_adapter(configure("netsuite", account.url, KEYS)), NetSuiteAdapter)


def reading(configure: Configure, account: NetSuiteAccount, more: str) -> Read:
    return Read(opened(rest_adapter(configure("netsuite", account.url, KEYS + more)), NetSuiteAdapter))


def test_check_names_the_subsidiaries_and_that_it_is_not_proven(adapter: NetSuiteAdapter) -> None:
    check = adapter.check()
    assert (check.companies, check.proven) == (("Halden GmbH", "Halden Inc"), False)
    assert "SELECT or WITH" in check.read_only_proof


def test_invoices_come_with_lines_open_items_and_allocations(adapter: NetSuiteAdapter) -> None:
    read = Read(adapter)
    invoices = read.all("invoices")
    shown = ("kind", "status", "net_amount", "tax_amount", "gross_amount")
    assert {key: tuple(row[name] for name in shown) for key, row in invoices.items()} == {
        "120": ("invoice", "part_paid", "100.0", "19.0", "119.0"),
        "130": ("credit_note", "paid", "-10.0", "-1.9", "-11.9"),
        "150": ("invoice", "paid", "50.0", "9.5", "59.5"),
        "160": ("invoice", "cancelled", "20.0", "3.8", "23.8"),
        "170": ("receipt", "paid", "30.0", "5.7", "35.7"),
    }
    assert (invoices["120"]["order"], invoices["130"]["reverses"]) == ("100", "120")
    assert invoices["120"]["source_modified_at"] == "2026-03-01T10:00:00Z"
    assert (invoices["150"]["company"], invoices["150"]["company_currency"]) == ("2", "USD")
    lines = read.beside["invoice_lines"]
    assert (lines["120/1"]["order_line"], lines["120/1"]["quantity"], lines["120/2"]["kind"]) == (
        "100/1",
        "2",
        "charge",
    )
    assert {key for key in lines if key.startswith("120/")} == {"120/1", "120/2"}
    items = read.beside["open_items"]
    assert {key: (row["amount"], row["open_amount"], row["dated_allocations"]) for key, row in items.items()} == {
        "120": ("119.0", "47.1", "true"),
        "130": ("-11.9", "0.0", "true"),
        "150": ("59.5", "0.0", "true"),
        "170": ("35.7", "0", "false"),
    }
    found = read.beside["allocations"]
    allocated = ("payment", "credit_note", "allocated_on", "amount")
    assert {key: tuple(row[name] for name in allocated) for key, row in found.items()} == {
        "130/120": (None, "130", "2026-03-05", "11.9"),
        "140/120": ("140", None, "2026-03-10", "60.0"),
        "120/130": (None, "120", "2026-03-05", "-11.9"),
        "151/150": ("151", None, "2026-03-01", "59.5"),
    }  # fmt: skip


def test_lines_and_header_say_the_same(adapter: NetSuiteAdapter) -> None:
    read = Read(adapter)
    for stream, lines, document_of in (("orders", "order_lines", "order"), ("invoices", "invoice_lines", "invoice")):
        for key, row in read.all(stream).items():
            found = [
                Decimal(str(each["net_amount"])) for each in read.beside[lines].values() if each[document_of] == key
            ]
            assert sum(found) == Decimal(str(row["net_amount"])), key


def test_every_other_stream_has_its_columns(adapter: NetSuiteAdapter) -> None:
    read = Read(adapter)
    assert read.all("companies")["2"]["currency"] == "USD"
    assert read.all("rates")["1"]["rate"] == "0.92"
    assert read.all("products")["5"]["sku"] == "PUMP"
    berg = read.all("customers")["7"]
    assert (berg["name"], berg["street"], berg["customer_since"]) == ("Berg", "Hauptstr. 1", "2026-03-01")
    assert set(read.all("contacts")) == {"70"}
    assert read.all("orders")["100"]["status"] == "B"
    assert read.all("deliveries")["110"]["order"] == "100"
    assert read.beside["delivery_lines"]["110/1"]["order_line"] == "100/1"
    assert read.all("payments")["140"]["amount"] == "60.0"


def test_totals_are_those_of_the_rows(adapter: NetSuiteAdapter) -> None:
    read = Read(adapter)
    rows = read.all("invoices").values()
    totals = adapter.totals(read.stream("invoices"))
    assert totals is not None
    assert totals.rows == len(rows)
    for target in ("net_amount", "gross_amount"):
        for currency in ("EUR", "USD"):
            wanted = sum(Decimal(str(row[target])) for row in rows if row["currency"] == currency)
            assert totals.sums[target][currency] == wanted
    assert totals.groups["2", "2026-03", "USD"][0] == 0 + 1
    customers = adapter.totals(read.stream("customers"))
    assert customers is not None
    assert customers.rows == 2


def test_keys_are_those_of_the_rows(adapter: NetSuiteAdapter) -> None:
    for name in ("companies", "customers", "orders", "deliveries", "invoices", "payments"):
        read = Read(adapter)
        assert read.keys(name) == set(read.all(name))
        for beside, rows in read.beside.items():
            assert set(rows) <= read.keys(beside), beside


def test_rows_beyond_the_cap_of_a_query_all_arrive(configure: Configure, account: NetSuiteAccount) -> None:
    for number in range(1000, 1040):
        document(account, number, "SalesOrd", 10.0, modified="2026-03-02 00:00:00")
    account.cap = 12
    read = reading(configure, account, "page_rows = 5")
    assert len(read.all("orders")) == 41
    assert len(read.beside["order_lines"]) == 82
    assert len(read.since("orders", "2026-03-02T00:00:00+00:00")) == 40
    assert all("offset" not in asked.params for asked in account.asked)


def test_a_read_goes_on_behind_its_place(configure: Configure, account: NetSuiteAccount) -> None:
    for number in range(1000, 1009):
        document(account, number, "SalesOrd", 10.0)
    read = reading(configure, account, "page_rows = 4")
    places = [batch.place for batch in read.adapter.pull(Question(read.stream("orders")))]
    assert places == ["1002", "1006", "1008"]
    again = read.adapter.pull(Question(read.stream("orders"), place="1002"))
    assert sum(len(batch.rows) for batch in again) == 6


def test_a_changed_line_and_a_new_link_bring_their_documents(
    adapter: NetSuiteAdapter, account: NetSuiteAccount
) -> None:
    read = Read(adapter)
    since = "2026-03-02T00:00:00+00:00"
    assert read.since("orders", since) == {}
    account.change("update transactionline set memo = 'New text', linelastmodifieddate = '2026-03-02 12:00:00'"
                   ' where "transaction" = 100 and id = 1')  # fmt: skip
    assert set(read.since("orders", since)) == {"100"}
    assert read.beside["order_lines"]["100/1"]["text"] == "New text"
    account.change("update NextTransactionLineLink set lastmodifieddate = '2026-03-02 12:00:00' where nextdoc = 151")
    assert set(read.since("invoices", since)) == {"150"}


def test_stamps_are_compared_in_utc(adapter: NetSuiteAdapter, account: NetSuiteAccount) -> None:
    document(account, 200, "SalesOrd", 10.0, modified="2026-11-01 01:30:00")  # a day whose clocks are set back
    read = Read(adapter)
    assert set(read.since("orders", "2026-11-01T08:30:00+00:00")) == {"200"}
    assert read.since("orders", "2026-11-01T09:31:00+00:00") == {}


def test_deleted_and_voided_records_are_named_as_gone(adapter: NetSuiteAdapter, account: NetSuiteAccount) -> None:
    account.unseen.clear()
    account.add("deletedrecord", recordid=100, deleteddate="2026-04-01 00:00:00")
    account.add("deletedrecord", recordid=120, deleteddate="2026-04-01 00:00:00")  # a customer of that id, say
    account.change('delete from "transaction" where id = 100')
    account.change("update \"transaction\" set voided = 'T', lastmodifieddate = '2026-04-01 00:00:00' where id = 140")
    read = Read(adapter)
    read.since("orders", "2026-04-01T00:00:00+00:00")
    assert read.gone == ["100"]
    assert read.since("payments", "2026-04-01T00:00:00+00:00") == {}
    assert read.gone == ["140", "100"]
    read.since("invoices", "2026-04-01T00:00:00+00:00")
    assert read.gone == ["100"]


def test_an_open_amount_that_links_do_not_explain_is_not_dated(
    adapter: NetSuiteAdapter, account: NetSuiteAccount
) -> None:
    account.change('update "transaction" set foreignamountunpaid = 20 where id = 120')
    read = Read(adapter)
    read.all("invoices")
    assert read.beside["open_items"]["120"]["open_amount"] == "20"
    assert read.beside["open_items"]["120"]["dated_allocations"] == "false"


def test_fields_of_the_accounts_own_can_be_mapped(configure: Configure, account: NetSuiteAccount) -> None:
    own = '[[sources.streams]]\nname = "orders"\ncolumns = { salesperson = "custbody_region" }'
    assert reading(configure, account, own).all("orders")["100"]["salesperson"] == "West"
    with pytest.raises(SourceProblem, match="no name of a NetSuite field"):
        reading(configure, account, own.replace("custbody_region", "1) or (1=1")).all("orders")


def test_an_account_without_subsidiaries_is_read(configure: Configure, account: NetSuiteAccount) -> None:
    account.unseen.add("subsidiary")
    account.change("alter table transactionline rename column subsidiary to other")
    read = reading(configure, account, 'without = ["companies"]\n[sources.options]\none_world = "no"')
    assert read.all("orders")["100"]["company"] is None
    assert read.adapter.check().companies == ()


def test_an_account_of_one_company_and_one_currency_is_read(configure: Configure, account: NetSuiteAccount) -> None:
    account.unseen.update({"subsidiary", "currency"})
    for column in ("currency", "exchangerate"):
        account.change(f'alter table "transaction" drop column {column}')
    account.change("alter table customer drop column currency")
    more = 'without = ["companies", "rates"]\n[sources.options]\none_world = "no"\ncurrency = "USD"'
    read = reading(configure, account, more)
    invoice = read.all("invoices")["120"]
    shown = ("currency", "company_currency", "exchange_rate", "company")
    assert tuple(invoice[name] for name in shown) == ("USD", "USD", "1", None)
    totals = read.adapter.totals(read.stream("invoices"))
    assert totals.sums["net_amount"] == {"USD": Decimal("190.0")}
    assert read.all("customers")["7"]["currency"] == "USD"
    with pytest.raises(SourceProblem, match="is no ISO code"):
        reading(configure, account, more.replace("USD", "x' or 'y"))


def test_a_subsidiary_that_is_not_seen_stops_instead_of_deleting(
    configure: Configure, account: NetSuiteAccount
) -> None:
    read = reading(configure, account, 'companies = ["Halden SA"]')
    with pytest.raises(SourceProblem, match='shows no subsidiary "Halden SA"'):
        read.all("invoices")
    one = reading(configure, account, 'companies = ["Halden Inc"]')
    assert set(one.all("invoices")) == {"150"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", PATH, {"q": "DELETE FROM transaction"}),
        ("POST", PATH, {"q": "SELECT 1 FROM dual; DELETE FROM transaction"}),
        ("POST", PATH, {"q": "/* x */ SELECT 1 FROM dual"}),
        ("POST", PATH, {"q": "SELECT 1 -- x"}),
        ("POST", PATH, {"q": "UPDATE customer SET a = 1"}),
        ("POST", PATH, {"q": ["SELECT 1 FROM dual"]}),
        ("POST", PATH, {"query": "SELECT 1 FROM dual"}),
        ("POST", PATH, {"q": "SELECT 1 FROM dual", "more": 1}),
        ("POST", PATH, None),
        ("GET", PATH, {"q": "SELECT 1 FROM dual"}),
        ("POST", "/services/rest/record/v1/salesOrder", {"q": "SELECT 1 FROM dual"}),
        ("PATCH", "/services/rest/record/v1/salesOrder/1", {}),
        ("DELETE", "/services/rest/record/v1/salesOrder/1", None),
        ("PUT", PATH, {"q": "SELECT 1 FROM dual"}),
    ],
)
def test_nothing_that_writes_reaches_the_socket(
    adapter: NetSuiteAdapter, account: NetSuiteAccount, method: str, path: str, body: Any
) -> None:
    with pytest.raises(SourceRefused):
        adapter.session.ask(method, path, body=body)
    assert account.asked == []


def test_every_statement_is_one_select_of_fixed_text(adapter: NetSuiteAdapter, account: NetSuiteAccount) -> None:
    read = Read(adapter)
    for stream in adapter._config.streams:
        if not stream.within:
            read.all(stream.name)
    assert all(text.startswith("SELECT ") and ";" not in text for text in account.statements)
    with pytest.raises(ValueError, match="is no id"):
        read.some("orders", ["100) or (1=1"])


BAD: list[tuple[str, dict[str, Any], str, bool]] = [
    ("html", {}, "web page titled", True),
    ("cut", {}, "broke off", True),
    ("cut_json", {}, "no whole JSON", True),
    ("empty", {}, "holds no rows", True),
    ("status", {"status": 401}, "refuses our sign-in", False),
    ("status", {"status": 503}, "status 503", True),
    ("status", {"status": 400, "body": refusal("SSS_REQUEST_LIMIT_EXCEEDED", "Too many.").body}, "status 429", True),
    ("status", {"status": 400, "body": refusal("X", "Record 'contact' was not found.").body}, '"contact"', False),
    ("status", {"status": 400, "body": refusal("X", "Invalid search query.").body}, "Invalid search query", False),
    ("status", {"status": 403, "body": refusal("X", "No right.").body}, "No right", False),
]


@pytest.mark.parametrize(("kind", "options", "words", "transient"), BAD)
def test_bad_answers_are_said_in_words(
    adapter: NetSuiteAdapter, account: NetSuiteAccount, kind: str, options: dict[str, Any], words: str, transient: bool
) -> None:
    account.misbehave(kind, times=9, **options)
    with pytest.raises(SourceProblem, match=words) as caught:
        Read(adapter).all("contacts")
    assert caught.value.transient is transient


def test_a_page_that_repeats_or_lies_about_its_size_leaves_no_gap(
    configure: Configure, account: NetSuiteAccount
) -> None:
    for number in range(1000, 1009):
        account.add("contact", id=number, entityid="x", company=7, lastmodifieddate=DAY)
    read = reading(configure, account, "page_rows = 4")
    account.misbehave("repeat", after=1)
    with pytest.raises(SourceProblem, match="repeat or are out of order"):
        read.all("contacts")
    account.misbehave("status", status=200, body={"items": [{"id": "9"}, {"id": "8"}], "hasMore": False, "count": 2})
    with pytest.raises(SourceProblem, match="out of order"):
        read.all("contacts")
    account.misbehave("status", status=200, body={"items": [{"id": "9"}], "hasMore": False, "count": 2})
    with pytest.raises(SourceProblem, match="counts 2 rows and holds 1"):
        read.all("contacts")


def test_too_many_requests_are_waited_for(adapter: NetSuiteAdapter, account: NetSuiteAccount) -> None:
    waited: list[float] = []
    adapter.session.sleep = waited.append
    account.misbehave("status", status=429, headers={"Retry-After": "7"})
    assert Read(adapter).all("contacts")
    assert waited == [7.0]


def test_a_text_of_a_million_characters_comes_whole(adapter: NetSuiteAdapter, account: NetSuiteAccount) -> None:
    account.change("update customer set companyname = ? where id = 7", "x" * 1_000_000)
    assert len(Read(adapter).all("customers")["7"]["name"] or "") == 1_000_000
