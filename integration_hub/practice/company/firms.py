"""The ERP customers (debtors) of the demo company: the story customers first, then ordinary ones of every size."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from stdnum.iso7064 import mod_11_10

from integration_hub.practice.company.names import (
    AMERICA,
    EUROPE,
    FIRST_PARTS,
    JAPAN,
    LANDS,
    TRADES,
    Land,
)
from integration_hub.practice.company.stories import STORIES, Behaviour, Story

EUROPEANS, AMERICANS = 168, 72
# One account in Salesforce, three customers in the ERPs; the first is the head of the group there.
AURELIA = ("Aurelia Fluid Systems GmbH", "Aurelia Service GmbH", "Aurelia North America Inc.")
# Net volume of all ordinary customers per year, in the company's currency.
VOLUME = {"10": 21_500_000, "20": 16_000_000}


@dataclass(frozen=True)
class Firm:
    """An ERP customer of company "10" (EUR books) or "20" (USD books); `group` is the debtor number of its parent."""

    number: str
    company: str
    name: str
    land: Land
    city: str
    postal_code: str
    street: str
    currency: str
    industry: str
    vat: str
    domain: str
    phone: str
    since: date
    group: str
    behaviour: Behaviour
    story: str = ""


def firms(seed: int, scale: int, today: date) -> tuple[Firm, ...]:
    """All ERP customers, in order of their numbers. The same seed, scale and day give the same customers."""
    rng = Random(f"{seed}/firms")
    found: list[Firm] = []
    numbers = {"10": 100_100, "20": 200_100}
    taken: set[str] = set()
    for story in STORIES:
        numbers[story.company] += 7
        found.append(_firm(rng, str(numbers[story.company]), story, today, story.text))
        taken.add(story.name)
    for company, lands, size in (("10", EUROPE, EUROPEANS * scale), ("20", AMERICA, AMERICANS * scale)):
        for behaviour in _behaviours(rng, size, VOLUME[company] * scale):
            numbers[company] += rng.choice((3, 5, 7, 9))
            land = rng.choices(lands, [each.weight for each in lands])[0]
            name, industry = _name(rng, land, taken)
            ordinary = Story(name, company, land.code, rng.choice(land.cities), industry, "", behaviour)
            found.append(_firm(rng, str(numbers[company]), ordinary, today))
    return _grouped(rng, found)


def slug(name: str) -> str:
    """A company's name as the part of a domain: letters and hyphens only."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ł", "l").replace("Ł", "L"))
    words = re.findall(r"[a-z]+", plain.encode("ascii", "ignore").decode().lower())
    return "-".join(words[:2])


def _firm(rng: Random, number: str, story: Story, today: date, text: str = "") -> Firm:
    """A customer from what is known of it; address, tax number and telephone are made up."""
    land, (city, postal_code) = LANDS[story.land], story.city
    currency = "USD" if story.company == "20" else "EUR" if land is JAPAN else land.currency
    return Firm(
        number=number,
        company=story.company,
        name=story.name,
        land=land,
        city=city,
        postal_code=postal_code,
        street=f"{rng.choice(land.streets)} {rng.randint(1, 180)}",
        currency=currency,
        industry=story.industry,
        vat=_vat(rng, land) if story.company == "10" else "",
        domain=f"{slug(story.name)}.example",
        phone=f"{land.dial} {rng.randint(20, 99)} {rng.randint(100_000, 999_999)}",
        since=today - timedelta(days=story.behaviour.first_days_ago + rng.randint(0, 2500)),
        group="",
        behaviour=story.behaviour,
        story=text,
    )


def _vat(rng: Random, land: Land) -> str:
    """A made-up tax number; a German one has the right check digit, so that it is an exact identifier."""
    digits = str(rng.randint(100_000_000, 999_999_999))
    return f"DE{digits[:-1]}{mod_11_10.calc_check_digit(digits[:-1])}" if land.code == "DE" else f"{land.code}{digits}"


def _behaviours(rng: Random, size: int, total: float) -> Iterator[Behaviour]:
    """Customers of every size: a few large ones and a long tail, together `total` a year."""
    weights = [1 / (rank + 9) ** 0.95 for rank in range(size)]
    rng.shuffle(weights)
    for weight in weights:
        annual = total * weight / sum(weights)
        # About 9,000 per order; large customers order more and more often.
        orders = max(1.5, min(60.0, annual / rng.uniform(6_000, 15_000)))
        delay = rng.choices((-3.0, 1.0, 6.0, 15.0, 32.0), (22, 34, 24, 14, 6))[0]
        now, before = rng.uniform(0.75, 1.35), rng.uniform(0.75, 1.05)
        gone = rng.random() < 0.05
        yield Behaviour(
            annual=annual,
            orders=orders,
            volume=((1100, before), (0, now)),
            delay=((400, delay), (0, delay + rng.choice((0, 0, 0, 4, -2)))),
            late=rng.choice((0.06, 0.12, 0.15, 0.25)),
            first_days_ago=rng.choice((1150, 1150, 1150, 1150, 800, 420, 150)),
            last_days_ago=rng.randint(200, 700) if gone else 0,
            terms_days=rng.choice((14, 30, 30, 30, 45, 60)),
            monthly_billing=rng.random() < 0.08,
            instalments=rng.random() < 0.03,
            credit_limit=round(annual / 4, -4) + 10_000,
        )


def _name(rng: Random, land: Land, taken: set[str]) -> tuple[str, str]:
    """A company name that is not taken yet, and its industry."""
    for attempt in count():
        industry = rng.choice(tuple(TRADES))
        trade = TRADES[industry].get(land.code) or TRADES[industry][""]
        first = rng.choice(FIRST_PARTS[land.code]) if rng.random() < 0.65 else rng.choice(land.last_names)
        if rng.random() < 0.1:
            first += f" & {rng.choice(land.last_names)}"
        if attempt > 20:  # large scales use up the short names
            first += f" {rng.choice(land.last_names)} {attempt - 20}"
        name = f"{first} {trade} {rng.choice(land.forms)}"
        if name not in taken:
            taken.add(name)
            return name, industry
    raise AssertionError("counting never ends")


def _grouped(rng: Random, found: list[Firm]) -> tuple[Firm, ...]:
    """The Aurelia customers are one group; some ordinary customers belong to a larger one of their company."""
    numbers = {firm.name: firm.number for firm in found}
    parents = rng.sample([firm for firm in found if not firm.story], 4)
    group = dict.fromkeys(AURELIA[1:], numbers[AURELIA[0]])
    for parent in parents:
        candidates = [firm for firm in found if firm.company == parent.company and not firm.story]
        for child in rng.sample(candidates, 3):
            if child not in parents:
                group[child.name] = parent.number
    return tuple(replace(firm, group=group.get(firm.name, "")) for firm in found)
