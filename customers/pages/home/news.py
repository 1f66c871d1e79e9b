"""The news of a book: a few rows of each kind on the front page, all rows of one kind on a page of their own."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Sum
from django.urls import reverse

from customers import formats
from customers.calendar import comparable_days
from customers.counted import Documents
from customers.pages.home.book import Book
from customers.pages.home.changes import Kind, day_to_compare, kinds_for
from customers.pages.home.rows import ChangeRow, describe, related
from customers.pages.home.since import Since

# On the front page; the rest is one click away.
FEW = 3
ROWS = 50


@dataclass(frozen=True)
class Group:
    """One kind of news: how many, what they come to in the reporting currency, and the greatest of them. `unpriced` are
    in the number but not in the sum; `unknown` says why the kind cannot be told at all.
    """

    kind: Kind
    count: int
    total: Decimal
    unpriced: int
    rows: tuple[ChangeRow, ...]
    url: str
    unknown: str


@dataclass(frozen=True)
class AllOfKind:
    """One page of all news of a kind; count and total are over all pages, and `url` opens the kind."""

    group: Group
    page: Page[Any]


def build_news(book: Book, since: Since) -> tuple[Group, ...]:
    """Every kind, those with news first."""
    read = []
    for kind in kinds_for(book.hidden):
        found = kind.rows(book, since)
        read.append((kind, _sums(found), list(_greatest_first(found, kind)[:FEW])))
    told = describe([(kind, rows) for kind, _sums, rows in read], since, book.as_of)
    groups = [_group(book, since, kind, sums, rows) for (kind, sums, _rows), rows in zip(read, told, strict=True)]
    return tuple(sorted(groups, key=lambda group: not group.count))


def build_all_of_kind(book: Book, since: Since, kind: Kind, page_number: str | None) -> AllOfKind:
    """Every row of one kind, the greatest first."""
    found = kind.rows(book, since)
    page = Paginator(_greatest_first(found, kind), ROWS).get_page(page_number)
    (rows,) = describe([(kind, list(page))], since, book.as_of)
    return AllOfKind(_group(book, since, kind, _sums(found), rows), page)


def _greatest_first(found: Documents, kind: Kind) -> Documents:
    ordered: Documents = found.select_related(*related(kind)).order_by(F("counted").desc(nulls_last=True), "pk")
    return ordered


def _sums(found: Documents) -> dict[str, Any]:
    return found.aggregate(count=Count("pk"), priced=Count("counted"), total=Sum("counted"))


def _group(book: Book, since: Since, kind: Kind, sums: dict[str, Any], rows: tuple[ChangeRow, ...]) -> Group:
    return Group(
        kind=kind,
        count=sums["count"],
        total=sums["total"] or Decimal(0),
        unpriced=sums["count"] - sums["priced"],
        rows=rows,
        url=reverse("customers:changes", args=(kind.name,)) + book.query(since=since.name),
        unknown=_unknown(book, since) if kind.name == "segments" and not sums["count"] else "",
    )


def _unknown(book: Book, since: Since) -> str:
    """Why segment moves cannot be told: no day before is stored."""
    if day_to_compare(book, since) is not None:
        return ""
    first = comparable_days().order_by("as_of").values_list("as_of", flat=True).first()
    return f"Moves need the figures of an earlier day; the first stored are those of {formats.day(first)}."
