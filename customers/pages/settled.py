"""How far invoices are settled at a day, from their open items; and the words for it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from customers.counted import Documents, annotated, live
from customers.parts import NUMBER
from integration_hub.models import ErpAllocation, ErpOpenItem
from integration_hub.prepared import prepared

ZERO, ONE = Decimal(0), Decimal(1)


def items_standing(items: Documents, as_of: date) -> Documents:
    """Open items with `open_now`: amount less allocations up to the day where these carry dates, else what the source
    says. None where it says nothing.
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
    return annotated(
        items,
        open_now=Case(
            When(dated_allocations=True, amount__isnull=False, then=dated),
            default=Coalesce("open_amount", "amount"),
            output_field=NUMBER,
        ),
    )


def settled_shares(invoices: Iterable[str], as_of: date) -> dict[str, Decimal]:
    """Settled part of each invoice that has open items, 0 to 1 (more where too much was paid): settled by amount."""
    keys = tuple(invoices)
    if not keys:
        return {}
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for invoice, amount, open_now in _standing(keys, as_of):
        whole, left = sums.get(invoice, (ZERO, ZERO))
        sums[invoice] = (whole + amount, left + (open_now or ZERO))
    return {key: (whole - left) / whole for key, (whole, left) in sums.items() if whole}


@prepared
def _standing(invoices: tuple[str, ...], as_of: date) -> "QuerySet[Any, Any]":
    items = items_standing(live(ErpOpenItem).filter(invoice__in=invoices, amount__isnull=False), as_of)
    return items.values_list("invoice", "amount", "open_now")
