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

from customers.companies import counting
from customers.counted import Documents, annotated, live
from customers.known import mine
from customers.models import Customer
from customers.parts import NUMBER
from integration_hub.models import ErpAllocation, ErpOpenItem

# Where the parts of the open amount begin: an item of so much in the reporting currency is large, and one due within so
# many days is due soon.
LARGE_FROM = 1000
DUE_SOON_DAYS = 7


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
    items = counting(ErpOpenItem).filter(mine(customers).held("open_item"))
    return annotated(
        items.filter(Q(settled_on=None) | Q(settled_on__gt=as_of), Q(issued_on=None) | Q(issued_on__lte=as_of)),
        open_now=open_now,
        counted=in_reporting(F("open_now")),
        days_late=DaysBetween(Value(as_of, output_field=DateField()), F("due_on")),
    )


def owed(customers: QuerySet[Customer], as_of: date) -> Documents:
    """What the customers owe at a day, also what has no rate; credits are not among it."""
    without_rate = Q(reporting_rate=None, open_now__gt=0)
    return items_at(customers, as_of).filter(without_rate | Q(counted__gt=0))


def open_items(customers: QuerySet[Customer], as_of: date) -> Documents:
    """What the customers owe at a day and has a rate, so that it is part of an amount."""
    return items_at(customers, as_of).filter(counted__gt=0)


def open_credits(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Credit that is not yet set off or paid back; negative."""
    return items_at(customers, as_of).filter(counted__lt=0)


def overdue(customers: QuerySet[Customer], as_of: date) -> Documents:
    """What is owed and was due before the day, also what has no rate: an item due today is not overdue."""
    return owed(customers, as_of).filter(days_late__gt=0)


def late_between(customers: QuerySet[Customer], as_of: date, first: int, last: int) -> Documents:
    """Open items so many days late, both bounds included."""
    return open_items(customers, as_of).filter(days_late__range=(first, last))


def not_due(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Open items due on the day or later."""
    return open_items(customers, as_of).filter(days_late__lte=0)


def without_due_date(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Open items that nobody gave a due date."""
    return open_items(customers, as_of).filter(due_on=None)


def disputed(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Open items that the customer disputes, due or not."""
    return open_items(customers, as_of).filter(disputed=True)


def due_soon(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Undisputed open items due on the day or in the week after it."""
    return _undisputed(customers, as_of).filter(days_late__range=(-DUE_SOON_DAYS, 0))


def due_later(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Undisputed open items due after that week, or without a due date."""
    return _undisputed(customers, as_of).filter(Q(due_on=None) | Q(days_late__lt=-DUE_SOON_DAYS))


def overdue_small(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Undisputed overdue items of less than LARGE_FROM each."""
    return _undisputed(customers, as_of).filter(days_late__gt=0, counted__lt=LARGE_FROM)


def overdue_large(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Undisputed overdue items of LARGE_FROM or more each."""
    return _undisputed(customers, as_of).filter(days_late__gt=0, counted__gte=LARGE_FROM)


def _undisputed(customers: QuerySet[Customer], as_of: date) -> Documents:
    return open_items(customers, as_of).filter(disputed=False)


def by_days_late(items: Documents) -> Documents:
    """The same items, counted by the days they are late."""
    return annotated(items, counted=F("days_late"))


def in_reporting(amount: Combinable, rate: str = "reporting_rate") -> Expression:
    """The amount at the document's rate, rounded once; in the reporting currency itself as it is."""
    rounded = Round(amount * F(rate), precision=2, output_field=NUMBER)
    return Case(When(**{rate: 1}, then=amount), default=rounded, output_field=NUMBER)
