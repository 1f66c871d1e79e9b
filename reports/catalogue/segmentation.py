"""Customers by revenue last year, overdue amount and average deal size, with thresholds that the reader chooses."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from customers.hidden import CLASSIFIED_BY
from customers.models import CustomerRollup
from customers.segments import DEAL_CLASSES, REVENUE_CLASSES, STANDINGS, USUAL, Thresholds, classify, segment_expression
from reports.columns import CellKind, Column, Row, Total, measure_column
from reports.customer_rows import CUSTOMER, ERP_NUMBERS, OWNER, asked_of, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD, BadParameter, Parameter, ParameterKind
from reports.rows import ListedRows
from reports.shape import Answer, Chart, Question, Report, Table, label_of

LABELS = {"large": "Large from", "medium": "Medium from", "overdue": "Overdue from", "deal": "Big deals from"}
THRESHOLDS = tuple(
    Parameter(
        name=each.name,
        label=LABELS[each.name],
        kind=ParameterKind.MONEY,
        default=getattr(USUAL, each.name),
        group="Thresholds",
    )
    for each in fields(Thresholds)
)


def _class_of(name: str, label: str, names: dict[str, str]) -> Parameter:
    return Parameter(name=name, label=label, kind=ParameterKind.CHOICE, choices=(("", "All"), *names.items()))


CLASSES = (
    _class_of("revenue", "Revenue class", REVENUE_CLASSES),
    _class_of("standing", "Standing", STANDINGS),
    _class_of("deals", "Deals", DEAL_CLASSES),
)
COLUMN_OF = {"revenue": "revenue_class", "standing": "standing", "deals": "deal_class"}
OVERVIEW = (
    Column(name="segment", label="Segment"),
    Column(name="customers", label="Customers", kind=CellKind.COUNT, total=Total("")),
    Column(name="revenue_last_year", label="Revenue last year", kind=CellKind.MONEY, total=Total("")),
    Column(name="overdue_amount", label="Overdue", kind=CellKind.MONEY, total=Total("")),
    Column(name="average_deal_size", label="Average deal", kind=CellKind.MONEY, wide=True),
    Column(name="revenue_class", label="Revenue class", wide=True),
    Column(name="standing", label="Standing", wide=True),
)


def thresholds_of(question: Question) -> Thresholds:
    """The thresholds of the question. Raises BadParameter where medium begins above large."""
    limits = Thresholds(**{each.name: question.values[each.name] for each in THRESHOLDS})
    if limits.medium > limits.large:
        raise BadParameter("Medium must begin below large: lower the medium threshold, or raise the large one.")
    return limits


def answer(question: Question) -> Answer:
    """The segments above, and the customers of the chosen ones below."""
    limits = thresholds_of(question)
    asked = asked_of(question)
    chosen: QuerySet[CustomerRollup] = classify(asked, limits)
    for name, column in COLUMN_OF.items():
        if value := question.values.get(name):
            chosen = chosen.filter(**{column: value})
    columns = (
        CUSTOMER,
        ERP_NUMBERS,
        OWNER,
        Column(name="segment", label="Segment", value=segment_expression(limits)),
        measure_column("revenue_last_year"),
        measure_column("revenue_ytd"),
        measure_column("overdue_amount"),
        measure_column("overdue_count"),
        measure_column("oldest_overdue_days"),
        measure_column("average_deal_size"),
        measure_column("last_order_on"),
    )
    return customer_answer(
        question,
        chosen,
        columns,
        overview=segments(asked, limits, question),
        charts=(
            Chart(
                title="Revenue last year by class",
                category="revenue_class",
                series=("revenue_last_year",),
                split="standing",
                kind="stacked",
                colours={"Overdue": "--age-3", "In good standing": "--bar"},
            ),
            Chart(
                title="Overdue amount by class",
                category="revenue_class",
                series=("overdue_amount",),
                split="standing",
                kind="stacked",
                colours={"Overdue": "--age-3", "In good standing": "--bar"},
            ),
        ),
        words=words(question),
    )


def segments(rollups: QuerySet[CustomerRollup], limits: Thresholds, question: Question) -> Table:
    """All segments that have customers, largest revenue class first, overdue before good standing; the chosen classes
    do not matter.
    """
    found = (
        classify(rollups, limits)
        .order_by()
        .values("revenue_class", "standing")
        .annotate(
            customers=Count("id"),
            revenue=Sum("revenue_last_year"),
            overdue=Sum("overdue_amount"),
            won=Sum("won_amount_12m"),
            won_count=Sum("won_count_12m"),
        )
    )
    place = {name: place for place, name in enumerate([*REVENUE_CLASSES, *STANDINGS])}
    ordered = sorted(
        found, key=lambda cell: (list(REVENUE_CLASSES).index(cell["revenue_class"]), place[cell["standing"]])
    )
    rows = tuple(_segment_row(cell) for cell in ordered)
    won = sum((cell["won"] for cell in ordered), Decimal(0)), sum(cell["won_count"] for cell in ordered)
    foot = (
        "All segments",
        sum(cell["customers"] for cell in ordered),
        sum((cell["revenue"] for cell in ordered), Decimal(0)),
        sum((cell["overdue"] for cell in ordered), Decimal(0)),
        _average(*won),
        None,
        None,
    )
    return Table(
        title="Segments",
        columns=OVERVIEW,
        rows=ListedRows(rows, OVERVIEW, foot),
        row_url=lambda keys: f"?{REPORT.query(question, revenue=keys['revenue'], standing=keys['standing'])}",
        noun="segment",
    )


def _segment_row(cell: dict[str, Any]) -> Row:
    revenue, standing = cell["revenue_class"], cell["standing"]
    label = f"{REVENUE_CLASSES[revenue]}, {STANDINGS[standing].lower()}"
    average = _average(cell["won"], cell["won_count"])
    cells = (
        label,
        cell["customers"],
        cell["revenue"],
        cell["overdue"],
        average,
        REVENUE_CLASSES[revenue],
        STANDINGS[standing],
    )
    return Row(cells, {"revenue": revenue, "standing": standing})


def _average(won: Decimal, count: int) -> Decimal | None:
    return won / count if count else None


def words(question: Question) -> tuple[str, ...]:
    """Thresholds and filters in plain words."""
    limits, currency = thresholds_of(question), question.currency
    lines = [
        f"Large from {limits.large:,.0f} {currency} revenue last year, medium from {limits.medium:,.0f} {currency}",
        f"Overdue from {limits.overdue:,.0f} {currency}",
        f"Big deals from {limits.deal:,.0f} {currency} average deal size",
    ]
    lines += [
        f"{each.label}: {label_of(each.options(), question.values[each.name])}"
        for each in CLASSES
        if question.values.get(each.name)
    ]
    return (*lines, *field_words(question))


REPORT = Report(
    name="segmentation",
    title="Customer segmentation",
    description="Customers by revenue last year, overdue amount and average deal size.",
    answer=answer,
    parameters=(*THRESHOLDS, *CLASSES, ACCOUNT_FIELD),
    sort="revenue_last_year",
    rests_on=CLASSIFIED_BY,
    pushes=("segment",),
    position=10,
)
