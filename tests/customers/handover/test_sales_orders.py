"""Quotes and Salesforce orders against the orders of the ERP: numbers decide, contradictions are never chosen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.models import Handover, HandoverDecision, OpportunityOrder, SalesOrderPair, SalesOrderStanding
from integration_hub.models import ErpOrder, SfAccount, SfOrder
from tests.customers.world import DAY, READ_AT, World, ago


def pairs(sale: Any) -> dict[str, tuple[str, str]]:
    """State and basis of each ERP order of a Salesforce order, by its number."""
    rows = SalesOrderPair.objects.filter(sales_order=sale.key).select_related("order")
    return {row.order.number: (row.state, row.basis) for row in rows}


def of_deal(deal: Any) -> dict[str, tuple[str, str]]:
    rows = OpportunityOrder.objects.filter(opportunity=deal.key).select_related("order")
    return {row.order.number: (row.state, row.basis) for row in rows}


def standing(sale: Any) -> tuple[str, Decimal | None]:
    row = SalesOrderStanding.objects.get(pk=sale.key)
    return row.standing, row.ordered


@pytest.fixture
def acme(figures: World) -> Any:
    """The ERP customer of an account."""
    return figures.linked()


@pytest.fixture
def account(acme: Any) -> Any:
    return SfAccount.objects.get()


def test_each_way_to_name_an_order_pairs_it_with_the_salesforce_order_and_its_opportunity(
    figures: World, acme: Any, account: Any
) -> None:
    made: dict[str, tuple[Any, Any]] = {}

    def sold(way: str, *, reference: str = "", quote_fields: Any = None, **values: Any) -> None:
        deal = figures.deal(account, "1000", ago(40), currency="EUR")
        quote = figures.quote(deal, f"Q-{way}", "1000", custom_fields=quote_fields or {})
        figures.order(acme, "1000", ago(38), number=f"E-{way}", customer_reference=reference)
        made[way] = deal, figures.sale(account, "1000", ago(39), opportunity=deal, quote=quote, **values)

    sold("field", custom_fields={"Erp__c": "e-field; E-none"})
    sold("po", reference="po 77", po_number="PO 77 ")
    sold("quote", reference="q-quote")
    sold("erp_quote", quote_fields={"Erp__c": "E-erp_quote"})
    sold("own", reference="s-own", number="S-own")
    sold("standard")
    SfOrder.objects.filter(key=made["standard"][1].key).update(reference=" e-standard")
    figures.roll_up()
    assert {way: pairs(sale) for way, (_, sale) in made.items()} == {
        "field": {"E-field": ("stated", "order_number")},
        "po": {"E-po": ("stated", "po_number")},
        "quote": {"E-quote": ("stated", "quote_number")},
        "erp_quote": {"E-erp_quote": ("stated", "quote_number")},
        "own": {"E-own": ("stated", "sf_number")},
        "standard": {"E-standard": ("stated", "order_number")},
    }
    assert {way: of_deal(deal) for way, (deal, _) in made.items()} == {
        way: {f"E-{way}": ("stated", "sf_order")} for way in made
    }
    assert {standing(sale) for _, sale in made.values()} == {("agrees", Decimal(1000))}
    assert set(Handover.objects.values_list("standing", flat=True)) == {"agrees"}


def test_a_quote_alone_names_the_opportunitys_order_and_the_order_that_followed_an_erp_quote(
    figures: World, acme: Any, account: Any
) -> None:
    deal = figures.deal(account, "1000", ago(40), currency="EUR")
    figures.quote(deal, "Q-1", "900", status="Rejected")
    figures.quote(deal, "Q-2", "1000", is_syncing=True)
    offer = figures.order(acme, "1000", ago(45), number="E-offer", status="quote", customer_reference="Q-2")
    figures.link("order", offer, "order", figures.order(acme, "1000", ago(38), number="E-1"))
    # A number of a quote and of a Salesforce order alike names neither.
    twice = figures.deal(account, "5000", ago(40), currency="EUR")
    figures.quote(twice, "0071", "5000")
    other = figures.sale(account, "7000", ago(300), number="0071")
    figures.order(acme, "5100", ago(200), number="E-2", customer_reference="0071")
    figures.roll_up()
    assert of_deal(deal) == {"E-offer": ("stated", "sf_quote"), "E-1": ("stated", "sf_quote")}
    assert (of_deal(twice), pairs(other)) == ({}, {})


def test_numbers_that_name_different_orders_are_in_conflict_until_somebody_decides(
    figures: World, acme: Any, account: Any
) -> None:
    orders = [figures.order(acme, "1000", ago(38), number=f"E-{n}", customer_reference=f"PO {n}") for n in range(6)]
    deal = figures.deal(account, "1000", ago(40), currency="EUR", custom_fields={"Order__c": "E-5"})
    # Number and PO number disagree; two name the same; a weaker way names what another names more strongly.
    torn = figures.sale(account, "1000", ago(39), reference="E-0", po_number="PO 1", opportunity=deal)
    first, second = (figures.sale(account, amount, ago(39), reference="E-2") for amount in ("3000", "1000"))
    strong = figures.sale(account, "1000", ago(39), reference="E-3")
    weak = figures.sale(account, "1000", ago(39), po_number="PO 3")
    # The opportunity's own number is another one than its Salesforce order's.
    beside = figures.sale(account, "1000", ago(39), reference="E-4", opportunity=deal)
    figures.roll_up()
    assert pairs(torn) == {"E-0": ("conflict", "order_number"), "E-1": ("conflict", "po_number")}
    assert pairs(first) == pairs(second) == {"E-2": ("conflict", "order_number")}
    assert pairs(strong) == {"E-3": ("stated", "order_number")}
    assert pairs(weak) == {"E-3": ("conflict", "po_number")}
    assert pairs(beside) == {"E-4": ("stated", "order_number")}
    assert of_deal(deal) == {"E-5": ("stated", "order_number"), "E-4": ("possible", "sf_order")}
    assert [standing(each) for each in (torn, first, second, weak)] == [("conflict", Decimal(0))] * 4
    for sale, order, verdict in ((torn, orders[1], "confirm"), (first, orders[2], "refuse")):
        HandoverDecision.objects.create(
            opportunity=sale.key, order=order.key, verdict=verdict, reason="known", at=timezone.now(), by_name="Iris"
        )
    # A publish that touches nothing else matches whom somebody decided about.
    figures.publish()
    assert pairs(torn) == {"E-1": ("confirmed", "decision")}
    assert (pairs(first), pairs(second)) == ({}, {"E-2": ("stated", "order_number")})
    assert standing(second) == ("agrees", Decimal(1000))


def test_without_numbers_the_opportunity_decides_where_it_is_certain_and_else_amount_and_day_propose(
    figures: World, acme: Any, account: Any
) -> None:
    for number in ("E-1", "E-2", "E-3"):
        figures.order(acme, "1000", ago(38), number=number)
    figures.order(acme, "70000", ago(30), number="E-fit")
    figures.order(acme, "4000", ago(30), number="E-twin")
    figures.order(acme, "4000", ago(30), number="E-twin-2")
    one = figures.deal(account, "1000", ago(40), currency="EUR", custom_fields={"Order__c": "E-1"})
    two = figures.deal(account, "2000", ago(40), currency="EUR", custom_fields={"Order__c": "E-2, E-3"})
    alone = figures.sale(account, "1000", ago(39), opportunity=one)
    unsure = figures.sale(account, "1000", ago(39), opportunity=two)
    fit = figures.sale(account, "70500", ago(33))
    twin = figures.sale(account, "4000", ago(33))
    draft = figures.sale(account, "70000", ago(33), status="Draft", status_code="Draft")
    figures.roll_up()
    assert pairs(alone) == {"E-1": ("stated", "opportunity")}
    assert pairs(unsure) == {"E-2": ("possible", "opportunity"), "E-3": ("possible", "opportunity")}
    assert pairs(fit) == {"E-fit": ("proposed", "fit")}
    assert pairs(twin) == {"E-twin": ("possible", "fit"), "E-twin-2": ("possible", "fit")}
    assert pairs(draft) == {}
    assert [standing(each)[0] for each in (alone, unsure, fit, twin, draft)] == [
        *("agrees", "no_order", "agrees", "no_order", "draft")
    ]


def test_every_standing_follows_from_amounts_days_and_states(figures: World, acme: Any, account: Any) -> None:
    figures.rate("USD", "0.9", ago(400))
    figures.rate("USD", "0.8", ago(39))

    def sold(number: str, amount: str, ordered: str = "1000", **values: Any) -> Any:
        order = {"status": values.pop("erp", "open"), "currency": values.get("currency", "EUR")}
        figures.order(acme, ordered, ago(38), number=number, **order)
        return figures.sale(account, amount, ago(values.pop("days", 40)), reference=number, **values)

    found = {
        "agrees": sold("E-1", "1040"),
        "differs": sold("E-2", "1200"),
        "cancelled": sold("E-3", "1000", erp="cancelled"),
        "draft_ordered": sold("E-4", "1000", status="Draft", status_code=""),
        # The same dollars: that the rate of the order's day is another one is no difference of amounts.
        "agrees ": sold("E-5", "1000", currency="USD"),
        "unknown": sold("E-6", "1000", currency="GBP"),
        "unknown ": sold("E-7", "1000"),
        "no_order": figures.sale(account, "3000", ago(40), activated_on=READ_AT - timedelta(days=15)),
        "waiting": figures.sale(account, "3000", ago(40), activated_on=READ_AT - timedelta(days=14)),
        "no_order ": sold("E-8", "3000", erp="quote"),
        "agrees  ": sold("E-9", "1500"),
    }
    SfOrder.objects.filter(key=found["unknown "].key).update(net_amount=None)
    for state in ("Activated", "Draft"):
        figures.sale(
            account, "-500", ago(20), original=found["agrees  "], is_reduction=True, status=state, status_code=state
        )
    figures.deal(account, "1", ago(1))
    gone = figures.sale(account, "1000", ago(40), deleted_at=READ_AT)
    old = figures.sale(account, "1000", ago(701))
    figures.roll_up()
    assert {name: standing(sale)[0] for name, sale in found.items()} == {name: name.strip() for name in found}
    assert SalesOrderStanding.objects.get(pk=found["agrees  "].key).amount == 1000
    assert not SalesOrderStanding.objects.filter(pk__in=(gone.key, old.key)).exists()
    # It is gone from Salesforce with all it said, and comes back with it.
    for deleted_at in (READ_AT, None):
        SfOrder.objects.filter(key=found["differs"].key).update(deleted_at=deleted_at)
        figures.publish(accounts=[account], changed=["sf_order"])
        assert SalesOrderStanding.objects.filter(pk=found["differs"].key).exists() is (deleted_at is None)
    assert pairs(found["differs"]) == {"E-2": ("stated", "order_number")}
    # With the account merged into another one its orders move there, and no longer match this customer's.
    winner = figures.account("Winner", key="001000000009999AAA")
    SfOrder.objects.filter(key=found["differs"].key).update(account=winner)
    figures.publish(accounts=[account, winner], changed=["sf_order", "sf_account"])
    assert (pairs(found["differs"]), standing(found["differs"])[0]) == ({}, "no_order")
    assert ErpOrder.objects.filter(number="E-2", ordered_on=DAY - timedelta(days=38)).exists()
