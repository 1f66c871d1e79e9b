"""Receivables by customer."""

from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from customers.measures import get_measure
from customers.models import CustomerRollup
from reports.columns import CellKind, Column, Row, Total, measure_column
from reports.customer_rows import ASKED, WHO, asked_of, customer_answer, field_words
from reports.parameters import Parameter, ParameterKind
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table, figure_url, label_of

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
AGE = Parameter(
    name="age",
    label="With an amount",
    kind=ParameterKind.CHOICE,
    choices=lambda: (("", "All"), ("overdue", "Overdue"), *((name, get_measure(name).label) for name in BUCKETS)),
    rests_on={"overdue": frozenset({"overdue_amount", "overdue_count"})}
    | {name: frozenset({name}) for name in BUCKETS},
)
NOTE = "The ages add up to the open amount. A customer can owe in several of them, so the numbers of customers do not."


def answer(question: Question) -> Answer:
    """One row per customer that owes at the chosen age; above, the sum of each age."""
    asked, age = asked_of(question), question.values["age"]
    chosen = asked
    if age == "overdue":
        chosen = asked.filter(overdue_count__gt=0)
    elif age:
        chosen = asked.exclude(**{get_measure(age).column: 0})
    return customer_answer(
        question,
        chosen,
        COLUMNS,
        overview=_by_age(asked, question),
        charts=(Chart(title="Open amount by age", category="age", series=("amount",)),),
        words=(*((f"With an amount: {label_of(AGE.options(), age)}",) if age else ()), *field_words(question)),
        notes=(NOTE,),
    )


def _by_age(asked: QuerySet[CustomerRollup], question: Question) -> Table | None:
    shown = [get_measure(name) for name in BUCKETS if name not in question.hidden]
    sums = {f"sum_{each.name}": Sum(each.column) for each in shown}
    counts = {f"count_{each.name}": Count("pk", filter=~Q(**{each.column: 0})) for each in shown}
    found = asked.order_by().aggregate(**sums, **counts) if shown else {}
    rows = tuple(
        Row((each.label, found[f"sum_{each.name}"] or Decimal(0), found[f"count_{each.name}"]), {"age": each.name})
        for each in shown
    )
    if not rows:
        return None
    columns = _overview_columns(question)
    return Table(
        title="By age",
        columns=columns,
        rows=ListedRows(rows, columns),
        row_url=lambda keys: _members(question, keys["age"]),
        noun="age",
    )


def _members(question: Question, age: str) -> str:
    return f"?{REPORT.query(question, age=age, sort=age, order='')}"


def _overview_columns(question: Question) -> tuple[Column, ...]:
    return (
        Column(name="age", label="Age"),
        Column(
            name="amount",
            label="Amount",
            kind=CellKind.MONEY,
            total=Total(""),
            measure="open_amount",
            url=lambda row: figure_url(REPORT, question, row.keys["age"], age=row.keys["age"]),
            total_url=figure_url(REPORT, question, "open_amount", age=""),
        ),
        Column(
            name="customers",
            label="Customers",
            kind=CellKind.COUNT,
            url=lambda row: _members(question, row.keys["age"]),
        ),
    )


REPORT = Report(
    name="receivables",
    title="Receivables by customer",
    description="What every customer owes, by age.",
    group="Receivables",
    answer=answer,
    parameters=(AGE, *ASKED),
    sort="open_amount",
    pushes=("overdue_amount", "overdue_count", "oldest_overdue_days"),
    picture="bars",
    position=30,
)
