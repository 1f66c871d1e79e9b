"""One opportunity and what became of it: its orders, how far each has come, and every document behind the amounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from customers import formats
from customers.access import User, prepared_visible, visible
from customers.differences.inbox import Choice
from customers.handover.deciding import in_force, people
from customers.handover.numbers import StatedNumber, stated_numbers
from customers.handover.sold import Sold, build_sold
from customers.models import Customer, Handover, HandoverDecision, HandoverNote, OpportunityOrder
from customers.pages.identity import Pill, salesforce_url
from customers.pages.order_document import OrderDocument, build_order
from customers.pages.sharing import shares_of
from integration_hub.models import SfOpportunity, SfUser

# So many orders stand with all their documents; further ones only as rows, each of which leads to its own page.
UNFOLDED = 4
PILLS = {
    "no_order": "pill-bad",
    "waiting": "pill-seg",
    "differs": "pill-warn",
    "agrees": "pill-good",
    "unknown": "pill-warn",
    "lost_ordered": "pill-warn",
    "lost": "",
}
STEPS = (("won", "Won"), ("ordered", "Ordered"), ("delivered", "Delivered"), ("invoiced", "Invoiced"), ("paid", "Paid"))
AMOUNTS = ("ordered", "cancelled", "delivered", "invoiced", "rate_effect", "paid")
WORDS = {"ordered": "not ordered", "delivered": "not delivered", "invoiced": "not invoiced", "paid": "not paid"}
IN_SALESFORCE = {"sf_order", "sf_quote"}
STATE_PILLS = {"stated": "pill-good", "confirmed": "pill-good", "proposed": "pill-warn", "possible": "pill-seg"}


@dataclass(frozen=True)
class Step:
    """One amount of the strip in the reporting currency, None where unknown; `words` compare it with the one before."""

    label: str
    amount: Decimal | None
    words: str


@dataclass(frozen=True)
class Lap:
    """From one event to the next, in days; None where one of them has not happened. `on` is the day of the latter."""

    label: str
    on: date | None
    days: int | None
    why: str


@dataclass(frozen=True)
class OrderRow:
    """One order of the opportunity; `part` says how much of it is this opportunity's where that is not all."""

    pair: OpportunityOrder
    pill: Pill
    words: str
    part: Decimal | None
    decision: HandoverDecision | None

    @property
    def may_decide(self) -> bool:
        """A number in Salesforce is corrected there; everything else is for people to say."""
        return self.pair.state != OpportunityOrder.State.STATED


@dataclass(frozen=True)
class DealPage:
    """What the page shows; `documents` are the orders that count, with everything behind them. `elsewhere` says that a
    number names an order of an ERP customer without an account.
    """

    deal: SfOpportunity
    customer: Customer | None
    owner: str
    handover: Handover | None
    pill: Pill
    salesforce_url: str
    steps: tuple[Step, ...]
    laps: tuple[Lap, ...]
    rows: tuple[OrderRow, ...]
    totals: Mapping[str, Decimal | None]
    documents: tuple[OrderDocument, ...]
    folded: int
    numbers: tuple[StatedNumber, ...]
    sold: Sold
    refused: tuple[HandoverDecision, ...]
    note: HandoverNote | None
    people: tuple[Choice, ...]

    @property
    def elsewhere(self) -> bool:
        return any(one.elsewhere for one in self.numbers)


@prepared_visible
def _deals(keys: tuple[str, ...]) -> QuerySet[SfOpportunity]:
    return SfOpportunity.objects.filter(key__in=keys)[:1]


def seen_deal(key: str, user: User) -> SfOpportunity | None:
    """The opportunity; None where there is none, or the user may not see it."""
    return next(iter(_deals(user, (key,))), None)


def build_deal(deal: SfOpportunity, user: User, as_of: date, currency: str) -> DealPage:
    """The page of an opportunity that the user may see."""
    customer = visible(Customer.objects.filter(account=deal.account_id), user).first()
    handover = Handover.objects.filter(pk=deal.key).first()
    pairs = list(
        visible(OpportunityOrder.objects.filter(opportunity=deal.key), user)
        .select_related("order")
        .order_by("order__ordered_on", "order_id")
    )
    decisions = in_force(deal.key)
    parts = shares_of(customer, {pair.order.customer_id for pair in pairs}) if customer and pairs else {}
    counted = [pair for pair in pairs if pair.ordered is not None or _counts(pair)]
    documents = tuple(build_order(pair.order, user, as_of, currency) for pair in counted[:UNFOLDED])
    owner = SfUser.objects.filter(key=customer.owner).values_list("name", flat=True).first() if customer else None
    shown = {pair.order_id for pair in pairs}
    note = HandoverNote.objects.filter(pk=deal.key).first()
    return DealPage(
        deal=deal,
        customer=customer,
        owner=owner or "",
        handover=handover,
        pill=_pill(deal, handover),
        salesforce_url=salesforce_url(deal.key),
        steps=_steps(handover, currency) if handover else (),
        laps=_laps(handover) if handover and handover.orders else (),
        rows=tuple(
            _row(pair, decisions.get(pair.order_id), parts.get(pair.order.customer_id or "", "")) for pair in pairs
        ),
        totals={name: getattr(handover, name) for name in AMOUNTS} if handover else {},
        documents=documents,
        folded=len(counted) - len(documents),
        numbers=stated_numbers(deal, {pair.order_id for pair in pairs}, user),
        sold=build_sold(deal, user, pairs),
        refused=tuple(each for key, each in decisions.items() if key not in shown and each.verdict == "refuse"),
        note=note,
        people=people(note) if handover else (),
    )


