"""Billing: invoices per delivery or per month, freight, down payments, credit notes, reversals and void documents."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from integration_hub.practice.company.firms import Firm
from integration_hub.practice.company.trade import Dispatch, Document, Line, Order, cents, workday

DOMESTIC_TAX = Decimal("0.19")
DOWN_PAYMENT = Decimal("0.3")
LARGE = 45_000
CREDIT_REASONS = ("Price correction", "Quantity difference", "Damaged in transit", "Annual bonus", "Wrong article")
ONE_DAY = timedelta(days=1)


def bill_firm(firm: Firm, orders: list[Order], rng: Random, today: date) -> list[Document]:
    """Every billing document of one customer up to today."""
    documents: list[Document] = []
    advances: dict[Order, Document] = {}
    for order in orders:
        if _asks_down_payment(order, rng) and order.day + timedelta(days=2) <= today:
            advances[order] = _down_payment(order)
    documents += advances.values()
    for day, dispatches in _billing_days(firm, orders, rng):
        if day > today:
            continue
        document = _invoice(dispatches, day, advances, rng)
        document.draft = day == today and rng.random() < 0.5
        documents.append(document)
        if not document.draft:
            documents += _afterwards(document, rng, today)
    return documents


def _asks_down_payment(order: Order, rng: Random) -> bool:
    """Large orders of project customers, and some other large ones; only what is delivered at once."""
    large = order.net > LARGE and order.currency != "JPY" and order.state in {"10", "30"}
    return large and len(order.shipments) < 2 and rng.random() < (0.9 if order.firm.behaviour.instalments else 0.15)


def _tax_rate(firm: Firm) -> Decimal:
    return DOMESTIC_TAX if firm.land.code == "DE" else Decimal(0)


def _down_payment(order: Order) -> Document:
    amount = cents(order.net * DOWN_PAYMENT)
    line = Line("A", f"Down payment 30 % for order of {order.day:%d %B %Y}", amount)
    return Document("AZ", order, workday(order.day + timedelta(days=2)), [line], _tax_rate(order.firm))


def _billing_days(firm: Firm, orders: list[Order], rng: Random) -> Iterator[tuple[date, list[Dispatch]]]:
    """When which deliveries are billed together: each by itself, or all of a month in one currency at its end."""
    months: dict[tuple[date, str], list[Dispatch]] = defaultdict(list)
    for order in orders:
        for each in order.shipments:
            if each.shipped_on is None:
                continue
            if firm.behaviour.monthly_billing:
                first = each.shipped_on.replace(day=1)
                end = (first + timedelta(days=32)).replace(day=1) - ONE_DAY
                months[end, order.currency].append(each)
            else:
                wait = rng.choices((0, 1, 2, 3, 9), (30, 36, 18, 11, 5))[0]
                yield workday(each.shipped_on + timedelta(days=wait)), [each]
    for (day, _), dispatches in sorted(months.items(), key=lambda entry: entry[0]):
        yield day, dispatches


def _invoice(dispatches: list[Dispatch], day: date, advances: dict[Order, Document], rng: Random) -> Document:
    order = dispatches[-1].order
    document = Document("RE", order, day, [], _tax_rate(order.firm))
    for each in dispatches:
        for number, (item, quantity) in enumerate(each.parts, 1):
            text = item.article.name
            document.lines.append(Line("W", text, item.share(quantity), item, quantity, each, number))
        advance = advances.pop(each.order, None)
        if advance is not None:
            document.lines.append(Line("A", "Less down payment", -advance.net))
    if document.net < 6_000 and rng.random() < 0.45 and order.currency != "JPY":
        document.lines.append(Line("F", "Freight and packing", Decimal(rng.randint(18, 140))))
    return document


def _afterwards(document: Document, rng: Random, today: date) -> Iterator[Document]:
    """What may happen to an invoice: reversed and billed anew, issued twice and void, or credited in part."""
    chance = rng.random()
    later = workday(document.day + timedelta(days=rng.randint(2, 6)))
    if any(line.kind == "A" for line in document.lines):
        return
    if chance < 0.008 and later <= today:
        reversal = _reversal(document, later)
        yield reversal
        yield Document("RE", document.order, later, list(document.lines), document.tax_rate)
    elif chance < 0.012:
        yield Document("RE", document.order, document.day, list(document.lines), document.tax_rate, void=True)
    elif chance < 0.042:
        credit = _credit_note(document, rng)
        if credit.day <= today:
            yield credit


def _reversal(document: Document, day: date) -> Document:
    lines = [
        Line(line.kind, line.text, -line.net, line.item, -line.quantity if line.quantity else None, line.dispatch,
             line.part)
        for line in document.lines
    ]  # fmt: skip
    reversal = Document("ST", document.order, day, lines, document.tax_rate, reverses=document)
    document.reversed_by = reversal
    return reversal


def _credit_note(document: Document, rng: Random) -> Document:
    """A part of one line's value is given back; it names no order line, for nothing is delivered less by it."""
    line = rng.choice([each for each in document.lines if each.kind == "W"])
    amount = cents(line.net * Decimal(str(round(rng.uniform(0.05, 0.5), 2))))
    day = workday(document.day + timedelta(days=rng.randint(4, 35)))
    reason = rng.choice(CREDIT_REASONS)
    credit = Document("GU", document.order, day, [Line("W", f"{reason}: {line.text}", -amount)], document.tax_rate)
    credit.credits = document
    return credit
