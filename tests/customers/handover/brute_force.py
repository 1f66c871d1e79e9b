"""The matching of opportunities and orders once more, one pair after the other in Python: slow and plain."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from customers.models import AccountLink, Customer, HandoverDecision
from integration_hub.models import ErpDocumentLink, ErpOrder, SfOpportunity

BACK, BEFORE, AFTER, LATE = 700, 30, 60, 14
SHARE, AMOUNT, MINIMUM = Decimal("0.02"), Decimal(50), Decimal(200)
FIELDS = (("Order__c", "order_number"), ("Po__c", "po_number"), ("Quote__c", "quote_number"))


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def tolerance(won: Decimal) -> Decimal:
    return max(cents(abs(won) * SHARE), AMOUNT)


@dataclass
class Matched:
    """What comes out: (opportunity, order) -> (state, basis); the part of an order each opportunity has."""

    pairs: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    shares: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)


class BruteForce:
    """Reads the mirror at a day and matches it."""

    def __init__(self, as_of: date) -> None:
        since = as_of - timedelta(days=BACK)
        customers = {c.account: c.pk for c in Customer.objects.filter(gone_at=None) if c.account}
        links = {link.erp_customer: link.customer_id for link in AccountLink.objects.all()}
        self.as_of, self.since = as_of, since
        self.deals = [
            deal
            for deal in SfOpportunity.objects.filter(deleted_at=None).order_by("key")
            if deal.account_id in customers and deal.close_on and deal.close_on >= since
        ]
        self.of_deal = {deal.key: customers[deal.account_id] for deal in self.deals}
        self.of_order = {
            order.key: links.get(order.customer_id)
            for order in ErpOrder.objects.filter(deleted_at=None)
            if order.ordered_on and since - timedelta(days=366) <= order.ordered_on <= as_of
            if links.get(order.customer_id) in set(customers.values())
        }
        self.orders = [order for order in ErpOrder.objects.order_by("key") if order.key in self.of_order]
        self.verdicts = {(d.opportunity, d.order): d.verdict for d in HandoverDecision.objects.order_by("id")}
        self.found = Matched()

    def match(self) -> Matched:
        for deal in self.deals:
            self._state(deal)
        for kind in (True, False):
            self._propose([deal for deal in self.deals if deal.is_won is kind and (deal.is_won or deal.is_closed)])
        self._share()
        taken = {order for (_, order), (state, _) in self.found.pairs.items() if state != "possible"}
        self.found.alone = {
            order.key
            for order in self.orders
            if self._counts(order) and order.key not in taken and order.ordered_on >= self.since
            if order.reporting_amount is not None and order.reporting_amount >= MINIMUM
        }
        return self.found

    def _counts(self, order: Any) -> bool:
        return order.status not in {"quote", "cancelled"}

    def _state(self, deal: Any) -> None:
        own = [order for order in self.orders if self.of_order[order.key] == self.of_deal[deal.key]]
        for name, basis in FIELDS:
            texts = (deal.custom_fields.get(name) or "").replace(";", ",").split(",")
            for text in filter(None, (text.strip().upper() for text in texts)):
                for order in own:
                    value = order.customer_reference if basis == "po_number" else order.number
                    if value.strip().upper() == text:
                        self.found.pairs.setdefault((deal.key, order.key), ("stated", basis))
                        if order.status == "quote" and basis != "":
                            self._follow(deal, order, own, basis)
        for order in own:
            if self.verdicts.get((deal.key, order.key)) == "confirm":
                self.found.pairs.setdefault((deal.key, order.key), ("confirmed", "decision"))

    def _follow(self, deal: Any, quote: Any, own: list[Any], basis: str) -> None:
        keys = ErpDocumentLink.objects.filter(from_key=quote.key, to_kind="order", deleted_at=None)
        after = set(keys.values_list("to_key", flat=True))
        for order in own:
            if order.key in after:
                self.found.pairs.setdefault((deal.key, order.key), ("stated", basis))

    def _propose(self, deals: list[Any]) -> None:
        orders = {order.key: order for order in self.orders}
        used = {
            pair
            for pair, (state, _) in self.found.pairs.items()
            if state == "possible" or self._counts(orders[pair[1]])
        }
        free_deals = {d.key for d in deals} - {deal for deal, _ in used}
        free_orders = {o.key for o in self.orders if self._counts(o)} - {order for _, order in used}
        fits = []
        for deal in deals:
            for order in self.orders:
                distance = self._distance(deal, order)
                if distance is not None and deal.key in free_deals and order.key in free_orders:
                    fits.append((distance, deal.key, order.key))
        by_distance: dict[Decimal, list[tuple[str, str]]] = defaultdict(list)
        for distance, deal_key, order_key in fits:
            by_distance[distance].append((deal_key, order_key))
        for distance in sorted(by_distance):
            pairs = [pair for pair in by_distance[distance] if pair[0] in free_deals and pair[1] in free_orders]
            for pair in pairs:
                alone = sum(pair[0] == one for one, _ in pairs) == sum(pair[1] == one for _, one in pairs) == 1
                self.found.pairs[pair] = ("proposed" if alone else "possible", "fit")
            free_deals -= {deal for deal, _ in pairs}
            free_orders -= {order for _, order in pairs}

    def _distance(self, deal: Any, order: Any) -> Decimal | None:
        if self.of_deal[deal.key] != self.of_order[order.key]:
            return None
        if self.verdicts.get((deal.key, order.key)) == "refuse":
            return None
        won, ordered, days = deal.reporting_amount, order.reporting_amount, (order.ordered_on - deal.close_on).days
        if not won or not ordered or won <= 0 or ordered <= 0 or not -BEFORE <= days <= AFTER:
            return None
        apart = abs(ordered - won)
        if apart > tolerance(won):
            return None
        six = Decimal("0.000001")
        by_day: Decimal = (Decimal(abs(days)) / AFTER).quantize(six, ROUND_HALF_UP)
        by_amount: Decimal = (apart / tolerance(won)).quantize(six, ROUND_HALF_UP)
        return by_day + by_amount

    def _share(self) -> None:
        deals = {deal.key: deal for deal in self.deals}
        by_order: dict[str, list[Any]] = defaultdict(list)
        for (deal, order), (state, _) in self.found.pairs.items():
            if state != "possible":
                by_order[order].append(deals[deal])
        for order, sharing in by_order.items():
            won = [deal for deal in sharing if deal.is_won] or sharing
            weights = {deal.key: Fraction(max(deal.reporting_amount or Decimal(0), Decimal(0))) for deal in won}
            if not sum(weights.values()):
                weights = dict.fromkeys(weights, Fraction(1))
            for deal in sharing:
                self.found.shares[deal.key, order] = weights.get(deal.key, Fraction(0)) / sum(weights.values())
