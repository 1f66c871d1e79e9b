"""One generic load: what is written, what is left alone, who is touched."""

from decimal import Decimal

import pytest

from integration_hub.models import ErpCustomer, ErpInvoice, ErpOrder, ErpOrderLine, Notice, RejectedRow, RunStatus
from tests.integration_hub.warehouse.world import TOLD, World, counts

INVOICES = """key,number,customer,issued_on,currency,net_amount
1,R1,7,2026-01-05,EUR,100.00
2,R2,7,2026-01-06,EUR,200.50
3,R3,8,2026-01-07,EUR,-30.0000
"""


@pytest.fixture
def invoices(world: World) -> World:
    """Three invoices, delivered once."""
    world.stream("invoices", "erp_invoice")
    world.deliver("invoices", INVOICES)
    return world


def test_a_first_load_inserts_every_row_with_its_source_before_each_key(invoices: World) -> None:
    run = invoices.sync()
    assert (run.status, run.problem) == (RunStatus.SUCCEEDED, "")
    assert counts(run, "invoices") == {"read": 3, "inserted": 3}
    row = ErpInvoice.objects.get(key="main:3")
    assert (row.customer_id, row.net_amount, row.status, row.kind, row.run) == (
        "main:8",
        Decimal("-30.0000"),
        "open",
        "invoice",
        run.pk,
    )
    assert TOLD[-1].customers == {"main:7", "main:8"}
    assert TOLD[-1].tables == {"erp_invoice"}


def test_the_same_rows_again_write_nothing(invoices: World) -> None:
    first = invoices.sync()
    run = invoices.sync(full=True)
    assert counts(run, "invoices") == {"read": 3, "unchanged": 3}
    assert set(ErpInvoice.objects.values_list("run", flat=True)) == {first.pk}
    assert (TOLD[-1].customers, TOLD[-1].tables) == (frozenset(), frozenset())


def test_the_same_file_is_not_read_again(invoices: World) -> None:
    invoices.sync()
    run = invoices.sync()
    assert run.status == RunStatus.SUCCEEDED
    assert not run.streams.exists()


def test_only_rows_that_differ_are_written_and_touch_the_old_and_the_new_customer(invoices: World) -> None:
    invoices.sync()
    invoices.deliver("invoices", INVOICES.replace("2,R2,7", "2,R2,9"))
    run = invoices.sync()
    assert counts(run, "invoices") == {"read": 3, "updated": 1, "unchanged": 2}
    assert list(ErpInvoice.objects.filter(run=run.pk).values_list("key", "customer")) == [("main:2", "main:9")]
    assert TOLD[-1].customers == {"main:7", "main:9"}


def test_a_row_missing_from_a_complete_snapshot_is_marked_and_comes_back(invoices: World) -> None:
    invoices.options = "max_deleted_share = 0.5"
    invoices.write()
    invoices.sync()
    invoices.deliver("invoices", INVOICES.replace("3,R3,8,2026-01-07,EUR,-30.0000\n", ""))
    assert counts(invoices.sync(), "invoices") == {"read": 2, "unchanged": 2, "deleted": 1}
    gone = ErpInvoice.objects.get(key="main:3")
    assert (gone.gone_reason, gone.deleted_at is None) == ("left_source", False)
    assert TOLD[-1].customers == {"main:8"}
    invoices.deliver("invoices", INVOICES)
    assert counts(invoices.sync(), "invoices") == {"read": 3, "unchanged": 2, "updated": 1}
    back = ErpInvoice.objects.get(key="main:3")
    assert (back.gone_reason, back.deleted_at) == ("", None)


def test_a_snapshot_that_lost_too_much_removes_nothing_and_says_so(invoices: World) -> None:
    invoices.sync()
    invoices.deliver("invoices", INVOICES.replace("3,R3,8,2026-01-07,EUR,-30.0000\n", ""))
    assert counts(invoices.sync(), "invoices") == {"read": 2, "unchanged": 2}
    assert ErpInvoice.objects.live().count() == 3
    notice = Notice.objects.get(subject="main.invoices", cleared_at=None)
    assert "1 of 3 rows are missing" in notice.text
    invoices.deliver("invoices", INVOICES)
    invoices.sync()
    assert not Notice.objects.filter(cleared_at=None).exists()


