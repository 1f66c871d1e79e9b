"""Opportunities: deals won, lost and open, in the size of what the customer buys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from integration_hub.practice.company.firms import Firm
from integration_hub.practice.company.ordering import value_at
from integration_hub.practice.company.people import manager_of

OPEN_STAGES = (
    ("Qualification", 20), ("Needs Analysis", 35), ("Value Proposition", 50), ("Proposal/Price Quote", 65),
    ("Negotiation/Review", 80),
)  # fmt: skip
SUBJECTS = (
    "Frame contract {year}", "Retrofit packaging line", "Spare parts package", "Gear units for new crane series",
    "Hydraulics for press shop", "Bearings, yearly demand {year}", "Condition monitoring pilot",
    "Couplings for pump stations", "Second production line", "Linear axes for handling cells",
)  # fmt: skip

NEW, NEWCOMER_DAYS = "New Customer", 800


@dataclass(frozen=True)
class PlannedDeal:
    """An opportunity before it has an id; the numbers are what the account manager wrote down of the ERP."""

    account: str
    owner: str
    name: str
    stage: str
    probability: int
    amount: float
    close_on: date
    created_on: date
    type: str
    order_number: str = ""
    po_number: str = ""
    quote_number: str = ""
    became: tuple[str, ...] = ()  # the truth, which no system tells: the ERP's orders that it became

    def record(self, account: str, users: Mapping[str, str]) -> Mapping[str, Any]:
        """The fields as Salesforce calls them; amounts in the org's currency, euro."""
        numbers = {
            "ERP_Order_Number__c": self.order_number,
            "Customer_PO__c": self.po_number,
            "ERP_Quote_Number__c": self.quote_number,
        }
        return {
            "AccountId": account, "OwnerId": users[self.owner], "Name": self.name, "StageName": self.stage,
            "Amount": self.amount, "Probability": self.probability, "CloseDate": self.close_on.isoformat(),
            "CreatedDate": f"{self.created_on.isoformat()}T09:00:00.000+0000", "Type": self.type,
            **{name: number for name, number in numbers.items() if number},
        }  # fmt: skip


def deals_of(firm: Firm, today: date) -> Iterator[PlannedDeal]:
    """Two years of deals of a customer; where orders dwindle, deals are lost, where they grow, more are open. Who came
    in these years came by a first deal.
    """
    rng = Random(f"deals/{firm.number}/{firm.name}")
    typical = max(4_000.0, firm.behaviour.annual / max(3.0, firm.behaviour.orders / 6))
    trend = value_at(firm.behaviour.volume, 30) if not firm.behaviour.last_days_ago else 0.1
    if firm.behaviour.first_days_ago <= NEWCOMER_DAYS:
        yield _first_deal(firm, today, typical)
    for _ in range(rng.randint(1, 4)):
        days_ago = rng.randint(10, 700)
        # Nobody sells more to who has bought nothing yet.
        days_ago = min(days_ago, max(10, firm.behaviour.first_days_ago - 30))
        won = rng.random() < (0.35 if trend < 0.6 and days_ago < 250 else 0.66)
        yield _deal(firm, rng, today, today - timedelta(days=days_ago), typical, "Closed Won" if won else "Closed Lost")
    for _ in range(rng.choice((0, 0, 1, 1, 2)) + (2 if trend > 1.4 else 0)):
        yield _deal(firm, rng, today, today + timedelta(days=rng.randint(-12, 150)), typical)


def prospect_deals(firm: Firm, today: date, *, won: bool = False) -> Iterator[PlannedDeal]:
    """One or two first deals of somebody who has not bought yet; with `won` also one that waits for the ERP."""
    rng = Random(f"deals/{firm.number}/{firm.name}")
    for _ in range(rng.randint(1, 2)):
        lost = rng.random() < 0.3
        days = -rng.randint(20, 300) if lost else rng.randint(5, 200)
        yield _deal(
            firm, rng, today, today + timedelta(days=days), rng.uniform(8_000, 70_000), "Closed Lost" if lost else "",
            kind=NEW,
        )  # fmt: skip
    if won:
        close_on = today - timedelta(days=rng.randint(16, 110))
        yield _deal(firm, rng, today, close_on, rng.uniform(8_000, 70_000), "Closed Won", kind=NEW)


def _first_deal(firm: Firm, today: date, typical: float) -> PlannedDeal:
    """What the first order of a customer began with."""
    rng = Random(f"first deal/{firm.number}/{firm.name}")
    began = today - timedelta(days=firm.behaviour.first_days_ago)
    return _deal(firm, rng, today, began - timedelta(days=rng.randint(1, 20)), typical, "Closed Won", kind=NEW)


def _deal(
    firm: Firm,
    rng: Random,
    today: date,
    close_on: date,
    typical: float,
    stage: str = "",
    *,
    kind: str = "Existing Customer - Upgrade",
) -> PlannedDeal:
    chance = {"Closed Won": 100, "Closed Lost": 0}.get(stage, 0)
    if not stage:
        stage, chance = rng.choice(OPEN_STAGES)
    amount = round(typical * rng.lognormvariate(0, 0.4), -2)
    subject = rng.choice(SUBJECTS).format(year=close_on.year)
    # A generator of its own: how long a deal took changes nothing else about it.
    took = Random(f"{firm.number}/{firm.name}/{close_on}/{amount}").randint(25, 190)
    created_on = min(close_on, today) - timedelta(days=took if close_on <= today else took // 3)
    return PlannedDeal(firm.name, manager_of(firm).login, subject, stage, chance, amount, close_on, created_on, kind)
