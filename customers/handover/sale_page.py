"""One Salesforce order and what became of it in the ERP: the orders, why each stands there, what else it could be."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from customers import formats
from customers.access import User, visible
from customers.differences.inbox import Choice
from customers.handover.deciding import in_force, people
from customers.handover.sales import pill
from customers.models import (
    Customer,
    HandoverDecision,
    HandoverNote,
    SalesOrderPair,
    SalesOrderStanding,
)
from customers.pages.identity import Pill, salesforce_url
from integration_hub.models import ErpOrder, SfOrder, SfUser

OFFERED = 12
AROUND = timedelta(days=120)
ENDED = ("quote", "cancelled")
State = SalesOrderPair.State
STATE_PILLS = {
    State.STATED: "pill-good",
    State.CONFIRMED: "pill-good",
    State.PROPOSED: "pill-warn",
    State.POSSIBLE: "pill-seg",
    State.CONFLICT: "pill-bad",
}


@dataclass(frozen=True)
class PairRow:
    """One ERP order; `words` are the evidence."""

    pair: SalesOrderPair
    pill: Pill
    words: str
    decision: HandoverDecision | None

    @property
    def may_decide(self) -> bool:
        """A number that settles it is corrected where it stands; everything else is for people to say."""
        return self.pair.state != State.STATED


@dataclass(frozen=True)
class SalePage:
    """What the page shows; `choices` are the ERP's orders without a Salesforce order, the nearest day first."""

    sale: SfOrder
    standing: SalesOrderStanding
    pill: Pill
    customer: Customer
    owner: str
    age: int
    apart: Decimal | None
    is_settled: bool
    numbers: tuple[tuple[str, str], ...]
    rows: tuple[PairRow, ...]
    refused: tuple[HandoverDecision, ...]
    choices: tuple[ErpOrder, ...]
    salesforce_url: str
    note: HandoverNote | None
    people: tuple[Choice, ...]


def build_sale_page(key: str, user: User, as_of: date) -> SalePage | None:
    """The page; None for a Salesforce order that is not followed, or that the user may not see."""
    rows = visible(SalesOrderStanding.objects.filter(pk=key), user)
    standing = rows.select_related("customer", "sales_order__opportunity", "sales_order__quote").first()
    if standing is None:
        return None
    sale: SfOrder = standing.sales_order
    pairs = list(
        visible(SalesOrderPair.objects.filter(sales_order=key), user)
        .select_related("order")
        .order_by("order__ordered_on", "order_id")
    )
    decisions, shown = in_force(key), {pair.order_id for pair in pairs}
    note = HandoverNote.objects.filter(pk=key).first()
    return SalePage(
        sale=sale,
        standing=standing,
        pill=pill(standing),
        customer=standing.customer,
        owner=SfUser.objects.filter(key=standing.customer.owner).values_list("name", flat=True).first() or "",
        age=(as_of - standing.since).days,
        apart=_apart(standing),
        is_settled=is_settled(standing),
        numbers=_numbers(sale),
        rows=tuple(_row(pair, decisions.get(pair.order_id), pairs) for pair in pairs),
        refused=tuple(each for each in decisions.values() if each.order not in shown and each.verdict == "refuse"),
        choices=() if any(pair.order.status not in ENDED for pair in pairs) else _choices(standing, user, shown),
        salesforce_url=salesforce_url(sale.key),
        note=note,
        people=people(note),
    )


def is_settled(standing: SalesOrderStanding) -> bool:
    """Whether it is known what was ordered: orders that count, or one that was cancelled."""
    return bool(standing.orders) or standing.standing == SalesOrderStanding.Standing.CANCELLED


def _apart(standing: SalesOrderStanding) -> Decimal | None:
    """Ordered without the cancelled rest less the Salesforce order; None where there is nothing to compare."""
    if standing.standing == SalesOrderStanding.Standing.CONFLICT or not is_settled(standing):
        return None
    if None in (standing.ordered, standing.cancelled, standing.amount):
        return None
    ordered, cancelled, amount = (
        value or Decimal(0) for value in (standing.ordered, standing.cancelled, standing.amount)
    )
    return ordered - cancelled - amount


def _numbers(sale: SfOrder) -> tuple[tuple[str, str], ...]:
    """What the Salesforce order states, by what it is."""
    quote: Any = sale.quote
    given = (
        ("Reference", sale.reference),
        ("PO number", sale.po_number),
        ("Quote", quote.number if quote is not None else ""),
    )
    return tuple((label, number) for label, number in given if number)


def _row(pair: SalesOrderPair, decision: HandoverDecision | None, pairs: list[SalesOrderPair]) -> PairRow:
    state = State(pair.state)
    return PairRow(pair, Pill(str(state.label), STATE_PILLS[state]), _words(pair, pairs), decision)


def _words(pair: SalesOrderPair, pairs: list[SalesOrderPair]) -> str:
    """The evidence in words."""
    by = pair.get_basis_display()
    if pair.basis == SalesOrderPair.Basis.DECISION:
        return "decided by somebody"
    if pair.state == State.CONFLICT:
        if len(pairs) > 1:
            return f"named by {by}, while another number names another order"
        return f"named by {by}, but another Salesforce order names it too"
    if pair.basis != SalesOrderPair.Basis.FIT:
        several = " of several" if pair.state == State.POSSIBLE else ""
        return f"by {by}" if not several else "one of several orders of its opportunity"
    days, apart = pair.days_apart or 0, pair.difference or Decimal(0)
    when = (
        "on its start date" if not days else f"{formats.days(abs(days))} {'after' if days > 0 else 'before'} it starts"
    )
    amount = "same amount" if not apart else f"{formats.money(abs(apart))} {'more' if apart > 0 else 'less'}"
    return f"fits: {when}, {amount}"


def _choices(standing: SalesOrderStanding, user: User, shown: set[str]) -> tuple[ErpOrder, ...]:
    """Orders of the customer around the start date that no Salesforce order became."""
    day = standing.sales_order.starts_on or standing.since
    taken = SalesOrderPair.objects.filter(customer=standing.customer_id).exclude(
        state__in=(State.POSSIBLE, State.CONFLICT)
    )
    links = standing.customer.links.values("erp_customer")
    near = visible(ErpOrder.objects.live(), user).filter(
        customer__in=links, ordered_on__range=(day - AROUND, day + AROUND)
    )
    free = near.exclude(status__in=ENDED).exclude(key__in=taken.values("order")).exclude(key__in=shown)
    return tuple(sorted(free[:200], key=lambda each: (abs((each.ordered_on - day).days), each.key))[:OFFERED])
