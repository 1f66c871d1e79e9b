"""Matching, amounts and days of the handover against a plain recomputation over random companies."""

import os
from collections import defaultdict
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from customers.models import Handover, HandoverDecision, OpportunityOrder, OrderWithoutOpportunity
from customers.pages.order_document import build_order
from integration_hub.models import ErpOrder, SfOpportunity
from tests.customers.handover.brute_force import LATE, BruteForce, tolerance
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY, World, ago

# More companies than every build tries: HANDOVER_SEEDS=50.
SEEDS = range(int(os.environ.get("HANDOVER_SEEDS", "3")))
TILES = {"ordered": "Ordered", "delivered": "Delivered", "invoiced": "Invoiced", "paid": "Paid"}


def with_deals(figures: World, seed: int) -> None:
    """A random company with opportunities of every kind around its orders."""
    company, rng = RandomCompany(figures, seed, customers=9), Random(seed)  # noqa: S311 - the same company every time
    figures.roll_up()
    orders = list(ErpOrder.objects.filter(ordered_on__gte=ago(500)).order_by("key"))
    for number, order in enumerate(orders):
        order.customer_reference = rng.choice(("", f"PO {number}", f"po {number // 2}"))
        order.save()
    accounts = {account.erp_number: account for account in company.accounts if account.erp_number}
    for order in rng.choices(orders, k=len(orders)):
        account = accounts.get(order.customer_id.partition(":")[2])
        if account is None:
            continue
        won = order.reporting_amount
        near = None if won is None else won * rng.choice((Decimal(1), Decimal(1), Decimal("1.01"), Decimal("1.5")))
        names: dict[str, Any] = {
            "Order__c": rng.choice(("", "", "", "", "", order.number, f"{order.number}; {rng.choice(orders).number}")),
            "Po__c": rng.choice(("", "", "", order.customer_reference.lower())),
            "Quote__c": rng.choice((None, order.number if order.status == "quote" else None)),
        }
        figures.deal(
            account,
            None if near is None else near.quantize(Decimal("0.01")),
            order.ordered_on,
            custom_fields=names,
            is_won=rng.random() < 0.6,
            is_closed=rng.random() < 0.9,
            currency="EUR",
        )
    quotes = [order for order in orders if order.status == "quote"]
    for quote in quotes:
        figures.link("order", quote, "order", rng.choice(orders))
    figures.roll_up()
    for pair in OpportunityOrder.objects.order_by("opportunity", "order"):
        if rng.random() < 0.4:
            HandoverDecision.objects.create(
                opportunity=pair.opportunity_id,
                order=pair.order_id,
                verdict=rng.choice(("confirm", "refuse", "withdrawn")),
                at=timezone.now(),
                by_name="Iris",
            )
    figures.roll_up()


@pytest.mark.parametrize("seed", SEEDS)
def test_matching_amounts_and_days_are_those_of_a_plain_recomputation(figures: World, seed: int) -> None:
    with_deals(figures, seed)
    found = BruteForce(DAY).match()
    rows = list(OpportunityOrder.objects.all())
    assert {(row.opportunity_id, row.order_id): (row.state, row.basis) for row in rows} == found.pairs
    assert {row.state for row in rows} >= {"stated"}
    assert {row.order_id for row in OrderWithoutOpportunity.objects.all()} == found.alone
    analyst = User.objects.create_superuser("iris")
    by_order: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.state != "possible":
            by_order[row.order_id].append(row)
            share = found.shares[row.opportunity_id, row.order_id]
            assert abs(row.share_to - row.share_from - Decimal(share.numerator) / share.denominator) < Decimal("1e-9")
    for key, sharing in by_order.items():
        order = ErpOrder.objects.get(key=key)
        if order.status in {"quote", "cancelled"}:
            assert all(getattr(row, name) is None for row in sharing for name in TILES)
            continue
        document = build_order(order, analyst, DAY, "EUR")
        shown = {one.label: one.reporting for one in document.amounts}
        _assert_no_rate_leaks(sharing, {one.label: one for one in document.amounts})
        for name, label in TILES.items():
            parts = [getattr(row, name) for row in sharing]
            whole = shown[label]
            if whole is None:
                assert set(parts) == {None}, (key, name)
            else:
                assert sum(parts) == whole, (key, name)
    _assert_sums({row.opportunity_id: [] for row in rows} | _by_deal(rows))


