"""A figure of the whole book: the customers that have one, by how much, and their total."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Sum

from customers.calendar import Period
from customers.measures import Measure
from customers.models import CustomerRollup
from customers.pages.home.book import Book
from customers.pages.key_figures import figure_url
from customers.several_accounts import Several, several_of, several_sentence, shared_among

ROWS = 50
ADDITIVE = frozenset({"sum", "count"})


@dataclass(frozen=True)
class CustomerFigure:
    """One customer's stored figure; its page shows the documents."""

    pk: int
    name: str
    erp_numbers: str
    url: str
    value: Any


@dataclass(frozen=True)
class BookFigure:
    """One page of the customers behind a figure of the book; `total` is over all of them, and `several` says which
    documents a count has more than once.
    """

    measure: Measure
    period: Period | None
    rows: tuple[CustomerFigure, ...]
    page: Page[CustomerRollup]
    total: Decimal | int
    several: Several

    @property
    def words(self) -> str:
        """How a count agrees with the number of its documents, where some count for several customers."""
        return several_sentence(int(self.total), self.several)


def build_book_figure(book: Book, measure: Measure, page_number: str | None) -> BookFigure:
    """The customers with a figure other than zero or documents of it, the greatest first. Raises ValueError for a
    measure whose figures cannot be added over customers.
    """
    if measure.kind not in ADDITIVE:
        raise ValueError(f"{measure.name} cannot be added over customers.")
    # Whoever has such documents without a rate alone adds nothing and is counted all the same.
    columns = {measure.column, measure.counted_as} - {""} - (book.hidden - {measure.column})
    found = book.rollups().exclude(**dict.fromkeys(columns, 0))
    ordered = found.select_related("customer").order_by(F(measure.column).desc(), "customer")
    page = Paginator(ordered, ROWS).get_page(page_number)
    return BookFigure(
        measure=measure,
        period=measure.period(book.as_of),
        rows=tuple(_row(rollup, measure) for rollup in page),
        page=page,
        total=found.aggregate(total=Sum(measure.column, default=0))["total"],
        several=several_of(measure, shared_among(book.customers(), book.as_of), book.as_of)
        if measure.kind == "count"
        else {},
    )


def _row(rollup: CustomerRollup, measure: Measure) -> CustomerFigure:
    customer = rollup.customer
    return CustomerFigure(
        pk=customer.pk,
        name=customer.name or "Without a name",
        erp_numbers=customer.erp_numbers,
        url=figure_url(rollup, measure.name),
        value=measure.value(rollup),
    )
