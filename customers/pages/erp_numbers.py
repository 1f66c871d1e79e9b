"""The ERP customers behind a customer: some have thousands, of which a page names the first and lists all elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, Q, QuerySet

from customers.parts import among
from integration_hub.models import ErpCustomer
from integration_hub.prepared import prepared

# So many are named on a page of one customer.
MOST_NUMBERS = 20


@dataclass(frozen=True)
class ErpNumber:
    """One ERP customer behind the customer: its number and company, and the ERP's own block, credit limit and terms."""

    key: str
    number: str
    company: str
    block_reason: str
    payment_terms: str
    payment_days: int | None
    credit_limit: Decimal | None
    currency: str
    is_there: bool  # whether the ERP still has it


@prepared
def first_masters(keys: tuple[str, ...]) -> QuerySet[Any]:
    return (
        ErpCustomer.objects.filter(among("key", keys))
        .select_related("company")
        .order_by("number", "key")[:MOST_NUMBERS]
    )


@dataclass(frozen=True)
class Facts:
    """What is told of all ERP customers together; `blocked` is when a blocked one was read last."""

    count: int
    since: date | None
    blocked: datetime | None
    reasons: tuple[str, ...]


def facts_of(keys: tuple[str, ...], masters: list[Any]) -> Facts:
    """Of all ERP customers, of which `masters` are the first: one query more where there are others."""
    return _of_many(keys) if len(masters) == MOST_NUMBERS else _of_few(masters)


def _of_few(masters: list[Any]) -> Facts:
    blocked = [master for master in masters if master.blocked]
    return Facts(
        count=len(masters),
        since=min((master.customer_since for master in masters if master.customer_since), default=None),
        blocked=max((master.synced_at for master in blocked), default=None),
        reasons=tuple(sorted({master.block_reason for master in blocked if master.block_reason})),
    )


def _of_many(keys: tuple[str, ...]) -> Facts:
    found = ErpCustomer.objects.filter(among("key", keys)).aggregate(
        every=Count("pk"),
        first=Min("customer_since"),
        last_blocked=Max("synced_at", filter=Q(blocked=True)),
        reasons=ArrayAgg("block_reason", filter=Q(blocked=True) & ~Q(block_reason=""), distinct=True, default=[]),
    )
    return Facts(found["every"], found["first"], found["last_blocked"], tuple(sorted(found["reasons"])))


def number_of(master: ErpCustomer) -> ErpNumber:
    company = master.company
    return ErpNumber(
        key=master.key,
        number=master.number or master.key,
        company=(company.name or company.code) if company else "",
        block_reason=master.block_reason,
        payment_terms=master.payment_terms,
        payment_days=master.payment_days,
        credit_limit=master.credit_limit,
        currency=master.currency,
        is_there=master.deleted_at is None,
    )
