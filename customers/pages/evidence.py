"""The documents behind a figure, a page at a time, and their total beside the stored figure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Max, Min, QuerySet, Sum

from customers.calendar import Period
from customers.known import mine, with_keys
from customers.measures import Measure, Unit
from customers.models import Customer
from customers.pages.conversion import Conversion, conversions
from customers.pages.evidence_rows import KINDS, EvidenceRow
from customers.pages.evidence_shares import with_shares
from customers.several_accounts import Several, several_in

ROWS = 100
CONVERTED = frozenset({Unit.MONEY, Unit.MONEY_DAYS})


@dataclass(frozen=True)
class Evidence:
    """One page of the rows of a figure. `total` is over all rows: the figure as its documents make it now; None where a
    min or max has no row. `difference` is the stored figure less that total, None where they are no amounts.
    `conversions` are the currencies of all rows, empty for what is no amount; `several` says which documents a count
    has more than once.
    """

    measure: Measure
    period: Period | None
    as_of: date
    rows: tuple[EvidenceRow, ...]
    page: Page[Any]
    count: int
    total: Any
    stored: Any
    differs: bool
    difference: Any
    conversions: tuple[Conversion, ...]
    several: Several

    @property
    def distance(self) -> Any:
        """How far apart stored figure and total are."""
        return None if self.difference is None else abs(self.difference)


def build_evidence(
    measure: Measure, customers: "QuerySet[Customer]", as_of: date, *, stored: Any, page_number: str | None
) -> Evidence:
    """The rows of a sum, count, min or max for some customers at a day; `stored` is the figure that pages show."""
    customers = with_keys(customers)
    documents = measure.documents(customers, as_of)
    describe, order, related = KINDS[documents.model]
    page = Paginator(_ordered(measure, documents, order).select_related(*related), ROWS).get_page(page_number)
    rows = with_shares([describe(row) for row in page], list(page), measure.document_kind, mine(customers))
    total = _total(measure, documents)
    differs = stored != total
    is_sum = measure.kind in {"sum", "count"}
    return Evidence(
        measure=measure,
        period=measure.period(as_of),
        as_of=as_of,
        rows=tuple(replace(one, written_at=row.synced_at) for one, row in zip(rows, page, strict=True)),
        page=page,
        count=page.paginator.count,
        total=total,
        stored=stored,
        differs=differs,
        difference=(stored or 0) - (total or 0) if is_sum else None,
        conversions=conversions(documents, as_of) if measure.unit in CONVERTED and page.paginator.count else (),
        several=several_in(documents) if measure.kind == "count" and total != page.paginator.count else {},
    )


def written_since(measure: Measure, customers: "QuerySet[Customer]", as_of: date, since: datetime) -> int:
    """How many of the documents that count were written anew after an instant."""
    return measure.documents(customers, as_of).filter(synced_at__gt=since).count()


def undated_items(customers: "QuerySet[Customer]", measure: Measure, as_of: date) -> int:
    """How many of the open items that count tell only today's open amount; 0 for other documents."""
    if measure.document_kind != "open_item":
        return 0
    return measure.documents(customers, as_of).filter(dated_allocations=False).count()


def _total(measure: Measure, documents: "QuerySet[Any]") -> Any:
    function = {"min": Min, "max": Max}.get(measure.kind, Sum)
    return documents.aggregate(total=function("counted"))["total"] or (Decimal(0) if function is Sum else None)


def _ordered(measure: Measure, documents: "QuerySet[Any]", order: str) -> "QuerySet[Any]":
    """The deciding row first for a min or max, otherwise the newest document first."""
    if measure.kind == "max":
        return documents.order_by("-counted", "key")
    if measure.kind == "min":
        return documents.order_by("counted", "key")
    return documents.order_by(f"-{order}", "key")
