"""What a search finds, in groups: customers, people, documents and deals that the user may see."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, FilteredRelation, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.http import urlencode

from customers import formats
from customers.access import SEE_ALL, User, hidden_columns, role, visible
from customers.companies import counting_companies
from customers.models import AccountLink, Customer, MatchSide
from customers.pages.former import now_part_of
from customers.pages.found import Group, Hit, build_documents, is_number
from customers.search import (
    beginning_with,
    document_keys,
    matching,
    nearly_matching,
    number_probes,
    read_words,
    with_words,
)
from customers.search_numbers import keys_with_number
from integration_hub.config import hub
from integration_hub.models import ErpContact, SfContact, SfOpportunity
from integration_hub.salesforce.ids import is_id, to_18
from integration_hub.words import fold

# A common word is in half the names: so many of them are ranked, and so many whose name begins so.
RANKED = 250
SHORTEST_FOR_PEOPLE = 3
# Documents looked at for each form of a number; whoever sees few of them needs more to come upon their own, also where
# only those of some companies count.
LOOKED_AT, LOOKED_AT_BY_FEW = 30, 500


@dataclass(frozen=True)
class Search:
    """Everything found; `only_url` is set when one hit is meant. `nearly`: no customer has these words, but close ones.
    `hint` says what would find more.
    """

    groups: tuple[Group, ...] = ()
    only_url: str = ""
    nearly: bool = False
    hint: str = ""

    @property
    def count(self) -> int:
        """How many hits are shown."""
        return sum(len(group.hits) for group in self.groups)


@dataclass(frozen=True)
class _Asked:
    text: str
    user: User
    as_of: date | None
    most: int


def build_search(text: str, user: User, as_of: date | None, most: int = 25) -> Search:
    """At most `most` hits of each group; nothing for an empty text."""
    text = " ".join(text.split())
    if not text:
        return Search()
    asked = _Asked(text, user, as_of, most)
    customers, nearly = _customers(asked)
    documents, hint = _documents(asked)
    groups = tuple(group for group in (customers, _people(asked), *documents, _deals(asked)) if group.hits)
    hits = [hit for group in groups for hit in group.hits]
    meant = hits if len(hits) == 1 else [hit for hit in hits if hit.exact]
    return Search(groups, meant[0].url if len(meant) == 1 and not nearly else "", nearly, hint)


def recent_customers(keys: Sequence[int], user: User, as_of: date | None) -> tuple[Group, ...]:
    """Customers by id, in that order, as a group; nothing where the user may see none of them any more."""
    if not keys:
        return ()
    found = {one.pk: one for one in _described(visible(Customer.objects.filter(pk__in=keys), user), as_of)}
    hits = tuple(_customer_hit(found[pk], "", hidden_columns(user)) for pk in keys if pk in found)
    return (Group("Opened last", "clock", hits),) if hits else ()


def _customers(asked: _Asked) -> tuple[Group, bool]:
    every = visible(Customer.objects.all(), asked.user)
    by_number = _with_number(every, asked)
    found = _ranked(asked, _named(every, asked.text) | by_number, by_number)
    nearly = not found
    if nearly:
        close = nearly_matching(asked.text)
        found = _ranked(asked, _first(every.filter(pk__in=close))) if close else []
    hits = tuple(_customer_hit(one, asked.text, hidden_columns(asked.user), by_number) for one in found[: asked.most])
    more_url = f"{reverse('customers:list')}?{urlencode({'q': asked.text})}" if len(found) > asked.most else ""
    return Group("Customers", "users", hits, bool(more_url), more_url), nearly and bool(hits)


def _named(every: QuerySet[Customer], text: str) -> set[int]:
    if is_id(text):
        return _first(every.filter(account=to_18(text)))
    named = _first(beginning_with(every, text))
    if any(len(word) > 1 for word in read_words(text)):
        named |= _first(matching(every, text).order_by())
    return named


def _with_number(every: QuerySet[Customer], asked: _Asked) -> set[int]:
    """Those with this telephone number, tax number or number in a register."""
    keys = keys_with_number(asked.text)
    if not any(keys.values()):
        return set()
    links = visible(AccountLink.objects.filter(erp_customer__in=keys[MatchSide.ERP]), asked.user)
    linked = set(links.values_list("customer", flat=True))
    return _first(every.filter(Q(account__in=keys[MatchSide.ACCOUNT]) | Q(pk__in=linked)))


def _first(customers: QuerySet[Customer]) -> set[int]:
    """Ids, in a query of their own: together with the ranking the planner would not ask the index of words."""
    return set(customers.values_list("pk", flat=True)[:RANKED])


def _ranked(asked: _Asked, keys: set[int], by_number: AbstractSet[int] = frozenset()) -> list[Any]:
    """Those with exactly this number first, of any kind, names that begin so, then the biggest revenue this year."""
    if not keys:
        return []
    numbers, _ = number_probes(asked.text)
    rank = Case(
        When(Q(erp_numbers__in=numbers) | Q(pk__in=by_number), then=Value(0)),
        When(search_text__startswith=fold(asked.text), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    gone_last = F("gone_at").asc(nulls_first=True)
    order = (rank, gone_last, F("revenue").desc(nulls_last=True), "name", "pk")

    def first(keys: set[int]) -> list[Any]:
        found = _described(Customer.objects.filter(pk__in=keys), asked.as_of)
        return list(found.order_by(*order)[: asked.most + 1])

    found = first(keys)
    if all(one.gone_at is None for one in found):
        return found
    # Whoever became part of another customer leads to that one's page: where that is found too, it is no second hit.
    today = now_part_of(Customer.objects.filter(pk__in=keys, gone_at__isnull=False))
    doubled = {former for former, customers in today.items() if customers & keys}
    found = first(keys - doubled) if doubled else found
    return _with_names(found, today, asked.user)


def _with_names(found: list[Any], today: Mapping[int, set[int]], user: User) -> list[Any]:
    """The same customers, those that are part of another one now with its name as `part_of`."""
    wanted = {pk for one in found for pk in today.get(one.pk, ())}
    names = dict(visible(Customer.objects.filter(pk__in=wanted), user).values_list("pk", "name")) if wanted else {}
    for one in found:
        one.part_of = next((names[pk] for pk in sorted(today.get(one.pk, ())) if pk in names), "")
    return found


def _described(customers: QuerySet[Customer], as_of: date | None) -> QuerySet[Any]:
    current = FilteredRelation("rollups", condition=Q(rollups__as_of=as_of))
    return customers.annotate(current=current, revenue=F("current__revenue_ytd"), overdue=F("current__overdue_amount"))


def _customer_hit(customer: Any, text: str, hidden: frozenset[str], by_number: AbstractSet[int] = frozenset()) -> Hit:
    currency = hub().company.reporting_currency
    overdue = customer.overdue if "overdue_amount" not in hidden else None
    revenue = customer.revenue if "revenue_ytd" not in hidden else None
    if overdue:
        aside = f"{formats.money_compact(overdue, currency)} overdue"
    else:
        aside = formats.money_compact(revenue, currency) if revenue else ""
    place = ", ".join(filter(None, (customer.city, customer.country)))
    part_of = getattr(customer, "part_of", "")
    why = "has this number" if customer.pk in by_number else ""
    return Hit(
        label=customer.name or "Without a name",
        detail=" · ".join(filter(None, (customer.erp_numbers, place, why, part_of and f"now part of {part_of}"))),
        aside=aside,
        url=reverse("customers:detail", args=(customer.pk,)),
        exact=bool(why) or is_number(text, customer.erp_numbers),
        bad=bool(overdue),
        gone=customer.gone_at is not None and not part_of,
    )


def _people(asked: _Asked) -> Group:
    """Contacts by name and e-mail, from both systems; each leads to the contacts of its customer."""
    group = Group("Contacts", "mail", ())
    words = read_words(asked.text)
    if max(map(len, words), default=0) < SHORTEST_FOR_PEOPLE:
        return group
    found: list[tuple[Any, str]] = []
    for model, whose in ((SfContact, "account_id"), (ErpContact, "customer_id")):
        rows = visible(model.objects.live(), asked.user)
        narrowed = (
            rows.filter(key=to_18(asked.text)) if is_id(asked.text) else with_words(rows, ("name", "email"), words)
        )
        found += [(row, getattr(row, whose) or "") for row in narrowed.order_by()[: asked.most + 1]]
    pages = _pages({key for _, key in found}, asked.user)
    known, hits = set(), []
    for row, key in sorted(found, key=lambda each: (each[0].name, each[0].key)):
        customer, name = pages.get(key, (0, ""))
        if customer and (customer, row.email.casefold() or row.key) not in known:
            known.add((customer, row.email.casefold() or row.key))
            url = reverse("customers:contacts", args=(customer,))
            hits.append(
                Hit(row.name or row.email or "Without a name", " · ".join(filter(None, (name, row.email))), "", url)
            )
    return Group(group.label, group.icon, tuple(hits[: asked.most]), len(hits) > asked.most)


def _pages(keys: set[str], user: User) -> dict[str, tuple[int, str]]:
    """By account or ERP customer the id and name of the customer whose page shows it."""
    if not keys:
        return {}
    accounts = visible(Customer.objects.filter(account__in=keys), user).values_list("account", "pk", "name")
    links = visible(AccountLink.objects.filter(erp_customer__in=keys), user)
    numbers = links.values_list("erp_customer", "customer_id", "customer__name")
    return {key: (pk, name) for key, pk, name in (*accounts, *numbers) if key}


def _documents(asked: _Asked) -> tuple[list[Group], str]:
    if is_id(asked.text):
        return [], ""
    sees_all = role(asked.user) in SEE_ALL and not counting_companies()
    looked_at = LOOKED_AT if sees_all else LOOKED_AT_BY_FEW
    keys = document_keys(asked.text, looked_at)
    groups = build_documents(keys, asked.text, asked.user, asked.most)
    cut = not sees_all and any(len(found) >= looked_at for found in keys.values())
    return groups, "Many document numbers begin so. Type more of the number to find yours." if cut else ""


def _deals(asked: _Asked) -> Group:
    words = read_words(asked.text)
    empty = Group("Opportunities", "layers", ())
    if max(map(len, words), default=0) < SHORTEST_FOR_PEOPLE:
        return empty
    rows = visible(SfOpportunity.objects.live(), asked.user)
    found = rows.filter(key=to_18(asked.text)) if is_id(asked.text) else with_words(rows, ("name",), words)
    deals = list(found.order_by()[: asked.most + 1])
    pages = _pages({deal.account_id for deal in deals if deal.account_id}, asked.user)
    hits = tuple(
        Hit(
            label=deal.name or deal.key,
            detail=" · ".join(filter(None, (pages[deal.account_id][1], deal.stage, formats.day(deal.close_on)))),
            aside=formats.money_compact(deal.amount, deal.currency or hub().company.reporting_currency),
            url=reverse("customers:opportunities", args=(pages[deal.account_id][0],)),
        )
        for deal in deals
        if deal.account_id in pages
    )
    return Group(empty.label, empty.icon, hits[: asked.most], len(deals) > asked.most)