@pytest.mark.parametrize("rows", ["", INVOICES.splitlines()[0]])
def test_s8_an_empty_delivery_instead_of_all_rows_removes_nothing_and_is_told(world: World, rows: str) -> None:
    world.options = "max_deleted_share = 1.0"  # no share of deletions is refused: nothing at all is another matter
    world.stream("invoices", "erp_invoice")
    head = INVOICES.splitlines()[0]
    world.deliver("invoices", "\n".join([head, *(f"{n},R{n},7,2026-01-05,EUR,1.00" for n in range(100))]))
    world.sync()
    (world.directory / "invoices.csv").write_text(rows, encoding="utf-8")
    run = world.sync()
    assert ErpInvoice.objects.live().count() == 100
    told = run.problem or Notice.objects.filter(subject="main.invoices", cleared_at=None).exists()
    assert told, "nobody is told"
    assert run.status != RunStatus.SUCCEEDED or Notice.objects.filter(code="empty_snapshot", cleared_at=None).exists()


def test_the_guard_keeps_lines_of_missing_orders_only(world: World) -> None:
    world.options = "max_deleted_share = 0.2"
    world.stream("orders", "erp_order")
    world.stream("lines", "erp_order_line", 'parent = "order"')
    world.deliver("orders", "key,number,customer\n1,A1,7\n2,A2,7\n3,A3,7\n4,A4,7\n5,A5,7\n6,A6,7\n")
    every = [f"{order}/{line},{order},{line},10\n" for order in range(1, 7) for line in (1, 2)]
    world.deliver("lines", "key,order,position,net_amount\n" + "".join(every))
    world.sync()
    # Order 1 is delivered without its second line, order 6 has left with its lines, those of 2 to 5 are merely missing.
    world.deliver("orders", "key,number,customer\n1,A1,7\n2,A2,7\n3,A3,7\n4,A4,7\n5,A5,7\n")
    world.deliver("lines", "key,order,position,net_amount\n1/1,1,1,10\n")
    assert counts(world.sync(), "lines") == {"read": 1, "unchanged": 1, "deleted": 3}
    gone = ErpOrderLine.objects.exclude(deleted_at=None).order_by("key")
    assert list(gone.values_list("key", flat=True)) == ["main:1/2", "main:6/1", "main:6/2"]
    notice = Notice.objects.get(subject="main.lines", cleared_at=None)
    assert notice.text.startswith("8 of 12 rows are missing")
    assert "None of them was removed" in notice.text


def test_documents_that_all_lose_a_line_do_not_trip_the_guard(world: World) -> None:
    world.stream("orders", "erp_order")
    world.stream("lines", "erp_order_line", 'parent = "order"')
    world.deliver("orders", "key,number,customer\n1,A1,7\n2,A2,7\n")
    world.deliver("lines", "key,order,position,net_amount\n1/1,1,1,10\n1/2,1,2,10\n2/1,2,1,10\n2/2,2,2,10\n")
    world.sync()
    world.deliver("lines", "key,order,position,net_amount\n1/1,1,1,10\n2/1,2,1,10\n")
    assert counts(world.sync(), "lines") == {"read": 2, "unchanged": 2, "deleted": 2}
    assert not Notice.objects.filter(cleared_at=None).exists()


def test_a_bad_row_is_kept_with_its_reason_and_the_rest_is_loaded(invoices: World) -> None:
    invoices.deliver("invoices", INVOICES.replace("200.50", "two hundred"))
    run = invoices.sync()
    assert run.status == RunStatus.PARTIAL
    assert counts(run, "invoices") == {"read": 3, "inserted": 2, "rejected": 1}
    row = RejectedRow.objects.get()
    assert (row.key, row.position, row.column) == ("main:2", 2, "net_amount")
    assert row.reason == '"two hundred" is not a number'
    assert row.record["number"] == "R2"
    assert row.resolved_at is None


