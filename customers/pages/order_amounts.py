"""The amounts strip of an order: ordered, delivered, invoiced, paid, open, each in document and reporting currency."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from customers import formats
from customers.pages.line_facts import IN_ADVANCE, BilledPart
from customers.pages.line_flow import ONE, ZERO, Cents, Parts, Standing

Totals = dict[str, Decimal]


@dataclass(frozen=True)
class Amount:
    """One tile: net in the document's currency and in the reporting currency, each None where unknown, with a reason.

    `href` leads to the rows that make it; `advance` was paid besides and is in no invoice yet.
    """

    label: str
    value: Decimal | None
    currency: str
    reporting: Decimal | None
    note: str
    href: str
    why: str = ""
    others: tuple[tuple[str, Decimal], ...] = ()
    advance: Decimal = ZERO


def order_amounts(
    standing: Standing, parts: Parts, net: Decimal | None, billed: Iterable[BilledPart]
) -> tuple[Amount, ...]:
    """Six tiles. Still to deliver and delivered but not invoiced are the figures of the same name for this order."""
    order = standing.order
    reporting = order.reporting_amount
    why_not = _why_not_counted(standing)
    ordered = Amount("Ordered", net, order.currency, reporting, _dates(standing), "#lines", why_not)
    delivered, open_amount, unbilled = _by_quantity(standing, parts, net)
    every = list(billed)
    parts_billed = [part for part in every if not part.left_out]
    asked, advance = _in_advance(every, order.currency)
    return (
        ordered,
        delivered,
        _invoiced(standing, parts_billed, asked),
        _paid(standing, parts_billed, advance),
        open_amount,
        unbilled,
    )


def _by_quantity(standing: Standing, parts: Parts, net: Decimal | None) -> tuple[Amount, Amount, Amount]:
    """What is delivered, still to deliver, and delivered but not invoiced: shares of the order by its quantities."""
    order, why_not = standing.order, _why_not_counted(standing)
    missing = _reason_without_parts(standing, net)
    if missing:
        delivered = _unknown("Delivered", order.currency, missing)
        open_amount = _unknown("Still to deliver", order.currency, missing)
        unbilled = _unknown("Delivered, not invoiced", order.currency, missing)
    else:
        counted = None if why_not else order.reporting_amount
        delivered = Amount(
            "Delivered",
            _delivered(net, parts),
            order.currency,
            _delivered(counted, parts),
            f"{formats.percent(parts.delivered, places=0)} of the order" + (", some over-delivered" * bool(parts.over)),
            "#lines",
            why_not,
        )
        open_amount = Amount(
            "Still to deliver",
            _share(net, parts.still_open),
            order.currency,
            _share(counted, parts.still_open),
            _open_note(standing, parts),
            "#lines",
            why_not,
        )
        unbilled = Amount(
            "Delivered, not invoiced",
            _share(net, parts.unbilled),
            order.currency,
            _share(counted, parts.unbilled),
            "by quantity; credit notes open nothing again",
            "#lines",
            why_not,
        )
    return delivered, open_amount, unbilled


def _in_advance(billed: list[BilledPart], currency: str) -> tuple[Decimal, Decimal]:
    """Down payments asked, and what of them is paid and no invoice deducted yet."""
    asked = [part for part in billed if part.kind == "down_payment" and part.left_out == IN_ADVANCE]
    own = [part for part in asked if part.currency == currency]
    paid = sum((part.net * (part.settled or ZERO) for part in own), ZERO)
    deducted = sum(
        (part.deducted * part.fraction for part in billed if not part.left_out and part.currency == currency), ZERO
    )
    return sum((part.net for part in own), ZERO), max(formats.half_up(paid - deducted, 2), ZERO)


def _share(amount: Decimal | None, share: Decimal) -> Decimal | None:
    """A part rounded to cents; the whole as it is, since nothing was divided."""
    if amount is None or share == ONE:
        return amount
    return formats.half_up(amount * share, 2)


def _delivered(amount: Decimal | None, parts: Parts) -> Decimal | None:
    """What is left of the amount, so that the tiles add up: ordered + over-delivered - open - cancelled rest."""
    if amount is None:
        return None
    given = [_share(amount, share) or ZERO for share in (parts.over, parts.still_open, parts.rest)]
    return amount + given[0] - given[1] - given[2]


def _invoiced(standing: Standing, billed: list[BilledPart], asked: Decimal) -> Amount:
    currency = standing.order.currency
    totals: Totals = {}
    for part in billed:
        totals[part.currency] = totals.get(part.currency, ZERO) + part.net
    credited: Decimal = sum(
        (part.net for part in billed if part.kind == "credit_note" and part.currency == currency), ZERO
    )
    if credited:
        note = f"after {formats.money(credited, currency)} of credit notes"
    elif billed:
        note = "net, by the lines of the invoices" if not any(part.whole for part in billed) else "billed as a whole"
    elif asked:
        note = f"{formats.money(asked, currency)} asked in advance; no invoice yet"
    else:
        note = "no invoice names this order"
    return _tile("Invoiced", totals, currency, [(part, part.net) for part in billed], note)


def _paid(standing: Standing, billed: list[BilledPart], advance: Decimal) -> Amount:
    currency = standing.order.currency
    known = _settled(billed)
    if billed and not known:
        return _unknown("Paid", currency, "the receivables do not know these invoices", "#chain")
    totals: Totals = {}
    for part, amount in known:
        totals[part.currency] = totals.get(part.currency, ZERO) + amount
    unknown = len(billed) - len(known)
    note = "each invoice’s settled share of what it bills here" if billed else "nothing is invoiced"
    if unknown:
        note += f"; {formats.plural(unknown, 'invoice')} unknown to the receivables"
    if advance:
        paid = f"{formats.money(advance, currency)} paid in advance"
        note = f"{note}; {paid} besides" if billed else f"{paid}, not yet deducted from an invoice"
    return replace(_tile("Paid", totals, currency, known, note), advance=advance)


def _settled(billed: list[BilledPart]) -> list[tuple[BilledPart, Decimal]]:
    """The settled part of each invoice, rounded so that the parts make the rounded sum, as the lines' amounts do."""
    rounded: dict[tuple[str, bool], Cents] = {}
    return [
        (part, rounded.setdefault((part.currency, part.whole), Cents())(part.net * part.settled))
        # In an order of their own: which of them gets a cent too much must not be chance.
        for part in sorted(billed, key=lambda each: each.key)
        if part.settled is not None
    ]


