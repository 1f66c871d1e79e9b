"""What stands out about a customer: a few sentences computed from the stored figures, the weightiest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from customers import formats
from customers.hidden import rests_on, shown
from customers.measures import get_measure
from customers.models import CustomerRollup
from customers.pages.identity import Identity
from customers.pages.key_figures import figure_url
from customers.pages.saved_views import QUIET_DAYS

MOST = 5
NOTEWORTHY_CHANGE = Decimal("0.05")
LATE_PAYER_DAYS = 10
NOTEWORTHY_SHARE = Decimal("0.25")


@dataclass(frozen=True)
class Standout:
    """One sentence, what supports it, and the rows behind it."""

    headline: str
    detail: str
    url: str


@dataclass(frozen=True)
class _Subject:
    rollup: CustomerRollup
    identity: Identity
    currency: str

    def whole(self, value: Decimal) -> str:
        return formats.money(value, self.currency, places=0)

    def url(self, measure: str) -> str:
        return figure_url(self.rollup, measure)


def build_standouts(
    rollup: CustomerRollup, identity: Identity, currency: str, hidden: frozenset[str] = frozenset()
) -> tuple[Standout, ...]:
    """At most five sentences; none where nothing is out of the ordinary, none that gives a hidden figure away."""
    subject = _Subject(rollup, identity, currency)
    found = [standout for rule in shown(RULES, hidden) for standout in rule(subject)]
    return tuple(found[:MOST])


@rests_on("aging_61_90", "aging_over_90", "oldest_overdue_days", "overdue_amount")
def _long_overdue(subject: _Subject) -> Iterator[Standout]:
    rollup = subject.rollup
    amount = rollup.aging_61_90 + rollup.aging_over_90
    if amount > 0:
        detail = f"The oldest is {formats.days(rollup.oldest_overdue_days)} late."
        measure = "aging_over_90" if not rollup.aging_61_90 else "overdue_amount"
        yield Standout(f"{subject.whole(amount)} is more than 60 days late", detail, subject.url(measure))


@rests_on("late_orders_count", "open_orders_amount", "open_orders_count")
def _late_orders(subject: _Subject) -> Iterator[Standout]:
    count = subject.rollup.late_orders_count
    if count:
        verb = "is" if count == 1 else "are"
        headline = f"{formats.plural(count, 'open order')} {verb} past the promised date"
        worth = f"{subject.whole(subject.rollup.open_orders_amount)} is still to be delivered"
        all_open = subject.rollup.open_orders_count
        detail = f"{worth} on {formats.plural(all_open, 'order')}." if all_open > count else f"{worth}."
        yield Standout(headline, detail, subject.url("late_orders_count"))


@rests_on("revenue_ytd", "revenue_ytd_prior")
def _pace(subject: _Subject) -> Iterator[Standout]:
    rollup = subject.rollup
    value, before = rollup.revenue_ytd, rollup.revenue_ytd_prior
    if before <= 0:
        return
    change = (value - before) / before
    if abs(change) < NOTEWORTHY_CHANGE:
        return
    direction = "ahead of" if change > 0 else "behind"
    headline = f"This year is {formats.percent(abs(change), places=0)} {direction} last year"
    detail = (
        f"{subject.whole(value)} by {formats.day(rollup.as_of)}, {subject.whole(before)} on the same days last year."
    )
    yield Standout(headline, detail, subject.url("revenue_ytd"))


@rests_on("last_order_on")
def _quiet(subject: _Subject) -> Iterator[Standout]:
    rollup = subject.rollup
    last = rollup.last_order_on
    if last is not None and last < rollup.as_of - timedelta(days=QUIET_DAYS):
        ago = (rollup.as_of - last).days
        yield Standout(
            f"No order for {formats.days(ago)}",
            f"The last one came on {formats.day(last)}.",
            subject.url("last_order_on"),
        )


@rests_on("days_to_pay")
def _slow_payer(subject: _Subject) -> Iterator[Standout]:
    took = subject.rollup.days_to_pay
    agreed = max(
        (number.payment_days for number in subject.identity.numbers if number.payment_days is not None), default=None
    )
    if took is None or agreed is None or took <= agreed + LATE_PAYER_DAYS:
        return
    yield Standout(
        f"Pays after {formats.days(formats.half_up(took, 0))}",
        f"Agreed are {formats.days(agreed)}; weighted by amount over 12 months.",
        subject.url("days_to_pay"),
    )


@rests_on("delivered_not_invoiced", "revenue_12m")
def _not_billed(subject: _Subject) -> Iterator[Standout]:
    value, usual = subject.rollup.delivered_not_invoiced, subject.rollup.revenue_12m / 12
    if value > 0 and value > usual * NOTEWORTHY_SHARE:
        detail = f"An average month brings {subject.whole(usual)}." if usual > 0 else "Nothing was billed in 12 months."
        yield Standout(
            f"{subject.whole(value)} is delivered but not billed", detail, subject.url("delivered_not_invoiced")
        )


@rests_on()
def _not_converted(subject: _Subject) -> Iterator[Standout]:
    count = subject.rollup.not_converted_count
    if count:
        verb = "has" if count == 1 else "have"
        yield Standout(
            f"{formats.plural(count, 'document')} {verb} no exchange rate, amount or day",
            "Left out of every total of this page.",
            reverse("customers:not_converted", args=(subject.rollup.customer_id,)),
        )


@rests_on("credits_amount")
def _credit(subject: _Subject) -> Iterator[Standout]:
    credits_amount = subject.rollup.credits_amount
    if credits_amount < 0:
        yield Standout(
            f"{subject.whole(-credits_amount)} of credit is not set off",
            get_measure("credits_amount").definition,
            subject.url("credits_amount"),
        )


RULES: tuple[Callable[[_Subject], Iterator[Standout]], ...] = (
    _long_overdue,
    _late_orders,
    _quiet,
    _pace,
    _slow_payer,
    _not_billed,
    _not_converted,
    _credit,
)
