"""Money: instalments of each document, how late a customer pays them, parts, disputes, credits and prepayments."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from integration_hub.practice.company.firms import Firm
from integration_hub.practice.company.ordering import value_at
from integration_hub.practice.company.trade import Claim, Document, Money, cents, workday

DISPUTES = (
    "Wrong seals delivered, replacement awaited",
    "Price differs from the frame contract",
    "Short delivery claimed: 12 of 40 pieces",
    "Certificate of conformity missing",
)


def collect(firm: Firm, documents: list[Document], rng: Random, today: date) -> list[Money]:
    """Make the documents' claims and settle them as this customer pays, up to today."""
    payments: dict[tuple[date, str], Money] = {}
    for document in documents:
        if not document.void and not document.draft:
            document.claims = _claims(document, rng)
    for document in documents:
        if document.reverses is not None:
            _offset_all(document, document.reverses)
    for document in documents:
        if document.reverses is None and document.reversed_by is None and document.credits is None:
            for claim in document.claims:
                _pay(claim, firm, rng, today, payments)
    for document in documents:
        if document.credits is not None:
            _use_credit(document, rng, today, payments)
    _prepay(payments, rng)
    return list(payments.values())


def _claims(document: Document, rng: Random) -> list[Claim]:
    """One claim, or three instalments a month apart; a reversal has the instalments of what it reverses."""
    gross = document.net + document.tax
    if document.reverses is not None:
        return [Claim(document, document.day, document.day, -each.amount) for each in document.reverses.claims]
    if gross <= 0:
        return [Claim(document, document.day, document.day, gross)]
    terms = 10 if document.kind == "AZ" else document.firm.behaviour.terms_days
    due = document.day + timedelta(days=terms)
    if document.kind == "AZ" or gross < 4_000 or not _in_instalments(document, rng):
        # A few documents were taken over from an older system without a due date.
        return [Claim(document, document.day, None if rng.random() < 0.0008 else due, gross)]
    part = cents(gross / 3)
    amounts = (part, part, gross - 2 * part)
    return [
        Claim(document, document.day, due + timedelta(days=30 * number), amount)
        for number, amount in enumerate(amounts)
    ]


def _in_instalments(document: Document, rng: Random) -> bool:
    return document.firm.behaviour.instalments or (document.net > 35_000 and rng.random() < 0.2)


def _pay(claim: Claim, firm: Firm, rng: Random, today: date, payments: dict[tuple[date, str], Money]) -> None:
    """Settle the claim on the day this customer pays it, perhaps in two parts; open when that day is still to come."""
    due = claim.due_on or claim.day + timedelta(days=60)
    delay = value_at(firm.behaviour.delay, (today - claim.day).days)
    wait = round(rng.gauss(delay, 3 + abs(delay) / 4))
    day = workday(max(claim.day + timedelta(days=1), due + timedelta(days=wait)))
    age = (today - claim.day).days
    if _is_disputed(firm, rng, age) and day < today:
        paid = cents(claim.amount * Decimal(str(round(rng.uniform(0.0, 0.6), 1))))
        if paid:
            _receive(claim, day, paid, payments)
        claim.disputed, claim.note = True, rng.choice(DISPUTES)
        return
    if not firm.story and age < 260 and rng.random() < 0.012:
        return  # forgotten: grows old in the list of overdue items
    if rng.random() < 0.04 and claim.amount > 2_000:
        first = cents(claim.amount * Decimal(rng.choice(("0.4", "0.5", "0.7"))))
        rest_day = workday(day + timedelta(days=rng.randint(20, 45)))
        steps = [(day, first), (rest_day, claim.amount - first)]
    else:
        steps = [(day, claim.amount)]
    for when, amount in steps:
        if when <= today:
            _receive(claim, when, amount, payments)
    if claim.open and due < today and rng.random() < 0.2:
        claim.note, claim.promised_on = (
            "Payment promised by telephone",
            workday(today + timedelta(days=rng.randint(2, 12))),
        )


def _is_disputed(firm: Firm, rng: Random, age: int) -> bool:
    chance = 0.4 if firm.behaviour.disputes else 0.0 if firm.story else 0.01
    return age < 200 and rng.random() < chance


def _receive(claim: Claim, day: date, amount: Decimal, payments: dict[tuple[date, str], Money]) -> None:
    """Settle (part of) a claim by the money that comes that day; one receipt pays all claims of its day."""
    firm, currency = claim.document.firm, claim.document.order.currency
    money = payments.setdefault((day, currency), Money(firm, day, currency))
    money.amount += amount
    claim.settled.append((day, amount, money))


def _offset_all(reversal: Document, reversed_one: Document) -> None:
    for mine, theirs in zip(reversal.claims, reversed_one.claims, strict=True):
        _offset(theirs, mine, reversal.day, theirs.amount)


def _offset(claim: Claim, credit: Claim, day: date, amount: Decimal) -> None:
    """Settle a claim and a credit by each other."""
    claim.settled.append((day, amount, credit.document))
    credit.settled.append((day, -amount, credit.document))


def _use_credit(document: Document, rng: Random, today: date, payments: dict[tuple[date, str], Money]) -> None:
    """Set a credit note off against the invoice while that is open, else pay it back later or leave it standing."""
    credit = document.claims[0]
    left = -credit.amount
    for claim in document.credits.claims if document.credits else []:
        usable = min(left, claim.open)
        if usable > 0 and claim.document.reversed_by is None:
            last = max([document.day, *(day for day, _, _ in claim.settled)])
            _offset(claim, credit, last, usable)
            left -= usable
    back = workday(document.day + timedelta(days=30))
    if left > 0 and back <= today and rng.random() < 0.85:
        _receive(credit, back, -left, payments)


def _prepay(payments: dict[tuple[date, str], Money], rng: Random) -> None:
    """Now and then a customer pays more than it owes; the rest waits on its account."""
    recent = defaultdict(list)
    for (day, currency), money in payments.items():
        recent[currency].append((day, money))
    for entries in recent.values():
        _, money = max(entries, key=lambda entry: entry[0])
        if money.amount > 0 and rng.random() < 0.03:
            money.unallocated = Decimal(rng.choice((150, 240, 500, 1_200)))
            money.amount += money.unallocated