def _tile(label: str, totals: Totals, currency: str, amounts: list[tuple[BilledPart, Decimal]], note: str) -> Amount:
    """Different currencies stand beside each other; their sum exists only in the reporting currency."""
    converted = [_converted(part, amount) for part, amount in amounts]
    known = [amount for amount in converted if amount is not None]
    complete = len(known) == len(converted)
    others = tuple((code, amount) for code, amount in sorted(totals.items()) if code != currency)
    return Amount(
        label=label,
        value=totals.get(currency, None if others else ZERO),
        currency=currency,
        reporting=sum(known, ZERO) if complete else None,
        note=note,
        href="#chain",
        why="" if complete else "not converted, no rate",
        others=others,
    )


def _converted(part: BilledPart, amount: Decimal) -> Decimal | None:
    if part.reporting_rate is None:
        return None
    return amount if part.reporting_rate == ONE else formats.half_up(amount * part.reporting_rate, 2)


def _unknown(label: str, currency: str, why: str, href: str = "#lines") -> Amount:
    return Amount(label, None, currency, None, why, href, why)


def _reason_without_parts(standing: Standing, net: Decimal | None) -> str:
    if standing.order.deleted_at is not None:
        return "gone from the ERP"
    if standing.is_quote:
        return "a quote: nothing is ordered yet"
    return "the ERP gives no amount" if net is None else ""


def _why_not_counted(standing: Standing) -> str:
    """Why the order is in no figure of its customer in the reporting currency; empty where it is."""
    order = standing.order
    if order.deleted_at is not None:
        return "gone from the ERP"
    if order.status in {"quote", "cancelled"}:
        return f"{order.get_status_display().lower()}: counts in no figure"
    if order.ordered_on is None:
        return "no order date: counts in no figure"
    if order.ordered_on > standing.as_of:
        return f"ordered after {formats.day(standing.as_of)}: counts in no figure yet"
    return "not converted, no rate" if order.reporting_amount is None else ""


def _dates(standing: Standing) -> str:
    order = standing.order
    return f"on {formats.day(order.ordered_on)}" if order.ordered_on else "no order date"


def _open_note(standing: Standing, parts: Parts) -> str:
    order = standing.order
    if parts.still_open == 0:
        return "nothing is open" + (f"; {formats.percent(parts.rest, places=0)} cancelled" if parts.rest else "")
    due = order.promised_on or order.requested_on
    if due is None:
        return "nothing promised"
    word = "promised" if order.promised_on else "requested"
    late = (standing.as_of - due).days
    return f"{word} for {formats.day(due)}" + (f", {formats.days(late)} late" if late > 0 else "")
