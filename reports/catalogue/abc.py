"""ABC analysis: which customers make most of a figure, by cumulative share (Pareto)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Round

from customers.measures import get_measure
from customers.models import CustomerRollup
from reports.classes import Classes
from reports.columns import CellKind, Column, Total, measure_column
from reports.customer_rows import ASKED, WHO, asked_of, customer_answer, field_words
from reports.parameters import BadParameter, Parameter, ParameterKind
from reports.shape import Answer, Chart, Question, Report

FIGURES = ("revenue_12m", "revenue_last_year", "revenue_ytd", "order_intake_12m", "open_amount", "overdue_amount")
FIGURE = Parameter(
    name="figure",
    label="Figure",
    kind=ParameterKind.CHOICE,
    default="revenue_12m",
    choices=lambda: tuple((name, get_measure(name).label) for name in FIGURES),
    rests_on={name: frozenset({name}) for name in FIGURES},
)
A_UP_TO = Parameter(
    name="a", label="A up to %", kind=ParameterKind.PERCENT, default=Decimal(80), most=Decimal(100), group="Cut-offs"
)
B_UP_TO = Parameter(
    name="b", label="B up to %", kind=ParameterKind.PERCENT, default=Decimal(95), most=Decimal(100), group="Cut-offs"
)
TOP = Parameter(
    name="top",
    label="Largest",
    kind=ParameterKind.WHOLE,
    default=None,
    least=Decimal(1),
    most=Decimal(1_000_000),
    group="Cut-offs",
)
CLASSES = Classes(labels={"a": "A", "b": "B", "c": "C", "none": "Nothing to share"})
SHARE = DecimalField(max_digits=24, decimal_places=2)
NOTHING = "No customer has a positive amount, so there is nothing to share."
NOTE = (
    "Customers are ranked by the figure. A customer's class follows from the share of all customers ranked before it, "
    "so that the one who crosses a cut-off still belongs to the higher class; equal amounts have the same class. "
    "Shares are of the sum of positive amounts; who has zero or less has no share."
)


def _smallest(rollups: QuerySet[CustomerRollup], column: str, up_to: Decimal) -> Decimal | None:
    """The smallest amount whose customers are within a cumulative share; None where nothing is positive."""
    running = (
        rollups.filter(**{f"{column}__gt": 0})
        .order_by()
        .annotate(
            through=Window(Sum(column), order_by=F(column).desc()),
            peers=Window(Count("pk"), partition_by=F(column)),
            whole=Window(Sum(column)),
        )
    )
    within = running.filter(through__lt=F("whole") * up_to / 100 + F("peers") * F(column))
    found: Decimal | None = within.order_by(column).values_list(column, flat=True).first()
    return found


def answer(question: Question) -> Answer:
    """The ranked customers of the chosen class; above, what each class holds. Of the largest few only those are told
    apart, by the classes that they have among all.
    """
    a, b = question.values["a"], question.values["b"]
    if a > b:
        raise BadParameter("A must end below B: lower the A cut-off, or raise the B one.")
    asked = asked_of(question)
    measure = get_measure(question.values["figure"] if question.values["figure"] not in question.hidden else FIGURES[0])
    column = measure.column
    limits = {each: _smallest(asked, column, up_to) for each, up_to in (("a", a), ("b", b))}
    rules: list[tuple[Q | None, str]] = [
        (Q(**{f"{column}__gt": 0, f"{column}__gte": limit}), each) for each, limit in limits.items() if limit
    ]
    rules += [(Q(**{f"{column}__gt": 0}), "c"), (None, "none")]
    classified = _largest(CLASSES.classified(asked, rules), column, question.values["top"])
    whole = _positive(asked, column)
    above = limits.get({"b": "a", "c": "b"}.get(question.values["class"], ""))
    ranked_before = _positive(asked.filter(**{f"{column}__gte": above}), column) if above else Decimal(0)
    if question.values["class"] == "none":
        ranked_before = whole
    figure = replace(measure_column(measure.name), name="amount")
    columns = (*WHO, CLASSES.column(rules), figure, *_shares(column, whole, ranked_before))
    overview = CLASSES.overview(
        classified, (measure.name,), question, REPORT, title="Classes", shares_of=(measure.name, whole)
    )
    listed = CLASSES.chosen(classified, question)
    return customer_answer(
        question,
        listed,
        columns,
        overview=overview,
        charts=_charts(question, listed, columns) if whole else (),
        words=(
            f"{measure.label}; A up to {a}%, B up to {b}%",
            *CLASSES.words(question),
            *((f"The {question.values['top']:,} largest",) if question.values["top"] else ()),
            *field_words(question),
        ),
        # The largest few are often of one class, which says nothing against the cut-offs.
        notes=(
            *(() if question.values["top"] else CLASSES.notes(overview)),
            NOTE if whole else f"{NOTHING} {NOTE}",
        ),
    )


def _largest(rollups: QuerySet[Any], column: str, top: int | None) -> QuerySet[Any]:
    """Those with the largest amounts, as the concentration counts them; all without a number."""
    if not top:
        return rollups
    ranked = rollups.filter(**{f"{column}__gt": 0}).order_by(F(column).desc(), "customer_id")
    return rollups.filter(pk__in=ranked.values("pk")[:top])


def _charts(question: Question, listed: QuerySet[Any], columns: tuple[Column, ...]) -> tuple[Chart, ...]:
    """The rows as bars with their cumulative share, whatever the order of the table, and the cut-offs."""
    drawn = tuple(column for column in columns if column.name in {"name", "amount", "cumulative"})
    table = customer_answer(replace(question, sort="amount", descending=True), listed, drawn)
    return (
        Chart(
            title="Customers by rank and their cumulative share",
            category="name",
            series=("amount", "cumulative"),
            kind="pareto",
            table=table,
            marks=tuple((label, question.values[name]) for name, label in (("a", "A up to"), ("b", "B up to"))),
        ),
    )


def _positive(rollups: QuerySet[CustomerRollup], column: str) -> Decimal:
    whole: Decimal | None = rollups.filter(**{f"{column}__gt": 0}).aggregate(whole=Sum(column))["whole"]
    return whole or Decimal(0)


def _shares(column: str, whole: Decimal, ranked_before: Decimal) -> tuple[Column, ...]:
    """Both shares in percent; `ranked_before` is the sum of those that are not among the rows but ranked before."""
    if not whole:
        return ()
    positive: Any = Case(When(**{f"{column}__gt": 0}, then=F(column)), default=Value(Decimal(0)), output_field=SHARE)
    running: Any = Window(Sum(positive), order_by=F(column).desc())
    return (
        Column(
            name="share",
            label="Share",
            kind=CellKind.PERCENT,
            value=_percent(positive, whole),
            total=Total(positive, of=whole, factor=100),
            definition="Share of the sum of all positive amounts.",
        ),
        Column(
            name="cumulative",
            label="Cumulative share",
            kind=CellKind.PERCENT,
            value=_percent(running + Value(ranked_before, output_field=SHARE), whole),
            definition="Share of this customer, of those with the same amount and of all ranked before.",
            sorts=False,
        ),
    )


def _percent(amount: Any, whole: Decimal) -> Round:
    return Round(amount * Value(Decimal(100)) / Value(whole, output_field=SHARE), precision=2, output_field=SHARE)


REPORT = Report(
    name="abc",
    title="ABC analysis",
    description="Which customers make most of the revenue, with cut-offs that you choose.",
    group="Revenue",
    answer=answer,
    parameters=(FIGURE, CLASSES.parameter, *ASKED, A_UP_TO, B_UP_TO, TOP),
    sort="amount",
    rests_on=frozenset({"revenue_12m"}),
    picture="pareto",
    position=13,
)
