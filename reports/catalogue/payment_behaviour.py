"""How customers pay: days to pay, days late, and days sales outstanding."""

from decimal import Decimal

from django.db.models import Q

from reports.classes import Classes
from reports.columns import measure_column
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD, BadParameter, Parameter, ParameterKind
from reports.shape import Answer, Chart, Question, Report

LATE = Parameter(
    name="late",
    label="Late from days",
    kind=ParameterKind.WHOLE,
    default=1,
    least=Decimal(1),
    most=Decimal(3650),
    group="Limits",
)
VERY_LATE = Parameter(
    name="very_late",
    label="Very late from days",
    kind=ParameterKind.WHOLE,
    default=30,
    least=Decimal(1),
    most=Decimal(3650),
    group="Limits",
)
CLASSES = Classes(
    labels={"on_time": "On time", "late": "Late", "very_late": "Very late", "unknown": "Nothing paid in 12 months"},
    label="Pays",
)


def answer(question: Question) -> Answer:
    """Customers with their habit; above, the money of each."""
    late, very_late = question.values["late"], question.values["very_late"]
    if late > very_late:
        raise BadParameter("Late must begin before very late: lower the one limit, or raise the other.")
    rules = (
        (Q(days_late_paid=None), "unknown"),
        (Q(days_late_paid__gte=very_late), "very_late"),
        (Q(days_late_paid__gte=late), "late"),
        (None, "on_time"),
    )
    classified = CLASSES.classified(asked_of(question), rules)
    columns = (
        *WHO,
        CLASSES.column(rules),
        measure_column("days_late_paid"),
        measure_column("days_to_pay"),
        measure_column("dso"),
        measure_column("paid_amount_12m"),
        measure_column("open_amount"),
        measure_column("overdue_amount"),
        measure_column("oldest_overdue_days"),
    )
    sums = ("paid_amount_12m", "open_amount", "overdue_amount")
    return customer_answer(
        question,
        CLASSES.chosen(classified, question),
        columns,
        overview=CLASSES.overview(classified, sums, question, REPORT, title="By habit"),
        charts=(Chart(title="Open and overdue by habit", category="class", series=("open_amount", "overdue_amount")),),
        words=(
            f"Late from {late} days after the due date on average, very late from {very_late} days",
            *CLASSES.words(question),
            *field_words(question),
        ),
    )


REPORT = Report(
    name="payment-behaviour",
    title="Payment behaviour",
    description="Who pays on time, who late, and how much money waits there.",
    group="Receivables",
    answer=answer,
    parameters=(CLASSES.parameter, ACCOUNT_FIELD, LATE, VERY_LATE),
    sort="days_late_paid",
    rests_on=frozenset({"days_late_paid"}),
    position=32,
)
