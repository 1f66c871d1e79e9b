"""Revenue and orders of one calendar year by customer, also only of those who began in a certain year."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from customers.models import CustomerMonth, CustomerRollup
from integration_hub.models.common import MoneyField
from reports.columns import CellKind, measure_column, summed
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.document_rows import OF_INVOICES
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind
from reports.shape import Answer, Question, Report, label_of

LEAST, MOST = Decimal(1900), Decimal(2999)
YEAR = Parameter(name="year", label="Calendar year", kind=ParameterKind.WHOLE, default=None, least=LEAST, most=MOST)
FIRST = Parameter(name="first", label="First order in", kind=ParameterKind.WHOLE, default=None, least=LEAST, most=MOST)
ORDERED = Parameter(
    name="ordered",
    label="In that year",
    kind=ParameterKind.CHOICE,
    choices=(("", "All"), ("yes", "Ordered"), ("no", "Did not order")),
)
NOTE = "Years are calendar years. Revenue is that of the invoices of the year less its credit notes."


def answer(question: Question) -> Answer:
    """One row per customer with its orders and revenue of the year."""
    year, first, ordered = (question.values[each.name] for each in (YEAR, FIRST, ORDERED))
    year = year or question.as_of.year
    rows = _with_year(asked_of(question), year, question.as_of)
    if first:
        rows = rows.filter(first_order_on__year=first)
    if ordered:
        rows = rows.filter(year_orders__gt=0) if ordered == "yes" else rows.filter(year_orders=0)
    elif not first:
        rows = rows.filter(Q(year_orders__gt=0) | ~Q(year_revenue=0))
    columns = (
        *WHO,
        measure_column("first_order_on"),
        summed("orders", f"Orders {year}", CellKind.COUNT, "year_orders"),
        summed("revenue", f"Revenue {year}", CellKind.MONEY, "year_revenue"),
        measure_column("last_order_on", wide=True),
        measure_column("revenue_12m", wide=True),
    )
    partly = f" The year {year} ends at {question.as_of.isoformat()}." if year == question.as_of.year else ""
    return customer_answer(
        question,
        rows,
        columns,
        words=(
            f"Calendar year {year}",
            *((f"First order in {first}",) if first else ()),
            *((label_of(ORDERED.options(), ordered),) if ordered else ()),
            *field_words(question),
        ),
        notes=(NOTE + partly,),
    )


def _with_year(rollups: QuerySet[CustomerRollup], year: int, as_of: date) -> QuerySet[Any]:
    """With year_orders and year_revenue from the monthly figures up to the day."""
    last = min(date(year, 12, 1), as_of)
    months = CustomerMonth.objects.filter(customer=OuterRef("customer_id"), month__range=(date(year, 1, 1), last))
    sums: Any = months.order_by().values("customer").annotate(orders=Sum("order_count"), revenue=Sum("revenue"))
    none: Any = Value(Decimal(0), output_field=MoneyField())
    return rollups.annotate(
        year_orders=Coalesce(Subquery(sums.values("orders"), output_field=IntegerField()), Value(0)),
        year_revenue=Coalesce(Subquery(sums.values("revenue"), output_field=MoneyField()), none),
    )


REPORT = Report(
    name="customer-years",
    title="Customers of a year",
    description="Who ordered in a calendar year and what it brought, also of those who began in a certain one.",
    group="Revenue",
    answer=answer,
    parameters=(YEAR, FIRST, ORDERED, ACCOUNT_FIELD),
    sort="revenue",
    rests_on=OF_INVOICES | {"first_order_on", "last_order_on", "order_count", "order_count_12m"},
    newest_only="orders and revenue are kept by whole months, so a month that had only begun cannot be told any more.",
    position=19,
)
