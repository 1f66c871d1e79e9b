"""What became of the demo company's deals: most won ones are orders of the ERP, by number or only by amount and day."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from integration_hub.practice.company.deals import PlannedDeal
from integration_hub.practice.company.generation import DemoCompany
from integration_hub.practice.company.ledger import SalesOrder

OFFER, VOID = "05", "90"
NEAR = timedelta(days=150)
CALLED_OFF_WITHIN, MOST_ORDERS = timedelta(days=210), 6
LIKE = (0.3, 3.0)  # orders of so many times the amount of the deal may be what it became


def in_euro(order: SalesOrder, company: DemoCompany) -> Decimal:
    """Net of an order in euro; zero where there is no rate."""
    rate = order.rate or Decimal(0)
    if order.company_no == "20":
        rate *= company.rates.to_books("USD", "10", order.order_date) or Decimal(0)
    return (order.net_total * rate).quantize(Decimal("0.01"))


def handed_over(deals: Iterable[PlannedDeal], company: DemoCompany) -> Iterator[PlannedDeal]:
    """The same deals; those that an order followed have its amount, a close date before it and mostly its number."""
    numbers = {firm.name: firm.number for firm in company.firms}
    orders = _Orders(company)
    for place, deal in enumerate(deals):
        rng = Random(f"handover/{place}/{deal.account}")
        debtor = numbers.get(deal.account, "")
        if deal.stage == "Closed Won" and rng.random() > 0.13:
            yield _won(deal, orders, debtor, rng)
        elif deal.stage == "Closed Lost" and rng.random() < 0.14:
            yield _lost(deal, orders, debtor, rng)
        elif not deal.stage.startswith("Closed") and (offer := orders.offer(debtor)):
            yield replace(deal, quote_number=offer.order_no)
        else:
            yield deal


class _Orders:
    """The ERPs' orders by customer; each is given away once."""

    def __init__(self, company: DemoCompany) -> None:
        self._company = company
        self._free: dict[str, list[SalesOrder]] = {}
        self._offers: dict[str, list[SalesOrder]] = {}
        for books in company.books.values():
            for order in books.sales_order:
                kept = self._offers if order.state == OFFER else self._free
                if order.state != VOID and self.euro(order):
                    kept.setdefault(order.debtor_no, []).append(order)

    def euro(self, order: SalesOrder) -> Decimal:
        """Net in euro; zero where there is no rate."""
        return in_euro(order, self._company)

    def like(self, deal: PlannedDeal, debtor: str) -> SalesOrder | None:
        """The order of the customer around the close date that comes nearest to the deal's amount."""
        fits = [
            order
            for order in self._free.get(debtor, ())
            if abs(order.order_date - deal.close_on) <= NEAR
            and LIKE[0] <= float(self.euro(order)) / deal.amount <= LIKE[1]
        ]
        if not fits:
            return None
        chosen = min(fits, key=lambda order: (abs(float(self.euro(order)) - deal.amount), order.order_no))
        self._free[debtor].remove(chosen)
        return chosen

    def called_off(self, deal: PlannedDeal, debtor: str) -> list[SalesOrder]:
        """The customer's next orders after the close date, until they come to the deal's amount: a frame contract."""
        after = [
            order
            for order in self._free.get(debtor, ())
            if timedelta(0) < order.order_date - deal.close_on <= CALLED_OFF_WITHIN
        ]
        found: list[SalesOrder] = []
        for order in sorted(after, key=lambda each: (each.order_date, each.order_no))[:MOST_ORDERS]:
            if float(sum(map(self.euro, found))) >= deal.amount * 0.9:
                break
            found.append(order)
            self._free[debtor].remove(order)
        return found

    def offer(self, debtor: str) -> SalesOrder | None:
        """A quote of the customer, given away once."""
        offers = self._offers.get(debtor)
        return offers.pop() if offers else None


def _won(deal: PlannedDeal, orders: _Orders, debtor: str, rng: Random) -> PlannedDeal:
    order = orders.like(deal, debtor)
    if order is None:
        several = orders.called_off(deal, debtor)
        if not several:
            return deal
        whole = sum(map(orders.euro, several))
        amount = deal.amount if rng.random() < 0.35 else float(whole)
        close_on = min(deal.close_on, several[0].order_date - timedelta(days=1))
        named = "; ".join(each.order_no for each in several)
        became = tuple(each.order_no for each in several)
        return _closed(replace(deal, order_number=named, became=became), amount, close_on)
    amount = float(orders.euro(order))
    if rng.random() < 0.13:
        amount = round(amount * rng.choice((0.78, 0.9, 1.12, 1.3)), -2)
    made = _closed(deal, amount, order.order_date - timedelta(days=rng.choice((1, 2, 3, 5, 6, 8, 9, 12, 17, 24, 38))))
    return _numbered(replace(made, became=(order.order_no,)), order, rng)


def _lost(deal: PlannedDeal, orders: _Orders, debtor: str, rng: Random) -> PlannedDeal:
    """Given up in Salesforce, and then the order came after all."""
    order = orders.like(deal, debtor)
    if order is None:
        return deal
    made = _closed(deal, float(orders.euro(order)), order.order_date - timedelta(days=rng.randint(4, 30)))
    made = replace(made, became=(order.order_no,))
    return replace(made, order_number=order.order_no) if rng.random() < 0.6 else made


def _closed(deal: PlannedDeal, amount: float, close_on: date) -> PlannedDeal:
    return replace(deal, amount=round(amount), close_on=close_on)


def _numbered(deal: PlannedDeal, order: SalesOrder, rng: Random) -> PlannedDeal:
    """The deal with the number that the account manager wrote into it, if any."""
    chance = rng.random()
    if chance < 0.42:
        return replace(deal, order_number=order.order_no)
    if chance < 0.66 and order.customer_po:
        return replace(deal, po_number=order.customer_po)
    # The ERP's quotes keep their number when they become orders.
    return replace(deal, quote_number=order.order_no) if chance < 0.78 else deal
