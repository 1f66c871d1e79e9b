"""What became of an order's lines adds up, whatever the data, and equals the figures of the customer page."""

import os
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from customers import counted
from customers.models import Customer
from customers.pages.delivery_document import build_delivery
from customers.pages.invoice_document import build_invoice
from customers.pages.line_facts import read_facts
from customers.pages.order_document import OrderDocument, build_order
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY, World, ago

# More companies than every build tries: FLOW_SEEDS=50.
SEEDS = range(int(os.environ.get("FLOW_SEEDS", "3")))


@pytest.fixture
def analyst(db: None) -> User:
    return User.objects.create_superuser("iris")


def tiles(document: OrderDocument) -> dict[str, Decimal | None]:
    return {one.label: one.reporting for one in document.amounts}


def assert_columns_add_up(document: OrderDocument) -> None:
    totals = document.totals
    if document.head.row.status == "quote":
        assert [totals.delivered, totals.still_open, totals.over, totals.rest] == [0, 0, 0, 0]
        return
    assert totals.ordered + totals.over == totals.delivered + totals.still_open + totals.rest
    for flow in document.order_lines:
        one = flow.amounts
        assert one.ordered + one.over == one.delivered + one.still_open + one.rest, flow.line.key
        if flow.facts.wanted > 0:
            quantities = flow.delivered + flow.still_open + flow.rest
            # What the order itself says counts no day, so it may stand beside a whole order still open.
            if flow.facts.shipped is not None or not flow.still_open:
                assert flow.facts.wanted + flow.over == quantities, flow.line.key
    for name in ("ordered", "delivered", "still_open", "over", "rest", "returned"):
        assert sum(getattr(flow.amounts, name) for flow in document.order_lines) == getattr(totals, name)
    for name in ("invoiced", "credited", "paid"):
        values = [getattr(flow.amounts, name) for flow in document.order_lines]
        assert sum(value or Decimal(0) for value in values) == (getattr(totals, name) or Decimal(0))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_amounts_of_every_order_are_those_of_the_customer_page_today_and_earlier(
    figures: World, analyst: User, seed: int
) -> None:
    RandomCompany(figures, seed)
    figures.roll_up()
    everybody = Customer.objects.all()
    for day in (DAY, ago(130)):
        still_open = {row.key: row.counted or Decimal(0) for row in counted.open_orders(everybody, day)}
        unbilled = {row.key: row.counted or Decimal(0) for row in counted.delivered_not_invoiced(everybody, day)}
        assert still_open or unbilled or day != DAY
        for order in ErpOrder.objects.all():
            document = build_order(order, analyst, day, "EUR")
            shown = tiles(document)
            assert (shown["Still to deliver"] or Decimal(0)) == still_open.get(order.key, Decimal(0)), order.key
            assert (shown["Delivered, not invoiced"] or Decimal(0)) == unbilled.get(order.key, Decimal(0)), order.key
            assert_columns_add_up(document)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_an_invoice_bills_of_all_orders_is_what_its_lines_say(figures: World, analyst: User, seed: int) -> None:
    RandomCompany(figures, seed)
    figures.roll_up()
    shares: dict[str, Decimal] = {}
    for order in ErpOrder.objects.all():
        chain = build_order(order, analyst, DAY, "EUR").head.chain
        assert all(node.evidence for column in chain.columns for node in column.nodes if not node.current)
        for part in read_facts(order, list(order.lines.filter(deleted_at=None)), DAY).billed:
            if not part.whole:
                shares[part.key] = shares.get(part.key, Decimal(0)) + part.net
    assert shares
    for key, share in shares.items():
        named = ErpInvoice.objects.get(key=key).lines.filter(deleted_at=None, order_line__isnull=False)
        assert share == sum(line.net_amount or Decimal(0) for line in named), key


