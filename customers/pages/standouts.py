"""What stands out about a customer: a few sentences computed from the stored figures, the weightiest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from customers import formats
from customers.hidden import rests_on, shown
from customers.measures import get_measure
from customers.models import CustomerRollup
from customers.pages.credit import Credit
from customers.pages.late_lines import LateLines
from customers.pages.period_words import period_words
from customers.pages.products import ProductMix
from customers.pages.rhythm import Rhythm
from customers.pages.scope import Scope
from customers.standard_views import QUIET_DAYS

MOST = 5
NOTEWORTHY_CHANGE = Decimal("0.05")
LATE_PAYER_DAYS = 10
NOTEWORTHY_SHARE = Decimal("0.25")
NOTEWORTHY_POINTS, FEWEST_ORDERS = 5, 5


@dataclass(frozen=True)
class Standout:
    """One sentence, what supports it, and the rows behind it."""

    headline: str
    detail: str
    url: str


@dataclass(frozen=True)
class Findings:
    """What other cards found; None where one could not be made or has nothing to say."""

    rhythm: Rhythm | None = None
    products: ProductMix | None = None
    credit: Credit | None = None
    late: LateLines | None = None


@dataclass(frozen=True)
class _Subject:
    scope: Scope
    found: Findings

    @property
    def rollup(self) -> CustomerRollup:
        return self.scope.figures

    def whole(self, value: Decimal) -> str:
        return formats.money(value, self.scope.currency, places=0)

    def url(self, measure: str) -> str:
        return self.scope.figure_url(measure)


def build_standouts(scope: Scope, findings: Findings) -> tuple[Standout, ...]:
    """At most five sentences, the weightiest rule first; none where nothing is out of the ordinary."""
    subject = _Subject(scope, findings)
    found = [standout for rule in shown(RULES, scope.hidden) for standout in rule(subject)]
    return tuple(found[:MOST])


@rests_on("aging_61_90", "aging_over_90", "oldest_overdue_days", "overdue_amount")
def _long_overdue(subject: _Subject) -> Iterator[Standout]:
    rollup = subject.rollup
    amount = rollup.aging_61_90 + rollup.aging_over_90
    if amount > 0:
        # It may be one without a rate, which is in no amount.
        detail = f"The oldest overdue item is {formats.days(rollup.oldest_overdue_days)} late."
        measure = "aging_over_90" if not rollup.aging_61_90 else "overdue_amount"
        yield Standout(f"{subject.whole(amount)} is more than 60 days late", detail, subject.url(measure))


@rests_on("late_orders_count", "late_orders_amount")
def _late_orders(subject: _Subject) -> Iterator[Standout]:
    count = subject.rollup.late_orders_count
    if count:
        verb = "is" if count == 1 else "are"
        headline = f"{formats.plural(count, 'open order')} {verb} past the promised date"
        whose, worth = "it" if count == 1 else "them", subject.rollup.late_orders_amount
        # Those without a rate are in no amount.
        details = [f"{subject.whole(worth)} of {whose} is still to be delivered."] if worth else []
        late = subject.found.late
        if late and late.lines:
            worst = late.lines[0]
            details.append(f"{worst.number} slipped the most, by {formats.days(worst.days_late)}.")
        yield Standout(headline, " ".join(details), subject.url("late_orders_count"))


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
    days = period_words("revenue_ytd", rollup.as_of)
    same_days = period_words("revenue_ytd_prior", rollup.as_of)
    detail = f"{subject.whole(value)} from {days}, {subject.whole(before)} from {same_days}."
    yield Standout(headline, detail, subject.url("revenue_ytd"))


@rests_on("last_order_on")
def _quiet(subject: _Subject) -> Iterator[Standout]:
    rollup, rhythm = subject.rollup, subject.found.rhythm
    if rhythm and rhythm.gap is not None:
        if rhythm.quiet:
            usual = f"An order every {formats.days(rhythm.gap)} is usual here"
            detail = f"{usual}; the last came on {formats.day(rhythm.last_on)}."
            yield Standout(f"Quiet for {formats.days(rhythm.since)}", detail, subject.url("last_order_on"))
        return
    last = rollup.last_order_on
    if last is not None and last < rollup.as_of - timedelta(days=QUIET_DAYS):
        ago = (rollup.as_of - last).days
        yield Standout(
            f"No order for {formats.days(ago)}",
            f"The last one came on {formats.day(last)}.",
            subject.url("last_order_on"),
        )


@rests_on("revenue_12m", "revenue_prior_12m")
def _stopped_buying(subject: _Subject) -> Iterator[Standout]:
    products = subject.found.products
    stopped = sorted(products.stopped_rows, key=lambda row: row.revenue_prior_12m, reverse=True) if products else ()
    if not stopped:
        return
    first, others = stopped[0], len(stopped) - 1
    also = f" and {formats.plural(others, 'other category', 'other categories')}" if others else ""
    worth, months = max((first.revenue_12m, "12 months"), (first.revenue_prior_12m, "the 12 months before"))
    detail = f"Last on {formats.day(first.last_on)}; it brought {subject.whole(worth)} in {months}."
    yield Standout(f"Stopped buying {first.category}{also}", detail, subject.scope.url("products"))


@rests_on("credit_limit", "open_amount", "open_orders_amount")
def _credit_used(subject: _Subject) -> Iterator[Standout]:
    credit = subject.found.credit
    if credit is None:
        return
    if credit.holds:
        headline = f"The ERP holds {formats.plural(credit.holds, 'open order')}"
        yield Standout(headline, f"{credit.hold_reason}.", subject.url("open_orders_amount"))
    if credit.noteworthy:
        yield Standout(credit.headline, credit.detail, subject.scope.url("erp_customers"))


@rests_on("otif", "otif_prior", "otif_count_12m", "delivered_orders_12m")
def _less_on_time(subject: _Subject) -> Iterator[Standout]:
    rollup = subject.rollup
    value, before = rollup.otif, rollup.otif_prior
    if value is None or before is None or before - value < NOTEWORTHY_POINTS:
        return
    if min(rollup.delivered_orders_12m, rollup.delivered_orders_prior_12m) < FEWEST_ORDERS:
        return
    headline = f"On time in full fell to {formats.quantity(value)}%"
    detail = f"{formats.quantity(before)}% in the 12 months before; {rollup.otif_count_12m} of "
    detail += f"{formats.plural(rollup.delivered_orders_12m, 'order')} were complete by the promised day."
    yield Standout(headline, detail, subject.url("otif"))


@rests_on("days_to_pay")
def _slow_payer(subject: _Subject) -> Iterator[Standout]:
    took = subject.rollup.days_to_pay
    agreed = max(
        (number.payment_days for number in subject.scope.identity.numbers if number.payment_days is not None),
        default=None,
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
            subject.scope.url("not_converted"),
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
    _credit_used,
    _late_orders,
    _quiet,
    _stopped_buying,
    _pace,
    _less_on_time,
    _slow_payer,
    _not_billed,
    _not_converted,
    _credit,
)
