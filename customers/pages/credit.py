"""How much of the credit limits in the ERP is used, and what the ERP itself says of blocks and holds."""

from collections.abc import Iterable
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
class LimitUse:
    """One ERP customer with a limit: what it owes in the limit's currency; `beside` says that it owes in others too."""

    key: str
    number: str
    currency: str
    limit: Decimal
    used: Decimal
    beside: bool

    @property
    def share(self) -> Decimal:
        """How much of the limit is used, a part of 1."""
        return self.used / self.limit


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

    @property
    def words(self) -> str:
        """How much of which limit is used, far from it or not; empty where nobody has a limit."""
        if self.share is None:
            return ""
        whose = f" ({self.number})" if self.number else ""
        return f"{formats.percent(self.share, places=0)} of {self._money(self.limit)}{whose}"

    def _money(self, value: Decimal) -> str:
        return formats.money(value, self.currency, places=0)


@rests_on("credit_limit", "open_amount")
def build_credit(scope: Scope) -> Credit:
    """The limit that is used most, each ERP customer's against what itself owes in the limit's currency, as the stored
    `credit_used`; of a shared one the whole. Limits are those of today.
    """
    uses = limit_uses(scope, scope.keys)
    holds = _holds(scope.customers, scope.figures.as_of)
    blocked = len(holds), holds[0] if holds else ""
    if not uses:
        return Credit("", scope.currency, ZERO, ZERO, None, False, *blocked)
    most = max(uses, key=lambda use: use.share)
    whose = most.number if len(_whole(scope.keys)) > 1 else ""
    return Credit(whose, most.currency, most.limit, most.used, most.share, most.beside, *blocked)


def limit_uses(scope: Scope, keys: Iterable[str]) -> tuple[LimitUse, ...]:
    """Of some ERP customers of the scope those with a limit, by number; one query more where there are any."""
    limits = [row for row in _limits(_whole(keys)) if row[2] and row[2] > 0]
    if not limits or scope.rollup is None:
        return ()
    owed: dict[str, dict[str, Decimal]] = {}
    whose = known_customers((), tuple(key for key, *_ in limits))
    for key, currency, amount in _owed_sums(whose, scope.rollup.as_of):
        owed.setdefault(key, {})[currency] = amount
    uses = []
    for key, number, limit, currency in limits:
        own, amounts = currency or scope.currency, owed.get(key, {})
        uses.append(LimitUse(key, number or key, own, limit, amounts.get(own, ZERO), bool(amounts.keys() - {own})))
    return tuple(uses)


def _whole(keys: Iterable[str]) -> tuple[str, ...]:
    """Each ERP customer once and whole: a limit is not shared."""
    return tuple(dict.fromkeys(map(str, keys)))


@prepared
def _limits(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    found = ErpCustomer.objects.live().filter(among("key", keys)).order_by("number", "key")
    return found.values_list("key", "number", "credit_limit", "currency")


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
