"""The list of open items behind a currency, an age or a habit: every item of it, with totals that say what adds up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import DateField, F, Q, Sum, Value
from django.http import QueryDict

from customers.aging import BY_DOCUMENT_DATE, Bucket
from customers.counted import Documents, annotated
from customers.counted_receivables import DaysBetween, items_at
from customers.known import mine
from customers.pages.open_totals import in_currency
from customers.pages.overdue_items import ItemRow, item_rows
from customers.pages.scope import Scope
from customers.parts import in_parts

ROWS = 100
NO_CURRENCY = "none"


@dataclass(frozen=True)
class OpenChip:
    """A way to narrow the list; it keeps currency and age."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class CurrencyTotal:
    """The sum of the list in one currency, and of it in the reporting currency what has a rate."""

    currency: str
    amount: Decimal
    counted: Decimal | None


@dataclass(frozen=True)
class OpenItems:
    """One page of open items; totals are over the whole list. `narrowed` says in words what else the URL asks for."""

    chips: tuple[OpenChip, ...]
    narrowed: tuple[str, ...]
    rows: tuple[ItemRow, ...]
    page: Page[Any]
    totals: tuple[CurrencyTotal, ...]
    counted: Decimal


SHOWS: Mapping[str, tuple[str, Callable[[Decimal], Q]]] = {
    "": ("Open", lambda _usual: Q(open_now__gt=0)),
    "overdue": ("Overdue", lambda _usual: Q(open_now__gt=0, days_late__gt=0)),
    "unusual": ("Later than usual", lambda usual: Q(open_now__gt=0, days_late__gt=usual)),
    "credits": ("Credits", lambda _usual: Q(open_now__lt=0)),
}


def build_open_items(scope: Scope, query: QueryDict) -> OpenItems:
    """The list of a scope with figures: `show` a kind, `currency` a code, `age` a bucket by document date, `page`.

    Anything unknown is left out of the question, and the page says nothing of it.
    """
    as_of, usual = scope.figures.as_of, scope.figures.days_late_paid
    show = query.get("show", "") if query.get("show", "") in SHOWS else ""
    items = in_currency(items_at(scope.customers, as_of))
    items = items.filter(SHOWS[show][1](max(usual or Decimal(0), Decimal(0))))
    kept, narrowed = {}, []
    if currency := query.get("currency", ""):
        items = items.filter(in_currency="" if currency == NO_CURRENCY else currency)
        kept["currency"] = currency
        narrowed.append("Without a currency" if currency == NO_CURRENCY else currency)
    if bucket := next((one for one in BY_DOCUMENT_DATE if one.name == query.get("age")), None):
        items = _of_age(items, as_of, bucket).filter(counted__isnull=False)
        kept["age"] = bucket.name
        narrowed.append(bucket.label)
    items = in_parts(items, mine(scope.customers), columns=("counted", "open_now"))
    page = Paginator(items.select_related("invoice").order_by(F("due_on").asc(nulls_last=True), "key"), ROWS).get_page(
        query.get("page")
    )
    totals = _totals(items)
    return OpenItems(
        chips=tuple(
            OpenChip(label, scope.url("open_items", **kept, **({"show": name} if name else {})), name == show)
            for name, (label, _) in SHOWS.items()
        ),
        narrowed=tuple(narrowed),
        rows=item_rows(page, as_of, usual_days_late=usual),
        page=page,
        totals=totals,
        counted=sum((one.counted for one in totals if one.counted is not None), Decimal(0)),
    )


def _of_age(items: Documents, as_of: date, bucket: Bucket) -> Documents:
    """Items issued so many days before the day, or without a day of issue."""
    if bucket.first is None:
        return items.filter(issued_on=None)
    age = DaysBetween(Value(as_of, output_field=DateField()), F("issued_on"))
    return annotated(items, age=age).filter(age__range=(bucket.first, bucket.last))


def _totals(items: Documents) -> tuple[CurrencyTotal, ...]:
    sums = items.order_by("in_currency").values("in_currency").annotate(amount=Sum("open_now"), worth=Sum("counted"))
    return tuple(CurrencyTotal(row["in_currency"], row["amount"], row["worth"]) for row in sums)
