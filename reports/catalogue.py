"""The reports there are: each declared once, read by page, export and command alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import OuterRef, QuerySet, Subquery

from customers.access import visible
from customers.account_fields import in_words
from customers.hidden import CLASSIFIED_BY, hidden_fields
from customers.models import CustomerRollup
from customers.segments import DEAL_CLASSES, REVENUE_CLASSES, STANDINGS, segment_words
from integration_hub.models import SfUser
from reports import segmentation
from reports.columns import CellKind, ReportColumn, measure_column
from reports.segmentation import Selection

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class Report:
    """A list of customers with their figures at one day. `rows` gives the selection in its order; `words` says the
    filters in plain words. `rests_on` are figures without which the report cannot be: it classifies by them.
    """

    name: str
    title: str
    description: str
    columns: tuple[ReportColumn, ...]
    read: Callable[[Mapping[str, str]], Selection]
    rows: Callable[[QuerySet[CustomerRollup], Selection], QuerySet[CustomerRollup]]
    words: Callable[[Selection, str], list[str]]
    rests_on: frozenset[str] = frozenset()

    def without(self, hidden: frozenset[str]) -> "Report":
        """The report without hidden columns."""
        kept = tuple(column for column in self.columns if (column.measure or column.name) not in hidden)
        return replace(self, columns=kept)

    def selected(self, selection: Selection, hidden: frozenset[str]) -> Selection:
        """The selection without an order or a filter that would give a hidden figure away."""
        if segmentation.SORTS.get(selection.sort) in hidden:
            selection = replace(selection, sort="name", descending=False)
        if selection.field is not None and selection.field.name in hidden_fields(hidden):
            selection = replace(selection, field=None)
        return selection


def rollups_of(user: User | None, as_of: date) -> QuerySet[CustomerRollup]:
    """Rollups of all customers that the user may see at a day; without a user (command line) those of every customer,
    as an analyst sees.
    """
    rollups = CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None)
    return rollups if user is None else visible(rollups, user)


def _segment_rows(rollups: QuerySet[CustomerRollup], selection: Selection) -> QuerySet[CustomerRollup]:
    owner = SfUser.objects.filter(key=OuterRef("customer__owner")).values("name")[:1]
    return segmentation.select(rollups, selection).annotate(owner_name=Subquery(owner))


def _words(selection: Selection, currency: str) -> list[str]:
    limits = selection.thresholds
    lines = [
        f"Large from {limits.large:,.0f} {currency} revenue last year, medium from {limits.medium:,.0f} {currency}",
        f"Overdue from {limits.overdue:,.0f} {currency}",
        f"Big deals from {limits.deal:,.0f} {currency} average deal size",
    ]
    for value, names, label in (
        (selection.revenue, REVENUE_CLASSES, "Revenue class"),
        (selection.standing, STANDINGS, "Standing"),
        (selection.deals, DEAL_CLASSES, "Deal class"),
    ):
        if value:
            lines.append(f"{label}: {names[value]}")
    if selection.field is not None:
        lines.append(in_words(selection.field))
    return lines


def _segment(row: Any) -> str:
    return segment_words(row.revenue_class, row.standing, row.deal_class)


SEGMENTATION = Report(
    name="segmentation",
    title="Customer segmentation",
    description="Customers by revenue last year, overdue amount and average deal size.",
    columns=(
        ReportColumn("customer", "Customer", CellKind.TEXT, lambda row: row.customer.name, sort="name"),
        ReportColumn("erp_numbers", "ERP number", CellKind.TEXT, lambda row: row.customer.erp_numbers),
        ReportColumn("owner", "Owner", CellKind.TEXT, lambda row: row.owner_name or ""),
        ReportColumn("segment", "Segment", CellKind.TEXT, _segment),
        measure_column("revenue_last_year", sort="revenue"),
        measure_column("revenue_ytd"),
        measure_column("overdue_amount", sort="overdue"),
        measure_column("overdue_count"),
        measure_column("oldest_overdue_days"),
        measure_column("average_deal_size", sort="deal"),
        measure_column("last_order_on"),
    ),
    read=segmentation.read_selection,
    rows=_segment_rows,
    words=_words,
    rests_on=CLASSIFIED_BY,
)


def _list_of_figures(name: str, title: str, description: str, *measures: str) -> Report:
    """A plain list: who, whose, and the measures."""
    who = [column for column in SEGMENTATION.columns if column.name in {"customer", "erp_numbers", "owner"}]
    return Report(
        name=name,
        title=title,
        description=description,
        columns=(*who, *(measure_column(measure) for measure in measures)),
        read=_read_sort(measures[0]),
        rows=_segment_rows,
        words=lambda selection, _currency: [in_words(selection.field)] if selection.field else [],
    )


def _read_sort(first: str) -> Callable[[Mapping[str, str]], Selection]:
    """Only the order and the account field come from the URL; without an order the first measure, largest first."""

    def read(parameters: Mapping[str, str]) -> Selection:
        order = {"sort": parameters.get("sort") or first, "order": parameters.get("order", "desc")}
        return segmentation.read_selection({**order, "field": parameters.get("field", "")})

    return read


ORDERS = _list_of_figures(
    "orders",
    "Orders by customer",
    "Order intake, open and late orders of every customer.",
    "order_intake",
    "order_count",
    "order_intake_last_year",
    "order_intake_ytd",
    "orders_received",
    "orders_received_count",
    "open_orders_amount",
    "open_orders_count",
    "late_orders_count",
    "shipped_late_count",
    "average_order_value",
    "last_order_on",
)
RECEIVABLES = _list_of_figures(
    "receivables",
    "Receivables by customer",
    "What every customer owes, by age.",
    "open_amount",
    "overdue_amount",
    "overdue_count",
    "oldest_overdue_days",
    "aging_not_due",
    "aging_1_30",
    "aging_31_60",
    "aging_61_90",
    "aging_over_90",
    "aging_no_due_date",
    "credits_amount",
    "days_to_pay",
    "dso",
)

REPORTS: Mapping[str, Report] = {report.name: report for report in (SEGMENTATION, ORDERS, RECEIVABLES)}


def reports_for(hidden: frozenset[str]) -> tuple[Report, ...]:
    """The reports for somebody from whom these columns are hidden; one that classifies by such a figure is not among
    them.
    """
    return tuple(report.without(hidden) for report in REPORTS.values() if not report.rests_on & hidden)


def get_report(name: str) -> Report:
    """The report of that name; KeyError names the ones there are."""
    if name not in REPORTS:
        raise KeyError(f"There is no report {name!r}; there are: {', '.join(REPORTS)}.")
    return REPORTS[name]
