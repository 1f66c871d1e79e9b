"""Builds the segmentation page: a frozen dataclass that the template only prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from customers.account_fields import FieldChoices, field_choices
from customers.segments import DEAL_CLASSES, REVENUE_CLASSES, STANDINGS
from reports.catalogue import Report, User, rollups_of
from reports.columns import cents
from reports.listing import Listing, build_listing
from reports.segmentation import Segment, Selection, segments


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
    overview: tuple[SegmentRow, ...]
    all_segments: SegmentRow
    listing: Listing
    revenue_choices: tuple[Choice, ...]
    standing_choices: tuple[Choice, ...]
    deal_choices: tuple[Choice, ...]
    field_choices: tuple[FieldChoices, ...]


def build_segmentation_page(
    user: User, report: Report, selection: Selection, *, as_of: date, currency: str, page_number: str
) -> SegmentationPage:
    """The page for what the user may see of one day; `report` is the segmentation without hidden columns."""
    rollups = rollups_of(user, as_of)
    found = segments(rollups, selection)
    return SegmentationPage(
        as_of=as_of,
        currency=currency,
        selection=selection,
        overview=tuple(_segment_row(cell, selection) for cell in found),
        all_segments=_whole(found, selection),
        listing=build_listing(report, rollups, selection, currency=currency, page_number=page_number),
        revenue_choices=_choices(REVENUE_CLASSES, selection.revenue),
        standing_choices=_choices(STANDINGS, selection.standing),
        deal_choices=_choices(DEAL_CLASSES, selection.deals),
        field_choices=field_choices(user, selection.field),
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
