"""What goes wrong with a Tryton, and what a person is told."""

from dataclasses import replace
from datetime import date

import pytest

from integration_hub.sources import SourceProblem, SourceRefused
from tests.erp.tryton.books import REVENUE, Books
from tests.erp.tryton.conftest import Reader
from tests.erp.tryton.little_tryton import LittleTryton
from tests.erp.tryton.test_streams import sale

pytestmark = pytest.mark.chaos


def test_a_check_names_version_companies_and_why_nothing_can_be_written(reader: Reader, tryton: LittleTryton) -> None:
    found = reader.adapter().check()
    assert (found.version, found.companies, found.proven) == ("Tryton 8.0", ("Halden",), True)
    assert "only reads" in found.read_only_proof
    assert any("sale" in warning for warning in found.warnings)  # the little Tryton knows of one module only
    assert {asked.method for asked in tryton.asked} == {"GET"}


def test_a_key_that_is_wrong_or_not_approved_is_told_with_what_to_do(reader: Reader) -> None:
    with pytest.raises(SourceProblem) as told:
        reader.adapter(api_key="not-approved").check()
    assert "approved" in told.value.meaning
    assert "Validated" in told.value.remedy
    assert "not-approved" not in str(told.value)
    assert not told.value.transient


def test_an_unknown_database_is_told_by_its_name(reader: Reader) -> None:
    with pytest.raises(SourceProblem, match='no database "other"'):
        reader.adapter(database="other").check()


def test_an_unknown_company_is_told_with_those_that_there_are(reader: Reader) -> None:
    adapter = reader.adapter(companies=("Nowhere Ltd",))
    with pytest.raises(SourceProblem, match=r"Nowhere Ltd.*Halden \(1\)"):
        adapter.check()


def test_a_company_of_which_nothing_is_shown_stops_the_pull_instead_of_looking_deleted(
    books: Books, reader: Reader
) -> None:
    books.add("company.company", party=2, currency=2, timezone=None)
    assert any("company filter" in warning for warning in reader.adapter().check().warnings)
    reader.config = replace(reader.config, companies=("1", "2"))
    with pytest.raises(SourceProblem, match="shows us nothing of Adler"):
        reader.read("orders")


def test_a_missing_right_names_the_model(books: Books, reader: Reader, tryton: LittleTryton) -> None:
    sale(books, "1.00")
    tryton.forbidden.add("sale.line")
    with pytest.raises(SourceProblem, match=r"does not let us read sale\.line .*not allowed to access"):
        reader.read("orders")


def test_a_field_that_tryton_leaves_out_without_a_word_is_noticed(
    books: Books, reader: Reader, tryton: LittleTryton
) -> None:
    books.invoice(date(2026, 2, 1), ("1.00", REVENUE))
    tryton.hidden.add(("account.account.type", "revenue"))
    with pytest.raises(SourceProblem, match=r"does not show us account\.type\.revenue of account\.invoice\.line"):
        reader.read("invoices")
    tryton.hidden.clear()
    tryton.hidden.add(("account.invoice", "untaxed_amount"))
    with pytest.raises(SourceProblem, match=r"does not show us untaxed_amount of account\.invoice"):
        reader.read("invoices")


def test_a_module_that_is_not_activated_is_told_but_contacts_are_then_just_none(
    reader: Reader, tryton: LittleTryton
) -> None:
    del tryton.models["sale.sale"], tryton.models["party.relation.all"]
    with pytest.raises(SourceProblem, match=r"has no model sale\.sale"):
        reader.read("orders")
    assert reader.read("contacts")["contacts"] == []
    assert reader.keys("contacts") == []
    assert [row["key"] for row in reader.read("customers")["customers"]] == ["1", "2", "3"]


def test_a_condition_that_is_no_domain_is_told(books: Books, reader: Reader) -> None:
    adapter = reader.adapter()
    stream = reader.stream("orders", where="state = draft")
    with pytest.raises(SourceProblem, match="no domain"):
        list(adapter.keys(stream))


def test_a_condition_of_hub_toml_narrows_what_is_read(books: Books, reader: Reader) -> None:
    sale(books, "1.00", state="draft")
    kept = sale(books, "2.00")
    stream = reader.stream("orders", where='[["state", "!=", "draft"]]')
    assert [list(part) for part in reader.adapter().keys(stream)] == [[str(kept)]]


@pytest.mark.parametrize("kind", ["html", "cut", "cut_json", "drop"])
def test_a_disturbance_that_passes_is_not_noticed(
    books: Books, reader: Reader, tryton: LittleTryton, kind: str
) -> None:
    sale(books, "1.00")
    tryton.misbehave(kind, path="sale.line")
    assert len(reader.read("orders")["order_lines"]) == 2


@pytest.mark.parametrize("kind", ["html", "cut", "cut_json", "empty"])
def test_a_disturbance_that_stays_is_told_and_leaves_no_gap(
    books: Books, reader: Reader, tryton: LittleTryton, kind: str
) -> None:
    sale(books, "1.00")
    tryton.misbehave(kind, path="sale.line", times=9)
    with pytest.raises(SourceProblem) as told:
        reader.read("orders")
    assert told.value.transient


def test_a_page_that_comes_twice_is_noticed(books: Books, reader: Reader, tryton: LittleTryton) -> None:
    for number in range(3):
        books.add("product.product", code=f"P-{number}", template=1, type="goods")
    reader.config = replace(reader.config, page_rows=2)
    tryton.misbehave("repeat", path="product.product", after=1)
    with pytest.raises(SourceProblem, match="repeats records") as told:
        reader.read("products")
    assert told.value.transient


def test_records_out_of_order_are_noticed(books: Books, reader: Reader) -> None:
    sale(books, "1.00")
    adapter = reader.adapter()
    pages = adapter._wire.pages("sale.sale", [], ("id",), after="5")
    adapter._wire.ask = lambda *_: [{"id": "7"}, {"id": "6"}]  # type: ignore[method-assign]
    with pytest.raises(SourceProblem, match="out of order"):
        list(pages)


def test_nothing_but_reading_leaves_this_machine(reader: Reader, tryton: LittleTryton) -> None:
    session = reader.adapter()._wire.session
    for method, path in (
        ("POST", "company/rest/model/sale.sale"),
        ("PUT", "company/rest/model/sale.sale/1"),
        ("DELETE", "company/rest/model/sale.sale/1"),
        ("POST", "company/rpc/"),
        ("GET", "company/rest/report/sale.sale/1"),
        ("GET", "company/rest/model/sale.sale/../../../rpc/"),
    ):
        with pytest.raises(SourceRefused):
            session.ask(method, path)
    assert tryton.asked == []
