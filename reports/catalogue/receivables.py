"""Receivables by customer."""

from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from customers.measures import get_measure
from customers.models import CustomerRollup
from reports.columns import CellKind, Column, Row, Total, measure_column
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table

MEASURES = (
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
COLUMNS = (*WHO, *map(measure_column, MEASURES))


BUCKETS = tuple(name for name in MEASURES if name.startswith("aging_"))
OVERVIEW = (
    Column(name="age", label="Age"),
    Column(name="amount", label="Amount", kind=CellKind.MONEY, total=Total("")),
    Column(name="customers", label="Customers", kind=CellKind.COUNT),
)


def answer(question: Question) -> Answer:
    """One row per customer; above, the sum of each age."""
    asked = asked_of(question)
    return customer_answer(
        question,
        asked,
        COLUMNS,
        overview=_by_age(asked, question),
        charts=(Chart(title="Open amount by age", category="age", series=("amount",)),),
        words=field_words(question),
    )


def _by_age(asked: QuerySet[CustomerRollup], question: Question) -> Table | None:
    shown = [get_measure(name) for name in BUCKETS if name not in question.hidden]
    sums = {f"sum_{each.name}": Sum(each.column) for each in shown}
    counts = {f"count_{each.name}": Count("pk", filter=~Q(**{each.column: 0})) for each in shown}
    found = asked.order_by().aggregate(**sums, **counts) if shown else {}
    rows = tuple(
        Row((each.label, found[f"sum_{each.name}"] or Decimal(0), found[f"count_{each.name}"]), {}) for each in shown
    )
    return Table(title="By age", columns=OVERVIEW, rows=ListedRows(rows, OVERVIEW), noun="age") if rows else None


REPORT = Report(
    name="receivables",
    title="Receivables by customer",
    description="What every customer owes, by age.",
    group="Receivables",
    answer=answer,
    parameters=(ACCOUNT_FIELD,),
    sort="open_amount",
    position=30,
)
