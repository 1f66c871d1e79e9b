"""Customers whose ERP customers a page has read already, so that none of its figures asks for them again."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from customers.models import AccountLink, Customer

# So many keys are put into a query as they are; beyond it the database finds them by itself.
MOST_KEYS = 1000


class _Known(QuerySet[Customer]):
    erp_keys: tuple[str, ...] | QuerySet[AccountLink, str] | None = None


def not_gone(path: str = "customer") -> Any:
    """The condition that a row's customer is still there, by what is rare: asked for those that are, every customer
    would be read.
    """
    return ~Exists(Customer.objects.filter(pk=OuterRef(path), gone_at__isnull=False))


def known_customers(members: Sequence[int] | QuerySet[Customer], erp_keys: tuple[str, ...]) -> QuerySet[Customer]:
    """These customers; any further condition on them forgets the keys."""
    pks: Any = members
    found = _Known(Customer).filter(pk__in=pks)
    found.erp_keys = erp_keys
    return found


def all_customers() -> QuerySet[Customer]:
    """Every customer that is still there, for whoever sees all: found from the documents, not the other way round."""
    found = _Known(Customer).filter(gone_at=None)
    found.erp_keys = AccountLink.objects.filter(not_gone()).values_list("erp_customer", flat=True)
    return found


def known_keys(customers: QuerySet[Customer]) -> tuple[str, ...] | QuerySet[AccountLink, str] | None:
    """The keys of their ERP customers; None where nobody has read them, or where they are too many."""
    keys = customers.erp_keys if isinstance(customers, _Known) else None
    return None if isinstance(keys, tuple) and len(keys) > MOST_KEYS else keys
