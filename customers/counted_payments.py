"""Which payments count towards a figure, and by how much, at any day: QuerySets with `counted`."""

from datetime import date
from decimal import Decimal

from django.db.models import ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from customers.calendar import Period
from customers.companies import counting, of_companies
from customers.counted import Documents, annotated, in_period, live
from customers.counted_receivables import DaysBetween, in_reporting
from customers.known import mine
from customers.models import Customer
from customers.parts import NUMBER
from integration_hub.models import ErpAllocation, ErpPayment

# The `settled_on` of an item that asks for nothing: its invoice is a draft or void.
VOID = date.min


def paid(customers: QuerySet[Customer], period: Period) -> Documents:
    """What was paid in a period on items that ask for money: `days` from issue and `days_late` from the due date to the
    payment, either null where that day is unknown, and `paid` in the reporting currency. Credit notes set off are no
    payments.
    """
    issued = Coalesce("open_item__issued_on", "open_item__invoice__issued_on")
    found = live(ErpAllocation).filter(
        in_period("allocated_on", period),
        of_companies("open_item__company"),
        mine(customers).held("open_item", "open_item"),
        open_item__amount__gt=0,
        credit_note=None,
    )
    counting = annotated(
        found,
        days=DaysBetween(F("allocated_on"), issued),
        days_late=DaysBetween(F("allocated_on"), F("open_item__due_on")),
        paid=in_reporting(F("amount"), "open_item__reporting_rate"),
    )
    return counting.filter(paid__isnull=False)


def paid_since_issue(customers: QuerySet[Customer], period: Period) -> Documents:
    """Payments on items whose day of issue is known."""
    return paid(customers, period).filter(days__isnull=False)


def paid_since_due(customers: QuerySet[Customer], period: Period) -> Documents:
    """Payments on items whose due date is known."""
    return paid(customers, period).filter(days_late__isnull=False)


def times(payments: Documents, days: str) -> Documents:
    """The same payments, each counted by its amount times so many days."""
    return annotated(payments, counted=ExpressionWrapper(F("paid") * F(days), output_field=NUMBER))


def payments_at(customers: QuerySet[Customer], as_of: date) -> Documents:
    """Payments received by a day of which something settled nothing then: `open_now` in their own currency, `counted`
    in the reporting currency, null where there is no rate.

    What they settled after the day was not allocated on it. An item of another currency, or one that tells only what is
    open today, says nothing about that.
    """
    later = (
        allocations_that_date(ErpAllocation.objects.live())
        .filter(Q(allocated_on__gt=as_of) | Q(open_item__issued_on__gt=as_of), payment=OuterRef("pk"))
        .filter(open_item__currency=OuterRef("currency"))
        .order_by()
        .values("payment")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    zero = Decimal(0)
    rest = Coalesce("unallocated_amount", zero, output_field=NUMBER) + Coalesce(
        Subquery(later), zero, output_field=NUMBER
    )
    payments = counting(ErpPayment).filter(
        Q(settled_on=None) | Q(settled_on__gt=as_of),
        Q(paid_on=None) | Q(paid_on__lte=as_of),
        mine(customers).held("payment"),
    )
    return annotated(annotated(payments, open_now=rest), counted=in_reporting(F("open_now")))


def unallocated(customers: QuerySet[Customer], as_of: date) -> Documents:
    """What was paid but settled nothing at a day."""
    return payments_at(customers, as_of).filter(counted__isnull=False).exclude(counted=0)


def allocations_that_date(allocations: Documents) -> Documents:
    """Those that say when a part of a payment settled something: of dated items that ask for something."""
    dating = allocations.filter(open_item__deleted_at=None, open_item__dated_allocations=True)
    return dating.exclude(Q(open_item__currency="") | Q(open_item__settled_on=VOID))


def with_day(allocations: Documents) -> Documents:
    """The allocations with `settles_on`: an item settled before it was issued is settled on the day of issue. Null
    where neither day is known.
    """
    settled, issued = "allocated_on", "open_item__issued_on"
    return annotated(allocations, settles_on=Greatest(Coalesce(settled, issued), Coalesce(issued, settled)))
