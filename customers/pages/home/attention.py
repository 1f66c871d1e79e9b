"""Customers that need their account manager, the most money first, all from stored figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.urls import reverse

from customers.attention_rules import RULES, Rule, any_of, greatest_stake, rules_for
from customers.models import CustomerRollup
from customers.pages.home.attention_words import Needing, holds, in_words
from customers.pages.home.book import Book
from customers.totals import needing

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
    found = book.rollups().select_related("customer")
    if rule is None and rules == RULES:
        # Stored and in its order in an index: the few with the most are read, not all that need anything.
        stake: Combinable = F("stake")
        found = found.filter(stake__isnull=False)
    else:
        stake = rule.at_stake if rule else greatest_stake(rules)
        found = found.filter(rule.condition if rule else any_of(rules))
    told = {holds(each): each.condition for each in rules}
    return found.annotate(at_stake=stake, **told).order_by("-at_stake", "customer")


def _attention(
    book: Book,
    rule: Rule | None,
    rollups: Sequence[CustomerRollup],
    currency: str,
    page: Page[CustomerRollup] | None = None,
) -> Attention:
    rules = rules_for(book.hidden)
    needing_any, needing_each = _counts(book, rules)
    url = reverse("customers:attention")
    counts = (
        RuleCount(each, needing_each[each.name], url + book.query(reason=each.name), each is rule)
        for each in rules
        if needing_each[each.name] or each is rule
    )
    return Attention(
        rows=in_words(rollups, currency, rules),
        count=needing_each[rule.name] if rule else needing_any,
        counts=tuple(counts),
        rule=rule,
        total=_total(book, rule) if rule else None,
        url=url + book.query(),
        page=page,
    )


def _counts(book: Book, rules: Sequence[Rule]) -> tuple[int, Mapping[str, int]]:
    """How many customers any rule holds for, and how many each: from what is stored for each owner, else counted."""
    if book.totals is not None:
        return needing(book.totals[0], rules)
    counted = {each.name: Count("pk", filter=each.condition) for each in rules}
    found = book.rollups().filter(any_of(rules)).aggregate(any=Count("pk"), **counted)
    return found.pop("any"), found


def _total(book: Book, rule: Rule) -> Decimal:
    total: Decimal = book.rollups().filter(rule.condition).aggregate(total=Sum(rule.money, default=Decimal(0)))["total"]
    return total
