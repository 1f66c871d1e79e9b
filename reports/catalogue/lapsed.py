"""Lapsed customers and those at risk of it, by their own rhythm and by what they buy less."""

from decimal import Decimal

from django.db.models import F

from customers.habits import DROP_PERCENT, LAPSED_AFTER_DAYS, ORDERING, ordering_rules
from customers.measures_text import ORDERING_STATUS
from customers.rhythm import RULE
from reports.classes import Classes
from reports.columns import CellKind, Column, days_since, measure_column, summed
from reports.customer_rows import ASKED, WHO, asked_of, customer_answer, field_words
from reports.parameters import Parameter, ParameterKind
from reports.shape import Answer, Chart, Question, Report

LAPSED_AFTER = Parameter(
    name="lapsed",
    label="Lapsed after days",
    kind=ParameterKind.WHOLE,
    default=LAPSED_AFTER_DAYS,
    least=Decimal(1),
    most=Decimal(3650),
    group="Limits",
)
DROP = Parameter(
    name="drop",
    label="At risk from a drop of %",
    kind=ParameterKind.PERCENT,
    default=DROP_PERCENT,
    most=Decimal(100),
    group="Limits",
)
CLASSES = Classes(labels=ORDERING, label="Status", noun="status,statuses")


def answer(question: Question) -> Answer:
    """Customers with their last order, rhythm and change; above, the money of each status."""
    rules = ordering_rules(question.values["lapsed"], question.values["drop"])
    classified = CLASSES.classified(asked_of(question), rules)
    columns = (
        *WHO,
        CLASSES.column(rules),
        measure_column("last_order_on"),
        Column(
            name="silent_days",
            label="Days since",
            kind=CellKind.DAYS,
            value=days_since("last_order_on", question.as_of),
        ),
        Column(name="order_gap_days", label="Usual gap", kind=CellKind.DAYS, value="order_gap_days", definition=RULE),
        measure_column("revenue_12m"),
        measure_column("revenue_prior_12m"),
        summed("change", "Change", CellKind.MONEY, F("revenue_12m") - F("revenue_prior_12m")),
        measure_column("open_orders_amount"),
        measure_column("overdue_amount"),
    )
    sums = ("revenue_12m", "revenue_prior_12m", "overdue_amount")
    overview = CLASSES.overview(classified, sums, question, REPORT, title="By status")
    return customer_answer(
        question,
        CLASSES.chosen(classified, question),
        columns,
        overview=overview,
        charts=(Chart(title="Revenue by status", category="class", series=("revenue_12m", "revenue_prior_12m")),),
        words=(
            f"Lapsed: last order more than {question.values['lapsed']} days ago",
            f"Buys less: revenue of 12 months down by {question.values['drop']}% or more",
            *CLASSES.words(question),
            *field_words(question),
        ),
        notes=(*CLASSES.notes(overview), RULE),
    )


REPORT = Report(
    name="lapsed",
    title="Lapsed and at risk",
    description="Who has stopped ordering, who is quieter than usual and who buys less.",
    answer=answer,
    parameters=(CLASSES.parameter, *ASKED, LAPSED_AFTER, DROP),
    sort="revenue_prior_12m",
    rests_on=ORDERING_STATUS.rests_on,
    pushes=(ORDERING_STATUS.name,),
    picture="bars",
    position=15,
)
