"""Concentration: how much of the revenue the largest customers make."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from customers.measures import Measure, get_measure
from reports.catalogue.abc import FIGURE, FIGURES
from reports.columns import CellKind, Column, Row, cents
from reports.customer_rows import ASKED, asked_of, field_words
from reports.parameters import written
from reports.rows import ListedRows, listed
from reports.shape import Answer, Chart, Question, Report, Table, list_url

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

    def ranked(keys: Mapping[str, Any]) -> str:
        return _ranked(question, keys["number"])

    columns = _columns(measure, lambda row: ranked(row.keys))
    return Answer(
        columns=columns,
        rows=listed(columns, rows, by=question.sort, descending=question.descending),
        row_url=ranked,
        noun="step",
        charts=(
            Chart(
                title="Share of the largest customers",
                category="customers",
                series=("share",),
                table=Table(columns=columns, rows=ListedRows(tuple(rows), columns), row_url=ranked),
            ),
        )
        if rows
        else (),
        words=(measure.label, *field_words(question)),
        notes=(
            "Each row holds the ones above it, so the rows do not add up. Customers by name are in the ABC analysis.",
        )
        if count
        else ("No customer has a positive amount, so nothing is concentrated anywhere.",),
    )


def _columns(measure: Measure, ranked: Callable[[Row], str]) -> tuple[Column, ...]:
    return (
        Column(name="customers", label="Customers", sorts=False),
        Column(name="number", label="Number", kind=CellKind.COUNT, wide=True),
        Column(name="amount", label=measure.label, kind=CellKind.MONEY, definition=measure.definition, url=ranked),
        Column(
            name="share",
            label="Share of the whole",
            kind=CellKind.PERCENT,
            definition="Share of the sum of all positive amounts, to two decimals.",
        ),
    )


def _row(label: str, number: int, amount: Decimal, whole: Decimal) -> Row:
    return Row((label, number, amount, cents(amount * 100 / whole)), {"number": number})


def _ranked(question: Question, number: int) -> str:
    """These customers, in the ABC analysis of the same figure."""
    values = {each.name: written(each, question.values[each.name]) for each in (FIGURE, *ASKED)}
    return list_url("abc", top=str(number), **values)


REPORT = Report(
    name="concentration",
    title="Concentration",
    description="How much of the revenue the largest 1, 3, 5, 10 … customers make.",
    group="Revenue",
    answer=answer,
    parameters=(FIGURE, *ASKED),
    rests_on=frozenset({"revenue_12m"}),
    picture="bars",
    position=14,
)
