"""Lapsed customers and those at risk of it, by their own rhythm and by what they buy less."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import F, Q

from customers.rhythm import RULE
from reports.classes import Classes
from reports.columns import CellKind, Column, days_since, measure_column, summed
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind
from reports.shape import Answer, Chart, Question, Report

LAPSED_AFTER = Parameter(
    name="lapsed",
    label="Lapsed after days",
    kind=ParameterKind.WHOLE,
    default=365,
    least=Decimal(1),
    most=Decimal(3650),
    group="Limits",
)
DROP = Parameter(
    name="drop",
    label="At risk from a drop of %",
    kind=ParameterKind.PERCENT,
    default=Decimal(30),
    most=Decimal(100),
    group="Limits",
)
CLASSES = Classes(
    labels={
        "lapsed": "Lapsed",
        "quiet": "At risk: quiet",
        "less": "At risk: buys less",
        "active": "Active",
        "never": "Never ordered",
    },
    label="Status",
    noun="status,statuses",
)


def answer(question: Question) -> Answer:
    """Customers with their last order, rhythm and change; above, the money of each status."""
    limit = question.as_of - timedelta(days=question.values["lapsed"])
    kept = 1 - question.values["drop"] / 100
    rules = (
        (Q(last_order_on=None), "never"),
        (Q(last_order_on__lt=limit), "lapsed"),
        (Q(quiet_since__isnull=False, quiet_since__lte=question.as_of), "quiet"),
        (Q(revenue_prior_12m__gt=0) & Q(revenue_12m__lte=F("revenue_prior_12m") * kept), "less"),
        (None, "active"),
    )
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
    return customer_answer(
        question,
        CLASSES.chosen(classified, question),
        columns,
        overview=CLASSES.overview(
            classified, ("revenue_12m", "revenue_prior_12m", "overdue_amount"), question, REPORT, title="By status"
        ),
        charts=(Chart(title="Revenue by status", category="class", series=("revenue_12m", "revenue_prior_12m")),),
        words=(
            f"Lapsed: last order more than {question.values['lapsed']} days ago",
            f"Buys less: revenue of 12 months down by {question.values['drop']} % or more",
            *CLASSES.words(question),
            *field_words(question),
        ),
        notes=(RULE,),
    )


REPORT = Report(
    name="lapsed",
    title="Lapsed and at risk",
    description="Who has stopped ordering, who is quieter than usual and who buys less.",
    answer=answer,
    parameters=(CLASSES.parameter, ACCOUNT_FIELD, LAPSED_AFTER, DROP),
    sort="revenue_prior_12m",
    rests_on=frozenset({"last_order_on", "revenue_12m", "revenue_prior_12m"}),
    position=15,
)
