"""What is new in a book since an instant: one QuerySet per kind of news, each row with `counted` in the reporting
currency.

The mirror keeps when a row was written last, not when it came first, so a document is news by its own day: dated after
the day of the instant, or on that day and written since. A document that reaches the ERP days after its own date is
therefore no news; its figures are in the tiles. Days are found by an index on the day alone (all customers) or by the
index on customer and day (one book), whichever reads less.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from customers import counted_receivables
from customers.calendar import comparable_days
from customers.counted import Documents, annotated
from customers.counted_receivables import in_reporting
from customers.known import mine, with_keys
from customers.measures_text import RFM_SEGMENT, SEGMENT
from customers.models import PromiseMove, RfmCalibration
from customers.pages.home.book import Book
from customers.pages.home.since import Since
from customers.parts import in_parts
from customers.segments import USUAL, segment_expression
from integration_hub.models import ErpOrder, ErpPayment
from integration_hub.one_request import once


@dataclass(frozen=True)
class Kind:
    """One kind of news. `counts` says what its amount is, `explanation` when something is news of this kind."""

    name: str
    label: str
    noun: str
    counts: str
    explanation: str
    rows: Callable[[Book, Since], Documents]


def _orders(book: Book, since: Since) -> Documents:
    orders = book.documents(ErpOrder).exclude(status__in=("quote", "cancelled"))
    return in_parts(
        annotated(_dated_since(orders, "ordered_on", book, since), counted=F("reporting_amount")), book.whose
    )


def _payments(book: Book, since: Since) -> Documents:
    payments = _dated_since(book.documents(ErpPayment), "paid_on", book, since)
    return in_parts(annotated(payments, counted=in_reporting(F("amount"))), book.whose)


def _late(book: Book, since: Since) -> Documents:
    newly = Q(due_on__gte=since.day, due_on__lt=book.as_of)
    moved = Q(order__in=moves_later(since).values("order"))
    return annotated(book.open_orders().filter(newly | moved), counted=F("open_amount"))


def _overdue(book: Book, since: Since) -> Documents:
    # An item due on the day of the instant was not overdue then.
    customers = with_keys(book.with_documents())
    items = in_parts(counted_receivables.overdue(customers, book.as_of), mine(customers))
    return items.filter(due_on__gte=since.day, due_on__lt=book.as_of)


def _segments(book: Book, since: Since) -> Documents:
    earlier = day_to_compare(book, since)
    if earlier is None:
        return annotated(book.rollups(), counted=F("revenue_12m")).none()
    then = segment_expression(USUAL, "customer__rollups")
    both = book.rollups().filter(customer__rollups__as_of=earlier)
    told = annotated(both, segment=segment_expression(USUAL), segment_then=then, counted=F("revenue_12m"))
    return told.exclude(segment=F("segment_then"))


def _rfm(book: Book, since: Since) -> Documents:
    moved = book.rollups().filter(customer__rfm__since__gt=since.day).exclude(customer__rfm__before="")
    now, then = F("customer__rfm__segment"), F("customer__rfm__before")
    # Both days are those of figures: whoever moved at the day of a calibration may have moved by it alone.
    scales = RfmCalibration.objects.filter(
        pk=OuterRef("customer__rfm__calibration"), as_of=OuterRef("customer__rfm__since")
    )
    rescaled = Subquery(scales.values("as_of")[:1])
    return annotated(moved, rfm_now=now, rfm_then=then, rescaled_on=rescaled, counted=F("revenue_12m"))


def _owners(book: Book, since: Since) -> Documents:
    found = book.rollups().filter(customer__owner_since__gt=since.at)
    return annotated(found, counted=F("revenue_12m"))


KINDS = (
    Kind(
        "late",
        "Deliveries slipped",
        "order",
        "Still to deliver",
        "Open orders that passed their promised day since, or the requested one where nothing was promised; and those"
        " whose promised day was moved to a later one.",
        _late,
    ),
    Kind(
        "overdue",
        "Invoices now overdue",
        "item",
        "Overdue",
        "Items that fell due since and are still open at the day of the figures; each instalment is one.",
        _overdue,
    ),
    Kind(
        "orders",
        "New orders",
        "order",
        "Net amount",
        "Orders dated since, without quotes and cancelled ones.",
        _orders,
    ),
    Kind(
        "payments",
        "Payments in",
        "payment",
        "Received",
        "Payments dated since; one in another currency counts at the rate of its day.",
        _payments,
    ),
    Kind(
        "segments",
        "Moved to another segment",
        "customer",
        "Revenue, 12 months",
        "Customers whose segment at the day of the figures is another than on the last day stored before.",
        _segments,
    ),
    Kind(
        "rfm",
        "Moved to another RFM segment",
        "customer",
        "Revenue, 12 months",
        "Customers whose RFM segment changed since: by what they ordered or did not order, or as the scales were set"
        " anew.",
        _rfm,
    ),
    Kind(
        "owners",
        "New owner",
        "customer",
        "Revenue, 12 months",
        "Customers that Salesforce gave to an owner of this book since.",
        _owners,
    ),
)


RESTS_ON = {
    "late": frozenset({"late_orders_count", "late_orders_amount", "open_orders_amount"}),
    "overdue": frozenset({"overdue_amount", "overdue_count"}),
    "segments": frozenset({SEGMENT.name, "revenue_12m"}),
    "rfm": frozenset({RFM_SEGMENT.name, "revenue_12m"}),
    "owners": frozenset({"revenue_12m"}),
}
"""The figures that a kind of news shows or gives away; orders and payments are documents and no figures."""


def kinds_for(hidden: frozenset[str]) -> tuple[Kind, ...]:
    """The kinds that give no hidden figure away."""
    return tuple(kind for kind in KINDS if not RESTS_ON.get(kind.name, frozenset()) & hidden)


def get_kind(name: str, hidden: frozenset[str]) -> Kind | None:
    """The kind of that name; None for an unknown one, and for one that would give a hidden figure away."""
    return next((kind for kind in kinds_for(hidden) if kind.name == name), None)


def moves_later(since: Since) -> QuerySet[PromiseMove]:
    """Promises moved to a later day since; read them for orders that the user may see only."""
    return PromiseMove.objects.filter(at__gt=since.at, promised_on__gt=F("was"))


def day_to_compare(book: Book, since: Since) -> date | None:
    """The last day up to that of the instant whose figures are stored; None where none is. Not one that is packed: of
    that no customer would have moved, and bringing it back takes longer than a front page may.
    """
    days = comparable_days().filter(stored=True, as_of__lte=since.day, as_of__lt=book.as_of)
    last = days.order_by("-as_of").values_list("as_of", flat=True)
    return once(f"day to compare {since.day} {book.as_of}", last.first)


def _dated_since(documents: QuerySet[Any], column: str, book: Book, since: Since) -> QuerySet[Any]:
    within = documents.filter(**{f"{column}__range": (since.day, book.as_of)})
    return within.exclude(**{column: since.day, "synced_at__lte": since.at})
