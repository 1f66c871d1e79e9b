"""Movement between segments as a report: who went where between two stored days, with money and the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, F, QuerySet, Sum
from django.urls import reverse

from customers import formats
from customers.account_fields import narrowed
from customers.calendar import comparable_days
from customers.history import bring
from customers.measures import get_measure
from customers.models import RollupDay
from customers.rfm_moves import NOT_YET, SORTINGS, Sorting, movers, moves, ordered
from reports.columns import Cell, CellKind, Column, Row, Total, measure_column, summed
from reports.customer_rows import CUSTOMER, ERP_NUMBERS, OWNER, customer_answer, field_words
from reports.parameters import ACCOUNT_FIELD, BadParameter, Parameter, ParameterKind
from reports.rows import ListedRows, QueryRows, Rows
from reports.shape import Answer, Chart, Question, Report, Table

# Was, is, customers, revenue of 12 months, overdue.
Pair = tuple[str, str, int, Decimal, Decimal]
MOST_DAYS = 800
AMOUNTS = ("revenue_12m", "overdue_amount")
MATRIX = (
    Column(name="moved_from", label="From"),
    Column(name="moved_to", label="To"),
    Column(name="customers", label="Customers", kind=CellKind.COUNT, total=Total("")),
    Column(name="revenue_12m", label="Revenue, 12 months", kind=CellKind.MONEY, total=Total(""), wide=True),
    Column(name="overdue_amount", label="Overdue", kind=CellKind.MONEY, total=Total(""), wide=True),
)
SHOW = Parameter(
    name="show",
    label="Customers",
    kind=ParameterKind.CHOICE,
    choices=(("", "Those who moved"), ("all", "All")),
)
ONE_DAY = (
    "Only one day has figures so far, so nobody can have moved. Tomorrow there is a second one; past days are computed "
    "from the dates of documents by: manage.py rollup --as-of 2026-01-31"
)
HEAT = Chart(
    title="Customers from segment to segment",
    category="moved_from",
    split="moved_to",
    series=("customers",),
    kind="heat",
    most=200,
)


def movement(name: str, sorting_name: str, title: str, description: str, position: int) -> Report:
    """The report on one way to sort customers into segments."""
    sorting = SORTINGS[sorting_name]
    parameters = (
        Parameter(
            name="from", label="From", kind=ParameterKind.CHOICE, choices=partial(_days, "A month before"), group="Days"
        ),
        Parameter(
            name="to",
            label="To",
            kind=ParameterKind.CHOICE,
            choices=partial(_days, "The newest"),
            group="Days",
            one_day=True,
        ),
        Parameter(name="left", label="Was", kind=ParameterKind.CHOICE, choices=_segments(sorting, (NOT_YET,))),
        Parameter(name="entered", label="Is", kind=ParameterKind.CHOICE, choices=_segments(sorting)),
        SHOW,
        ACCOUNT_FIELD,
    )

    def answer(question: Question) -> Answer:
        return _answer(report, sorting, question)

    report = Report(
        name=name,
        title=title,
        description=description,
        answer=answer,
        parameters=parameters,
        sort="revenue_12m",
        rests_on=sorting.rests_on | {"revenue_12m", "overdue_amount"},
        position=position,
    )
    return report


def _segments(sorting: Sorting, more: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    return (("", "Any"), *((segment, segment) for segment in (*sorting.segments, *more)))


def _days(usual: str) -> Sequence[tuple[str, str]]:
    """The days that have figures, newest first."""
    stored = comparable_days().order_by("-as_of").values_list("as_of", flat=True)[:MOST_DAYS]
    return (("", usual), *((day.isoformat(), formats.day(day)) for day in stored))


def _answer(report: Report, sorting: Sorting, question: Question) -> Answer:
    days = _two_days(question)
    if days is None:
        return _nothing(question)
    earlier, later = days
    rollups = narrowed(question.rollups(later.as_of), question.values.get("field"))
    found = moves(rollups, earlier.as_of, sorting)
    chosen: QuerySet[Any] = found
    for parameter, column in (("left", "moved_from"), ("entered", "moved_to")):
        if value := question.values.get(parameter):
            chosen = chosen.filter(**{column: value})
    if not any(question.values.get(each) for each in ("left", "entered", "show")):
        chosen = movers(chosen)
    pairs = _pairs(found, sorting)
    answer = customer_answer(
        question,
        chosen,
        _columns(question, later.as_of),
        overview=_matrix(report, pairs, question),
        charts=(replace(HEAT, order=tuple(ordered([each for pair in pairs for each in pair[:2]], sorting))),),
        words=_words(question, earlier.as_of, later.as_of),
        notes=(_told(earlier.as_of, later.as_of), *_rebuilt(earlier), *_rebuilt(later)),
    )
    listed = [pair for pair in pairs if _is_listed(question, pair)]
    return replace(answer, rows=_known_rows(answer, listed))


def _is_listed(question: Question, pair: Pair) -> bool:
    left, entered = question.values.get("left"), question.values.get("entered")
    if (left and left != pair[0]) or (entered and entered != pair[1]):
        return False
    return bool(left or entered or question.values.get("show")) or pair[0] != pair[1]


@dataclass(frozen=True)
class _KnownRows(QueryRows):
    """Rows whose number and sums the matrix has added already: the whole is read once, not three times."""

    number: int = 0
    foot: tuple[Cell, ...] = ()

    def count(self) -> int:
        return self.number

    def totals(self) -> tuple[Cell, ...]:
        return self.foot


def _known_rows(answer: Answer, pairs: Sequence[Pair]) -> Rows:
    """The rows of an answer that lists the customers of these pairs."""
    rows = answer.rows
    if not isinstance(rows, QueryRows):
        return rows
    sums: dict[str, Cell] = {
        "revenue_12m": sum((pair[3] for pair in pairs), Decimal(0)),
        "overdue_amount": sum((pair[4] for pair in pairs), Decimal(0)),
    }
    known = {each.name: getattr(rows, each.name) for each in fields(QueryRows)}
    foot = tuple(sums.get(column.name) for column in answer.columns)
    return _KnownRows(**known, number=sum(pair[2] for pair in pairs), foot=foot)


def _columns(question: Question, day: date) -> tuple[Column, ...]:
    told = (
        CUSTOMER,
        ERP_NUMBERS,
        OWNER,
        Column(name="moved_from", label="Was", value="moved_from"),
        Column(name="moved_to", label="Is", value="moved_to"),
        Column(name="why", label="Why", value="why", sorts=False, long=True),
    )
    if day == question.as_of:
        return (*told, *map(measure_column, AMOUNTS))
    return (*told, *(_at_past_day(name, day) for name in AMOUNTS))


def _at_past_day(name: str, day: date) -> Column:
    """A figure of an earlier day, which opens the documents that made it then."""
    measure = get_measure(name)

    def url(row: Row) -> str:
        return f"{reverse('customers:figure', args=[row.keys['customer'], name])}?as_of={day.isoformat()}"

    return summed(name, measure.label, CellKind.MONEY, name, url=url, definition=measure.definition)


def _two_days(question: Question) -> tuple[RollupDay, RollupDay] | None:
    """The days compared; None where there is only one with figures. Raises BadParameter for days in the wrong order."""
    later = _day(question.values.get("to")) or question.as_of
    earlier = _day(question.values.get("from")) or _month_before(later)
    if earlier is None:
        return None
    if earlier >= later:
        raise BadParameter(
            f"From {formats.day(earlier)} to {formats.day(later)} is no time: choose an earlier day to begin with."
        )
    for day in (earlier, later):
        bring(day)
    stored = RollupDay.objects.in_bulk([earlier, later])
    return stored[earlier], stored[later]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _month_before(later: date) -> date | None:
    """The last stored day that is at least a month earlier; the first one where none is so old."""
    earlier = comparable_days().filter(as_of__lt=later).order_by("as_of").values_list("as_of", flat=True)
    return earlier.filter(as_of__lte=later - relativedelta(months=1)).last() or earlier.first()


def _pairs(found: QuerySet[Any], sorting: Sorting) -> list[Pair]:
    """Each pair of segments that occurs, in their order."""
    counted: list[Pair] = list(
        found.order_by()
        .values_list("moved_from", "moved_to")
        .annotate(Count("pk"), Sum("revenue_12m"), Sum("overdue_amount"))
    )
    segments = ordered([segment for pair in counted for segment in pair[:2]], sorting)
    return sorted(counted, key=lambda pair: (segments.index(pair[0]), segments.index(pair[1])))


def _matrix(report: Report, pairs: Sequence[Pair], question: Question) -> Table:
    rows = tuple(Row(pair, {"left": pair[0], "entered": pair[1]}) for pair in pairs)
    return Table(
        title="From segment to segment",
        columns=MATRIX,
        rows=ListedRows(rows, MATRIX),
        row_url=partial(_cell_url, report, question),
        noun="pair",
    )


def _cell_url(report: Report, question: Question, keys: Mapping[str, Any]) -> str:
    return f"?{report.query(question, left=keys['left'], entered=keys['entered'])}"


def _nothing(question: Question) -> Answer:
    """Said in a sentence while there is one day with figures only."""
    nobody = (
        question.rollups()
        .none()
        .annotate(moved_from=F("customer__name"), moved_to=F("customer__name"), why=F("customer__name"))
    )
    return customer_answer(
        question,
        nobody,
        _columns(question, question.as_of),
        notes=(ONE_DAY,),
    )


def _told(earlier: date, later: date) -> str:
    return (
        f"Segments of {formats.day(earlier)} and {formats.day(later)}, both by today's rules; money of the later day. "
        "Customers that are gone by then are in neither."
    )


def _rebuilt(day: RollupDay) -> tuple[str, ...]:
    """Says so where a day's figures were computed afterwards."""
    made = day.completed_at.date()
    if made <= day.as_of + timedelta(days=1):
        return ()
    return (
        f"The figures of {formats.day(day.as_of)} were rebuilt on {formats.day(made)} from the dates of documents.",
    )


def _words(question: Question, earlier: date, later: date) -> tuple[str, ...]:
    lines = [f"From {formats.day(earlier)} to {formats.day(later)}"]
    lines += [
        f"{label}: {question.values[name]}"
        for name, label in (("left", "Was"), ("entered", "Is"))
        if question.values.get(name)
    ]
    if question.values.get("show"):
        lines.append("Also customers who stayed")
    return (*lines, *field_words(question))
