"""How much of the credit limits in the ERP is used, and what the ERP itself says of blocks and holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from customers import counted, formats
from customers.counted_receivables import items_at
from customers.hidden import rests_on
from customers.known import known_customers, prepared_for
from customers.models import Customer
from customers.pages.open_totals import in_currency
from customers.pages.scope import Scope
from customers.parts import among
from integration_hub.models import ErpCustomer
from integration_hub.prepared import prepared

ZERO = Decimal(0)
# From here a new order may not go through: what pages tell of.
NOTEWORTHY_USE = Decimal("0.9")


@dataclass(frozen=True)
class Credit:
    """Of the ERP customer whose limit is used most, limit and use in the limit's own currency, as measured at the day;
    `beside` says that it owes in other currencies too, which are not added. `share` is None where nobody has a limit.
    `number` is empty where there is one ERP customer only.
    """

    number: str
    currency: str
    limit: Decimal
    used: Decimal
    share: Decimal | None
    beside: bool
    holds: int
    hold_reason: str

    @property
    def noteworthy(self) -> bool:
        """Whether so much is used that a new order may not go through."""
        return self.share is not None and self.share >= NOTEWORTHY_USE

    @property
    def headline(self) -> str:
        """How much is used, in words."""
        share = self.share or ZERO
        if share > 1:
            return f"{self._money(self.used - self.limit)} above the credit limit"
        return f"{formats.percent(share, places=0)} of the credit limit is used"

    @property
    def detail(self) -> str:
        """What is open against which limit."""
        whose = f" of ERP customer {self.number}" if self.number else ""
        beside = " What is open in other currencies is not in it." if self.beside else ""
        return f"{self._money(self.used)}{whose} is open, the limit in the ERP is {self._money(self.limit)}.{beside}"

    def _money(self, value: Decimal) -> str:
        return formats.money(value, self.currency, places=0)


@rests_on("credit_limit", "open_amount")
def build_credit(scope: Scope) -> Credit:
    """The limit that is used most, each ERP customer's against what itself owes in the limit's currency, as the stored
    `credit_used`; of a shared one the whole. Limits are those of today.
    """
    limits = _limits(tuple(str(key) for key in scope.keys))
    owed = _owed(scope, tuple(key for key, _, limit, _ in limits if limit)) if any(row[2] for row in limits) else {}
    holds = _holds(scope.customers, scope.figures.as_of)
    found = Credit("", scope.currency, ZERO, ZERO, None, False, len(holds), holds[0] if holds else "")
    for key, number, limit, currency in limits:
        if not limit or limit < 0:
            continue
        own = currency or scope.currency
        amounts = owed.get(key, {})
        used = amounts.get(own, ZERO)
        if found.share is None or used / limit > found.share:
            whose = number if len(limits) > 1 else ""
            others = bool(amounts.keys() - {own})
            found = Credit(whose, own, limit, used, used / limit, others, found.holds, found.hold_reason)
    return found


@prepared
def _limits(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    found = ErpCustomer.objects.live().filter(among("key", keys)).order_by("number", "key")
    return found.values_list("key", "number", "credit_limit", "currency")


def _owed(scope: Scope, keys: tuple[str, ...]) -> Mapping[str, Mapping[str, Decimal]]:
    """By ERP customer and currency what it owes at the day, in that currency."""
    found: dict[str, dict[str, Decimal]] = {}
    for key, currency, amount in _owed_sums(known_customers((), keys), scope.figures.as_of):
        found.setdefault(key, {})[currency] = amount
    return found


@prepared_for
def _owed_sums(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    items = in_currency(items_at(customers, as_of)).filter(open_now__gt=0).order_by("customer", "in_currency")
    sums: QuerySet[Any, Any] = items.values_list("customer", "in_currency").annotate(total=Sum("open_now"))
    return sums


@prepared_for
def _holds(customers: QuerySet[Customer], as_of: date) -> "QuerySet[Any, Any]":
    """The reasons of the orders not delivered yet that the ERP holds."""
    opened = Q(fully_delivered_on=None) | Q(fully_delivered_on__gt=as_of)
    held = counted.orders(customers, as_of).filter(opened).exclude(hold_reason="")
    return held.order_by("-ordered_on", "key").values_list("hold_reason", flat=True)
