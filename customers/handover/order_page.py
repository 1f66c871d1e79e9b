"""An order that no opportunity became: what it is, and which opportunities of its customer it could belong to."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from customers.access import User, visible
from customers.differences.inbox import Choice
from customers.handover.deciding import people
from customers.models import Customer, Handover, HandoverNote, OrderWithoutOpportunity
from integration_hub.models import ErpOrder, SfUser

OFFERED = 12
AROUND = timedelta(days=200)


@dataclass(frozen=True)
class OrderPage:
    """What the page shows; `choices` are closed opportunities without an order, the nearest close date first."""

    order: ErpOrder
    row: OrderWithoutOpportunity
    customer: Customer
    owner: str
    age: int
    choices: tuple[Handover, ...]
    note: HandoverNote | None
    people: tuple[Choice, ...]


def build_order_page(key: str, user: User, as_of: date) -> OrderPage | None:
    """The page; None for an order that has an opportunity, or that the user may not see."""
    row: Any = visible(OrderWithoutOpportunity.objects.filter(pk=key), user).select_related("order", "customer").first()
    if row is None:
        return None
    near = Handover.objects.filter(
        customer=row.customer_id,
        orders=0,
        closed_on__range=(row.ordered_on - AROUND, row.ordered_on + AROUND),
    ).select_related("opportunity")
    choices = sorted(near, key=lambda each: (abs((each.closed_on - row.ordered_on).days), each.pk))
    note = HandoverNote.objects.filter(pk=key).first()
    return OrderPage(
        order=row.order,
        row=row,
        customer=row.customer,
        owner=SfUser.objects.filter(key=row.customer.owner).values_list("name", flat=True).first() or "",
        age=(as_of - row.ordered_on).days,
        choices=tuple(choices[:OFFERED]),
        note=note,
        people=people(note),
    )
