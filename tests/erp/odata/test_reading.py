"""What the adapter asks, page by page, and how it goes on after a disturbance; without the warehouse behind it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from integration_hub.config import Column, SourceConfig, StreamConfig, hub
from integration_hub.erp.adapter import Batch, Question
from integration_hub.erp.odata.source import ODataAdapter
from integration_hub.sources import SourceProblem, SourceRefused
from tests.erp.odata.bc import NORTH, BusinessCentral, guid
from tests.erp.odata.sap import ORDERS, Sap


def stream(config: SourceConfig, name: str) -> StreamConfig:
    """A stream of the profile."""
    return next(each for each in config.streams if each.name == name)


def keys_of(batches: list[Batch]) -> list[str | None]:
    """First column of every row."""
    return [row[0] for batch in batches for row in batch.rows]


@pytest.fixture
def central(bc: BusinessCentral) -> Iterator[ODataAdapter]:
    """An adapter of a Business Central with five orders and three invoices in one of its companies."""
    for number in range(1, 6):
        bc.order(number, "100")
    for number in (50, 51, 52):
        bc.invoice(number, "100", "100")
    adapter = ODataAdapter(replace(hub().source("bc"), companies=("NORTH",)))
    yield adapter
    adapter.close()


def asked_filters(server: Any, path: str) -> list[str]:
    return [each.params.get("$filter", "") for each in server.asked if each.path.endswith(path)]


def test_pages_of_sap_go_on_behind_the_last_key_and_never_by_number(sap: Sap, adapter: ODataAdapter) -> None:
    for number in ("8", "9", "10", "11", "100"):
        sap.order(number, "1")
    orders = stream(hub().source("sap"), "orders")
    assert keys_of(list(adapter.pull(Question(orders)))) == ["8", "9", "10", "11", "100"]
    assert asked_filters(sap, "A_SalesOrder") == ["", "SalesOrder gt '9'", "SalesOrder gt '11'"]
    assert not any("$skip" in each.params for each in sap.asked)


def test_smaller_pages_of_the_server_are_followed_to_the_end(sap: Sap, adapter: ODataAdapter) -> None:
    sap.largest = 1
    for number in ("1", "2", "3"):
        sap.order(number, "1")
    orders = stream(hub().source("sap"), "orders")
    assert keys_of(list(adapter.pull(Question(orders)))) == ["1", "2", "3"]


def test_a_key_of_four_parts_is_compared_part_by_part(sap: Sap, adapter: ODataAdapter) -> None:
    for year, number, part in (("2025", "9", "1"), ("2025", "9", "2"), ("2026", "1", "1"), ("2026", "1", "2")):
        sap.item(number, "1", FiscalYear=year, AccountingDocumentItem=part)
    items = stream(hub().source("sap"), "open_items")
    found = [row for batch in adapter.pull(Question(items)) for row in batch.rows]
    assert [row[1:4] for row in found] == [
        ("2025", "9", "1"),
        ("2025", "9", "2"),
        ("2026", "1", "1"),
        ("2026", "1", "2"),
    ]


def test_rows_that_are_counted_but_never_come_are_a_problem(sap: Sap, adapter: ODataAdapter) -> None:
    sap.order("1", "1")
    sap.missing = 1
    with pytest.raises(SourceProblem, match="1 rows came, of 2") as problem:
        list(adapter.pull(Question(stream(hub().source("sap"), "orders"))))
    assert problem.value.transient


def test_a_read_goes_on_at_its_place_in_the_next_process(sap: Sap, adapter: ODataAdapter) -> None:
    for number in ("1", "2", "3"):
        sap.order(number, "1")
    orders = stream(hub().source("sap"), "orders")
    first = next(iter(adapter.pull(Question(orders))))
    again = ODataAdapter(hub().source("sap"))
    assert keys_of(list(again.pull(Question(orders, place=first.place)))) == ["3"]
    again.close()


def test_a_next_link_that_ran_out_begins_the_read_anew(bc: BusinessCentral, central: ODataAdapter) -> None:
    orders = stream(hub().source("bc"), "orders")
    pages = list(central.pull(Question(orders)))
    bc.misbehave("status", path="skiptoken", status=410)
    again = keys_of(list(central.pull(Question(orders, place=pages[0].place))))
    assert len(set(again)) == 1
    assert [row[1] for batch in central.pull(Question(orders, place=pages[0].place)) for row in batch.rows] == [
        "SO3",
        "SO4",
        "SO5",
    ]


def test_keys_are_asked_for_some_at_a_time_and_in_their_company(bc: BusinessCentral, central: ODataAdapter) -> None:
    orders = stream(hub().source("bc"), "orders")
    found = list(central.pull(Question(orders, keys=[f"{NORTH}/SO2", f"{NORTH}/SO4"])))
    assert [row[1] for batch in found for row in batch.rows] == ["SO2", "SO4"]
    assert asked_filters(bc, "salesOrders")[-1] == "(number eq 'SO2') or (number eq 'SO4')"


def test_open_invoices_come_again_but_none_twice(bc: BusinessCentral, central: ODataAdapter) -> None:
    from datetime import UTC, datetime

    bc.rows("salesInvoices")[1]["lastModifiedDateTime"] = "2026-04-01T00:00:00Z"
    invoices = stream(hub().source("bc"), "invoices")
    found = list(central.pull(Question(invoices, since=datetime(2026, 3, 15, tzinfo=UTC))))
    assert keys_of(found) == [guid(51), guid(50), guid(52)]
    assert [len(batch.beside["open_items"]) for batch in found] == [len(batch.rows) for batch in found]


def test_lines_beyond_the_first_page_of_an_expansion_are_fetched(bc: BusinessCentral, central: ODataAdapter) -> None:
    written = bc._written

    def cut(row: Any, described: Any, tree: Any) -> Any:
        found = written(row, described, tree)
        if "salesOrderLines" in found:
            path = f"companies({NORTH})/salesOrders({row['id']})/salesOrderLines"
            bc.data[path] = [bc.line("salesOrderLines", 9000 + int(row["number"][2:]), "5")]
            found["salesOrderLines@odata.nextLink"] = f"{bc.url}{bc.base}/{path}"
        return found

    bc._written = cut  # type: ignore[method-assign]
    found = list(central.pull(Question(stream(hub().source("bc"), "orders"))))
    assert sum(len(batch.beside["order_lines"]) for batch in found) == 10


def test_lines_can_be_asked_for_flat_by_the_keys_of_their_documents(sap: Sap, adapter: ODataAdapter) -> None:
    sap.data["API_SALES_ORDER_SRV/A_SalesOrderItem"] = []
    for number in ("1", "2", "3"):
        sap.data["API_SALES_ORDER_SRV/A_SalesOrderItem"] += sap.order(number, "100", "50")["to_Item"]
    config = hub().source("sap")
    flat = replace(
        stream(config, "order_lines"),
        object="API_SALES_ORDER_SRV/A_SalesOrderItem?SalesOrder={SalesOrder}",
        columns={
            "key": Column(source=("SalesOrder", "SalesOrderItem")),
            "order": Column(source=("$parent/SalesOrder",)),
        },
    )
    streams = tuple(flat if each.name == "order_lines" else each for each in config.streams)
    other = ODataAdapter(replace(config, streams=streams))
    found = list(other.pull(Question(stream(config, "orders"))))
    other.close()
    assert [line for batch in found for line in batch.beside["order_lines"]] == [
        (number, item, number) for number in ("1", "2", "3") for item in ("10", "20")
    ]
    assert asked_filters(sap, "A_SalesOrderItem")[0] == "SalesOrder eq '1' or SalesOrder eq '2'"


# A server that cuts an answer also ends the connection, which the next try may meet first.
@pytest.mark.parametrize(
    ("kind", "words"),
    [("html", "web page"), ("cut_json", "broke off|cannot be reached"), ("empty", "broke off")],
)
def test_a_broken_answer_is_told_as_what_it_is(sap: Sap, adapter: ODataAdapter, kind: str, words: str) -> None:
    sap.order("1", "1")
    sap.misbehave(kind, path=r"A_SalesOrder\?", times=99)
    with pytest.raises(SourceProblem, match=words) as problem:
        list(adapter.pull(Question(stream(hub().source("sap"), "orders"))))
    assert problem.value.transient


def test_a_missing_right_names_what_to_do(sap: Sap, adapter: ODataAdapter) -> None:
    sap.refused.add("A_SalesOrder")
    with pytest.raises(SourceProblem, match="A right is missing") as problem:
        list(adapter.pull(Question(stream(hub().source("sap"), "orders"))))
    assert not problem.value.transient


def test_the_check_says_that_no_live_system_was_tried(sap: Sap, adapter: ODataAdapter) -> None:
    found = adapter.check()
    assert not found.proven
    assert "not yet proven against a live system" in found.version
    assert "not yet proven against a live system" in found.read_only_proof
    assert "services: 5;" in found.version


def test_the_check_lists_companies_and_a_clock_that_is_off(bc: BusinessCentral, central: ODataAdapter) -> None:
    assert central.check().companies == ("NORTH",)
    assert central.check().warnings == ()


def test_companies_beyond_the_first_page_are_seen(bc: BusinessCentral) -> None:
    bc.largest = 1
    adapter = ODataAdapter(hub().source("bc"))
    assert adapter.check().companies == ("NORTH", "SOUTH")
    adapter.close()


def test_only_get_of_what_the_profile_names_leaves_this_machine(sap: Sap, adapter: ODataAdapter) -> None:
    adapter.check()
    before = len(sap.asked)
    services = ("API_SALES_ORDER_SRV", "API_BILLING_DOCUMENT_SRV")
    tries = [(method, ORDERS) for method in ("POST", "PUT", "PATCH", "MERGE", "DELETE", "HEAD", "OPTIONS")]
    tries += [(method, f"{service}/$batch") for service in services for method in ("GET", "POST")]
    tries += [("GET", "API_SALES_ORDER_SRV/rejectApprovalRequest"), ("GET", "API_OTHER_SRV/A_Thing"), ("GET", "/")]
    for method, path in tries:
        with pytest.raises(SourceRefused):
            adapter._session.ask(method, path)
    with pytest.raises(SourceRefused):
        adapter._session.get("http://127.0.0.1:9/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder")
    assert len(sap.asked) == before


def test_an_sap_client_goes_with_every_question(sap: Sap) -> None:
    config = hub().source("sap")
    adapter = ODataAdapter(replace(config, options={**config.options, "sap_client": "100"}))
    list(adapter.pull(Question(stream(config, "orders"))))
    adapter.close()
    assert {each.params.get("sap-client") for each in sap.asked if each.path.endswith("A_SalesOrder")} == {"100"}


def test_options_of_hub_toml_add_to_those_of_the_profile(sap: Sap) -> None:
    assert {"odata", "company_currency"} <= hub().source("sap").options.keys()


def test_what_a_source_does_not_provide_is_said(sap: Sap, adapter: ODataAdapter) -> None:
    items = adapter.capabilities(stream(hub().source("sap"), "open_items"))
    assert items.missing == ("Down payments (special ledger).",)
    assert (items.granularity, items.overlap_minutes) == ("day", 2880)
    orders = adapter.capabilities(stream(hub().source("sap"), "orders"))
    assert (orders.granularity, orders.overlap_minutes) == ("instant", 30)
