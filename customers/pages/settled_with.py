"""What an allocation was settled with: a payment, a credit note, or what only the ERP knows."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from integration_hub.models import ErpAllocation


@dataclass(frozen=True)
class SettledWith:
    """The settling document by its kind of page and key (both empty where none is named), in its own currency."""

    label: str
    url_kind: str
    key: str
    day: date | None
    amount: Decimal | None
    currency: str


def settled_with(allocation: ErpAllocation, keys: Container[str]) -> SettledWith:
    """The settling document of an allocation whose payment and credit note are read along; one of another customer than
    those of these ERP keys is not named.
    """
    by = allocation.payment or allocation.credit_note
    if by is not None and by.customer_id not in keys:
        label, kind, key = "By another account", "", ""
    elif allocation.payment is not None:
        label, kind, key = f"Payment {allocation.payment.number}", "payment", allocation.payment.key
    elif allocation.credit_note is not None:
        label, kind, key = f"Credit note {allocation.credit_note.number}", "invoice", allocation.credit_note.key
    else:
        label, kind, key = "Settled in the ERP", "", ""
    return SettledWith(label.strip(), kind, key, allocation.allocated_on, allocation.amount, allocation.currency)


def allocations_to(invoices: Iterable[str]) -> QuerySet[ErpAllocation]:
    """Live allocations that name one of these invoices, or one of their instalments."""
    # Two searches by index: with "or" across the join the planner reads every allocation there is.
    billed = list(invoices)
    named = ErpAllocation.objects.filter(invoice__in=billed).values("key")
    of_item = ErpAllocation.objects.filter(open_item__invoice__in=billed).values("key")
    return ErpAllocation.objects.live().filter(key__in=named.union(of_item))