def collective(figures: World) -> dict[str, Any]:
    """Two orders delivered together, billed on one invoice by line, half of it paid, a part returned and credited."""
    customer = figures.linked("Acme", "100")
    first, second = figures.order(customer, "400", ago(40)), figures.order(customer, "300", ago(35))
    one = figures.order_line(first, "4", "400", position=1, unit="pc")
    two = figures.order_line(second, "3", "300", position=1, unit="pc")
    gone = figures.order_line(second, "2", "50", position=2, cancelled=True)
    delivery = figures.delivery(customer, ago(20), number="D")
    lines = [figures.delivery_line(delivery, one, "3"), figures.delivery_line(delivery, two, "4")]
    bill = figures.invoice(customer, "700", ago(18), number="F", gross_amount=Decimal(700))
    for line, delivered, quantity in ((one, lines[0], 3), (two, lines[1], 4)):
        figures.invoice_line(
            bill, Decimal(quantity * 100), order_line=line, delivery_line=delivered, quantity=Decimal(quantity)
        )
    back = figures.delivery(customer, ago(10), is_return=True, number="R")
    figures.delivery_line(back, one, "-1")
    credit = figures.invoice(customer, "-100", ago(9), kind="credit_note", reverses=bill, number="C", status="paid")
    figures.invoice_line(credit, "-100", order_line=one, quantity=Decimal(-1))
    item = figures.item(customer, "700", ago(18), ago(-12), invoice=bill)
    figures.pay(item, "250", ago(5))
    figures.pay(item, "100", ago(9), credit_note=credit)
    figures.roll_up()
    return {"first": first, "second": second, "bill": bill, "credit": credit, "delivery": delivery, "gone": gone}


def test_a_collective_invoice_and_delivery_are_allocated_by_line(figures: World, analyst: User) -> None:
    made = collective(figures)
    first, second = (
        build_order(ErpOrder.objects.get(key=made[name].key), analyst, DAY, "EUR") for name in ("first", "second")
    )
    assert {one.label: one.value for one in first.amounts} == {
        "Ordered": 400,
        "Delivered": 300,
        "Invoiced": 200,  # 300 billed, 100 credited
        "Paid": 50,  # half of 300, less the credit note, which is set off
        "Still to deliver": 100,
        "Delivered, not invoiced": 0,
    }
    totals = first.totals
    assert [totals.returned, totals.invoiced, totals.credited, totals.paid] == [-100, 300, -100, 50]
    assert [(node.number, node.part, node.amount) for node in first.head.chain.invoices] == [
        ("F", Decimal(300), Decimal(700)),
        ("C", None, Decimal(-100)),
    ]
    assert first.head.chain.invoices[1].remarks == ("corrects F",)
    over, cancelled = second.order_lines
    assert [over.delivered, over.over, over.still_open, cancelled.rest, cancelled.still_open] == [4, 1, 0, 2, 0]
    assert second.equation == (
        "Ordered €350.00 = delivered €400.00 (of it €100.00 more than ordered) + still open €0.00 "
        "+ cancelled rest €50.00 − over-delivered €100.00."
    )
    delivery = build_delivery(ErpDelivery.objects.get(key=made["delivery"].key), analyst, DAY)
    assert [row.bills[0].label for row in delivery.rows] == ["F", "F"]
    bill = build_invoice(ErpInvoice.objects.get(key=made["bill"].key), analyst, DAY, "EUR")
    (balance,) = bill.receivable.balances
    assert [balance.billed, balance.settled, balance.still_open] == [700, 350, 350]
    assert not bill.receivable.differences
    assert [one.number for one in bill.corrected_by] == ["C"]
    credit = build_invoice(ErpInvoice.objects.get(key=made["credit"].key), analyst, DAY, "EUR")
    assert [(one.label, one.amount) for one in credit.set_off] == [("Invoice F", Decimal(100))]


def test_what_the_erp_says_of_itself_and_does_not_agree_is_named_with_its_difference(
    figures: World, analyst: User
) -> None:
    customer = figures.linked("Acme", "100")
    order = figures.order(customer, "90", ago(9))
    line = figures.order_line(order, "10", "100", delivered_quantity=Decimal(5), unit="pc")
    figures.delivery_line(figures.delivery(customer, ago(3)), line, "6")
    whole = figures.order(customer, "50", ago(9), shipped_on=ago(5))
    figures.order_line(whole, "1", "50")
    figures.invoice(customer, "50", ago(4), order=whole, number="W")
    figures.invoice(customer, "50", ago(4), number="L", status="draft")
    figures.link("order", whole, "invoice", ErpInvoice.objects.get(number="L"), how="derived")
    figures.roll_up()
    document = build_order(ErpOrder.objects.get(key=order.key), analyst, DAY, "EUR")
    (difference,) = document.differences
    assert difference == (
        "Does not reconcile: the lines make €100.00, the header says €90.00; difference −€10.00. "
        "The figures above follow the header."
    )
    assert document.order_lines[0].facts.remarks == (
        "Does not reconcile: the ERP states 5 delivered, its documents make 6; difference 1 pc",
    )
    billed = build_order(ErpOrder.objects.get(key=whole.key), analyst, DAY, "EUR")
    assert billed.known[0].startswith("Billed as a whole for €50.00; the source names no lines")
    assert {node.number: (node.evidence, node.counts) for node in billed.head.chain.invoices} == {
        "W": ("stated by the ERP", True),
        "L": ("derived", False),
    }
