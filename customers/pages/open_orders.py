"""Orders with something still to deliver: how far each is, when it is promised, and how late."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from customers import formats
from customers.addresses import document_address
from customers.charts import Segment, part_bar
from customers.hidden import rests_on
from customers.known import prepared_for
from customers.measures import get_measure
from customers.models import Customer
from customers.models import OpenOrder as StoredOrder
from customers.pages.scope import Scope
from customers.pages.without_rate import open_orders_words
from customers.parts import WHOLE, shares_among
from integration_hub.models import ErpOrder
from integration_hub.prepared import prepared

SHOWN = 8
PROGRESS = 80


@dataclass(frozen=True)
class OpenOrder:
    """One open order. `open_amount`: undelivered, in the reporting currency, None where the order has no amount in it;
    `delivered`: the share delivered.
    """

    number: str
    url: str
    ordered_on: date | None
    promised_on: date | None  # the requested day where nothing was promised
    days_late: int
    status: str
    note: str
    delivered: Decimal
    delivered_words: str
    progress: tuple[Segment, ...]
    open_amount: Decimal | None


@dataclass(frozen=True)
class OpenOrders:
    """The open-orders card: the first orders by promised date, and the stored figure of all of them."""

    orders: tuple[OpenOrder, ...]
    count: int
    amount: Decimal
    url: str
    late: int
    without_rate: str  # what is to deliver in no amount, in words


@rests_on("open_orders_amount", "open_orders_count", "late_orders_count")
def build_open_orders(scope: Scope) -> OpenOrders:
    """Open orders at the rollup's day, the most urgent promise first."""
    rollup = scope.figures
    return OpenOrders(
        orders=_past(scope) if scope.past else _stored(scope),
        count=rollup.open_orders_count,
        amount=rollup.open_orders_amount,
        url=scope.figure_url("open_orders_amount"),
        late=rollup.late_orders_count,
        without_rate=open_orders_words(scope),
    )


def order_status(order: ErpOrder, delivered: Decimal) -> str:
    """How far an open order is, in words."""
    if order.hold_reason:
        return "On hold"
    if delivered >= 1:
        return "Delivered"
    return "Partly delivered" if delivered > 0 else "To be delivered"


def _stored(scope: Scope) -> tuple[OpenOrder, ...]:
    """As the roll-up of the current day kept them: nobody looks up again what was shipped of which line, unless an
    order has no amount that tells it.
    """
    kept, shares, as_of = list(_kept(scope.members)), shares_among(scope.keys), scope.figures.as_of
    unrated = tuple(one.order_id for one in kept if one.open_amount is None)
    open_shares = {order.key: order.share for order in _unrated(scope.customers, as_of, unrated)} if unrated else {}
    return tuple(
        _order(
            one.order,
            one.open_amount,
            as_of,
            _delivered(one.order, one.open_amount, shares.get(one.order.customer_id or "", WHOLE))
            if one.open_amount is not None
            else 1 - open_shares.get(one.order_id, WHOLE),
        )
        for one in kept
    )


@prepared_for
def _unrated(customers: QuerySet[Customer], as_of: date, keys: tuple[str, ...]) -> QuerySet[Any]:
    return get_measure("open_orders_amount").documents(customers, as_of).filter(key__in=keys)


@prepared
def _kept(members: tuple[int, ...]) -> QuerySet[Any]:
    kept = StoredOrder.objects.filter(customer__in=members).select_related("order")
    return kept.order_by(F("due_on").asc(nulls_last=True), "order_id")[:SHOWN]


def _past(scope: Scope) -> tuple[OpenOrder, ...]:
    as_of = scope.figures.as_of
    orders = get_measure("open_orders_amount").documents(scope.customers, as_of)
    first = orders.order_by(Coalesce("promised_on", "requested_on").asc(nulls_last=True), "key")[:SHOWN]
    return tuple(
        _order(
            order,
            order.counted,
            as_of,
            _delivered(order, order.counted, getattr(order, "account_share", WHOLE))
            if order.counted is not None
            else 1 - order.share,
        )
        for order in first
    )


def _delivered(order: ErpOrder, open_amount: Decimal, share: Decimal) -> Decimal:
    """The share delivered; of a shared order both the open amount and the whole are the account's part."""
    whole = (order.reporting_amount or Decimal(0)) * share
    return 1 - open_amount / whole if whole > 0 else Decimal(0)


def _order(order: ErpOrder, open_amount: Decimal | None, as_of: date, delivered: Decimal) -> OpenOrder:
    delivered = max(Decimal(0), delivered)
    due_on = order.promised_on or order.requested_on
    late = (as_of - due_on).days if due_on else 0
    return OpenOrder(
        number=order.number or order.key,
        url=document_address("order", order.key),
        ordered_on=order.ordered_on,
        promised_on=due_on,
        days_late=max(late, 0),
        status=order_status(order, delivered),
        note=order.hold_reason,
        delivered=delivered,
        delivered_words=f"{formats.percent(delivered, places=0)} delivered",
        progress=part_bar(delivered, 1, length=PROGRESS),
        open_amount=open_amount,
    )
