"""Orders: when a customer orders, what, for how much; rhythm, season and story decide."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import NamedTuple

from integration_hub.practice.company.catalogue import Article
from integration_hub.practice.company.firms import Firm
from integration_hub.practice.company.rates import Rates
from integration_hub.practice.company.stories import Curve
from integration_hub.practice.company.trade import Item, Order, cents, workday

MONTHS = (0.92, 0.96, 1.12, 1.08, 1.08, 1.1, 0.93, 0.72, 1.08, 1.14, 1.1, 0.77)
SEASON = (0.2, 0.5, 2.2, 2.6, 2.4, 1.8, 0.9, 0.3, 0.3, 0.2, 0.3, 0.3)
HOLDS = ("Credit check", "Export licence missing", "Price to be confirmed", "Customer asked to wait")
DISCOUNTS = ("0", "0", "0", "2.5", "5", "7.5")


class _Taste(NamedTuple):
    """What a customer usually orders, and its price level (1 = list price)."""

    articles: list[Article]
    level: Decimal


def value_at(curve: Curve, days_ago: float) -> float:
    """The curve's value on a day: straight lines between its points, constant outside them."""
    points = sorted(curve)
    if days_ago <= points[0][0]:
        return points[0][1]
    for (near, value), (far, older) in pairwise(points):
        if days_ago <= far:
            return value + (older - value) * (days_ago - near) / (far - near)
    return points[-1][1]


def orders_of(firm: Firm, rng: Random, articles: tuple[Article, ...], rates: Rates, today: date) -> Iterator[Order]:
    """The customer's orders from its first day on, oldest first."""
    behaviour = firm.behaviour
    taste = _Taste(rng.sample(articles, rng.randint(5, 14)), Decimal(str(round(rng.uniform(0.84, 1.0), 3))))
    days_ago = float(behaviour.first_days_ago) - rng.uniform(0, 365 / behaviour.orders)
    while days_ago >= behaviour.last_days_ago:
        day = workday(today - timedelta(days=int(days_ago)))
        volume = value_at(behaviour.volume, days_ago)
        months = SEASON if behaviour.season else MONTHS
        pace = behaviour.orders / 365 * volume**0.5 * months[day.month - 1]
        if day <= today:
            budget = behaviour.annual / behaviour.orders * volume**0.5 * rng.lognormvariate(-0.08, 0.4)
            yield _order(firm, rng, day, taste, budget, rates)
        days_ago -= max(1.0, min(rng.gammavariate(2.2, 1 / 2.2) / pace, 200.0))


def _order(firm: Firm, rng: Random, day: date, taste: _Taste, budget: float, rates: Rates) -> Order:
    foreign = firm.behaviour.foreign and rng.random() < 0.4
    currency = firm.behaviour.foreign if foreign else "EUR" if firm.behaviour.foreign else firm.currency
    lead = rng.randint(45, 130) if budget > 40_000 or rng.random() < 0.05 else rng.randint(5, 24)
    confirmed = workday(day + timedelta(days=lead))
    factor = rates.price_factor(currency)
    return Order(
        firm=firm,
        day=day,
        wanted_on=confirmed - timedelta(days=rng.choice((0, 0, 0, 1, 3))),
        confirmed_on=confirmed,
        currency=currency,
        rate=rates.to_books(currency, firm.company, day),
        items=_items(rng, taste.articles, taste.level * factor, budget * float(factor)),
        reference=rng.choice((f"PO-{rng.randint(10_000, 99_999)}", f"{rng.randint(4_500_000, 4_599_999)}", "")),
    )


def _items(rng: Random, liked: list[Article], level: Decimal, budget: float) -> list[Item]:
    """One to five different articles that share the budget."""
    chosen = rng.sample(liked, min(len(liked), rng.choices((1, 2, 3, 4, 5), (24, 30, 24, 14, 8))[0]))
    shares = [rng.uniform(0.4, 1.6) for _ in chosen]
    items = []
    for position, (article, share) in enumerate(zip(chosen, shares, strict=True), 1):
        price = cents(article.price * level)
        quantity = max(1, round(budget * share / sum(shares) / float(price)))
        if quantity > 30:
            quantity = round(quantity, -1)
        discount = Decimal(rng.choice(DISCOUNTS))
        net = cents(price * quantity * (100 - discount) / 100)
        items.append(Item(position * 10, article, quantity, price, discount, net))
    return items


def settle_state(order: Order, rng: Random, today: date) -> None:
    """Decide what does not go the usual way: offers, orders on hold, cancelled and closed ones."""
    age = (today - order.day).days
    chance = rng.random()
    holding = 0.85 if order.firm.behaviour.holds else 0.035
    if age < 40 and chance < holding:
        order.state, order.hold = "70", rng.choice(HOLDS[:2] if order.firm.behaviour.holds else HOLDS)
    elif age < 60 and chance < holding + 0.07:
        order.state = "05"
    elif chance > 0.982:
        order.state = "90"
    elif chance > 0.975 and len(order.items) > 1 and age > 90:
        order.state = "35"
