"""The card to read before a call: five facts, three open issues, the last documents, what is promised, whom to call."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from customers import formats
from customers.hidden import rests_on, shown
from customers.pages.credit import build_credit
from customers.pages.key_figures import NEVER_ORDERED, Delta, delta, has_ordered
from customers.pages.open_orders import OpenOrder, build_open_orders
from customers.pages.open_totals import OpenTotals, totals_of
from customers.pages.payment_habit import habit
from customers.pages.people import Person, build_people
from customers.pages.scope import Scope
from customers.pages.timeline import Event, build_latest
from customers.pages.without_rate import overdue_in_no_total
from customers.standard_views import QUIET_DAYS

ISSUES, DOCUMENTS, DELIVERIES, PEOPLE = 3, 3, 4, 2


@dataclass(frozen=True)
class CallFact:
    """One of the five facts, with what it is compared with."""

    label: str
    value: str
    note: str
    url: str
    rests_on: frozenset[str]
    delta: Delta | None = None


@dataclass(frozen=True)
class Issue:
    """Something open in words, with amounts, and where its rows are."""

    headline: str
    detail: str
    url: str


@dataclass(frozen=True)
class PreCall:
    """The whole card; `more_issues` is how many did not fit."""

    facts: tuple[CallFact, ...]
    issues: tuple[Issue, ...]
    more_issues: int
    documents: tuple[Event, ...]
    deliveries: tuple[OpenOrder, ...]
    deliveries_count: int
    people: tuple[Person, ...]


@dataclass(frozen=True)
class _Case:
    """What the rules look at: the scope, its open orders, all that is open, and how many of its overdue items are later
    than usual.
    """

    scope: Scope
    orders: tuple[OpenOrder, ...]
    unusual: int
    totals: OpenTotals

    def whole(self, amount: Decimal) -> str:
        return formats.money(amount, self.scope.currency, places=0)


def build_pre_call(scope: Scope) -> PreCall:
    """The card of a scope that has figures."""
    orders = build_open_orders(scope)
    totals = totals_of(scope)
    case = _Case(scope, orders.orders, totals.where(owed=True, unusual=True).count, totals)
    issues = tuple(issue for rule in shown(RULES, scope.hidden) for issue in rule(case))
    people = build_people(scope.accounts, scope.keys)
    reachable = sorted(people, key=lambda person: not (person.phone or person.email))
    return PreCall(
        facts=tuple(fact for fact in _facts(case, orders.without_rate) if not fact.rests_on & scope.hidden),
        issues=issues[:ISSUES],
        more_issues=max(len(issues) - ISSUES, 0),
        documents=build_latest(scope)[:DOCUMENTS],
        deliveries=orders.orders[:DELIVERIES],
        deliveries_count=orders.count,
        people=tuple(reachable[:PEOPLE]),
    )


def _facts(case: _Case, to_deliver: str) -> tuple[CallFact, ...]:
    """The five facts; `to_deliver` says what is to deliver in no amount."""
    scope = case.scope
    rollup, currency = scope.figures, scope.currency
    orders = rollup.open_orders_count
    late = f", {rollup.late_orders_count} late" if rollup.late_orders_count else ""
    delivered = "everything is delivered" if has_ordered(scope) else NEVER_ORDERED
    last = rollup.last_order_on
    ago = f"{formats.days((rollup.as_of - last).days)} ago" if last else "no order yet"
    return (
        CallFact(
            "Revenue this year",
            formats.money_compact(rollup.revenue_ytd, currency),
            "on same days last year" if rollup.revenue_ytd_prior > 0 else "nothing on the same days last year",
            scope.figure_url("revenue_ytd"),
            frozenset({"revenue_ytd", "revenue_ytd_prior"}),
            delta(rollup.revenue_ytd, rollup.revenue_ytd_prior),
        ),
        CallFact(
            "Overdue",
            formats.money_compact(rollup.overdue_amount, currency),
            _overdue_note(case),
            scope.figure_url("overdue_amount"),
            frozenset({"overdue_amount", "overdue_count", "oldest_overdue_days"}),
        ),
        CallFact(
            "Open orders",
            formats.money_compact(rollup.open_orders_amount, currency),
            _listed(f"{formats.plural(orders, 'order')}{late}", to_deliver) if orders else delivered,
            scope.figure_url("open_orders_amount"),
            frozenset({"open_orders_amount", "open_orders_count", "late_orders_count"}),
        ),
        CallFact(
            "Last order",
            formats.day_short(last, rollup.as_of),
            ago,
            scope.figure_url("last_order_on"),
            frozenset({"last_order_on"}),
        ),
        CallFact(
            "Paying",
            formats.lateness(formats.half_up(rollup.days_late_paid, 0)) if rollup.days_late_paid is not None else "–",
            habit(rollup.days_late_paid) if rollup.days_late_paid is None else "usual, against due dates",
            scope.figure_url("days_late_paid"),
            frozenset({"days_late_paid"}),
        ),
    )


def _overdue_note(case: _Case) -> str:
    rollup = case.scope.figures
    if not rollup.overdue_count:
        return "nothing is overdue"
    items, oldest = formats.plural(rollup.overdue_count, "item"), formats.days(rollup.oldest_overdue_days)
    return _listed(f"{items}, oldest {oldest}", overdue_in_no_total(case.totals))


def _listed(*words: str) -> str:
    return "; ".join(filter(None, words))


@rests_on()
def _blocked(case: _Case) -> Iterator[Issue]:
    for pill in case.scope.identity.pills:
        if pill.label.startswith("Blocked"):
            yield Issue(pill.label, "The ERP takes no order until this is lifted.", case.scope.url("detail"))


@rests_on("overdue_amount", "overdue_count", "oldest_overdue_days", "unallocated_amount", "credits_amount")
def _overdue(case: _Case) -> Iterator[Issue]:
    rollup = case.scope.figures
    unrated = overdue_in_no_total(case.totals)
    if not (rollup.overdue_amount or rollup.overdue_count):
        return
    available = rollup.unallocated_amount - rollup.credits_amount
    items = formats.plural(rollup.overdue_count, "item")
    headline = (
        f"{case.whole(rollup.overdue_amount)} is overdue on {items}"
        if rollup.overdue_amount
        else f"{items} {'is' if rollup.overdue_count == 1 else 'are'} overdue"
    )
    detail = [f"The oldest is {formats.days(rollup.oldest_overdue_days)} late."]
    if unrated:
        detail.append(f"{unrated}.")
    if rollup.days_late_paid is not None and case.unusual:
        verb = "is" if case.unusual == 1 else "are"
        detail.append(f"{formats.plural(case.unusual, 'item')} {verb} later than usual.")
    if available > 0:
        detail.append(f"{case.whole(available)} of credits and payments could be set off.")
    yield Issue(headline, " ".join(detail), case.scope.figure_url("overdue_amount"))


@rests_on("credit_limit", "open_amount")
def _credit_limit(case: _Case) -> Iterator[Issue]:
    credit = build_credit(case.scope)
    if credit.noteworthy:
        yield Issue(credit.headline, credit.detail, case.scope.url("erp_customers"))


@rests_on("late_orders_count", "open_orders_amount")
def _late_orders(case: _Case) -> Iterator[Issue]:
    count = case.scope.figures.late_orders_count
    late = [order for order in case.orders if order.days_late]
    if count and late:
        verb = "is" if count == 1 else "are"
        first = late[0]
        detail = (
            f"{first.number} was promised for {formats.day(first.promised_on)}, {formats.days(first.days_late)} ago; "
            + (
                f"{case.whole(first.open_amount)} of it is to come."
                if first.open_amount is not None
                else "it has no rate."
            )
        )
        headline = f"{formats.plural(count, 'open order')} {verb} past the promised date"
        yield Issue(headline, detail, case.scope.figure_url("late_orders_count"))


@rests_on("disputed_amount")
def _disputed(case: _Case) -> Iterator[Issue]:
    amount = case.scope.figures.disputed_amount
    detail = "It stays overdue past its due date until the ERP lifts it."
    if amount:
        yield Issue(f"{case.whole(amount)} is disputed", detail, case.scope.figure_url("disputed_amount"))
    elif unrated := case.totals.where(owed=True, converted=False, part="disputed_amount").count:
        headline = f"{formats.plural(unrated, 'item')} without a rate {'is' if unrated == 1 else 'are'} disputed"
        yield Issue(headline, detail, case.scope.url("open_items"))


@rests_on("delivered_not_invoiced")
def _not_billed(case: _Case) -> Iterator[Issue]:
    amount = case.scope.figures.delivered_not_invoiced
    if amount > 0:
        url = case.scope.figure_url("delivered_not_invoiced")
        yield Issue(f"{case.whole(amount)} is delivered but not billed", "An invoice for it is still to come.", url)


@rests_on("last_order_on")
def _quiet(case: _Case) -> Iterator[Issue]:
    rollup = case.scope.figures
    last = rollup.last_order_on
    if last is not None and last < rollup.as_of - timedelta(days=QUIET_DAYS):
        headline = f"No order for {formats.days((rollup.as_of - last).days)}"
        yield Issue(headline, f"The last one came on {formats.day(last)}.", case.scope.figure_url("last_order_on"))


@rests_on("unallocated_amount", "credits_amount", "overdue_amount")
def _credit(case: _Case) -> Iterator[Issue]:
    rollup = case.scope.figures
    available = rollup.unallocated_amount - rollup.credits_amount
    if available > 0 and not (rollup.overdue_amount or rollup.overdue_count):
        detail = "Credits and payments that settle nothing yet; the customer may ask for them."
        yield Issue(f"{case.whole(available)} stands to the customer’s credit", detail, case.scope.url("statement"))


# The most important first; three are shown.
RULES: tuple[Callable[[_Case], Iterator[Issue]], ...] = (
    _blocked,
    _overdue,
    _credit_limit,
    _late_orders,
    _disputed,
    _not_billed,
    _quiet,
    _credit,
)
