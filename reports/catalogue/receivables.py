"""Receivables by customer."""

from reports.columns import measure_column
from reports.customer_rows import WHO, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD
from reports.shape import Answer, Question, Report

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


def answer(question: Question) -> Answer:
    """One row per customer."""
    return customer_answer(question, asked_of(question), COLUMNS, words=field_words(question))


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