def test_a_rejected_row_is_resolved_when_it_loads_and_listed_once_until_then(invoices: World) -> None:
    invoices.deliver("invoices", INVOICES.replace("200.50", "NaN"))
    invoices.sync()
    invoices.sync(full=True)
    assert RejectedRow.objects.count() == 1
    invoices.deliver("invoices", INVOICES)
    invoices.sync()
    assert RejectedRow.objects.get().resolved_at is not None
    assert ErpInvoice.objects.count() == 3


def test_a_snapshot_with_a_rejected_row_removes_nothing(invoices: World) -> None:
    invoices.options = "max_deleted_share = 1.0"
    invoices.write()
    invoices.sync()
    invoices.deliver("invoices", INVOICES.replace("3,R3,8,2026-01-07,EUR,-30.0000\n", "").replace("100.00", "Infinity"))
    run = invoices.sync()
    assert counts(run, "invoices") == {"read": 2, "unchanged": 1, "rejected": 1}
    assert ErpInvoice.objects.live().count() == 3


def test_too_many_rejected_rows_stop_the_run_before_publishing(invoices: World) -> None:
    rows = "".join(f"{number},R{number},7,2026-13-05,EUR,1\n" for number in range(10, 30))
    invoices.deliver("invoices", INVOICES + rows)
    run = invoices.sync()
    assert run.status == RunStatus.FAILED
    assert "20 of 23 rows" in run.problem
    assert ErpInvoice.objects.count() == 0
    assert RejectedRow.objects.filter(run_ref=run, column="issued_on").count() == 20


def test_of_two_rows_with_one_key_the_last_counts(invoices: World) -> None:
    invoices.sync()
    invoices.deliver("invoices", INVOICES.replace("1,R1,7", "2,OLD,7"))
    run = invoices.sync(full=True)
    assert counts(run, "invoices") == {"read": 3, "unchanged": 2, "duplicates": 1}
    assert ErpInvoice.objects.get(key="main:2").number == "R2"


def test_of_two_rows_with_one_key_the_latest_changed_counts(world: World) -> None:
    world.stream("customers", "erp_customer", 'columns.source_modified_at = "changed"')
    world.deliver("customers", "key,name,changed\n1,new,2026-02-02T10:00:00Z\n1,old,2026-02-01T10:00:00Z\n")
    assert counts(world.sync(), "customers") == {"read": 2, "inserted": 1, "duplicates": 1}
    assert ErpCustomer.objects.get().name == "new"


def test_rows_that_a_filter_leaves_out_are_not_read_and_leave_the_mirror(invoices: World) -> None:
    invoices.options = "max_deleted_share = 1.0"
    invoices.write()
    invoices.sync()
    invoices.stream("invoices", "erp_invoice", 'filters = [{ column = "customer", exclude = ["8"] }]')
    run = invoices.sync()
    assert counts(run, "invoices") == {"read": 2, "unchanged": 2, "deleted": 1}
    assert ErpInvoice.objects.get(key="main:3").gone_reason == "excluded"


def test_lines_without_a_customer_take_that_of_their_order_and_follow_it(world: World) -> None:
    world.stream("orders", "erp_order")
    world.stream("lines", "erp_order_line", 'parent = "order"')
    world.deliver("lines", "key,order,position,net_amount\n1/1,1,1,10\n1/2,1,2,20\n")
    world.deliver("orders", "key,number,customer\n1,A1,7\n")
    world.sync()
    assert set(ErpOrderLine.objects.values_list("customer", flat=True)) == {"main:7"}
    world.deliver("orders", "key,number,customer\n1,A1,8\n")
    world.sync()
    assert set(ErpOrderLine.objects.values_list("customer", flat=True)) == {"main:8"}
    assert TOLD[-1].customers == {"main:7", "main:8"}


def test_an_order_without_its_customer_is_loaded_and_waits_for_it(world: World) -> None:
    world.stream("orders", "erp_order")
    world.deliver("orders", "key,number,customer\n1,A1,7\n2,A2,\n")
    assert counts(world.sync(), "orders") == {"read": 2, "inserted": 2}
    assert list(ErpOrder.objects.order_by("key").values_list("customer", flat=True)) == ["main:7", None]
