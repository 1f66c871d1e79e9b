"""Concentration: how much of the revenue the largest customers make."""

from decimal import Decimal

from django.db.models import F, Sum

from customers.measures import get_measure
from reports.catalogue.abc import FIGURE, FIGURES
from reports.columns import CellKind, Column, Row
from reports.customer_rows import asked_of, field_words
from reports.parameters import ACCOUNT_FIELD
from reports.rows import listed
from reports.shape import Answer, Chart, Question, Report

STEPS = (1, 3, 5, 10, 20, 50, 100, 500)


def answer(question: Question) -> Answer:
    """One row for each number of largest customers, with what they make together and its share of the whole."""
    measure = get_measure(question.values["figure"] if question.values["figure"] not in question.hidden else FIGURES[0])
    positive = (
        asked_of(question).filter(**{f"{measure.column}__gt": 0}).order_by(F(measure.column).desc(), "customer_id")
    )
    count, whole = positive.count(), positive.order_by().aggregate(whole=Sum(measure.column))["whole"] or Decimal(0)
    largest = list(positive.values_list(measure.column, flat=True)[: STEPS[-1]])
    rows = [_row(f"Largest {step}", step, sum(largest[:step], Decimal(0)), whole) for step in STEPS if step < count]
    if count:
        rows.append(_row(f"All {count}", count, whole, whole))
    columns = (
        Column(name="customers", label="Customers", sorts=False),
        Column(name="number", label="Number", kind=CellKind.COUNT),
        Column(name="amount", label=measure.label, kind=CellKind.MONEY, definition=measure.definition),
        Column(
            name="share",
            label="Share of the whole",
            kind=CellKind.PERCENT,
            definition="Share of the sum of all positive amounts, to two decimals.",
        ),
    )
    return Answer(
        columns=columns,
        rows=listed(columns, rows, by=question.sort, descending=question.descending),
        noun="step",
        charts=(Chart(title="Share of the largest customers", category="customers", series=("share",)),),
        words=(measure.label, *field_words(question)),
        notes=(
            "Each row holds the ones above it, so the rows do not add up. Customers by name are in the ABC analysis.",
        )
        if count
        else ("No customer has a positive amount, so nothing is concentrated anywhere.",),
    )


def _row(label: str, number: int, amount: Decimal, whole: Decimal) -> Row:
    return Row((label, number, amount, (amount * 100 / whole).quantize(Decimal("0.01"))), {})


REPORT = Report(
    name="concentration",
    title="Concentration",
    description="How much of the revenue the largest 1, 3, 5, 10 … customers make.",
    group="Revenue",
    answer=answer,
    parameters=(FIGURE, ACCOUNT_FIELD),
    rests_on=frozenset({"revenue_12m"}),
    position=14,
)
