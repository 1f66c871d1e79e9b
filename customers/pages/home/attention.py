"""Customers that need their account manager, the most money first, all from stored figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.functions import Greatest
from django.urls import reverse

from customers.counted import NUMBER
from customers.models import CustomerRollup
from customers.pages.home.attention_rules import Rule, any_of, rules_for
from customers.pages.home.attention_words import Needing, holds, in_words
from customers.pages.home.book import Book

# On the front page; the rest is one click away.
FEW = 8
ROWS = 50


@dataclass(frozen=True)
class RuleCount:
    """How many customers of the book a rule holds for; the URL lists them."""

    rule: Rule
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class Attention:
    """Who needs attention, the most money first. `total` is the sum over all customers of the chosen rule's money; None
    without a rule, as money of different kinds is not added.
    """

    rows: tuple[Needing, ...]
    count: int
    counts: tuple[RuleCount, ...]
    rule: Rule | None
    total: Decimal | None
    url: str
    page: Page[CustomerRollup] | None = None


def build_attention(book: Book, currency: str) -> Attention:
    """The few with the most money at stake."""
    found = _found(book, None)
    return _attention(book, None, list(found[:FEW]), currency)


def build_all_attention(book: Book, rule: Rule | None, page_number: str | None, currency: str) -> Attention:
    """Every customer that a rule holds for, or any rule."""
    page = Paginator(_found(book, rule), ROWS).get_page(page_number)
    return _attention(book, rule, list(page), currency, page)


def _found(book: Book, rule: Rule | None) -> QuerySet[CustomerRollup]:
    rules = rules_for(book.hidden)
    nothing = Value(Decimal(0), output_field=NUMBER)
    stakes = [each.at_stake for each in rules]
    at_stake = rule.at_stake if rule else Greatest(nothing, *stakes, output_field=NUMBER) if stakes else nothing
    found = book.rollups().filter(rule.condition if rule else any_of(rules)).select_related("customer")
    told = {holds(each): each.condition for each in rules}
    return found.annotate(at_stake=at_stake, **told).order_by("-at_stake", "customer")


def _attention(
    book: Book,
    rule: Rule | None,
    rollups: Sequence[CustomerRollup],
    currency: str,
    page: Page[CustomerRollup] | None = None,
) -> Attention:
    rules = rules_for(book.hidden)
    counted = {each.name: Count("pk", filter=each.condition) for each in rules}
    sums = {"total": Sum(rule.money, filter=rule.condition, default=Decimal(0))} if rule else {}
    found = book.rollups().filter(any_of(rules)).aggregate(any=Count("pk"), **counted, **sums)
    url = reverse("customers:attention")
    counts = (
        RuleCount(each, found[each.name], url + book.query(reason=each.name), each is rule)
        for each in rules
        if found[each.name] or each is rule
    )
    return Attention(
        rows=in_words(rollups, currency, rules),
        count=found[rule.name] if rule else found["any"],
        counts=tuple(counts),
        rule=rule,
        total=found.get("total"),
        url=url + book.query(),
        page=page,
    )
