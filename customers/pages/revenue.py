"""Revenue by month of this fiscal year against the year before, from the monthly summary."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.urls import reverse

from customers.charts import MonthChart, month_chart
from customers.hidden import rests_on
from customers.measures import get_measure
from customers.models import CustomerMonth, CustomerRollup
from customers.pages.key_figures import year_label

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
    """Chart and table of twelve months in the reporting currency, and how the year stands against the same days."""

    chart: MonthChart
    rows: tuple[MonthRow, ...]
    year: str
    previous_year: str
    total: Decimal
    previous_total: Decimal
    ytd: Decimal
    difference: Decimal
    difference_size: Decimal
    as_of: date
    empty: bool


@rests_on("revenue_ytd", "revenue_ytd_prior")
def build_revenue(rollup: CustomerRollup, currency: str) -> RevenueByMonth:
    """Twelve months from the start of the fiscal year of the rollup's day."""
    period = get_measure("revenue_ytd").period(rollup.as_of)
    if period is None:
        raise ValueError("revenue_ytd is a sum over a period, so it has one at every day")
    start = period.start
    months = [start + relativedelta(months=index) for index in range(12)]
    known = dict(
        CustomerMonth.objects.filter(
            customer=rollup.customer_id, month__gte=start - relativedelta(years=1), month__lte=months[-1]
        ).values_list("month", "revenue")
    )
    current = [known.get(month, ZERO) for month in months]
    previous = [known.get(month - relativedelta(years=1), ZERO) for month in months]
    invoices = reverse("customers:invoices", args=(rollup.customer_id,))
    rows = tuple(
        MonthRow(
            month=month,
            current=value if month <= rollup.as_of else None,
            previous=before,
            url=f"{invoices}?month={month:%Y-%m}",
            previous_url=f"{invoices}?month={month - relativedelta(years=1):%Y-%m}",
        )
        for month, value, before in zip(months, current, previous, strict=True)
    )
    return RevenueByMonth(
        chart=month_chart(months, current, previous, as_of=rollup.as_of, currency=currency),
        rows=rows,
        year=year_label(start),
        previous_year=year_label(start - relativedelta(years=1)),
        total=sum((row.current for row in rows if row.current is not None), ZERO),
        previous_total=sum(previous, ZERO),
        ytd=rollup.revenue_ytd,
        difference=rollup.revenue_ytd - rollup.revenue_ytd_prior,
        difference_size=abs(rollup.revenue_ytd - rollup.revenue_ytd_prior),
        as_of=rollup.as_of,
        empty=not any(current) and not any(previous),
    )
