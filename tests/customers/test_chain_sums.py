"""The sums of a chain are those of the figures beside it: collective documents, freight, payments in advance."""

import os
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from customers import counted
from customers.models import Customer
from customers.pages.chain_columns import Chain, Node
from customers.pages.chain_list import build_chain_list
from customers.pages.delivery_document import build_delivery
from customers.pages.invoice_document import build_invoice
from customers.pages.order_document import OrderDocument, build_order
from customers.pages.payment_document import build_payment
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY, World, ago

SEEDS = range(int(os.environ.get("FLOW_SEEDS", "2")))


@pytest.fixture
def analyst(db: None) -> User:
    return User.objects.create_superuser("iris")


def order_page(order: Any, user: User) -> OrderDocument:
    return build_order(ErpOrder.objects.get(key=order.key), user, DAY, "EUR")


def sums(chain: Chain) -> dict[str, dict[str, Decimal]]:
    return {one.part.kind: {total.currency: total.amount for total in one.totals} for one in chain.columns}


def tile(document: OrderDocument, label: str) -> Any:
    return next(one for one in document.amounts if one.label == label)


def paid(figures: World, customer: Any, invoice: Any, gross: str, *amounts: str) -> list[Any]:
    """An open item of the invoice, and a payment for each of the amounts."""
    item = figures.item(customer, gross, ago(20), ago(5), invoice=invoice)
    payments = [figures.payment(customer, amount, ago(4), unallocated_amount=Decimal(0)) for amount in amounts]
    for payment in payments:
        figures.pay(item, payment.amount, ago(4), payment=payment, invoice=invoice)
    return payments


def test_a_final_invoice_bills_what_was_paid_in_advance_too_and_nothing_is_larger_than_its_whole(
    figures: World, analyst: User
) -> None:
    customer = figures.linked()
    order = figures.order(customer, "670", ago(60))
    line = figures.order_line(order, "1", "670")
    advance = figures.invoice(customer, "200", ago(50), kind="down_payment", order=order, number="A", status="paid")
    paid(figures, customer, advance, "200", "200")
    early = order_page(order, analyst)
    assert tile(early, "Invoiced").note == "€200.00 asked in advance; no invoice yet"
    assert tile(early, "Paid").note == "€200.00 paid in advance, not yet deducted from an invoice"
    assert early.head.chain.columns[3].foot == "of it €200.00 in advance"
    assert [(one.counts, one.void, one.remarks) for one in early.head.chain.invoices] == [
        (False, False, ("not in the sum: money in advance",))
    ]
    final = figures.invoice(customer, "470", ago(20), order=order, number="F", gross_amount=Decimal(470))
    figures.invoice_line(final, "670", order_line=line, quantity=Decimal(1))
    figures.invoice_line(final, "-200", kind="down_payment")
    paid(figures, customer, final, "470", "235")
    figures.roll_up()
    document = order_page(order, analyst)
    node = next(one for one in document.head.chain.invoices if one.number == "F")
    assert (node.amount, node.part, node.remarks) == (Decimal(670), None, ("less €200.00 paid in advance",))
    assert sums(document.head.chain)["invoice"] == {"EUR": Decimal(670)}
    # 200 in advance and half of the rest, where the open items alone would say half of all.
    assert [tile(document, "Invoiced").value, tile(document, "Paid").value] == [670, 435]
    assert sums(document.head.chain)["payment"] == {"EUR": Decimal(435)}
    assert document.head.chain.columns[3].foot == ""
    invoice = build_invoice(ErpInvoice.objects.get(key=final.key), analyst, DAY, "EUR")
    assert sums(invoice.head.chain)["payment"] == {"EUR": Decimal(235)}


