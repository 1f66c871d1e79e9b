"""Customers by how lately, how often and for how much they order."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import Case, CharField, Expression, F, Func, Value, When
from django.db.models.functions import Abs, Cast, Concat

from customers import formats
from customers.calendar import current_day
from customers.rfm import SCORED_BY, scored
from customers.rfm_in_force import scales_in_force
from customers.rfm_moves import whole
from customers.rfm_scales import AMOUNTS, ORDERS, Scales, emptied, scale_words
from customers.rfm_segments import NEW, NO_ORDERS, SEGMENTS, segment_label
from reports.columns import CellKind, Column, Row, Total, measure_column, without
from reports.customer_rows import CUSTOMER, OWNER, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind
from reports.rfm.grid import Count25, counted_cells, together
from reports.rfm.scale_table import new_words
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table, figure_url

SEGMENT = Parameter(
    name="segment",
    label="Segment",
    kind=ParameterKind.CHOICE,
    choices=(("", "All"), *((name, segment.label) for name, segment in SEGMENTS.items())),
)
VIEW = Parameter(
    name="view",
    label="Overview",
    kind=ParameterKind.CHOICE,
    choices=(("", "Segments"), ("grid", "Recency by value")),
)
# Overdue comes last: it is left out for whoever may not see it.
MONEY = (
    Column(name="customers", label="Customers", kind=CellKind.COUNT, total=Total("")),
    Column(name="revenue_12m", label="Revenue, 12 months", kind=CellKind.MONEY, total=Total("")),
    Column(name="overdue_amount", label="Overdue", kind=CellKind.MONEY, total=Total("")),
)
BY_SEGMENT = (
    Column(name="rfm_segment", label="Segment"),
    *MONEY,
)
BY_CELL = (
    Column(name="rfm_segment", label="Segment"),
    Column(name="recency", label="Recency"),
    Column(name="value", label="Value"),
    *MONEY,
)


def answer(question: Question) -> Answer:
    """Segments or the grid above, the customers with their scores and why below."""
    scales = scales_in_force()
    asked = asked_of(question)
    chosen = scored(asked, scales)
    if segment := question.values.get("segment"):
        chosen = chosen.filter(rfm_segment=segment)
    found = counted_cells(asked, scales)
    grid = question.values.get("view") == "grid"
    return customer_answer(
        question,
        chosen,
        _columns(scales, question),
        overview=_cells(question, found) if grid else _segments(question, found),
        charts=(GRID_CHART,) if grid else SEGMENT_CHARTS,
        words=words(question, scales),
        notes=(*((SEGMENTS[segment].sentence,) if segment else ()), *emptied(scales)),
    )


SEGMENT_CHARTS = (
    Chart(title="Revenue of 12 months by segment", category="rfm_segment", series=("revenue_12m",)),
    Chart(
        title="Customers by segment", category="rfm_segment", series=("customers",), colours={"Customers": "--bar-2"}
    ),
)
GRID_CHART = Chart(
    title="Customers by recency and value",
    category="recency",
    split="value",
    series=("customers",),
    kind="heat",
    order=("5", "4", "3", "2", "1", "–"),
)


def _columns(scales: Scales, question: Question) -> tuple[Column, ...]:
    since = (
        (Column(name="rfm_since", label="Since", kind=CellKind.DATE, value="customer__rfm__since", wide=True),)
        if question.as_of == current_day()
        else ()
    )
    return (
        CUSTOMER,
        OWNER,
        Column(name="rfm_score", label="Score", value="rfm_digits", definition="Recency, frequency, monetary value."),
        Column(name="rfm_segment", label="RFM segment", value="rfm_label"),
        *since,
        Column(name="why", label="Why", value=why(scales, question.currency), sorts=False, long=True),
        measure_column("last_order_on"),
        measure_column("order_count_12m" if scales.orders == "12m" else "order_count"),
        measure_column("revenue_12m"),
        measure_column("overdue_amount"),
    )


def why(scales: Scales, currency: str) -> Expression:
    """What each score of a row was given for: "R 5: 4 days (ordered in the last 30 days); F 4: 12 (10 orders or more)";
    for a new one also that.
    """
    days, symbol = F("rfm_days"), formats.symbol(currency).replace("\u00a0", " ")
    unit = Case(When(rfm_days=1, then=Value(" day")), default=Value(" days"))
    sign = Case(When(rfm_amount__lt=0, then=Value(f"{formats.MINUS}{symbol}")), default=Value(symbol))
    parts = [
        _given(scales, currency, "recency", whole(days), unit),
        _given(scales, currency, "frequency", whole(F("rfm_orders"))),
        _given(scales, currency, "monetary", sign, whole(Abs("rfm_amount"))),
    ]
    new = Value(f"First order fewer than {scales.new_days} days ago")
    first = Case(When(rfm_segment=NEW, then=new), default=None, output_field=CharField())
    listed = Func(Value("; "), first, *parts, function="concat_ws", output_field=CharField())
    none = When(rfm_segment=NO_ORDERS, then=Value("No order that counts"))
    return Case(none, default=listed, output_field=CharField())


def _given(scales: Scales, currency: str, name: str, *told: Expression) -> Expression:
    """The score, what it was given for as `told`, and what it takes."""
    column = f"rfm_{name[0]}"
    whens = [
        When(**{column: score}, then=Value(f" ({words})".replace("\u00a0", " ")))
        for score, words in scale_words(scales, name, currency)
    ]
    words = Case(*whens, default=Value(""), output_field=CharField())
    start = Concat(Value(f"{name[0].upper()} "), Cast(column, CharField()), Value(": "), output_field=CharField())
    return Concat(start, *told, words, output_field=CharField())


def _segments(question: Question, found: tuple[Count25, ...]) -> Table:
    columns = tuple(_opening(column, question) for column in without(BY_SEGMENT, question.hidden))
    rows = tuple(
        Row((segment_label(name), customers, revenue, overdue)[: len(columns)], {"segment": name})
        for name, customers, revenue, overdue in together(found)
    )
    return Table(
        title="Segments",
        columns=columns,
        rows=ListedRows(rows, columns),
        row_url=partial(_segment_url, question),
        noun="segment",
    )


def _opening(column: Column, question: Question) -> Column:
    """The column of the segments whose figures open just what they are of, and its total all of it."""
    if column.name == "customers":
        every = f"?{REPORT.query(question, segment='')}"
        return replace(column, url=lambda row: _segment_url(question, row.keys), total_url=every)
    if column.name not in {"revenue_12m", "overdue_amount"}:
        return column
    name = column.name
    return replace(
        column,
        measure=name,
        url=lambda row: figure_url(REPORT, question, name, segment=row.keys["segment"]),
        total_url=figure_url(REPORT, question, name, segment=""),
    )


def _cells(question: Question, found: tuple[Count25, ...]) -> Table:
    columns = without(BY_CELL, question.hidden)
    ordered = sorted(
        found, key=lambda each: (-(each.recency or 0), -(each.value or 0), list(SEGMENTS).index(each.segment))
    )
    rows = tuple(
        Row(
            (
                segment_label(each.segment),
                str(each.recency or "–"),
                str(each.value or "–"),
                each.customers,
                each.revenue,
                each.overdue,
            )[: len(columns)],
            {"segment": each.segment},
        )
        for each in ordered
    )
    return Table(
        title="Recency by value",
        columns=columns,
        rows=ListedRows(rows, columns),
        row_url=partial(_segment_url, question),
        noun="cell",
    )


def _segment_url(question: Question, keys: Any) -> str:
    return f"?{REPORT.query(question, segment=keys['segment'])}"


def words(question: Question, scales: Scales) -> tuple[str, ...]:
    """The scales, who is new, and the filters, in plain words."""
    lines = [
        f"{label}: " + "; ".join(f"{score} = {told}" for score, told in scale_words(scales, name, question.currency))
        for name, label in (("recency", "Recency"), ("frequency", "Frequency"), ("monetary", "Monetary value"))
    ]
    lines += [ORDERS[scales.orders], AMOUNTS[scales.amount], new_words(scales)]
    if segment := question.values.get("segment"):
        lines.append(f"Segment: {segment_label(segment)}")
    return (*lines, *field_words(question))


REPORT = Report(
    name="rfm",
    title="RFM segments",
    description="Customers by how lately, how often and for how much they order; the scales are frozen.",
    answer=answer,
    parameters=(SEGMENT, VIEW, ACCOUNT_FIELD),
    sort="revenue_12m",
    rests_on=SCORED_BY,
    pushes=("rfm_segment", "rfm_score", "rfm_since"),
    pages=(("How scores are set", "reports:rfm_scales"),),
    position=11,
)
