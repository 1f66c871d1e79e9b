"""The list of customers that every report page shows: heads that sort, rows whose figures open, totals at the foot."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import reverse

from customers.models import CustomerRollup
from reports.catalogue import Report
from reports.columns import Cell, ReportColumn, cells, totals
from reports.segmentation import Selection

PAGE_SIZE = 50


@dataclass(frozen=True)
class Figure:
    """One cell of the list: what it shows, how, and where its documents are listed ("" for text)."""

    column: ReportColumn
    value: Cell
    url: str


@dataclass(frozen=True)
class CustomerRow:
    """One customer of the list."""

    name: str
    url: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Heading:
    """A column head; `url` sorts by it, `order` is ascending or descending where it is the order in force."""

    column: ReportColumn
    url: str
    order: str


@dataclass(frozen=True)
class Listing:
    """One page of a report's rows; `foot` totals all rows of the selection, not only those of the page."""

    currency: str
    query: str
    headings: tuple[Heading, ...]
    rows: tuple[CustomerRow, ...]
    page: Page[CustomerRollup]
    foot: tuple[Figure, ...]


def build_listing(
    report: Report, rollups: QuerySet[CustomerRollup], selection: Selection, *, currency: str, page_number: str
) -> Listing:
    """The report's rows among the visible rollups of one day."""
    rows = report.rows(rollups, selection)
    page = Paginator(rows, PAGE_SIZE).get_page(page_number)
    return Listing(
        currency=currency,
        query=selection.query(),
        headings=tuple(_heading(column, selection) for column in report.columns),
        rows=tuple(_customer_row(report, row) for row in page.object_list),
        page=page,
        foot=_foot(report, rows, selection),
    )


def _heading(column: ReportColumn, selection: Selection) -> Heading:
    if not column.sort:
        return Heading(column, "", "")
    current = column.sort == selection.sort
    turned = "asc" if (current and selection.descending) or (not current and column.sort == "name") else "desc"
    order = ("descending" if selection.descending else "ascending") if current else ""
    return Heading(column, f"?{selection.query(sort=column.sort, order=turned)}", order)


def _customer_row(report: Report, row: CustomerRollup) -> CustomerRow:
    values = cells(report.columns, row)
    figures = tuple(
        Figure(column, value, _documents_url(row.customer_id, column, value))
        for column, value in zip(report.columns[1:], values[1:], strict=True)
    )
    return CustomerRow(str(values[0]), reverse("customers:detail", args=[row.customer_id]), figures)


def _documents_url(customer: int, column: ReportColumn, value: Cell) -> str:
    if not column.measure or value is None or value == 0:
        return ""
    return reverse("customers:figure", args=[customer, column.measure])


def _foot(report: Report, rows: QuerySet[CustomerRollup], selection: Selection) -> tuple[Figure, ...]:
    foot = totals(report.columns, rows)
    query = selection.query()
    return tuple(
        Figure(
            column,
            foot[column.name],
            f"{reverse('reports:figure', args=[column.measure])}?{query}"
            if column.measure and foot[column.name] is not None
            else "",
        )
        for column in report.columns[1:]
    )
