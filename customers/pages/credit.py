"""How much of the credit limits in the ERP is used, and what the ERP itself says of blocks and holds."""

from collections.abc import Sequence
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
from customers.pages.erp_numbers import ErpNumber
from customers.pages.open_totals import in_currency
from customers.pages.scope import Scope
from customers.parts import among
from integration_hub.models import ErpCustomer
from integration_hub.prepared import prepared

ZERO = Decimal(0)
# Key, number, limit and its currency of an ERP customer; the whole of a shared one: a limit is not shared.
Limit = tuple[str, str, Decimal | None, str]
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
    limits = _limits(scope)
    uses = limit_uses(scope, limits)
    holds = _holds(scope.customers, scope.figures.as_of)
    blocked = len(holds), holds[0] if holds else ""
    if not uses:
        return Credit("", scope.currency, ZERO, ZERO, None, False, *blocked)
    most = max(uses, key=lambda use: use.share)
    whose = most.number if len(limits) > 1 else ""
    return Credit(whose, most.currency, most.limit, most.used, most.share, most.beside, *blocked)


def limit_uses(scope: Scope, limits: Sequence[Limit]) -> tuple[LimitUse, ...]:
    """The use of these limits at the day of the scope, without those that are none; one query if there are any."""
    given = [row for row in limits if row[2] and row[2] > 0]
    if not given or scope.rollup is None:
        return ()
    owed: dict[str, dict[str, Decimal]] = {}
    whose = known_customers((), tuple(key for key, *_ in given))
    for key, currency, amount in _owed_sums(whose, scope.rollup.as_of):
        owed.setdefault(key, {})[currency] = amount
    uses = []
    for key, number, limit, currency in given:
        own, amounts = currency or scope.currency, owed.get(key, {})
        uses.append(LimitUse(key, number, own, limit or ZERO, amounts.get(own, ZERO), bool(amounts.keys() - {own})))
    return tuple(uses)


def _limits(scope: Scope) -> list[Limit]:
    """Key, number, limit and its currency of every ERP customer: of few the head of the page has read them."""
    if scope.group or scope.identity.more_numbers:
        return _limits_of(tuple(dict.fromkeys(map(str, scope.keys))))
    numbers = scope.identity.numbers
    return [limit_of(one) for one in numbers if one.is_there]


def limit_of(number: ErpNumber) -> Limit:
    """The limit of an ERP customer, as it was read with its number."""
    return number.key, number.number, number.credit_limit, number.currency


@prepared
def _limits_of(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
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
