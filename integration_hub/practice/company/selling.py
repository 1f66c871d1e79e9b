"""Quotes and Salesforce orders of the demo company: most agree with the ERP, some do not, and which is known.

Every deal has random numbers of its own, so that nothing else of the company depends on them. What they tell of an ERP
order the deal tells already, or nothing: that there are quotes and orders changes no figure of the opportunities.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random

from integration_hub.practice.company.accounts import Plan
from integration_hub.practice.company.deals import PlannedDeal
from integration_hub.practice.company.generation import DemoCompany
from integration_hub.practice.company.handed_over import in_euro
from integration_hub.practice.company.ledger import SalesOrder
from integration_hub.practice.company.selling_records import PlannedQuote, PlannedSale

OFFER, VOID = "05", "90"
QUOTED, QUOTED_OPEN, ORDERED = 0.55, 0.6, 0.72
PROPOSED = ("Proposal/Price Quote", "Negotiation/Review")
LOSING = ("Rejected", "Denied", "Presented")
ALONE_EVERY, ALONE = 23, 14
LATE = 14
CENT, FACTORS = Decimal("0.01"), ("0.82", "0.9", "1.15")


@dataclass
class Selling:
    """All quotes and Salesforce orders; `references` are quote numbers by the ERP order that refers to them."""

    quotes: list[PlannedQuote] = field(default_factory=list)
    sales: list[PlannedSale] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)


def plan_selling(deals: Sequence[PlannedDeal], company: DemoCompany, accounts: Mapping[str, str]) -> Selling:
    """The quotes and Salesforce orders of deals, and a few orders without a deal. `accounts` are the accounts' names by
    the number of their ERP customer.
    """
    planner = _Planner(deals, company)
    for place, deal in enumerate(deals):
        planner.of_deal(place, deal)
    for number, order in enumerate(planner.unsold()):
        if number % ALONE_EVERY == 0 and len(planner.alone) < ALONE and order.debtor_no in accounts:
            planner.of_order(order, accounts[order.debtor_no])
    return planner.made


class _Planner:
    """Makes them deal by deal, and numbers them."""

    def __init__(self, deals: Sequence[PlannedDeal], company: DemoCompany) -> None:
        self.made = Selling()
        self.alone: list[str] = []
        self._company = company
        self._today = company.today
        self._sold = {number for deal in deals for number in deal.became}
        every = [order for books in company.books.values() for order in books.sales_order]
        self._orders = {order.order_no: order for order in every}
        self._named = Counter((order.debtor_no, order.customer_po) for order in every if order.customer_po)
        self._void: dict[str, list[SalesOrder]] = {}
        for order in every:
            if order.state == VOID and in_euro(order, company):
                self._void.setdefault(order.debtor_no, []).append(order)

    def of_deal(self, place: int, deal: PlannedDeal) -> None:
        """The deal's quotes, and its order where it was won."""
        rng = Random(f"selling/{place}/{deal.account}")
        chance, won = rng.random(), deal.stage == "Closed Won"
        closed = deal.stage.startswith("Closed")
        if chance > (QUOTED if closed else QUOTED_OPEN) or not (closed or deal.stage in PROPOSED):
            return
        quotes = list(self._quotes(place, deal, rng))
        self.made.quotes += quotes
        if won and rng.random() < ORDERED:
            self.made.sales.append(self._sale(place, deal, quotes[-1], rng))

    def unsold(self) -> Iterator[SalesOrder]:
        """Orders of the ERP that no deal became."""
        for number, order in sorted(self._orders.items()):
            if order.state not in {OFFER, VOID} and number not in self._sold and in_euro(order, self._company) > 500:
                yield order

    def of_order(self, order: SalesOrder, account: str) -> None:
        """A Salesforce order that nobody made an opportunity for."""
        rng = Random(f"selling alone/{order.order_no}")
        self.alone.append(order.order_no)
        by_po = bool(order.customer_po) and rng.random() < 0.4 and self._is_own(order)
        self.made.sales.append(
            PlannedSale(
                account=account, deal=None, number=self._next(self.made.sales, 5_000), name="Repeat order",
                starts_on=order.order_date - timedelta(days=rng.randint(0, 3)), net=in_euro(order, self._company),
                reference="" if by_po else order.order_no, po=order.customer_po if by_po else "",
                became=(order.order_no,), standing="agrees", certain=True,
            )
        )  # fmt: skip

    def _quotes(self, place: int, deal: PlannedDeal, rng: Random) -> Iterator[PlannedQuote]:
        count, closed = rng.choices((1, 2, 3), (4, 4, 2))[0], deal.stage.startswith("Closed")
        last = min(deal.close_on, self._today) - timedelta(days=rng.randint(3, 15))
        for version in range(1, count + 1):
            final = version == count
            made_on = max(deal.created_on, last - timedelta(days=(count - version) * rng.randint(6, 20)))
            net = Decimal(str(deal.amount)) * (1 if final else Decimal(str(rng.choice((1.08, 1.15, 0.95)))))
            status = ("Accepted" if deal.stage == "Closed Won" else "Denied") if closed else "Presented"
            yield PlannedQuote(
                account=deal.account, deal=place, number=f"{len(self.made.quotes) + 100 + version:08d}",
                name=f"{deal.name}, version {version}", status=status if final else rng.choice(LOSING),
                net=net.quantize(CENT), made_on=made_on, expires_on=made_on + timedelta(days=45), synced=final,
                erp_number=deal.quote_number if final else "",
            )  # fmt: skip

    def _sale(self, place: int, deal: PlannedDeal, quote: PlannedQuote, rng: Random) -> PlannedSale:
        starts_on = deal.close_on + timedelta(days=rng.randint(0, 2))
        late = (self._today - starts_on).days > LATE
        made = PlannedSale(
            account=deal.account, deal=place, quote=quote.number, number=self._next(self.made.sales, 5_000),
            name=deal.name, starts_on=starts_on, net=Decimal(str(deal.amount)).quantize(CENT), became=deal.became,
            standing="no_order" if late else "waiting",
        )  # fmt: skip
        if not deal.became:
            return made
        orders = [self._orders[number] for number in deal.became]
        made = made.having(net=sum((in_euro(each, self._company) for each in orders), Decimal(0)), standing="agrees")
        if not deal.order_number and not deal.po_number and not deal.quote_number:
            # Nobody wrote a number down: amount and day are all there is.
            return made
        return self._told(made, deal, orders, rng)

    def _told(self, made: PlannedSale, deal: PlannedDeal, orders: list[SalesOrder], rng: Random) -> PlannedSale:
        """The Salesforce order with what it tells of the ERP's, or with what is wrong with it."""
        chance, first = rng.random(), orders[0]
        named = made.having(reference="; ".join(each.order_no for each in orders), certain=True)
        # A quote with the ERP's number would contradict a cancelled order.
        wrong = self._wrong(chance, named, first, None if deal.quote_number else self._voided(first))
        if wrong is not None or len(orders) > 1:
            return wrong or named
        if chance < 0.5 and first.customer_po and self._is_own(first):
            return made.having(po=first.customer_po, certain=True)
        if chance < 0.9 and not first.customer_po and deal.order_number:
            self.made.references[first.order_no] = made.quote
            return made.having(certain=True)
        # It tells nothing, but its opportunity does.
        return made.having(certain=True) if chance > 0.9 else named

    def _wrong(
        self, chance: float, named: PlannedSale, first: SalesOrder, void: SalesOrder | None
    ) -> PlannedSale | None:
        """Every fourth: another amount, a cancelled order, a draft that was ordered, numbers of two orders."""
        if chance < 0.1:
            factor = Decimal(FACTORS[int(chance * 100) % len(FACTORS)])
            return named.having(net=(named.net * factor).quantize(CENT), standing="differs")
        if chance < 0.16 and void is not None:
            self._void[void.debtor_no].remove(void)
            number, net = void.order_no, in_euro(void, self._company)
            return named.having(reference=number, became=(number,), net=net, standing="cancelled")
        if 0.16 <= chance < 0.2:
            return named.having(activated=False, standing="draft_ordered")
        if 0.2 <= chance < 0.26 and (other := self._other(first, named.became)):
            return named.having(po=other.customer_po, standing="conflict", certain=False)
        return None

    def _voided(self, near: SalesOrder) -> SalesOrder | None:
        """A cancelled order of about that time that was not given away yet."""
        found = self._void.get(near.debtor_no, [])
        return next((each for each in found if abs(each.order_date - near.order_date) < timedelta(days=300)), None)

    def _other(self, order: SalesOrder, but: Collection[str]) -> SalesOrder | None:
        """Another order of the customer than these, whose PO number is nobody else's."""
        fits = (
            each
            for each in self._orders.values()
            if each.debtor_no == order.debtor_no and each.order_no not in but and each.customer_po
            and self._is_own(each) and each.state not in {OFFER, VOID}
            and abs(each.order_date - order.order_date) < timedelta(days=200)
        )  # fmt: skip
        return next(fits, None)

    def _is_own(self, order: SalesOrder) -> bool:
        return self._named[order.debtor_no, order.customer_po] == 1

    def _next(self, made: Sequence[object], start: int) -> str:
        return f"{start + len(made) + 1:08d}"


def accounts_of(company: DemoCompany, plan: Plan) -> dict[str, str]:
    """The accounts' names by the number of an ERP customer that is theirs alone and beyond doubt."""
    names = {account.name for account in plan.accounts} - set(plan.deleted)
    found = {firm.number: firm.name for firm in company.firms if firm.name in names}
    return {number: name for number, name in found.items() if plan.crm.get(number, name) == name}


def refer(company: DemoCompany, references: Mapping[str, str]) -> None:
    """Write the quotes' numbers into the ERP's orders that refer to them."""
    for books in company.books.values():
        for position, order in enumerate(books.sales_order):
            if order.order_no in references:
                books.sales_order[position] = order._replace(customer_po=references[order.order_no])
