"""Everything that happened with a customer as one list, newest first: documents, deals, moved links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, TruncDate
from django.http import QueryDict

from customers.addresses import document_address
from customers.companies import counting
from customers.hidden import rests_on
from customers.models import LinkEvent
from customers.pages.document_lists import changed
from customers.pages.link_moves import words_of
from customers.pages.scope import Scope
from customers.paging import Position, newest, newest_query, parts_of, read_position
from customers.parts import among, held_by
from integration_hub.config import hub
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment, SfOpportunity
from integration_hub.prepared import prepared

ROWS, IN_CARD = 50, 6
EVERY = Q()
# What a line shows, as far as a kind has it: reading every column takes longer than finding the rows.
SHOWN_COLUMNS = (
    "status", "kind", "is_return", "net_amount", "amount", "currency", "carrier", "stage", "is_won", "name", "reference"
)  # fmt: skip
CREDIT_NOTE = Q(kind="credit_note")


@dataclass(frozen=True)
class Source:
    """One table of events. `name` marks its rows in a position in the list, so it never changes."""

    name: str
    model: type[Model]
    day: str
    owner: str = "customer"
    condition: Q = EVERY


@dataclass(frozen=True)
class Kind:
    """What the list can be narrowed to: one source, or a part of it."""

    name: str
    label: str
    source: str
    condition: Q = EVERY


@dataclass(frozen=True)
class Event:
    """One thing that happened; `icon` only repeats its kind. Amounts are net, in the document's own currency."""

    day: date
    icon: str
    headline: str
    state: str
    amount: Decimal | None
    currency: str
    url: str


@dataclass(frozen=True)
class KindChip:
    """A filter of the list."""

    label: str
    query: str
    chosen: bool


@dataclass(frozen=True)
class Timeline:
    """One page of events; `next_query` leads to older ones and is empty where there are none."""

    events: tuple[Event, ...]
    chips: tuple[KindChip, ...]
    kind: Kind | None
    next_query: str
    first_query: str
    first: bool


SOURCES = (
    Source("order", ErpOrder, "ordered_on"),
    Source("delivery", ErpDelivery, "shipped_on"),
    Source("invoice", ErpInvoice, "revenue_on"),
    Source("payment", ErpPayment, "paid_on"),
    # An open deal has not happened yet: its day is when it may close.
    Source("deal", SfOpportunity, "close_on", owner="account", condition=Q(is_closed=True)),
    Source("link", LinkEvent, "day", owner="accounts"),
)
RANKS = {source.name: str(rank) for rank, source in enumerate(SOURCES)}
KINDS = (
    Kind("orders", "Orders", "order"),
    Kind("deliveries", "Deliveries", "delivery"),
    Kind("invoices", "Invoices", "invoice", ~CREDIT_NOTE),
    Kind("credit-notes", "Credit notes", "invoice", CREDIT_NOTE),
    Kind("payments", "Payments", "payment"),
    Kind("deals", "Won and lost", "deal"),
    Kind("links", "Links", "link"),
)


@rests_on()
def build_latest(scope: Scope) -> tuple[Event, ...]:
    """The newest few events up to the day of the scope."""
    as_of = scope.figures.as_of
    found = _sorted((source, _newest(_owners(source, scope), source, as_of, IN_CARD)) for source in SOURCES)
    return tuple(_event(source, row, scope) for _, _, source, row in found[:IN_CARD])


def build_timeline(scope: Scope, query: QueryDict) -> Timeline:
    """One page of events for a query string: `kind` narrows it, `after` is a position."""
    kind = next((one for one in KINDS if one.name == query.get("kind")), None)
    sources = tuple(source for source in SOURCES if kind is None or source.name == kind.source)
    position = read_position(query.get("after", ""))
    found = _found(scope, sources, kind.condition if kind else Q(), position, ROWS + 1)
    page = found[:ROWS]
    after = Position(page[-1][0], page[-1][1]).encoded() if len(found) > ROWS else ""
    return Timeline(
        events=tuple(_event(source, row, scope) for _, _, source, row in page),
        chips=(
            KindChip("Everything", changed(query, kind="", after=""), kind is None),
            *(KindChip(one.label, changed(query, kind=one.name, after=""), one is kind) for one in KINDS),
        ),
        kind=kind,
        next_query=changed(query, after=after) if after else "",
        first_query=changed(query, after=""),
        first=position is None,
    )


Found = tuple[date, str, Source, Any]


