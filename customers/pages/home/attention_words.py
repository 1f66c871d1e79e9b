"""Why a customer needs attention, in words, with a link to the rows behind each reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q
from django.urls import reverse

from customers import formats
from customers.attention_rules import Rule
from customers.models import AccountLink, CustomerRollup, OpenOrder
from customers.pages.key_figures import figure_url
from integration_hub.models import ErpCustomer


@dataclass(frozen=True)
class Reason:
    """One reason in words, with a link to the rows behind it."""

    text: str
    url: str


@dataclass(frozen=True)
class Needing:
    """A customer with all its reasons. `at_stake` is the money of the chosen rule, else the greatest of any; `counts`
    says what it is, and `stake_url` opens its rows.
    """

    name: str
    url: str
    erp_numbers: str
    reasons: tuple[Reason, ...]
    at_stake: Decimal
    counts: str
    stake_url: str


@dataclass(frozen=True)
class _Subject:
    """One customer: its figures, the day its oldest open order was due, and its blocked or limited ERP customers."""

    rollup: CustomerRollup
    currency: str
    due_on: date | None
    in_erp: Sequence[ErpCustomer]

    def money(self, value: Decimal) -> str:
        return formats.money(value, self.currency, places=0)


def holds(rule: Rule) -> str:
    """The annotation of a rollup that says whether a rule holds."""
    return f"is_{rule.name}"


def in_words(rollups: Sequence[CustomerRollup], currency: str, rules: Sequence[Rule]) -> tuple[Needing, ...]:
    """Each customer with the reasons that hold for it; three queries however many customers there are. The rollups
    carry `at_stake` and what `holds` names.
    """
    customers = [rollup.customer_id for rollup in rollups]
    oldest = OpenOrder.objects.filter(customer__in=customers).values("customer").annotate(first=Min("due_on"))
    due_on, in_erp = dict(oldest.values_list("customer", "first")), _in_erp(customers)
    return tuple(
        _needing(_Subject(each, currency, due_on.get(each.customer_id), in_erp.get(each.customer_id, [])), rules)
        for each in rollups
    )


def _in_erp(customers: Sequence[int]) -> Mapping[int, list[ErpCustomer]]:
    """The ERP customers of each customer that are blocked or have a credit limit."""
    links: dict[str, list[int]] = {}
    for key, customer in AccountLink.objects.filter(customer__in=customers).values_list("erp_customer", "customer"):
        links.setdefault(key, []).append(customer)
    found: dict[int, list[ErpCustomer]] = {}
    for row in ErpCustomer.objects.live().filter(Q(blocked=True) | Q(credit_limit__gt=0), key__in=links):
        for customer in links[row.key]:
            found.setdefault(customer, []).append(row)
    return found


def _needing(subject: _Subject, rules: Sequence[Rule]) -> Needing:
    rollup: Any = subject.rollup
    customer = rollup.customer
    holding = [rule for rule in rules if getattr(rollup, holds(rule))]
    decides = max(holding, key=lambda rule: getattr(rollup, rule.money) == rollup.at_stake)
    return Needing(
        name=customer.name or "Without a name",
        url=reverse("customers:detail", args=(customer.pk,)),
        erp_numbers=customer.erp_numbers,
        reasons=tuple(WORDS[rule.name](subject) for rule in holding),
        at_stake=rollup.at_stake,
        counts=decides.counts,
        stake_url=figure_url(rollup, decides.money),
    )


def _overdue(subject: _Subject) -> Reason:
    text = f"{subject.money(subject.rollup.aging_1_30)} fell due in the last 30 days"
    return Reason(text, figure_url(subject.rollup, "aging_1_30"))


def _late(subject: _Subject) -> Reason:
    rollup = subject.rollup
    text = f"{formats.plural(rollup.late_orders_count, 'order')} late"
    # Late orders without a rate are in no amount.
    if rollup.late_orders_amount:
        text += f", {subject.money(rollup.late_orders_amount)} to deliver"
    if subject.due_on:
        text += f", the oldest by {formats.days((rollup.as_of - subject.due_on).days)}"
    return Reason(text, figure_url(rollup, "late_orders_amount"))


def _quiet(subject: _Subject) -> Reason:
    rollup = subject.rollup
    ago = (rollup.as_of - rollup.last_order_on).days if rollup.last_order_on else None
    text = f"No order for {formats.days(ago)}, usually one every {formats.days(rollup.order_gap_days)}"
    return Reason(text, figure_url(rollup, "last_order_on"))


def _credit(subject: _Subject) -> Reason:
    used = subject.rollup.credit_used or Decimal(0)
    limits = [row for row in subject.in_erp if row.credit_limit]
    text = f"{formats.percent(used, places=0)} of its credit limit is used"
    if len(limits) == 1:
        text += f", the limit is {formats.money(limits[0].credit_limit, limits[0].currency, places=0)}"
    return Reason(text, reverse("customers:erp_customers", args=(subject.rollup.customer_id,)))


def _blocked(subject: _Subject) -> Reason:
    causes = {row.block_reason for row in subject.in_erp if row.blocked and row.block_reason}
    text = "Blocked in the ERP" + (f": {'; '.join(sorted(causes))}" if causes else "")
    return Reason(text, reverse("customers:orders", args=(subject.rollup.customer_id,)))


WORDS: Mapping[str, Callable[[_Subject], Reason]] = {
    "overdue": _overdue,
    "late": _late,
    "quiet": _quiet,
    "credit": _credit,
    "blocked": _blocked,
}
