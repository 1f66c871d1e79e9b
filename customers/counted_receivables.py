"""Which open items and payments count towards a figure, and by how much, at any day: QuerySets with `counted`."""

from datetime import date
from decimal import Decimal

from django.db.models import (
    Case,
    DateField,
    Expression,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Round

from customers.calendar import Period
from customers.counted import NUMBER, Documents, annotated, in_period, keys_of, live
from customers.models import Customer
from integration_hub.models import ErpAllocation, ErpOpenItem


class DaysBetween(Func):
    """Whole days from the second date to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def items_at(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Items issued by a day and not settled then, with `open_now` in their own currency and `counted`, which is null
    where there is no rate.

    An item with dated allocations is its amount less those dated by then; one without says only what is open today.
    """
    paid = (
        live(ErpAllocation)
        .filter(Q(allocated_on=None) | Q(allocated_on__lte=as_of), open_item=OuterRef("pk"))
        .order_by()
        .values("open_item")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    dated = F("amount") - Coalesce(Subquery(paid), Decimal(0), output_field=NUMBER)
    open_now = Case(
        When(dated_allocations=True, then=dated), default=Coalesce("open_amount", "amount"), output_field=NUMBER
    )
    items = live(ErpOpenItem).filter(customer__in=keys_of(customers))
    return annotated(
        items.filter(Q(settled_on=None) | Q(settled_on__gt=as_of), Q(issued_on=None) | Q(issued_on__lte=as_of)),
        open_now=open_now,
        counted=_reporting(F("open_now")),
        days_late=DaysBetween(Value(as_of, output_field=DateField()), F("due_on")),
    )


def open_items(customers: QuerySet[Customer], as_of: date) -> Documents:
    """What the customers owe at a day; credits are not among it."""
    return items_at(customers, as_of).filter(counted__gt=0)


def open_credits(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Credit that is not yet set off or paid back; negative."""
    return items_at(customers, as_of).filter(counted__lt=0)


def overdue(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Open items due before the day: an item due today is not overdue."""
    return open_items(customers, as_of).filter(days_late__gt=0)


def late_between(customers: QuerySet[Customer], as_of: date, first: int, last: int | None) -> Documents:
    """Open items so many days late, both bounds included."""
    items = open_items(customers, as_of).filter(days_late__gte=first)
    return items if last is None else items.filter(days_late__lte=last)


def not_due(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Open items due on the day or later."""
    return open_items(customers, as_of).filter(days_late__lte=0)


def without_due_date(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Open items that nobody gave a due date."""
    return open_items(customers, as_of).filter(due_on=None)


def by_days_late(items: Documents) -> Documents:
    """The same items, counted by the days they are late."""
    return annotated(items, counted=F("days_late"))


def payments(customers: QuerySet[Customer], period: Period) -> Documents:
    """What was paid in a period on items that ask for money, with `days` from issue to payment; credit notes set off
    are no payments.
    """
    issued = Coalesce("open_item__issued_on", "open_item__invoice__issued_on")
    paid = live(ErpAllocation).filter(
        in_period("allocated_on", period),
        open_item__customer__in=keys_of(customers),
        open_item__amount__gt=0,
        credit_note=None,
    )
    amount = _reporting(F("amount"), "open_item__reporting_rate")
    counting = annotated(paid, days=DaysBetween(F("allocated_on"), issued), paid=amount)
    return counting.filter(days__isnull=False, paid__isnull=False)


def _reporting(amount: Combinable, rate: str = "reporting_rate") -> Expression:
    """The amount at the document's rate, rounded once; in the reporting currency itself as it is."""
    rounded = Round(amount * F(rate), precision=2, output_field=NUMBER)
    return Case(When(**{rate: 1}, then=amount), default=rounded, output_field=NUMBER)
