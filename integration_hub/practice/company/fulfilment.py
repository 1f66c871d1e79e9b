"""Deliveries: on time or late, at once or in parts, and what still waits in the warehouse."""

from datetime import date, timedelta
from random import Random

from integration_hub.practice.company.names import CARRIERS
from integration_hub.practice.company.trade import Dispatch, Item, Order, workday

OFFER, ON_HOLD, CANCELLED, CLOSED_SHORT = "05", "70", "90", "35"


def dispatch(order: Order, rng: Random, today: date) -> list[Dispatch]:
    """The order's deliveries as far as they are planned by today; sets the order's state."""
    if order.state in {OFFER, ON_HOLD, CANCELLED}:
        return []
    found = []
    for planned, parts in _plan(order, rng):
        shipped = _shipping_day(order, planned, rng)
        state = "S" if shipped <= today else "K" if shipped <= today + timedelta(days=4) else "P"
        if state == "P" and planned > today + timedelta(days=14):
            continue
        carrier = rng.choice(CARRIERS["USD" if order.firm.company == "20" else "EUR"])
        tracking = f"{rng.randint(10**9, 10**10 - 1)}" if state == "S" else ""
        day = shipped if state == "S" else None
        found.append(Dispatch(order, planned, day, parts, state, carrier=carrier, tracking=tracking))
    if order.state == CLOSED_SHORT:
        found = [each for each in found[:1] if each.state == "S"]
    order.shipments = found
    _set_state(order)
    return found


def _plan(order: Order, rng: Random) -> list[tuple[date, list[tuple[Item, int]]]]:
    """Planned days and quantities: everything at once, or two parts."""
    whole = [(item, item.quantity) for item in order.items]
    splits = order.state == CLOSED_SHORT or rng.random() < (0.45 if order.firm.behaviour.late > 0.4 else 0.17)
    if not splits or order.net > 60_000 * (150 if order.currency == "JPY" else 1):
        return [(order.confirmed_on, whole)]
    first: list[tuple[Item, int]] = []
    second: list[tuple[Item, int]] = []
    for number, item in enumerate(order.items):
        now = item.quantity * rng.randint(3, 7) // 10 if item.quantity > 3 else item.quantity * (number % 2)
        first += [(item, now)] if now else []
        second += [(item, item.quantity - now)] if now < item.quantity else []
    if not first or not second:
        return [(order.confirmed_on, whole)]
    return [(order.confirmed_on, first), (workday(order.confirmed_on + timedelta(days=rng.randint(7, 21))), second)]


def _shipping_day(order: Order, planned: date, rng: Random) -> date:
    if rng.random() < order.firm.behaviour.late:
        return workday(planned + timedelta(days=rng.choices((1, 2, 4, 8, 15), (34, 28, 20, 12, 6))[0]))
    early = planned - timedelta(days=rng.choice((0, 0, 0, 1)))
    return max(order.day + timedelta(days=1), early if early.weekday() < 5 else planned)


def _set_state(order: Order) -> None:
    if order.state == CLOSED_SHORT and order.shipments:
        return
    shipped: dict[int, int] = {}
    for each in order.shipments:
        if each.state == "S":
            for item, quantity in each.parts:
                shipped[item.pos] = shipped.get(item.pos, 0) + quantity
    if not shipped:
        order.state = "10"
    elif all(shipped.get(item.pos, 0) >= item.quantity for item in order.items):
        order.state = "30"
    else:
        order.state = "20"
