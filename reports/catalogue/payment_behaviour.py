"""How customers pay: days to pay, days late, and days sales outstanding."""

from decimal import Decimal

from customers import formats
from customers.habits import LATE_FROM_DAYS, PAYING, VERY_LATE_FROM_DAYS, paying_rules
from customers.measures_text import PAYING_HABIT
from reports.classes import Classes
from reports.columns import measure_column
from reports.customer_rows import ASKED, WHO, asked_of, customer_answer, field_words
from reports.parameters import BadParameter, Parameter, ParameterKind
from reports.shape import Answer, Chart, Question, Report

LATE = Parameter(
    name="late",
    label="Late from days",
    kind=ParameterKind.WHOLE,
    default=LATE_FROM_DAYS,
    least=Decimal(1),
    most=Decimal(3650),
    group="Limits",
)
VERY_LATE = Parameter(
    name="very_late",
    label="Very late from days",
    kind=ParameterKind.WHOLE,
    default=VERY_LATE_FROM_DAYS,
    least=Decimal(1),
    most=Decimal(3650),
    group="Limits",
)
CLASSES = Classes(labels=PAYING, label="Pays", noun="habit")


def answer(question: Question) -> Answer:
    """Customers with their habit; above, the money of each."""
    late, very_late = question.values["late"], question.values["very_late"]
    if late > very_late:
        raise BadParameter("Late must begin before very late: lower the one limit, or raise the other.")
    rules = paying_rules(late, very_late)
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
    overview = CLASSES.overview(classified, sums, question, REPORT, title="By habit")
    return customer_answer(
        question,
        CLASSES.chosen(classified, question),
        columns,
        overview=overview,
        charts=(Chart(title="Open and overdue by habit", category="class", series=("open_amount", "overdue_amount")),),
        words=(
            f"Late from {formats.days(late)} after the due date on average, very late from {formats.days(very_late)}",
            *CLASSES.words(question),
            *field_words(question),
        ),
        notes=CLASSES.notes(overview),
    )


REPORT = Report(
    name="payment-behaviour",
    title="Payment behaviour",
    description="Who pays on time, who late, and how much money waits there.",
    group="Receivables",
    answer=answer,
    parameters=(CLASSES.parameter, *ASKED, LATE, VERY_LATE),
    sort="days_late_paid",
    rests_on=PAYING_HABIT.rests_on,
    pushes=(PAYING_HABIT.name,),
    picture="bars",
    position=32,
)
