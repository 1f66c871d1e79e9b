"""Customers whose ERP customers a page has read already, so that none of its figures asks for them again."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from customers.models import Customer

# So many keys are put into a query as they are; beyond it the database finds them by itself.
MOST_KEYS = 1000


class _Known(QuerySet[Customer]):
    erp_keys: tuple[str, ...] | None = None


def known_customers(members: Sequence[int] | QuerySet[Customer], erp_keys: tuple[str, ...]) -> QuerySet[Customer]:
    """These customers; any further condition on them forgets the keys."""
    pks: Any = members
    found = _Known(Customer).filter(pk__in=pks)
    found.erp_keys = erp_keys
    return found


def known_keys(customers: QuerySet[Customer]) -> tuple[str, ...] | None:
    """The keys of their ERP customers; None where nobody has read them, or where they are too many."""
    keys = customers.erp_keys if isinstance(customers, _Known) else None
    return keys if keys is not None and len(keys) <= MOST_KEYS else None
