"""How many opportunities some accounts have, and what the open ones are worth; tabs and card show parts of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from integration_hub.models import SfOpportunity
from integration_hub.prepared import prepared


@dataclass(frozen=True)
class Deals:
    """Numbers of all and of the open opportunities; `total` of the open ones in the reporting currency, to which
    `unconverted` of them add nothing.
    """

    every: int = 0
    open: int = 0
    total: Decimal = Decimal(0)
    unconverted: int = 0


def count_deals(accounts: tuple[str, ...]) -> Deals:
    """The opportunities that Salesforce still has of these accounts; one query."""
    return next((Deals(*row) for row in _sums(accounts)), Deals())


@prepared
def _sums(accounts: tuple[str, ...]) -> "QuerySet[Any, Any]":
    opened = Q(is_closed=False)
    deals = SfOpportunity.objects.live().filter(account__in=accounts)
    # One row for all of them: they are grouped by a constant.
    together = deals.order_by().annotate(together=Value(1)).values("together")
    sums: QuerySet[Any, Any] = together.annotate(
        every=Count("pk"),
        open=Count("pk", filter=opened),
        total=Coalesce(Sum("reporting_amount", filter=opened), Decimal(0)),
        unconverted=Count("pk", filter=opened & Q(reporting_amount=None)),
    ).values_list("every", "open", "total", "unconverted")
    return sums
