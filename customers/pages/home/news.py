"""The news of a book: a few rows of each kind on the front page, all rows of one kind on a page of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Subquery, Sum, Window
from django.urls import reverse

from customers import formats
from customers.access import scope
from customers.calendar import comparable_days
from customers.counted import Documents
from customers.models import RfmCalibration
from customers.pages.home.book import Book
from customers.pages.home.changes import Kind, day_to_compare, kinds_for
from customers.pages.home.rows import ChangeRow, describe, related
from customers.pages.home.since import Since

# On the front page; the rest is one click away.
FEW = 3
ROWS = 50
KEPT_SECONDS = 900


@dataclass(frozen=True)
class Counted:
    """What changed of one kind: how many, how many of them with an amount and what these come to, and the keys of the
    greatest.
    """

    count: int
    priced: int
    total: Decimal | None
    few: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Group:
    """One kind of news: how many, what they come to in the reporting currency, and the greatest of them. `unpriced` are
    in the number but not in the sum; `unknown` says why the kind cannot be told at all. `compared` is the stored day
    that moves are told against, which may be long before the instant.
    """

    kind: Kind
    count: int
    total: Decimal
    unpriced: int
    rows: tuple[ChangeRow, ...]
    url: str
    unknown: str
    compared: date | None


@dataclass(frozen=True)
class AllOfKind:
    """One page of all news of a kind; count and total are over all pages, and `url` opens the kind."""

    group: Group
    page: Page[Any]


def build_news(book: Book, since: Since) -> tuple[Group, ...]:
    """Every kind, those with news first."""
    kinds = kinds_for(book.hidden)
    kept = _kept(book, since, kinds)
    groups = [_group(book, since, kind, *kept[kind.name]) for kind in kinds]
    return tuple(sorted(groups, key=lambda group: not group.count))


def _kept(book: Book, since: Since, kinds: Sequence[Kind]) -> Mapping[str, tuple[Counted, tuple[ChangeRow, ...]]]:
    """What each kind comes to and its greatest, kept for each state of the figures: what changed since an instant stays
    the same until a publish, and whoever sees everything would go through all of it with every page.
    """
    newest = Subquery(RfmCalibration.objects.order_by("-pk").values("pk")[:1])
    days = comparable_days().filter(as_of=book.as_of).annotate(scales=newest)
    state = days.values_list("completed_at", "scales").first()
    asked = f"{state} {scope(book.user)} {book.person} {since.at} {since.day} {day_to_compare(book, since)}"
    key = f"news:{sha256(asked.encode()).hexdigest()}"
    kept: Mapping[str, tuple[Counted, tuple[ChangeRow, ...]]] | None = cache.get(key)
    if kept is None:
        counted = [_count(kind.rows(book, since)) for kind in kinds]
        read = [(kind, _rows(kind, book, since, each.few)) for kind, each in zip(kinds, counted, strict=True)]
        told = describe(read, since, book)
        kept = {kind.name: (of, rows) for kind, of, rows in zip(kinds, counted, told, strict=True)}
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _count(found: Documents) -> Counted:
    """In one pass over all that changed: the amounts are what takes time."""
    over: dict[str, Any] = {
        "count": Window(Count("pk")),
        "priced": Window(Count("counted")),
        "total": Window(Sum("counted")),
    }
    few: list[dict[str, Any]] = list(_in_order(found).values("pk").annotate(**over)[:FEW])
    if not few:
        return Counted(0, 0, None)
    return Counted(few[0]["count"], few[0]["priced"], few[0]["total"], tuple(row["pk"] for row in few))


def _rows(kind: Kind, book: Book, since: Since, keys: Sequence[Any]) -> Sequence[Any]:
    """The rows with these keys in their order, as the kind reads them."""
    if not keys:
        return ()
    found = kind.rows(book, since).select_related(*related(kind)).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def build_all_of_kind(book: Book, since: Since, kind: Kind, page_number: str | None) -> AllOfKind:
    """Every row of one kind, the greatest first."""
    found = kind.rows(book, since)
    page = Paginator(_greatest_first(found, kind), ROWS).get_page(page_number)
    (rows,) = describe([(kind, list(page))], since, book)
    counted = Counted(**found.aggregate(count=Count("pk"), priced=Count("counted"), total=Sum("counted")))
    return AllOfKind(_group(book, since, kind, counted, rows), page)


def _greatest_first(found: Documents, kind: Kind) -> Documents:
    return _in_order(found.select_related(*related(kind)))


def _in_order(found: Documents) -> Documents:
    ordered: Documents = found.order_by(F("counted").desc(nulls_last=True), "pk")
    return ordered


def _group(book: Book, since: Since, kind: Kind, counted: Counted, rows: tuple[ChangeRow, ...]) -> Group:
    compares = kind.name == "segments"
    compared = day_to_compare(book, since) if compares else None
    return Group(
        kind=kind,
        count=counted.count,
        total=counted.total or Decimal(0),
        unpriced=counted.count - counted.priced,
        rows=rows,
        url=reverse("customers:changes", args=(kind.name,)) + book.query(since=since.name),
        unknown=_unknown() if compares and compared is None else "",
        compared=compared,
    )


def _unknown() -> str:
    """Why segment moves cannot be told: no day before is stored."""
    first = comparable_days().filter(stored=True).order_by("as_of").values_list("as_of", flat=True).first()
    return f"Moves need the figures of an earlier day; the first stored are those of {formats.day(first)}."