def _found(scope: Scope, sources: Iterable[Source], condition: Q, position: Position | None, most: int) -> list[Found]:
    """Rows of all sources, the newest day first, ties by source and key; one query a source."""
    as_of = scope.figures.as_of
    return _sorted(
        (
            source,
            newest(
                _parts(source, _owners(source, scope), as_of, condition & _beyond(source, position)), source.day, most
            ),
        )
        for source in sources
    )


def _sorted(parts: Iterable[tuple[Source, Sequence[Any]]]) -> list[Found]:
    """The rows of some sources, the newest day first, ties by source and key."""
    found: list[Found] = []
    for source, rows in parts:
        found += [(getattr(row, source.day), f"{RANKS[source.name]}{row.key}", source, row) for row in rows]
    # Sorting keeps the database's order of keys within a day and source, which the next page continues from.
    found.sort(key=lambda one: RANKS[one[2].name])
    found.sort(key=lambda one: one[0], reverse=True)
    return found


@prepared
def _newest(owners: tuple[str, ...], source: Source, as_of: date, most: int) -> "QuerySet[Any, Any]":
    return newest_query(_parts(source, owners, as_of, Q()), source.day, most)


def _owners(source: Source, scope: Scope) -> tuple[str, ...]:
    return scope.keys if source.owner == "customer" else scope.accounts


def _parts(source: Source, owners: tuple[str, ...], as_of: date, condition: Q) -> Sequence["QuerySet[Any, Any]"]:
    """The rows of one ERP customer or account each, up to the day: each is one short index scan."""
    up_to = Q(**{f"{source.day}__lte": as_of}) & source.condition & condition
    if source.model is LinkEvent:
        return [_link_events(owners).filter(up_to)] if owners else []
    model: Any = source.model
    columns = ["key", source.day, *(name for name in ("number", *SHOWN_COLUMNS) if hasattr(model, name))]
    rows = counting(model).only(*columns)
    if source.owner == "customer":
        return parts_of(owners, lambda keys: rows.filter(up_to, held_by(model, keys)))
    return parts_of(owners, lambda keys: rows.filter(up_to, among(source.owner, keys)))


def _link_events(accounts: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """Moves of links with the company's day and a key that can be compared like the keys of documents."""
    zone = ZoneInfo(hub().company.time_zone)
    mine = Q(from_account__in=accounts) | Q(to_account__in=accounts)
    return LinkEvent.objects.filter(mine).annotate(
        day=TruncDate("at", tzinfo=zone), key=Cast(F("pk"), CharField()), number=Value("")
    )


def _beyond(source: Source, position: Position | None) -> Q:
    """What comes after a position: an earlier day, or the same day and a later source or key."""
    if position is None or position.day is None:
        return Q()
    rank, key, mine = position.key[:1], position.key[1:], RANKS[source.name]
    earlier = Q(**{f"{source.day}__lt": position.day})
    if mine < rank:
        return earlier
    upto = Q(**{f"{source.day}__lte": position.day})
    return upto if mine > rank else upto & (earlier | Q(**{source.day: position.day, "key__gt": key}))


def _event(source: Source, row: Any, scope: Scope) -> Event:
    icon, label, amount = _looks(source.name, row)
    if source.name == "link":
        headline, state, url = label, words_of(row, scope.accounts), ""
    elif source.name == "deal":
        headline, state = f"{label} {row.name}", row.stage
        url = scope.url("opportunities", show="won" if row.is_won else "lost")
    else:
        headline = f"{label} {row.number or row.key}"
        # A status is that of now; of a past day nobody knows it.
        state = row.get_status_display() if hasattr(row, "get_status_display") and not scope.past else ""
        url = document_address(source.name, row.key)
    return Event(getattr(row, source.day), icon, headline, state, amount, getattr(row, "currency", ""), url)


def _looks(source: str, row: Any) -> tuple[str, str, Decimal | None]:
    """Icon, word and amount of a row; one icon per kind."""
    match source:
        case "order":
            return "package", "Order", row.net_amount
        case "delivery":
            return "truck", "Return" if row.is_return else "Delivery", None
        case "invoice":
            return "undo" if row.kind == "credit_note" else "receipt", row.get_kind_display(), row.net_amount
        case "payment":
            return "credit-card", "Payment", row.amount
        case "deal":
            return "circle-check" if row.is_won else "x", "Won" if row.is_won else "Lost", row.amount
    return "link", f"ERP {row.erp_customer}", None
