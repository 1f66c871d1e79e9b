"""Past days by the links that were valid then: which customers there were, and which ERP customers added to them."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.db.models.lookups import GreaterThan

from customers.calendar import current_day
from customers.known import customers_with
from customers.models import AccountLinkPeriod, Customer, RollupDay
from customers.parts import read_parts
from integration_hub.config import hub


def there(as_of: date | None) -> Q:
    """The condition on CustomerRollup that its customer was there at the day of the figures, where that is `as_of`, or
    any day without it. Today those that are there; at a past day those that left since as well, as their money stands
    with nobody else that day. Where a past day was computed by today's links, theirs is with others, and they are out.
    """
    today = current_day()
    still = Q(customer__gone_at=None)
    if as_of is not None and as_of == today:
        return still
    left = GreaterThan(TruncDate("customer__gone_at", tzinfo=ZoneInfo(hub().company.time_zone)), F("as_of"))
    by_other_links = RollupDay.objects.filter(as_of=OuterRef("as_of"), links_of__isnull=False)
    return still | (Q(left) & ~Q(as_of=today) & ~Q(Exists(by_other_links)))


def links_at(as_of: date) -> QuerySet[AccountLinkPeriod]:
    """The links by which the figures of a past day are: those of the day, or of another where it was computed so."""
    links_of = RollupDay.objects.filter(as_of=as_of).values_list("links_of", flat=True).first()
    day = links_of or as_of
    begun, not_over = Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day)
    return AccountLinkPeriod.objects.filter(begun, not_over)


def customers_then(customers: QuerySet[Customer], as_of: date) -> QuerySet[Customer]:
    """The same customers, whose documents are those of the ERP customers that were theirs at a past day."""
    if as_of == current_day():
        return customers
    keys = links_at(as_of).filter(customer__in=customers.order_by().values("pk")).values_list("erp_customer", flat=True)
    return customers_with(customers, keys)


def keys_then(members: tuple[int, ...], as_of: date) -> tuple[str, ...]:
    """The keys of the ERP customers that were theirs at a past day."""
    links = links_at(as_of).filter(customer__in=members).order_by("erp_customer")
    return tuple(read_parts(links))