def _counts(pair: OpportunityOrder) -> bool:
    """Whether the order adds to the opportunity's amounts."""
    return pair.state != OpportunityOrder.State.POSSIBLE and pair.order.status not in {"quote", "cancelled"}


def _pill(deal: SfOpportunity, handover: Handover | None) -> Pill:
    if handover is None:
        label = deal.stage or "Open"
        return Pill(label if not deal.is_closed else f"{label}, no longer followed", "")
    return Pill(handover.get_standing_display(), PILLS[handover.standing])


def _steps(handover: Handover, currency: str) -> tuple[Step, ...]:
    """What is missing to the step before, in words."""
    found, before = [], None
    won = not handover.standing.startswith("lost")
    for name, label in STEPS:
        amount = getattr(handover, name)
        text = ""
        if amount is None:
            text = "unknown: no amount, no rate, or unknown to the receivables"
        elif name == "won":
            text = f"closed on {formats.day(handover.closed_on)}"
        elif not won and name == "ordered":
            text = "although it was lost" if handover.orders else "as it was lost"
        elif not handover.orders and name != "ordered":
            text = "without an order"
        elif before is not None:
            text = _missing(name, before - amount, handover, currency)
        found.append(Step("Lost" if name == "won" and not won else label, amount, text))
        before = amount
    return tuple(found)


def _missing(name: str, missing: Decimal, handover: Handover, currency: str) -> str:
    """What the step before had more: what will not come, and what only another day's rate makes, told apart."""
    apart = ""
    if name == "ordered" and handover.cancelled:
        apart = f"{formats.money(handover.cancelled, currency)} of it cancelled"
    elif name == "delivered":
        missing -= handover.cancelled or Decimal(0)
    elif name == "invoiced" and handover.rate_effect:
        missing += handover.rate_effect
        gained = "more" if handover.rate_effect > 0 else "less"
        apart = f"{formats.money(abs(handover.rate_effect), currency)} {gained} by exchange rates"
    if missing > 0:
        text = f"{formats.money(missing, currency)} {WORDS[name]}"
    elif missing < 0:
        text = f"{formats.money(-missing, currency)} more"
    else:
        text = "all that was not cancelled" if name == "delivered" and handover.cancelled else "all of it"
    return f"{text}; {apart}" if apart else text


def _laps(row: Handover) -> tuple[Lap, ...]:
    whole = "not everything is through yet"
    return (
        Lap("Order after closing", row.ordered_on, row.days_to_order, "no order date"),
        Lap("Promised day after order", row.promised_on, row.days_to_promise, "nothing promised"),
        Lap("First delivery after order", row.first_delivered_on, row.days_to_first_delivery, "nothing delivered yet"),
        Lap("Last delivery after order", row.last_delivered_on, row.days_to_last_delivery, whole),
        Lap("First invoice after first delivery", row.first_invoiced_on, row.days_to_invoice, "nothing invoiced yet"),
        Lap("Paid after last invoice", row.paid_on, row.days_to_payment, whole),
    )


def _row(pair: OpportunityOrder, decision: HandoverDecision | None, shared: str) -> OrderRow:
    """`shared` is the account's own part of the order, in words, where a rule shares it by per cent."""
    state = OpportunityOrder.State(pair.state)
    share = pair.share_to - pair.share_from
    taken = _counts(pair) and not share
    words = f"{_basis(pair)}; a won opportunity has all of it" if taken else _basis(pair)
    return OrderRow(
        pair=pair,
        pill=Pill(str(state.label), STATE_PILLS[state.value]),
        words=f"{words}; shared over accounts, {shared} of it counts for this one" if shared else words,
        part=share if _counts(pair) and 0 < share < 1 else None,
        decision=decision,
    )


def _basis(pair: OpportunityOrder) -> str:
    """Why the order stands here."""
    if pair.state in {"stated", "confirmed"}:
        by = pair.get_basis_display()
        if pair.basis in IN_SALESFORCE:
            return f"by a {by}" if pair.basis == "sf_order" else "by the number of a Salesforce quote"
        return by if pair.state == "confirmed" else f"by {by[0].lower() if not by.startswith('ERP') else by[0]}{by[1:]}"
    if pair.basis in IN_SALESFORCE:
        named = "a Salesforce order names it" if pair.basis == "sf_order" else "it belongs to a Salesforce quote"
        return f"{named}, but the opportunity’s orders are others"
    days = pair.days_apart or 0
    when = "on the close date" if not days else f"{formats.days(abs(days))} {'after' if days > 0 else 'before'} closing"
    apart = pair.difference or Decimal(0)
    amount = "same amount" if not apart else f"{formats.money(apart)} {'more' if apart > 0 else 'apart'}"
    return f"fits: {when}, {amount}"
