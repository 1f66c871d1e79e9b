"""Orders by customer."""

from reports.columns import measure_column
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD
from reports.shape import Answer, Question, Report

MEASURES = (
    "order_intake",
    "order_count",
    "order_intake_last_year",
    "order_intake_ytd",
    "orders_received",
    "orders_received_count",
    "open_orders_amount",
    "open_orders_count",
    "late_orders_count",
    "shipped_late_count",
    "average_order_value",
    "last_order_on",
)
COLUMNS = (*WHO, *map(measure_column, MEASURES))


def answer(question: Question) -> Answer:
    """One row per customer."""
    return customer_answer(question, asked_of(question), COLUMNS, words=field_words(question))


REPORT = Report(
    name="orders",
    title="Orders by customer",
    description="Order intake, open and late orders of every customer.",
    group="Orders and deliveries",
    answer=answer,
    parameters=(ACCOUNT_FIELD,),
    sort="order_intake",
    position=20,
)
