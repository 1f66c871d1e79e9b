"""Lists of one customer's documents: filters with counts, month, number, total, pages by position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q, QuerySet, Sum, prefetch_related_objects
from django.http import QueryDict

from customers.companies import counting
from customers.counted import NO_REVENUE
from customers.known import mine
from customers.pages.scope import Scope
from customers.pages.sharing import percent_words
from customers.paging import Slice, newest_first, parts_of, read_position
from customers.parts import Mine, among, held_by
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment, SfOpportunity
from integration_hub.models.common import Mirrored

ROWS = 50
NOTHING = Q()
UNRATED = "without-a-rate"


@dataclass(frozen=True)
class Filter:
    """A named part of a list."""

    name: str
    label: str
    condition: Q


@dataclass(frozen=True)
class Listing:
    """How one kind of document is listed: by which day, by whose key, with which filters; `amount` is summed, but not
    of `unsummed` documents beside others. The filter UNRATED names those that have no amount to sum.
    """

    name: str
    label: str
    nouns: str
    model: type[Mirrored]
    day: str
    filters: tuple[Filter, ...]
    scope: str = "customer"
    number: str = "number"
    amount: str = ""
    related: tuple[str, ...] = ()
    unsummed: Q = NOTHING


ORDERS = Listing(
    "orders",
    "Orders",
    "order",
    ErpOrder,
    "ordered_on",
    (
        Filter("open", "Open", Q(status="open")),
        Filter("done", "Done", Q(status__in=("done", "closed"))),
        Filter("quotes", "Quotes", Q(status="quote")),
        Filter("cancelled", "Cancelled", Q(status="cancelled")),
        Filter(UNRATED, "Without a rate", Q(reporting_amount=None) & ~Q(status__in=("quote", "cancelled"))),
    ),
    amount="reporting_amount",
    unsummed=Q(status__in=("quote", "cancelled")),
)
DELIVERIES = Listing(
    "deliveries",
    "Deliveries",
    "delivery,deliveries",
    ErpDelivery,
    "shipped_on",
    (
        Filter("planned", "Still to ship", Q(status__in=("planned", "ready"))),
        Filter("shipped", "Shipped", Q(status="shipped", is_return=False)),
        Filter("returns", "Returns", Q(is_return=True)),
    ),
    related=("order",),
)
INVOICES = Listing(
    "invoices",
    "Invoices",
    "invoice",
    ErpInvoice,
    "revenue_on",
    (
        Filter("open", "Open", Q(status__in=("open", "part_paid"))),
        Filter("paid", "Paid", Q(status="paid")),
        Filter("credit-notes", "Credit notes", Q(kind="credit_note")),
        Filter("void", "Drafts and void", Q(status__in=("draft", "cancelled"))),
        Filter(UNRATED, "Without a rate", Q(reporting_amount=None) & ~NO_REVENUE),
    ),
    amount="reporting_amount",
)
PAYMENTS = Listing(
    "payments",
    "Payments",
    "payment",
    ErpPayment,
    "paid_on",
    (Filter("unallocated", "Not allocated", Q(unallocated_amount__gt=0)),),
)
OPPORTUNITIES = Listing(
    "opportunities",
    "Opportunities",
    "opportunity,opportunities",
    SfOpportunity,
    "close_on",
    (
        Filter("open", "Open", Q(is_closed=False)),
        Filter("won", "Won", Q(is_won=True)),
        Filter("lost", "Lost", Q(is_closed=True, is_won=False)),
    ),
    scope="account",
    number="name",
    amount="reporting_amount",
    related=("handed_over__order",),
)
LISTINGS: Mapping[str, Listing] = {
    listing.name: listing for listing in (ORDERS, DELIVERIES, INVOICES, PAYMENTS, OPPORTUNITIES)
}


@dataclass(frozen=True)
class FilterChip:
    """A filter with its count."""

    label: str
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True)
class DocumentList:
    """One page of a list; `count` and `total` (reporting currency) are over everything found, not only this page, the
    total without `unsummed` documents of it, and without the `unrated` ones. `unread` says which parts of the query are
    no day.
    """

    listing: Listing
    slice: Slice[Any]
    chips: tuple[FilterChip, ...]
    count: int
    all_count: int
    total: Decimal | None
    unsummed: int
    unrated: int
    unrated_query: str
    month: date | None
    until: date | None
    search: str
    next_query: str
    first_query: str
    clear_query: str
    unread: tuple[str, ...] = ()


def all_documents(listing: Listing, scope: Scope) -> "QuerySet[Any]":
    """Every document of the list that its source has and that counts; of a past day those that were dated by then."""
    rows = counting(listing.model).filter(_of(listing, owners(listing, scope)))
    return rows.filter(**{f"{listing.day}__lte": scope.as_of}) if scope.past else rows


def owners(listing: Listing, scope: Scope) -> tuple[str, ...]:
    """The keys that the rows of a list belong to: ERP customers, or the account."""
    return scope.accounts if listing.scope == "account" else scope.keys


def build_document_list(listing: Listing, scope: Scope, query: QueryDict) -> DocumentList:
    """The list for one query string: `show` a filter, `month` YYYY-MM, `until` the last day, `q` part of a number,
    `after` a position.
    """
    everything = all_documents(listing, scope)
    chosen = next((one for one in listing.filters if one.name == query.get("show")), None)
    month, search = read_month(query.get("month", "")), query.get("q", "").strip()
    found = everything.filter(chosen.condition) if chosen else everything
    if month is not None:
        found = found.filter(**{f"{listing.day}__gte": month, f"{listing.day}__lt": month + relativedelta(months=1)})
    until = _day(query.get("until", ""))
    if until is not None:
        found = found.filter(**{f"{listing.day}__lte": until})
    if search:
        found = found.filter(**{f"{listing.number}__icontains": search})
    counts = everything.aggregate(
        all_count=Count("pk"),
        **{f"n_{index}": Count("pk", filter=one.condition) for index, one in enumerate(listing.filters)},
    )
    whose = mine(scope.customers)
    total, unsummed = _total(listing, found, whose)
    left_out = any(counts[f"n_{index}"] for index, one in enumerate(listing.filters) if one.name == UNRATED)
    narrowed = bool(chosen or month or until or search)
    parts = parts_of(owners(listing, scope), lambda keys: found.filter(among(listing.scope, keys)))
    page = newest_first(parts, listing.day, read_position(query.get("after", "")), ROWS)
    prefetch_related_objects(page.rows, *listing.related)
    if whose.is_divided and listing.amount and listing.scope == "customer":
        _say_parts(page.rows, listing.amount, whose)
    return DocumentList(
        listing=listing,
        slice=page,
        chips=_chips(listing, counts, query, chosen),
        count=found.count() if narrowed else counts["all_count"],
        all_count=counts["all_count"],
        total=total,
        unsummed=unsummed,
        unrated=sum(found.filter(one.condition).count() for one in listing.filters if one.name == UNRATED and left_out),
        unrated_query="" if chosen else changed(query, show=UNRATED, after=""),
        month=month,
        until=until,
        search=search,
        next_query=changed(query, after=page.after),
        first_query=changed(query, after=""),
        clear_query=changed(query, after="", month="", until="", q=""),
        unread=tuple(
            f"“{text[:40]}” is no {what}, so it narrows nothing."
            for name, what, read in (("month", "month", month), ("until", "day", until))
            if read is None and (text := query.get(name, ""))
        ),
    )


def _of(listing: Listing, keys: tuple[str, ...]) -> Q:
    return among("account", keys) if listing.scope == "account" else held_by(listing.model, keys)


def _total(listing: Listing, found: "QuerySet[Any]", whose: Mine) -> tuple[Decimal | None, int]:
    """The sum of what is found, and how many documents are not in it; where only such are found, the sum is theirs. Of
    what a rule divides, the part of these customers.
    """
    if not listing.amount:
        return None, 0
    counts = ~listing.unsummed if listing.unsummed else Q(pk__isnull=False)
    divided = whose.is_divided and listing.scope == "customer"
    amount: Any = whose.part_of(listing.amount) if divided else listing.amount
    sums = found.aggregate(
        total=Sum(amount, filter=counts, default=Decimal(0)),
        every=Sum(amount, default=Decimal(0)),
        counted=Count("pk", filter=counts),
        count=Count("pk"),
    )
    return (sums["total"], sums["count"] - sums["counted"]) if sums["counted"] else (sums["every"], 0)


def _say_parts(rows: Sequence[Any], amount: str, whose: Mine) -> None:
    """Give rows of shared ERP customers `own_part`, which the total adds up, and `own_share`, the per cent in words."""
    for row in rows:
        share, whole = whose.share(row.customer_id or ""), getattr(row, amount)
        if share is not None and whole is not None:
            row.own_part, row.own_share = whose.part(row.customer_id, whole), percent_words(share)


def read_month(text: str) -> date | None:
    """The first day of a month written YYYY-MM; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def changed(query: QueryDict, **changes: str) -> str:
    """The query string with some parameters set, or removed where empty."""
    copy = query.copy()
    for name, value in changes.items():
        copy.pop(name, None)
        if value:
            copy[name] = value
    return copy.urlencode()


def _chips(
    listing: Listing, counts: Mapping[str, int], query: QueryDict, chosen: Filter | None
) -> tuple[FilterChip, ...]:
    every = FilterChip("All", counts["all_count"], changed(query, show="", after=""), chosen is None)
    rest = (
        FilterChip(one.label, counts[f"n_{index}"], changed(query, show=one.name, after=""), one is chosen)
        for index, one in enumerate(listing.filters)
        if counts[f"n_{index}"] or one is chosen
    )
    return (every, *rest)
