"""Makes the whole demo company for a seed, a scale and a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_UP, Decimal
from random import Random

from integration_hub.practice.company.billing import bill_firm
from integration_hub.practice.company.catalogue import Article, articles
from integration_hub.practice.company.firms import Firm, firms
from integration_hub.practice.company.fulfilment import dispatch
from integration_hub.practice.company.ledger import Books
from integration_hub.practice.company.ordering import orders_of, settle_state
from integration_hub.practice.company.parties import contact_rows, debtor_row
from integration_hub.practice.company.rates import Rates
from integration_hub.practice.company.receipts import collect
from integration_hub.practice.company.rows import bill_rows, order_rows, receipt_rows, return_of, shipment_rows
from integration_hub.practice.company.trade import Claim, Dispatch, Document, Money, Order, number_by_day

YEARS_BACK = timedelta(days=1200)
COMPANIES = {"10": ("Halden Components GmbH", "EUR"), "20": ("Halden Components Inc.", "USD")}
# First numbers of each company's documents.
STARTS = {"10": 1_000_000, "20": 5_000_000}


@dataclass(frozen=True)
class DemoCompany:
    """Everything the demo's ERPs hold: customers, books per company number, articles and rates."""

    today: date
    firms: tuple[Firm, ...]
    articles: tuple[Article, ...]
    rates: Rates
    books: dict[str, Books]


@dataclass
class _Traded:
    orders: list[Order]
    dispatches: list[Dispatch]
    documents: list[Document]
    money: list[Money]


def generate(seed: int, scale: int, today: date) -> DemoCompany:
    """The company as its books stand on the evening before `today` ends; the same arguments give the same rows."""
    everyone = firms(seed, scale, today)
    catalogue = articles()
    rates = Rates(seed, today - YEARS_BACK, today)
    books = {}
    for number in COMPANIES:
        members = [firm for firm in everyone if firm.company == number]
        traded = _trade(seed, members, catalogue, rates, today)
        books[number] = _keep_books(number, members, traded, today)
    return DemoCompany(today, everyone, catalogue, rates, books)


def _trade(seed: int, members: list[Firm], catalogue: tuple[Article, ...], rates: Rates, today: date) -> _Traded:
    """What happened with each customer; each has its own random numbers, so that one more changes no other."""
    traded = _Traded([], [], [], [])
    for firm in members:
        rng = Random(f"{seed}/{firm.number}")
        orders = list(orders_of(firm, rng, catalogue, rates, today))
        for order in orders:
            settle_state(order, rng, today)
            traded.dispatches += dispatch(order, rng, today)
        documents = bill_firm(firm, orders, rng, today)
        traded.dispatches += [return_of(credit) for credit in documents if _was_sent_back(credit)]
        traded.money += collect(firm, documents, rng, today)
        traded.orders += orders
        traded.documents += documents
    return traded


def _was_sent_back(document: Document) -> bool:
    return document.kind == "GU" and document.lines[0].text.startswith(("Damaged", "Wrong"))


def _keep_books(company: str, members: list[Firm], traded: _Traded, today: date) -> Books:
    """Number everything in order of time, as an ERP does, and write it down as rows."""
    start = STARTS[company]
    books = Books()
    # The evening of the last day at most: a change mark in the future would hide every later change.
    now = datetime.combine(today, time(0, 5), UTC)
    for firm in members:
        books.debtor.append(debtor_row(firm, now))
        books.debtor_contact += contact_rows(firm)
    for order in number_by_day(traded.orders, "", start):
        order_rows(books, order, now)
    for each in number_by_day(traded.dispatches, "L", start):
        shipment_rows(books, each, now)
    claims: list[Claim] = []
    for document in number_by_day(traded.documents, "R", start):
        for number, claim in enumerate(document.claims, 1):
            claim.number = f"{document.number}-{number}"
        claims += document.claims
    for money in number_by_day(traded.money, "Z", start):
        receipt_rows(books, money, now)
    for document in traded.documents:
        bill_rows(books, document, now)
    for position, firm in enumerate(members):
        if firm.behaviour.at_limit:
            books.debtor[position] = books.debtor[position]._replace(credit_limit=_limit_reached(books, firm))
    return books


def _limit_reached(books: Books, firm: Firm) -> Decimal:
    """What is open today and one percent, in full thousands."""
    left = sum((each.open_amount for each in books.receivable if each.debtor_no == firm.number), Decimal(0))
    return (left * Decimal("1.01") / 1000).to_integral_value(ROUND_UP) * 1000
