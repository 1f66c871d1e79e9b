"""Delivered but not invoiced, by customer."""

from reports.columns import measure_column
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD
from reports.shape import Answer, Question, Report

COLUMNS = (
    *WHO,
    *map(
        measure_column,
        ("delivered_not_invoiced", "open_orders_amount", "open_orders_count", "revenue_12m", "last_order_on"),
    ),
)


def answer(question: Question) -> Answer:
    """Customers where something is delivered and not invoiced, the largest amount first."""
    asked = asked_of(question).exclude(delivered_not_invoiced=0)
    notes = () if asked.exists() else ("Everything that was delivered is invoiced.",)
    return customer_answer(question, asked, COLUMNS, words=field_words(question), notes=notes)


REPORT = Report(
    name="delivered-not-invoiced",
    title="Delivered, not invoiced",
    description="What left the warehouse and has no invoice yet, by customer.",
    group="Orders and deliveries",
    answer=answer,
    parameters=(ACCOUNT_FIELD,),
    sort="delivered_not_invoiced",
    rests_on=frozenset({"delivered_not_invoiced"}),
    position=22,
)
