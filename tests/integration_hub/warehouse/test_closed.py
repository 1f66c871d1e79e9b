"""An ERP that forgets finished orders: they stay, closed, with their lines, and come back as what they are."""

import pytest

from integration_hub.models import ErpOrder, ErpOrderLine, Notice, Run, RunKind, RunStatus
from integration_hub.reconcile import reconcile
from tests.integration_hub.warehouse.world import TOLD, World, counts

ORDERS = """key,number,customer,ordered_on,currency,net_amount,status
1,A1,7,2026-01-05,EUR,100.00,open
2,A2,8,2026-01-06,EUR,50.00,open
3,A3,8,2026-01-07,EUR,70.00,done
4,A4,8,2026-01-08,EUR,10.00,open
"""
LINES = """key,order,position,quantity,net_amount
1/1,1,1,1,60.00
1/2,1,2,1,40.00
2/1,2,1,1,50.00
3/1,3,1,1,70.00
4/1,4,1,1,10.00
"""


def without(text: str, *starts: str) -> str:
    """The same file without the lines that begin so."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(starts)) + "\n"


@pytest.fixture
def orders(world: World) -> World:
    """Four orders with five lines of an ERP that forgets finished ones, delivered once."""
    world.options = "max_deleted_share = 0.5"
    world.stream("orders", "erp_order", 'gone_reason = "closed"')
    world.stream("order_lines", "erp_order_line", 'gone_reason = "closed"\nparent = "order"')
    world.deliver("orders", ORDERS)
    world.deliver("order_lines", LINES)
    assert world.sync().status == RunStatus.SUCCEEDED
    return world


def forget(world: World, *keys: str) -> None:
    """The ERP no longer knows these orders and their lines."""
    world.deliver("orders", without(ORDERS, *(f"{key}," for key in keys)))
    world.deliver("order_lines", without(LINES, *(f"{key}/" for key in keys)))


def test_a_vanished_order_stays_closed_with_all_its_lines(orders: World) -> None:
    forget(orders, "1")
    run = orders.sync()
    assert counts(run, "orders") == {"read": 3, "unchanged": 3}
    closed = ErpOrder.objects.get(key="main:1")
    assert (closed.status, closed.deleted_at, closed.gone_reason) == ("closed", None, "closed")
    assert ErpOrderLine.objects.live().filter(order="main:1").count() == 2
    assert TOLD[-1].customers == {"main:7"}
    assert "erp_order" in TOLD[-1].tables


def test_a_finished_order_that_vanishes_stays_done_and_nothing_is_written_twice(orders: World) -> None:
    forget(orders, "3")
    first = orders.sync()
    assert ErpOrder.objects.get(key="main:3").status == "done"
    orders.sync(full=True)
    assert ErpOrder.objects.get(key="main:3").run == first.pk
    assert TOLD[-1].customers == frozenset()


def test_an_order_that_comes_back_is_what_the_source_says_again(orders: World) -> None:
    forget(orders, "1", "3")
    orders.sync()
    orders.deliver("orders", ORDERS)
    orders.deliver("order_lines", LINES)
    orders.sync()
    found = ErpOrder.objects.order_by("key").values_list("status", "gone_reason", "deleted_at")
    assert list(found) == [("open", "", None), ("open", "", None), ("done", "", None), ("open", "", None)]


def test_a_line_that_its_order_no_longer_has_goes(orders: World) -> None:
    orders.deliver("orders", ORDERS.replace("100.00", "60.00"))
    orders.deliver("order_lines", without(LINES, "1/2"))
    orders.sync()
    assert set(ErpOrderLine.objects.live().values_list("key", flat=True)) == {
        "main:1/1",
        "main:2/1",
        "main:3/1",
        "main:4/1",
    }


def test_too_many_vanished_orders_are_not_closed_but_told(orders: World) -> None:
    forget(orders, "1", "2", "3")
    orders.sync()
    assert not ErpOrder.objects.filter(gone_reason="closed").exists()
    assert Notice.objects.filter(subject="main.orders", code="too_many_deletions").exists()


def test_closed_orders_do_not_count_as_a_difference_from_the_source(orders: World) -> None:
    forget(orders, "1")
    orders.sync()
    found = reconcile(Run.objects.create(kind=RunKind.RECONCILE, subject="main"))
    assert [(each.stream, each.agrees, each.detail) for each in found] == [
        ("main.orders", True, ""),
        ("main.order_lines", True, ""),
    ]
