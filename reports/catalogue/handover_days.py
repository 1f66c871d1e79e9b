"""How long a step from won to paid takes: number of cases, median and ninetieth percentile per month of winning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count
from django.db.models.functions import TruncMonth

from customers import formats
from customers.models import Customer
from integration_hub.config import hub
from reports.catalogue.won_to_cash import DAYS, LAPS
from reports.columns import Cell, CellKind, Column, Row, Total
from reports.handover_rows import GROUP, MONTH, RESTS_ON, won
from reports.parameters import Parameter, ParameterKind
from reports.percentiles import Percentile
from reports.rows import ListedRows, listed
from reports.shape import Answer, Chart, Question, Report, Table, list_url

PARTS = (("median", "0.5"), ("p90", "0.9"))
LABELS = dict(DAYS)
EVERY = "every"
STEP = Parameter(
    name="step", label="Step", kind=ParameterKind.CHOICE, default=DAYS[0][0], choices=(*DAYS, (EVERY, "Every step"))
)
PERCENTILES = (
    "Half of the cases took no more than the median, nine in ten no more than p90; both are days of a case, none lies "
    "between two."
)


def answer(question: Question) -> Answer:
    """One row per month and step, the newest month first; above, every step over all months."""
    rows = won(question)
    figures: dict[str, Any] = {f"{name}_n": Count(name) for name in LABELS}
    figures |= {f"{name}_{part}": Percentile(name, share) for name in LABELS for part, share in PARTS}
    found: Any = (
        rows.order_by()
        .annotate(month=TruncMonth("closed_on"))
        .values("month")
        .annotate(deals=Count("pk"), **figures)
        .order_by("-month")
    )
    months, chosen = list(found), question.values["step"]
    steps = tuple(LABELS) if chosen == EVERY else (chosen,)
    columns = _columns(chosen == EVERY)
    made = [row for month in months for row in _rows(month, steps, question.as_of, named=chosen == EVERY)]
    by_time = question.sort not in {column.name for column in columns[1:]}
    ordered = made if question.descending or not by_time else made[::-1]
    return Answer(
        columns=columns,
        rows=listed(columns, ordered, by="" if by_time else question.sort, descending=question.descending),
        row_url=_deals,
        noun="month" if chosen != EVERY else "row",
        overview=_overview(question, rows.order_by().aggregate(deals=Count("pk"), **figures)) if months else None,
        charts=tuple(_charts(months, steps)) if months else (),
        notes=(*(() if months else ("No won opportunity is in this selection.",)), *_parts(months, question), *NOTES),
        customers=lambda: Customer.objects.filter(pk__in=rows.order_by().values("customer_id")),
    )


def _rows(month: Mapping[str, Any], steps: Sequence[str], as_of: date, *, named: bool) -> Iterator[Row]:
    first: date = month["month"]
    label = formats.month(first) + (" (part)" if _is_part(first, as_of) else "")
    for step in steps:
        cells: tuple[Cell, ...] = (label, *((LABELS[step],) if named else ()), month["deals"], *_figures(month, step))
        yield Row(cells, {"month": f"{first:%Y-%m}", "step": step})


def _figures(found: Mapping[str, Any], step: str) -> tuple[Cell, ...]:
    return tuple(found[f"{step}_{part}"] for part in ("n", "median", "p90"))


def _is_part(first: date, as_of: date) -> bool:
    """Whether the figures know only some days of the month that begins then."""
    return first < _since(as_of) or first + relativedelta(day=31) > as_of


def _since(as_of: date) -> date:
    return as_of - timedelta(days=hub().handover.back_days)


def _parts(months: Sequence[Mapping[str, Any]], question: Question) -> tuple[str, ...]:
    """Which days of a month that is marked as a part are known, in words."""
    words = []
    for first in (month["month"] for month in months):
        if first <= question.as_of < first + relativedelta(day=31):
            words.append(f"{formats.month(first)} is known until {formats.day(question.as_of)}.")
        elif first < _since(question.as_of):
            words.append(f"{formats.month(first)} is known from {formats.day(_since(question.as_of))} on.")
    return tuple(words)


def _columns(every: bool) -> tuple[Column, ...]:
    """The columns of the months; a column of steps where every step is listed."""
    return (
        Column(name="month", label="Won in"),
        *((Column(name="step", label="Step", sorts=False),) if every else ()),
        Column(
            name="won",
            label="Won",
            kind=CellKind.COUNT,
            total=None if every else Total(""),
            url=lambda row: _deals(row.keys),
        ),
        *_percentiles(),
    )


def _percentiles() -> tuple[Column, ...]:
    def url(row: Row) -> str:
        return _cases(row.keys)

    return (
        Column(
            name="cases",
            label="Cases",
            kind=CellKind.COUNT,
            url=url,
            definition="Opportunities whose step has happened: median and p90 are theirs.",
        ),
        Column(name="median", label="Median days", kind=CellKind.DAYS, url=url, definition=PERCENTILES),
        Column(name="p90", label="p90 days", kind=CellKind.DAYS, url=url, definition=PERCENTILES),
    )


def _overview(question: Question, whole: Mapping[str, Any]) -> Table:
    """Every step over all months of the selection; each opens its months."""
    month = question.values["month"]
    columns = (Column(name="step", label="Step"), *_percentiles())
    rows = tuple(Row((LABELS[step], *_figures(whole, step)), {"month": month, "step": step}) for step in LABELS)
    return Table(
        title="All months together" if not month else "Together",
        columns=columns,
        rows=ListedRows(rows, columns),
        row_url=lambda keys: f"?{REPORT.query(question, step='' if keys['step'] == STEP.default else keys['step'])}",
        noun="step",
    )


def _charts(months: Sequence[Mapping[str, Any]], steps: Sequence[str]) -> Iterator[Chart]:
    """The months of one step over time; of every step those until the order and until the last delivery."""
    day = Column(name="month", label="Won in", kind=CellKind.DATE)
    columns = (day, *(replace(column, url=None) for column in _percentiles()))
    for step in steps if len(steps) == 1 else (DAYS[0][0], DAYS[3][0]):
        rows = tuple(
            Row((month["month"], *_figures(month, step)), {"month": f"{month['month']:%Y-%m}", "step": step})
            for month in reversed(months)
        )
        yield Chart(
            title=f"{LABELS[step]}, days",
            category="month",
            series=("median", "p90"),
            kind="lines",
            table=Table(columns=columns, rows=ListedRows(rows, columns), row_url=_cases),
        )


def _deals(keys: Mapping[str, Any]) -> str:
    return list_url("won-to-cash", month=keys["month"], show=LAPS, sort="closed_on")


def _cases(keys: Mapping[str, Any]) -> str:
    """Only those that have come through the step: the others are in none of its figures."""
    return list_url("won-to-cash", month=keys["month"], show=LAPS, happened=keys["step"], sort=keys["step"])


NOTES = (
    (
        f"Days of the opportunities won in a month whose step has happened: the cases. {PERCENTILES} The newest months "
        "tell only of the quick ones."
    ),
    (
        "Won is the close date in Salesforce. A negative number says that the order came before. The ERP states no day "
        "of confirmation, so its promised day stands for it. Of several orders the first day of ordering counts, and "
        "the last promised one; a last delivery or invoice is known once all orders of the opportunity are through."
    ),
)


REPORT = Report(
    name="handover-days",
    title="Days from won to cash",
    description="How long each step from a won opportunity to its money takes, by month of winning.",
    group=GROUP,
    answer=answer,
    parameters=(MONTH, STEP),
    sort="month",
    rests_on=RESTS_ON,
    picture="lines",
    position=75,
    pages=(("Overview", "customers:handover"),),
)
