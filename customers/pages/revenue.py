"""Revenue by month of this fiscal year against the year before, from the monthly summary."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from customers import counted
from customers.calendar import Period, fiscal_calendar
from customers.charts import MonthChart, month_chart
from customers.hidden import rests_on
from customers.known import mine, prepared_for
from customers.models import Customer, CustomerMonth
from customers.pages.period_words import period_words, range_words
from customers.pages.scope import Scope
from customers.parts import in_parts
from integration_hub.prepared import prepared

ZERO = Decimal(0)


@dataclass(frozen=True)
class MonthRow:
    """One month of the table below the chart; `current` is None for months still to come."""

    month: date
    current: Decimal | None
    previous: Decimal
    url: str
    previous_url: str


@dataclass(frozen=True)
class RevenueByMonth:
    """Chart and table of twelve months in the reporting currency, and how the year stands against the same days.

    `other_year` are the days of the fiscal year where it is not made of these months: then they have no total.
    """

    chart: MonthChart
    rows: tuple[MonthRow, ...]
    year: str
    previous_year: str
    other_year: str
    total: Decimal
    previous_total: Decimal
    ytd: Decimal
    ytd_url: str
    ytd_prior: Decimal
    ytd_prior_url: str
    total_url: str
    previous_total_url: str
    dates: str
    dates_prior: str
    difference: Decimal
    difference_size: Decimal
    as_of: date
    empty: bool


@rests_on("revenue_ytd", "revenue_ytd_prior")
def build_revenue(scope: Scope) -> RevenueByMonth:
    """Twelve calendar months from the month that fiscal years begin in, or about."""
    rollup, calendar = scope.figures, fiscal_calendar()
    number = calendar.nominal_number(rollup.as_of)
    start = date(number, calendar.first_month, 1)
    fiscal = calendar.fiscal_year(rollup.as_of)
    months = [start + relativedelta(months=index) for index in range(12)]
    known = revenue_by_month(scope, start - relativedelta(years=1), months[-1])
    current = [known.get(month, ZERO) for month in months]
    previous = [known.get(month - relativedelta(years=1), ZERO) for month in months]
    rows = tuple(
        MonthRow(
            month=month,
            current=value if month <= rollup.as_of else None,
            previous=before,
            url=_month_url(scope, month),
            previous_url=scope.url("invoices", month=f"{month - relativedelta(years=1):%Y-%m}"),
        )
        for month, value, before in zip(months, current, previous, strict=True)
    )
    return RevenueByMonth(
        chart=month_chart(months, current, previous, as_of=rollup.as_of, currency=scope.currency),
        rows=rows,
        year=calendar.year_label(number),
        previous_year=calendar.year_label(number - 1),
        other_year=range_words(fiscal) if fiscal.days % 7 == 0 else "",
        total=sum((row.current for row in rows if row.current is not None), ZERO),
        previous_total=sum(previous, ZERO),
        ytd=rollup.revenue_ytd,
        ytd_url=scope.figure_url("revenue_ytd"),
        ytd_prior=rollup.revenue_ytd_prior,
        ytd_prior_url=scope.figure_url("revenue_ytd_prior"),
        total_url=scope.figure_url("revenue_ytd"),
        previous_total_url=scope.figure_url("revenue_last_year"),
        dates=period_words("revenue_ytd", rollup.as_of),
        dates_prior=period_words("revenue_ytd_prior", rollup.as_of),
        difference=rollup.revenue_ytd - rollup.revenue_ytd_prior,
        difference_size=abs(rollup.revenue_ytd - rollup.revenue_ytd_prior),
        as_of=rollup.as_of,
        empty=not any(current) and not any(previous),
    )


def _month_url(scope: Scope, month: date) -> str:
    """The invoices of a month; of the running one only those up to the day, as a posting day can lie ahead."""
    day = scope.figures.as_of
    running = (month.year, month.month) == (day.year, day.month)
    return scope.url("invoices", month=f"{month:%Y-%m}", **({"until": day.isoformat()} if running else {}))


def revenue_by_month(scope: Scope, first: date, last: date) -> dict[date, Decimal]:
    """Revenue per month (its first day) between two months, both included; only months that have any.

    The monthly summary holds today's months only, so those of a past day are added up from the invoices of that day.
    """
    if not scope.past:
        return dict(_stored(scope.members, first, last))
    return dict(_of_invoices(scope.customers, Period(first, scope.figures.as_of)))


@prepared
def _stored(members: tuple[int, ...], first: date, last: date) -> "QuerySet[Any, Any]":
    months = CustomerMonth.objects.filter(customer__in=members, month__range=(first, last))
    return months.values_list("month").annotate(total=Sum("revenue")).order_by("month")


@prepared_for
def _of_invoices(customers: QuerySet[Customer], period: Period) -> "QuerySet[Any, Any]":
    invoices = (
        in_parts(counted.revenue(customers, period), mine(customers))
        .order_by()
        .annotate(month=TruncMonth("revenue_on"))
    )
    by_month: QuerySet[Any, Any] = invoices.values_list("month").annotate(total=Sum("counted")).order_by("month")
    return by_month
