"""Builds the segmentation page: a frozen dataclass that the template only prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import reverse

from customers.models import CustomerRollup
from reports.catalogue import SEGMENTATION
from reports.columns import Cell, ReportColumn, cells, cents, totals
from reports.segmentation import DEAL_CLASSES, REVENUE_CLASSES, STANDINGS, Segment, Selection, segments

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
class SegmentRow:
    """One segment of the overview; `url` selects it."""

    label: str
    url: str
    chosen: bool
    customers: int
    revenue: Decimal
    overdue: Decimal
    average_deal_size: Decimal | None


@dataclass(frozen=True)
class Heading:
    """A column head; `url` sorts by it, `order` is ascending or descending where it is the order in force."""

    column: ReportColumn
    url: str
    order: str


@dataclass(frozen=True)
class Choice:
    """One option of a class filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class SegmentationPage:
    """Everything the page shows for one selection."""

    as_of: date
    currency: str
    selection: Selection
    query: str
    overview: tuple[SegmentRow, ...]
    all_segments: SegmentRow
    headings: tuple[Heading, ...]
    rows: tuple[CustomerRow, ...]
    page: Page[CustomerRollup]
    foot: tuple[Figure, ...]
    revenue_choices: tuple[Choice, ...]
    standing_choices: tuple[Choice, ...]
    deal_choices: tuple[Choice, ...]


def build_segmentation_page(
    rollups: QuerySet[CustomerRollup], selection: Selection, *, as_of: date, currency: str, page_number: str
) -> SegmentationPage:
    """The page for the visible rollups of one day."""
    found = segments(rollups, selection.thresholds)
    rows = SEGMENTATION.rows(rollups, selection)
    page = Paginator(rows, PAGE_SIZE).get_page(page_number)
    columns = SEGMENTATION.columns
    return SegmentationPage(
        as_of=as_of,
        currency=currency,
        selection=selection,
        query=selection.query(),
        overview=tuple(_segment_row(cell, selection) for cell in found),
        all_segments=_whole(found, selection),
        headings=tuple(_heading(column, selection) for column in columns),
        rows=tuple(_customer_row(row) for row in page.object_list),
        page=page,
        foot=_foot(columns, rows, selection),
        revenue_choices=_choices(REVENUE_CLASSES, selection.revenue),
        standing_choices=_choices(STANDINGS, selection.standing),
        deal_choices=_choices(DEAL_CLASSES, selection.deals),
    )


def _choices(names: dict[str, str], chosen: str) -> tuple[Choice, ...]:
    return (Choice("", "All", not chosen), *(Choice(value, label, value == chosen) for value, label in names.items()))


def _segment_row(cell: Segment, selection: Selection) -> SegmentRow:
    average = cell.average_deal_size
    return SegmentRow(
        label=cell.label,
        url=f"?{selection.query(revenue=cell.revenue, standing=cell.standing)}",
        chosen=(selection.revenue, selection.standing) == (cell.revenue, cell.standing),
        customers=cell.customers,
        revenue=cents(cell.revenue_last_year),
        overdue=cents(cell.overdue_amount),
        average_deal_size=None if average is None else cents(average),
    )


def _whole(found: Sequence[Segment], selection: Selection) -> SegmentRow:
    won, count = sum((cell.won_amount for cell in found), Decimal(0)), sum(cell.won_count for cell in found)
    revenue = sum((cell.revenue_last_year for cell in found), Decimal(0))
    return SegmentRow(
        label="All segments",
        url=f"?{selection.query(revenue='', standing='', deals='')}",
        chosen=not (selection.revenue or selection.standing or selection.deals),
        customers=sum(cell.customers for cell in found),
        revenue=cents(revenue),
        overdue=cents(sum((cell.overdue_amount for cell in found), Decimal(0))),
        average_deal_size=cents(won / count) if count else None,
    )


def _heading(column: ReportColumn, selection: Selection) -> Heading:
    if not column.sort:
        return Heading(column, "", "")
    current = column.sort == selection.sort
    turned = "asc" if (current and selection.descending) or (not current and column.sort == "name") else "desc"
    order = ("descending" if selection.descending else "ascending") if current else ""
    return Heading(column, f"?{selection.query(sort=column.sort, order=turned)}", order)


def _customer_row(row: CustomerRollup) -> CustomerRow:
    url = reverse("customers:detail", args=[row.customer_id])
    values = cells(SEGMENTATION.columns, row)
    figures = tuple(
        Figure(column, value, _documents_url(row.customer_id, column, value))
        for column, value in zip(SEGMENTATION.columns[1:], values[1:], strict=True)
    )
    return CustomerRow(str(values[0]), url, figures)


def _documents_url(customer: int, column: ReportColumn, value: Cell) -> str:
    if not column.measure or value is None or value == 0:
        return ""
    return reverse("customers:figure", args=[customer, column.measure])


def _foot(columns: Sequence[ReportColumn], rows: QuerySet[CustomerRollup], selection: Selection) -> tuple[Figure, ...]:
    foot = totals(columns, rows)
    query = selection.query()
    return tuple(
        Figure(
            column,
            foot[column.name],
            f"{reverse('reports:figure', args=[column.measure])}?{query}" if foot[column.name] else "",
        )
        for column in columns[1:]
    )
