"""What is overdue, open or late without a rate to the reporting currency: counted, in no amount, each document once."""

from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import RunSQL

from customers.measures import MEASURES, not_converted
from customers.models import Customer, CustomerRollup, OpenOrder
from tests.customers.world import DAY, World, ago

COUNTED = ("open_orders_count", "late_orders_count", "late_lines_count", "overdue_count", "oldest_overdue_days")
AMOUNTS = ("open_orders_amount", "late_orders_amount", "late_lines_amount", "overdue_amount", "open_amount")
PAST = ago(3)


@pytest.fixture
def yen(figures: World) -> Any:
    """A customer whose order of ¥600 is half delivered and late, and whose invoice of ¥300 is overdue since 9 days."""
    customer = figures.customer()
    figures.account("Acme", erp_number="100")
    order = figures.order(customer, "600.00", ago(30), currency="JPY", promised_on=ago(10))
    line = figures.order_line(order, "4", "600.00")
    figures.delivery_line(figures.delivery(customer, ago(12), order=order), line, "2")
    invoice = figures.invoice(customer, "300.00", ago(40), currency="JPY")
    for days in (9, 2):
        figures.item(customer, "150.00", ago(40), ago(days), currency="JPY", invoice=invoice)
    return customer


def stored(figures: World, customer: Any, day: Any = DAY) -> dict[str, Any]:
    rollup = figures.figures(customer, day)
    return {name: getattr(rollup, name) for name in (*COUNTED, *AMOUNTS)}


@pytest.mark.parametrize(("day", "overdue"), [(DAY, (2, 9)), (PAST, (1, 6))])
def test_counts_hold_what_has_no_rate_and_amounts_do_not(figures: World, yen: Any, day: Any, overdue: Any) -> None:
    figures.roll_up()
    figures.roll_up(PAST, current=False)
    found = stored(figures, yen, day)
    assert [found[name] for name in COUNTED] == [1, 1, 1, *overdue]
    assert {found[name] for name in AMOUNTS} == {Decimal(0)}


def test_the_rows_that_open_are_as_many_as_the_counts_say_and_name_no_amount(figures: World, yen: Any) -> None:
    figures.roll_up()
    found, everybody = stored(figures, yen), Customer.objects.all()
    pairs = (
        ("open_orders_count", "open_orders_amount"),
        ("late_orders_count", "late_orders_amount"),
        ("late_lines_count", "late_lines_amount"),
        ("overdue_count", "overdue_amount"),
    )
    for count, amount in pairs:
        assert MEASURES[count].documents(everybody, DAY).count() == found[count], count
        assert [row.counted for row in MEASURES[amount].documents(everybody, DAY)] == [None] * found[count], amount


def test_a_recompute_of_what_was_touched_counts_them_too(figures: World, yen: Any) -> None:
    figures.roll_up()
    before = stored(figures, yen)
    figures.item(yen, "10.00", ago(30), ago(20), currency="JPY")
    figures.order(yen, "5.00", ago(3), currency="JPY")
    figures.publish(customers=[yen])
    after = stored(figures, yen)
    assert (after["overdue_count"], after["oldest_overdue_days"]) == (before["overdue_count"] + 1, 20)
    assert after["open_orders_count"] == before["open_orders_count"] + 1
    figures.roll_up()
    assert stored(figures, yen) == after


def test_open_orders_without_a_rate_are_kept_without_an_amount(figures: World, yen: Any) -> None:
    figures.roll_up()
    kept = OpenOrder.objects.get()
    assert (kept.promised_on, kept.due_on, kept.open_amount) == (ago(10), ago(10), None)
    figures.rate("JPY", "0.01")
    figures.publish(changed=["erp_currency_rate"])
    assert OpenOrder.objects.get().open_amount == Decimal("3.00")
    found = stored(figures, yen)
    assert [found[name] for name in COUNTED] == [1, 1, 1, 2, 9]
    assert [found[name] for name in AMOUNTS] == [Decimal(3)] * 5


def test_a_credit_without_a_rate_is_not_overdue(figures: World, yen: Any) -> None:
    figures.item(yen, "-50.00", ago(90), ago(80), currency="JPY")
    figures.roll_up()
    found = stored(figures, yen)
    assert (found["overdue_count"], found["oldest_overdue_days"]) == (2, 9)


def test_the_instalments_of_an_invoice_without_a_rate_are_no_documents_beside_it(figures: World, yen: Any) -> None:
    figures.roll_up()
    listed = {kind: rows.count() for kind, rows in not_converted(Customer.objects.all(), DAY).items()}
    assert listed == {"invoice": 1, "order": 1, "open_item": 0, "payment": 0, "opportunity": 0}
    assert figures.figures(yen).not_converted_count == 2


def test_items_without_an_invoice_that_is_listed_are_documents_of_their_own(figures: World, yen: Any) -> None:
    figures.item(yen, "7.00", ago(9), ago(1), currency="JPY")
    advance = figures.invoice(yen, "20.00", ago(9), currency="JPY", kind="down_payment")
    figures.item(yen, "20.00", ago(9), ago(1), currency="JPY", invoice=advance)
    figures.roll_up()
    listed = not_converted(Customer.objects.all(), DAY)
    assert listed["open_item"].count() == 2
    assert figures.figures(yen).not_converted_count == 4


def test_an_installation_that_is_there_counts_them_with_its_next_publish(figures: World, yen: Any) -> None:
    figures.roll_up()
    right = stored(figures, yen)
    # As an earlier version left them: nothing of this customer will be touched.
    CustomerRollup.objects.update(overdue_count=0, open_orders_count=0, late_orders_count=0, late_lines_count=0)
    OpenOrder.objects.all().delete()
    migration = import_module("customers.migrations.0032_open_without_rate").Migration
    with connection.cursor() as cursor:
        for operation in migration.operations:
            if isinstance(operation, RunSQL):
                cursor.execute(str(operation.sql))
    figures.publish()
    assert stored(figures, yen) == right
    assert OpenOrder.objects.count() == 1