def _assert_no_rate_leaks(sharing: list[OpportunityOrder], tiles: dict[str, Any]) -> None:
    """What is delivered and invoiced to the cent in the order's currency is invoiced whatever the rates of the days."""
    delivered, invoiced = tiles["Delivered"], tiles["Invoiced"]
    for row in sharing:
        known = None not in (row.delivered, row.invoiced, row.rate_effect)
        if known and delivered.value == invoiced.value and not invoiced.others and invoiced.value:
            assert row.delivered - row.invoiced + row.rate_effect == 0, row.order_id  # type: ignore[operator]
        if known and delivered.currency == "EUR" and not invoiced.others:
            assert row.rate_effect == 0


def _by_deal(rows: list[OpportunityOrder]) -> dict[str, list[OpportunityOrder]]:
    found: dict[str, list[OpportunityOrder]] = defaultdict(list)
    for row in rows:
        found[row.opportunity_id].append(row)
    return found


def _assert_sums(by_deal: dict[str, list[OpportunityOrder]]) -> None:
    """Every closed opportunity is there once, with the sums of its orders and the standing that follows from them."""
    closed = {deal.key: deal for deal in BruteForce(DAY).deals if deal.is_won or deal.is_closed}
    handovers = {row.opportunity_id: row for row in Handover.objects.all()}
    assert set(handovers) == set(closed)
    standings = set()
    for key, row in handovers.items():
        orders = {order.key: order for order in ErpOrder.objects.all()}
        mine = [
            one
            for one in by_deal.get(key, [])
            if one.state != "possible" and orders[one.order_id].status not in {"quote", "cancelled"}
        ]
        own = [one for one in mine if one.share_to > one.share_from]
        assert row.orders == len(mine if closed[key].is_won else own)
        for name in (*TILES, "cancelled"):
            values = [getattr(one, name) for one in mine]
            assert getattr(row, name) == (None if None in values else sum(values, Decimal(0))), (key, name)
        deal, ordered = closed[key], row.ordered
        if not deal.is_won:
            expected = "lost_ordered" if own else "lost"
        elif not mine:
            expected = "no_order" if (DAY - deal.close_on).days > LATE else "waiting"
        elif deal.reporting_amount is None or ordered is None or row.cancelled is None:
            expected = "unknown"
        else:
            apart = abs(ordered - row.cancelled - deal.reporting_amount)
            expected = "differs" if apart > tolerance(deal.reporting_amount) else "agrees"
        assert row.standing == expected, key
        standings.add(expected)
        days = [orders[one.order_id].ordered_on for one in mine]
        assert row.days_to_order == ((min(days) - deal.close_on).days if days else None)
    assert len(standings) > 2


def test_a_publish_matches_only_what_it_touched_and_another_setting_everything(figures: World) -> None:
    with_deals(figures, 0)
    everything = list(OpportunityOrder.objects.order_by("opportunity", "order").values_list("opportunity", "order"))
    deal = SfOpportunity.objects.filter(handover__standing="agrees").first()
    assert deal is not None
    pks = set(OpportunityOrder.objects.exclude(opportunity=deal.key).values_list("pk", flat=True))
    deal.reporting_amount, deal.amount, deal.custom_fields = Decimal(1), Decimal(1), {}
    deal.save()
    figures.publish(accounts=[deal.account], changed=["sf_opportunity"])
    assert OpportunityOrder.objects.filter(opportunity=deal.key).count() == 0
    assert Handover.objects.get(opportunity=deal.key).standing in {"no_order", "waiting"}
    kept = OpportunityOrder.objects.filter(pk__in=pks).exclude(customer__account=deal.account_id)
    assert kept.count() == OpportunityOrder.objects.exclude(customer__account=deal.account_id).count()
    figures.roll_up()
    assert everything != []
    assert {(row.opportunity_id, row.order_id) for row in OpportunityOrder.objects.all()} == set(
        BruteForce(DAY).match().pairs
    )
