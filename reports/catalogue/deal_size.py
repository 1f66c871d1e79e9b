"""Average deal size by customer, in bands."""

from decimal import Decimal

from django.db.models import Q

from customers.segments import USUAL
from reports.classes import Classes
from reports.columns import measure_column
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD, BadParameter, Parameter, ParameterKind
from reports.shape import Answer, Chart, Question, Report

BIG = Parameter(name="big", label="Big from", kind=ParameterKind.MONEY, default=USUAL.deal, group="Thresholds")
SMALL = Parameter(
    name="small", label="Small below", kind=ParameterKind.MONEY, default=Decimal(5000), group="Thresholds"
)
CLASSES = Classes(
    labels={"big": "Big deals", "middle": "Middle deals", "small": "Small deals", "none": "No won deals"}, label="Deals"
)


def answer(question: Question) -> Answer:
    """Customers with won amount, number of deals and their average; above, each band."""
    big, small = question.values["big"], question.values["small"]
    if small > big:
        raise BadParameter("Small deals must end below big ones: lower the one threshold, or raise the other.")
    rules = (
        (Q(average_deal_size=None), "none"),
        (Q(average_deal_size__gte=big), "big"),
        (Q(average_deal_size__gte=small), "middle"),
        (None, "small"),
    )
    classified = CLASSES.classified(asked_of(question), rules)
    columns = (
        *WHO,
        CLASSES.column(rules),
        measure_column("average_deal_size"),
        measure_column("won_amount_12m"),
        measure_column("won_count_12m"),
        measure_column("average_order_value"),
        measure_column("order_count_12m"),
        measure_column("revenue_12m"),
    )
    return customer_answer(
        question,
        CLASSES.chosen(classified, question),
        columns,
        overview=CLASSES.overview(
            classified, ("won_amount_12m", "won_count_12m", "revenue_12m"), question, REPORT, title="By size of deal"
        ),
        charts=(Chart(title="Won amount by size of deal", category="class", series=("won_amount_12m",)),),
        words=(
            f"Big from {big:,.2f} {question.currency}, small below {small:,.2f} {question.currency}",
            *CLASSES.words(question),
            *field_words(question),
        ),
    )


REPORT = Report(
    name="deal-size",
    title="Average deal size",
    description="Won opportunities of 12 months: how many, how much, and how much each.",
    answer=answer,
    parameters=(CLASSES.parameter, ACCOUNT_FIELD, BIG, SMALL),
    sort="average_deal_size",
    rests_on=frozenset({"average_deal_size", "won_amount_12m", "won_count_12m"}),
    position=16,
)