def test_a_collective_invoice_with_freight_and_tax_counts_with_its_part_on_every_page(
    figures: World, analyst: User
) -> None:
    customer = figures.linked()
    orders = [figures.order(customer, net, ago(40)) for net in ("300", "100")]
    lines = [figures.order_line(order, "1", order.net_amount) for order in orders]
    delivery = figures.delivery(customer, ago(30), number="D")
    shipped = [figures.delivery_line(delivery, line, "1") for line in lines]
    bill = figures.invoice(customer, "500", ago(25), number="F", gross_amount=Decimal(600), status="part_paid")
    for line, delivered, net in zip(lines, shipped, ("300", "100"), strict=True):
        figures.invoice_line(bill, net, order_line=line, delivery_line=delivered, quantity=Decimal(1))
    figures.invoice_line(bill, "100", kind="charge")
    other = figures.invoice(customer, "50", ago(24), number="O", gross_amount=Decimal(60))
    payment = figures.payment(customer, "500", ago(4), number="P", unallocated_amount=Decimal(0))
    for invoice, gross, amount in ((bill, "600", "450"), (other, "60", "50")):
        item = figures.item(customer, gross, ago(25), ago(5), invoice=invoice)
        figures.pay(item, amount, ago(4), payment=payment, invoice=invoice)
    figures.roll_up()
    first = order_page(orders[0], analyst)
    (node,) = first.head.chain.invoices
    assert (node.part, node.amount, node.remarks) == (
        Decimal(300),
        Decimal(500),
        ("and €100.00 of freight and charges",),
    )
    assert sums(first.head.chain)["invoice"]["EUR"] == tile(first, "Invoiced").value == 300
    assert [(one.part, one.amount) for one in first.head.chain.deliveries] == [(Decimal(300), Decimal(400))]
    # Three quarters are settled: 270 of 360 with tax.
    assert [(one.part, one.amount) for one in first.head.chain.payments] == [(Decimal(270), Decimal(500))]
    assert first.head.chain.columns[3].foot == "that is €225.00 net"
    assert tile(first, "Paid").value == 225
    found = build_payment(ErpPayment.objects.get(key=payment.key), analyst, DAY)
    assert [(one.part, one.amount) for one in found.head.chain.invoices] == [
        (Decimal(450), Decimal(600)),
        (Decimal(50), Decimal(60)),
    ]
    assert sums(found.head.chain) == {"order": {}, "delivery": {}, "invoice": {"EUR": 500}, "payment": {"EUR": 500}}
    assert [one.basis for one in found.head.chain.columns] == ["net", "net, at order prices", "with tax", "with tax"]
    page = build_invoice(ErpInvoice.objects.get(key=bill.key), analyst, DAY, "EUR").head.chain
    assert sums(page) == {"order": {"EUR": 400}, "delivery": {}, "invoice": {"EUR": 500}, "payment": {"EUR": 450}}
    half = build_delivery(ErpDelivery.objects.get(key=delivery.key), analyst, DAY).head.chain
    assert sums(half) == {"order": {"EUR": 400}, "delivery": {}, "invoice": {"EUR": 400}, "payment": {"EUR": 360}}


def test_an_invoice_without_a_day_or_after_it_is_in_no_sum_and_says_so(figures: World, analyst: User) -> None:
    customer = figures.linked()
    order = figures.order(customer, "90", ago(40))
    line = figures.order_line(order, "9", "90")
    for number, on in (("1", ago(20)), ("2", None), ("3", ago(-3))):
        figures.invoice_line(figures.invoice(customer, "30", on, number=number), "30", order_line=line)
    figures.roll_up()
    document = order_page(order, analyst)
    assert sums(document.head.chain)["invoice"]["EUR"] == tile(document, "Invoiced").value == 30
    assert {one.number: one.remarks for one in document.head.chain.invoices} == {
        "1": (),
        "2": ("not in the sum: no date",),
        "3": ("not in the sum: after 10\u00a0Feb\u00a02026",),
    }


def test_cancelled_lines_that_the_header_still_holds_are_not_open(figures: World, analyst: User) -> None:
    customer = figures.linked()
    order = figures.order(customer, "160", ago(40))
    figures.order_line(order, "10", "100")
    figures.order_line(order, "6", "60", cancelled=True)
    void = figures.order(customer, "60", ago(40))
    figures.order_line(void, "6", "60", cancelled=True)
    figures.roll_up()
    rollup = figures.figures(customer)
    assert [rollup.open_orders_amount, rollup.open_orders_count] == [100, 1]
    assert [row.counted for row in counted.open_orders(Customer.objects.all(), DAY)] == [100]
    assert tile(order_page(void, analyst), "Still to deliver").value == 0
    document = order_page(order, analyst)
    assert document.totals.still_open == tile(document, "Still to deliver").value == 100
    assert tile(document, "Delivered").value == document.totals.delivered == 0


def test_the_tile_and_the_lines_round_what_is_paid_alike(figures: World, analyst: User) -> None:
    customer = figures.linked()
    order = figures.order(customer, "0.30", ago(40))
    for position in range(3):
        line = figures.order_line(order, "1", "0.10", position=position)
        invoice = figures.invoice(customer, "0.10", ago(20))
        figures.invoice_line(invoice, "0.10", order_line=line, quantity=Decimal(1))
        paid(figures, customer, invoice, "0.80", "0.11")
    figures.roll_up()
    document = order_page(order, analyst)
    assert tile(document, "Paid").value == document.totals.paid == Decimal("0.04")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sum_of_the_invoices_of_any_order_is_what_is_invoiced(figures: World, analyst: User, seed: int) -> None:
    RandomCompany(figures, seed)
    figures.roll_up()
    for order in ErpOrder.objects.all():
        document = build_order(order, analyst, DAY, "EUR")
        invoiced, column = tile(document, "Invoiced"), document.head.chain.columns[2]
        own = {invoiced.currency: invoiced.value} if invoiced.value else {}
        shown = {currency: amount for currency, amount in sums(document.head.chain)["invoice"].items() if amount}
        assert shown == own | {code: amount for code, amount in invoiced.others if amount}, order.key
        assert all(_within(node) for node in column.nodes), order.key
        listed = build_chain_list("order", order, analyst, DAY, {"all": "invoices"})
        assert listed.column.totals == column.totals


def _within(node: Node) -> bool:
    return node.counts or bool(node.remarks) or node.void
