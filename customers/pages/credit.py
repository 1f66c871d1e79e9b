"""How much of the credit limits in the ERP is used, and what the ERP itself says of blocks and holds."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from customers import counted
from customers.hidden import rests_on
from customers.known import prepared_for
from customers.models import Customer
from customers.pages.scope import Scope
from customers.parts import among
from integration_hub.models import ErpCustomer
from integration_hub.prepared import prepared

ZERO = Decimal(0)


@dataclass(frozen=True)
class Credit:
    """Limit and use in the reporting currency. `share` is None where the use cannot be told, for the `reason`."""

    limit: Decimal
    used: Decimal
    share: Decimal | None
    reason: str
    holds: int
    hold_reason: str


@rests_on("credit_limit", "open_amount")
def build_credit(scope: Scope) -> Credit:
    """The limits of all ERP customers of a scope against what they owe; limits are those of today.

    A limit in another currency, or a customer without one, leaves the share unknown: different currencies are never
    added, and no limit is no zero.
    """
    limits = _limits(scope.keys)
    given = [(limit, currency) for limit, currency in limits if limit]
    whole = sum((limit for limit, _ in given), ZERO)
    used = max(scope.figures.open_amount, ZERO)
    reason = _reason(scope, limits, given)
    holds = _holds(scope.customers, scope.figures.as_of)
    return Credit(
        limit=whole,
        used=used,
        share=None if reason else used / whole,
        reason=reason,
        holds=len(holds),
        hold_reason=holds[0] if holds else "",
    )


def _reason(scope: Scope, limits: list[tuple[Decimal | None, str]], given: list[tuple[Decimal, str]]) -> str:
    if not given:
        return "The ERP gives no credit limit."
    if len(given) < len(limits):
        return "Not every ERP customer has a credit limit."
    if any(currency not in {"", scope.currency} for _, currency in given):
        return "A credit limit is in another currency."
    return ""


@prepared
def _limits(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return ErpCustomer.objects.live().filter(among("key", keys)).values_list("credit_limit", "currency")


@prepared_for
def _holds(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    """The reasons of the orders not delivered yet that the ERP holds."""
    opened = Q(fully_delivered_on=None) | Q(fully_delivered_on__gt=as_of)
    held = counted.orders(customers, as_of).filter(opened).exclude(hold_reason="")
    return held.order_by("-ordered_on", "key").values_list("hold_reason", flat=True)
