"""What is no leak: another day's exchange rate, a cancelled rest, and a lost deal whose order a won one has."""

from decimal import Decimal
from typing import Any

import pytest

from customers.models import Handover, OpportunityOrder
from reports.catalogue.won_to_cash import LEAKS
from tests.customers.world import World, ago

NOT_MISSING = dict.fromkeys(("not_delivered", "not_invoiced"), Decimal(0))


class Acme:
    """An account with one ERP customer, in a world where the dollar fell 20 days ago."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.account = world.account("Acme", erp_number="100")
        self.erp = world.customer("100")
        world.rate("USD", "0.9137")
        world.rate("USD", "0.8811", ago(20))

    def order(self, number: str, *lines: tuple[int, str, int, bool], currency: str = "EUR", **values: Any) -> Any:
        """An order of (quantity, net, delivered, cancelled) lines; what is delivered was shipped 15 days ago and
        invoiced to the cent 10 days ago.
        """
        net = sum((Decimal(line[1]) for line in lines), Decimal(0))
        order = self.world.order(self.erp, net, ago(30), number=number, currency=currency, **values)
        delivery = self.world.delivery(self.erp, ago(15))
        invoice = self.world.invoice(self.erp, 0, ago(10), currency=currency)
        for quantity, amount, delivered, cancelled in lines:
            line = self.world.order_line(order, quantity, amount, cancelled=cancelled)
            if delivered:
                self.world.delivery_line(delivery, line, delivered)
                billed = Decimal(amount) * delivered / quantity
                self.world.invoice_line(invoice, billed, order_line=line, quantity=Decimal(delivered))
                invoice.net_amount += billed
        invoice.save()
        self.world.item(self.erp, invoice.net_amount, ago(10), ago(1), currency=currency, invoice=invoice)
        return order

    def deal(self, amount: str, names: str, **values: Any) -> Any:
        return self.world.deal(
            self.account, amount, ago(31), custom_fields={"Order__c": names}, currency="EUR", **values
        )


@pytest.fixture
def acme(figures: World) -> Acme:
    return Acme(figures)


def leaks(deal: Any) -> dict[str, Decimal]:
    """What is missing at each step, as the report has it."""
    row: Any = Handover.objects.annotate(**{name: expression for name, _, expression in LEAKS}).get(pk=deal.key)
    parts = {name: getattr(row, name) for name, *_ in LEAKS}
    lost = row.cancelled + sum(parts.values()) - row.rate_effect
    assert row.won - lost == row.paid
    return parts


def test_an_order_invoiced_to_the_cent_misses_nothing_whatever_the_rate_of_the_invoice(acme: Acme) -> None:
    acme.order("A", (3, "777.77", 3, False), (7, "1234.56", 7, False), currency="USD")
    acme.order("B", (7, "1000.01", 3, False), currency="USD")
    acme.order("C", (1, "333.33", 1, False), currency="USD")
    whole, part = acme.deal("1838.67", "A"), acme.deal("900", "B")
    halves = [acme.deal(amount, "C") for amount in ("100", "200")]
    acme.world.roll_up()
    row = Handover.objects.get(pk=whole.key)
    assert row.ordered == row.delivered == Decimal("1838.67")
    assert (row.invoiced, row.rate_effect) == (Decimal("1773.06"), Decimal("-65.61"))
    for deal in (whole, part, *halves):
        found = leaks(deal)
        assert found["not_invoiced"] == 0
    assert leaks(part)["not_delivered"] == Decimal("522.12")


def test_a_cancelled_rest_stands_apart_and_the_deal_is_judged_on_what_remains(acme: Acme) -> None:
    acme.order("A", (4, "1000", 4, False), (2, "600", 0, True))
    acme.order("B", (4, "1000", 1, False), status="closed")
    shrunk, right = acme.deal("1600", "A"), acme.deal("250", "B")
    acme.world.roll_up()
    for deal, ordered, cancelled, standing in ((shrunk, 1600, 600, "differs"), (right, 1000, 750, "agrees")):
        row: Any = Handover.objects.get(pk=deal.key)
        assert (row.ordered, row.cancelled, row.standing) == (ordered, cancelled, standing)
        assert leaks(deal) | NOT_MISSING == leaks(deal)
    assert OpportunityOrder.objects.get(opportunity=shrunk.key).cancelled == 600


def test_a_lost_deal_whose_order_a_won_one_has_is_not_lost_but_ordered(acme: Acme) -> None:
    acme.order("A", (4, "1000", 4, False))
    won, lost = acme.deal("1000", "A"), acme.deal("1000", "A", is_won=False)
    acme.order("L", (4, "500", 4, False))
    alone = acme.deal("500", "L", is_won=False)
    acme.world.roll_up()
    found: dict[Any, Any] = {row.pk: (row.standing, row.orders, row.ordered) for row in Handover.objects.all()}
    assert found == {
        won.key: ("agrees", 1, 1000),
        lost.key: ("lost", 0, 0),
        alone.key: ("lost_ordered", 1, 500),
    }
