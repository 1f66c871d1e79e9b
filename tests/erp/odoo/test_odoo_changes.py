"""Reading page by page, only what changed, going on in the middle, and what Odoo says of itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration_hub.erp.adapter import Question
from tests.erp.odoo.company import ADA, Business
from tests.erp.odoo.conftest import Reads
from tests.erp.odoo.rows import pulled, stream
from tests.erp.odoo.standin import OdooStandin, methods_asked

SINCE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("version", [15, 19], indirect=True)
@pytest.mark.parametrize("page_rows", [1, 5])
@pytest.mark.parametrize("name", ["customers", "orders", "deliveries", "invoices", "payments"])
def test_the_size_of_a_page_changes_nothing(reads: Reads, page_rows: int, name: str) -> None:
    small, usual = pulled(reads(page_rows=page_rows), name), pulled(reads(), name)
    for rows in (small, usual):
        for each in rows.values():
            each.sort(key=lambda row: row["key"] or "")
    assert small == usual


def test_a_read_goes_on_behind_the_last_page(reads: Reads) -> None:
    adapter = reads(page_rows=5)
    config = stream(adapter, "invoices")
    first = next(iter(adapter.pull(Question(config))))
    rest = pulled(adapter, "invoices", place=first.place)
    assert [row[0] for row in first.rows] + [each["key"] for each in rest["invoices"]] == [
        each["key"] for each in pulled(adapter, "invoices")["invoices"]
    ]


def test_chosen_documents_come_whole(reads: Reads) -> None:
    rows = pulled(reads(), "invoices", keys=["1", "9", "999"])
    assert [each["key"] for each in rows["invoices"]] == ["1", "9"]
    assert {each["invoice"] for each in rows["open_items"]} == {"1", "9"}


def test_nothing_comes_where_nothing_changed(reads: Reads, business: Business) -> None:
    business.db.clock = "2026-06-02 00:00:00"
    adapter = reads()
    for each in adapter.source.streams:
        if each.cursor:
            assert pulled(adapter, each.name, since=SINCE)[each.name] == []


CHANGES: list[tuple[str, str, int, dict[str, Any]]] = [
    ("orders", "sale.order", 1, {"client_order_ref": "PO 8"}),
    ("orders", "sale.order.line", 1, {"name": "Another text"}),
    ("deliveries", "stock.move", 1, {"description_picking": "Another text"}),
    ("invoices", "account.move", 1, {"ref": "PO 8"}),
    ("invoices", "account.move.line", 1, {"name": "Another text"}),
    ("products", "product.template", 1, {"name": "Pump 2"}),
    ("customers", "res.partner", ADA, {"active": False}),
]


@pytest.mark.parametrize(("name", "model", "number", "values"), CHANGES, ids=str)
def test_a_change_brings_its_document_again_with_all_lines(
    reads: Reads, business: Business, name: str, model: str, number: int, values: dict[str, Any]
) -> None:
    whole = pulled(reads(), name)
    business.db.clock = "2026-06-02 00:00:00"
    business.db.write(model, number, **values)
    rows = pulled(reads(), name, since=SINCE)
    assert [each["key"] for each in rows[name]] == ["1"]
    if name != "products":
        assert rows[name][0]["source_modified_at"] == "2026-06-02T00:00:00Z"
    for child in set(rows) - {name, "gone"}:
        assert len(rows[child]) == len(
            [each for each in whole[child] if "1" in (each.get("order"), each.get("invoice"), each.get("delivery"))]
        )


def test_a_part_payment_brings_the_invoice_and_the_payment(reads: Reads, business: Business) -> None:
    business.db.clock = "2026-06-02 00:00:00"
    business.pay(5, "100.00", "2026-06-02")
    adapter = reads()
    rows = pulled(adapter, "invoices", since=SINCE)
    assert [each["open_amount"] for each in rows["open_items"]] == ["0.0", "295.0"]
    assert [each["amount"] for each in rows["allocations"]] == ["595.0", "200.0", "100.0"]
    assert [each["amount"] for each in pulled(adapter, "payments", since=SINCE)["payments"]] == ["100.0"]


def test_a_payment_that_is_matched_later_comes_again(reads: Reads, business: Business) -> None:
    business.db.clock = "2026-06-02 00:00:00"
    own = next(each for each in business.db.tables["account.move.line"].values() if each["payment_id"] == 1)
    business.db.write("account.move.line", own["id"], amount_residual_currency=-50)
    rows = pulled(reads(), "payments", since=SINCE)["payments"]
    assert [(each["key"], each["unallocated_amount"]) for each in rows] == [("1", "50.0")]


def test_changes_are_asked_for_at_whole_seconds_and_never_behind_them(reads: Reads, odoo: OdooStandin) -> None:
    pulled(reads(), "orders", since=SINCE + timedelta(microseconds=900_000))
    text = str([each.body for each in odoo.asked])
    assert "'write_date', '>=', '2026-06-01 00:00:00'" in text
    assert "'>', '2026" not in text


def test_fields_are_asked_for_once_and_children_by_page(reads: Reads, odoo: OdooStandin) -> None:
    adapter = reads()
    pulled(adapter, "invoices")
    pulled(adapter, "invoices")
    asked = methods_asked(odoo)
    assert asked.count("account.move.fields_get") == 1
    # Headers, the empty page that ends them, and the moves on the other side of settlements, each twice.
    assert asked.count("account.move.search_read") == 6


@pytest.mark.parametrize(("module", "empty"), [("stock", ["deliveries"]), ("sale", ["orders"])])
def test_a_module_that_is_not_installed_is_an_empty_stream_with_a_note(
    reads: Reads, business: Business, module: str, empty: list[str]
) -> None:
    business.db.without = {module}
    adapter = reads()
    assert any("streams stay empty" in each for each in adapter.check().warnings)
    for each in adapter.source.streams:
        if each.within:
            continue
        rows = pulled(adapter, each.name)[each.name]
        missing = " ".join(adapter.capabilities(each).missing)
        assert (rows == [], "is not installed" in missing) == (each.name in empty, each.name in empty)
        totals = adapter.totals(each)
        assert totals is not None
        assert totals.rows == len(rows)
        assert sum(len(page) for page in adapter.keys(each)) == len(rows)


def test_the_check_names_version_companies_and_that_nothing_can_be_written(reads: Reads, version: int) -> None:
    told = reads(companies=("1", "2")).check()
    assert told.version.startswith(f"Odoo {version}.0 over {'JSON-2' if version >= 19 else 'JSON-RPC'}, ")
    assert told.companies == ("Halden (1, EUR)", "Halden US (2, USD)")
    assert "may write none of the 8 objects" in told.read_only_proof
    assert told.warnings == ()


def test_a_user_that_could_write_is_a_warning(reads: Reads, business: Business) -> None:
    business.db.writable = {"account.move", "res.partner"}
    told = reads(companies=("1", "2")).check()
    assert "could write 2 of 8 objects" in told.read_only_proof
    assert any("also write res.partner, account.move" in each for each in told.warnings)


def test_a_right_that_is_missing_is_a_warning(reads: Reads, business: Business) -> None:
    business.db.unreadable = {"stock.picking"}
    assert any("may not read stock.picking" in each for each in reads().check().warnings)


def test_a_table_of_names_that_may_not_be_read_leaves_names_empty_and_says_so(reads: Reads, business: Business) -> None:
    business.db.unreadable = {"delivery.carrier"}
    adapter = reads()
    assert "The reading user may not read delivery.carrier" in " ".join(
        adapter.capabilities(stream(adapter, "deliveries")).missing
    )
    assert pulled(adapter, "deliveries")["deliveries"][0]["carrier"] is None


def test_companies_that_are_not_named_are_a_warning(reads: Reads) -> None:
    assert any("Name the companies in hub.toml" in each for each in reads().check().warnings)


def test_the_keys_end_is_told_and_warned_of(reads: Reads, business: Business, version: int) -> None:
    soon = (datetime.now(UTC) + timedelta(days=10)).replace(microsecond=0, tzinfo=None)
    business.db.add("res.users.apikeys", name="other", user_id=2, scope="rpc", expiration_date=str(soon))
    told = reads(companies=("1", "2")).check()
    if version < 18:
        assert "keys of this version do not expire" in told.version
    else:
        assert f"the first of its keys ends on {soon:%Y-%m-%d}" in told.version
        assert any(f"ends on {soon:%Y-%m-%d}" in each for each in told.warnings)


def test_a_key_whose_end_is_hidden_is_told_as_such(reads: Reads, business: Business, version: int) -> None:
    business.db.unreadable = {"res.users.apikeys"}
    told = reads(companies=("1", "2")).check()
    assert ("expiry is not shown" in told.version) is (version >= 18)


def test_labels_are_understood_where_an_add_on_does_not_let_them_be_left_out(reads: Reads, business: Business) -> None:
    business.db.tables["res.partner"][ADA]["name"] = "Ada, with a comma [1]"
    assert pulled(reads(), "invoices")["invoices"][0]["customer"] == "1"
