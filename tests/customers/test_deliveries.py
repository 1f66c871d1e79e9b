"""What is still to deliver and what is delivered but not billed, from lines, headers or the source's own word."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from customers import formats
from customers.known import known_customers
from customers.measures import get_measure
from integration_hub.models import ErpInvoice, ErpOrder
from tests.customers.world import DAY, ago


@pytest.fixture
def acme(figures):
    customer = figures.linked("Acme", "100")
    # A source that has never billed anything cannot say what is not invoiced.
    figures.invoice(customer, "1.00", ago(900), status="paid")
    return customer


@pytest.fixture
def rolled(figures, acme):
    def roll_up(as_of: date = DAY) -> Any:
        figures.roll_up(as_of)
        return figures.figures(acme, as_of)

    return roll_up


def shipped(figures, order_line, quantity, on, **values):
    delivery = figures.delivery(order_line.order.customer, on, order=order_line.order, **values)
    figures.delivery_line(delivery, order_line, quantity)
    return delivery


def billed(figures, order_line, quantity, on, **values):
    order = order_line.order
    invoice = figures.invoice(order.customer, "1.00", on, order=order, **values)
    figures.invoice_line(invoice, "1.00", order_line=order_line, quantity=Decimal(quantity))
    return invoice


class TestOpenOrders:
    def test_count_the_undelivered_share_of_each_line(self, figures, acme, rolled):
        order = figures.order(acme, "300.00", ago(20))
        seals, pumps = figures.order_line(order, "10", "100.00"), figures.order_line(order, "4", "200.00")
        shipped(figures, seals, "10", ago(5))
        shipped(figures, pumps, "1", ago(5))
        rollup = rolled()
        assert (rollup.open_orders_amount, rollup.open_orders_count) == (Decimal("150.00"), 1)

    def test_count_what_was_open_on_a_past_day(self, figures, acme):
        line = figures.order_line(figures.order(acme, "100.00", ago(20)), "10", "100.00")
        shipped(figures, line, "4", ago(10))
        shipped(figures, line, "6", ago(5))
        figures.roll_up()
        assert ErpOrder.objects.get().fully_delivered_on == ago(5)
        for days, expected in ((21, 0), (20, 100), (11, 100), (10, 60), (6, 60), (5, 0), (0, 0)):
            figures.roll_up(ago(days), current=days == 0)
            assert figures.figures(acme, ago(days)).open_orders_amount == Decimal(expected), days

    def test_follow_the_header_where_the_net_amount_has_a_discount(self, figures, acme, rolled):
        order = figures.order(acme, "90.00", ago(20))
        first, _second = figures.order_line(order, "1", "50.00"), figures.order_line(order, "1", "50.00")
        shipped(figures, first, "1", ago(5))
        assert rolled().open_orders_amount == Decimal("45.00")

    def test_are_whole_until_a_delivery_without_lines_ships(self, figures, acme, rolled):
        order = figures.order(acme, "100.00", ago(20))
        figures.order_line(order, "10", "100.00")
        delivery = figures.delivery(acme, None, order=order)
        assert rolled().open_orders_amount == Decimal(100)
        delivery.status, delivery.shipped_on = "shipped", ago(2)
        delivery.save()
        assert rolled().open_orders_amount == 0

    def test_end_with_the_ship_date_on_the_order(self, figures, acme):
        figures.order(acme, "12.3456", ago(20), shipped_on=ago(3))
        figures.roll_up()
        figures.roll_up(ago(4), current=False)
        assert figures.figures(acme).open_orders_amount == 0
        assert figures.figures(acme, ago(4)).open_orders_amount == Decimal("12.3456")

    def test_take_the_source_s_word_where_there_are_no_deliveries(self, figures, acme, rolled):
        order = figures.order(acme, "100.00", ago(20))
        figures.order_line(order, "10", "100.00", delivered_quantity=Decimal(3))
        assert rolled().open_orders_amount == Decimal(70)

    @pytest.mark.parametrize("status", ["done", "closed", "cancelled", "quote"])
    def test_leave_out(self, figures, acme, rolled, status):
        figures.order(acme, "100.00", ago(20), status=status)
        rollup = rolled()
        assert (rollup.open_orders_amount, rollup.open_orders_count) == (0, 0)

    def test_are_not_closed_by_planned_deliveries_nor_reopened_by_returns(self, figures, acme, rolled):
        line = figures.order_line(figures.order(acme, "100.00", ago(20)), "10", "100.00")
        shipped(figures, line, "6", ago(5))
        shipped(figures, line, "4", None)
        shipped(figures, line, "-6", ago(3), is_return=True)
        assert rolled().open_orders_amount == Decimal(40)

    def test_never_go_below_zero_by_over_delivery(self, figures, acme, rolled):
        order = figures.order(acme, "200.00", ago(20))
        first, _second = figures.order_line(order, "10", "100.00"), figures.order_line(order, "10", "100.00")
        shipped(figures, first, "15", ago(5))
        assert rolled().open_orders_amount == Decimal(100)

    def test_leave_out_cancelled_lines(self, figures, acme, rolled):
        order = figures.order(acme, "100.00", ago(20))
        first = figures.order_line(order, "10", "100.00")
        figures.order_line(order, "10", "100.00", cancelled=True)
        shipped(figures, first, "5", ago(5))
        assert rolled().open_orders_amount == Decimal(50)

    def test_end_with_the_last_goods_although_services_are_never_shipped(self, figures, acme, rolled):
        order = figures.order(acme, "120.00", ago(20))
        goods = figures.order_line(order, "10", "100.00")
        figures.order_line(order, "1", "20.00", kind="service")
        shipped(figures, goods, "5", ago(6))
        assert rolled().open_orders_amount == Decimal(70)
        shipped(figures, goods, "5", ago(5))
        assert rolled().open_orders_amount == 0


class TestLateOrders:
    def test_are_open_past_the_promised_day(self, figures, acme, rolled):
        figures.order(acme, "1.00", ago(20), promised_on=ago(1))
        figures.order(acme, "1.00", ago(20), promised_on=DAY)
        figures.order(acme, "1.00", ago(20))
        figures.order(acme, "1.00", ago(20), promised_on=ago(1), shipped_on=ago(2))
        assert rolled().late_orders_count == 1

    def test_go_by_the_requested_day_where_nothing_was_promised(self, figures, acme, rolled):
        figures.order(acme, "1.00", ago(20), requested_on=ago(1))
        figures.order(acme, "1.00", ago(20), requested_on=ago(9), promised_on=ago(-9))
        assert rolled().late_orders_count == 1

    def test_shipped_late_are_counted_beside(self, figures, acme, rolled):
        figures.order(acme, "1.00", ago(20), requested_on=ago(5), shipped_on=ago(4))
        figures.order(acme, "1.00", ago(20), requested_on=ago(5), shipped_on=ago(5))
        rollup = rolled()
        assert (rollup.shipped_late_count, rollup.late_orders_count) == (1, 0)


class TestDeliveredNotInvoiced:
    def test_is_the_shipped_share_that_no_invoice_line_bills(self, figures, acme, rolled):
        line = figures.order_line(figures.order(acme, "100.00", ago(20)), "10", "100.00")
        shipped(figures, line, "8", ago(10))
        billed(figures, line, "5", ago(8))
        assert rolled().delivered_not_invoiced == Decimal(30)

    def test_on_a_past_day_knows_no_later_invoice(self, figures, acme):
        line = figures.order_line(figures.order(acme, "100.00", ago(20)), "10", "100.00")
        shipped(figures, line, "10", ago(10))
        billed(figures, line, "4", ago(8))
        billed(figures, line, "6", ago(2))
        figures.roll_up()
        assert ErpOrder.objects.get().fully_invoiced_on == ago(2)
        for days, expected in ((11, 0), (10, 100), (8, 60), (3, 60), (2, 0)):
            figures.roll_up(ago(days), current=False)
            assert figures.figures(acme, ago(days)).delivered_not_invoiced == Decimal(expected), days

    @pytest.mark.parametrize("values", [{"status": "draft"}, {"status": "reversed"}, {"kind": "credit_note"}])
    def test_is_not_ended_by(self, figures, acme, rolled, values):
        line = figures.order_line(figures.order(acme, "100.00", ago(20)), "10", "100.00")
        shipped(figures, line, "10", ago(10))
        billed(figures, line, "10", ago(8), **values)
        assert rolled().delivered_not_invoiced == Decimal(100)

    def test_ends_with_an_invoice_that_names_only_the_order(self, figures, acme, rolled):
        order = figures.order(acme, "100.00", ago(20), shipped_on=ago(10))
        assert rolled().delivered_not_invoiced == Decimal(100)
        figures.invoice(acme, "100.00", ago(5), order=order)
        assert rolled().delivered_not_invoiced == 0

    def test_counts_nothing_that_was_billed_in_advance(self, figures, acme, rolled):
        line = figures.order_line(figures.order(acme, "100.00", ago(20)), "10", "100.00")
        billed(figures, line, "10", ago(15))
        shipped(figures, line, "3", ago(5))
        assert rolled().delivered_not_invoiced == 0

    def test_is_unknown_and_so_zero_for_a_source_without_invoices(self, figures, rolled, acme):
        ErpInvoice.objects.all().delete()
        figures.order(acme, "100.00", ago(20), shipped_on=ago(10))
        assert rolled().delivered_not_invoiced == 0


class TestAnOrderThatItsSourceForgetsOnceItIsFinished:
    @pytest.fixture
    def rollup(self, figures, acme, rolled):
        forgotten = {"status": "closed", "gone_reason": "closed"}
        order = figures.order(acme, "100.00", ago(20), **forgotten)
        figures.order_line(order, "10", "100.00", delivered_quantity=Decimal(10), invoiced_quantity=Decimal(0))
        return rolled()

    def test_counts_as_received(self, rollup):
        assert (rollup.order_intake, rollup.order_count) == (Decimal("100.00"), 1)

    def test_is_neither_open_nor_waiting_for_its_invoice(self, rollup):
        assert (rollup.open_orders_amount, rollup.delivered_not_invoiced) == (0, 0)


def test_what_a_late_line_has_still_to_deliver_is_a_whole_quantity_again(figures, acme):
    """Two of three thirds: 21 less 14 is 7, not 7.0000000000000000002."""
    order = figures.order(acme, "630.00", ago(30), promised_on=ago(10))
    shipped(figures, figures.order_line(order, 21, "630.00"), 14, ago(20))
    figures.roll_up()
    line = get_measure("late_lines_amount").documents(known_customers((), (acme.key,)), DAY).get()
    assert str(formats.quantity(line.missing, "PCE")) == "7\u00a0PCE"
