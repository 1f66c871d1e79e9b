"""What a report is: a question asked of the warehouse, and the answer that page, chart, export and command show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.urls import reverse

from customers.access import User, visible
from customers.links_then import there
from customers.models import Customer, CustomerRollup, RollupDay
from reports.columns import Column
from reports.parameters import Parameter, written
from reports.rows import Rows

AnyModel = TypeVar("AnyModel", bound=Model)
ChartKind = Literal["bars", "stacked", "lines", "heat", "bridge", "pareto"]
Picture = Literal["bars", "stacked", "lines", "heat", "bridge", "pareto", "list"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: by whom, of which day, with which parameters and in which order. Without a user (command line)
    everything is seen that an analyst sees.
    """

    as_of: date
    currency: str
    user: User | None = None
    hidden: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(default_factory=dict)
    sort: str = ""
    descending: bool = True

    def seen(self, queryset: QuerySet[AnyModel]) -> QuerySet[AnyModel]:
        """Only the rows that the reader may see."""
        return queryset if self.user is None else visible(queryset, self.user)

    @property
    def links_of(self) -> date | None:
        """The day by whose links between ERP customers and accounts the figures are; None for their own day."""
        return RollupDay.objects.filter(as_of=self.as_of).values_list("links_of", flat=True).first()

    def rollups(self, day: date | None = None) -> QuerySet[CustomerRollup]:
        """Rollups of all customers that the reader may see, at the question's day or another that has figures."""
        as_of = day or self.as_of
        return self.seen(CustomerRollup.objects.filter(there(as_of), as_of=as_of))


@dataclass(frozen=True, kw_only=True)
class Chart:
    """How a table is drawn: `category` and `series` name columns of `table`, which is the overview, or the rows where
    there is none, unless another order of them is given. The chart shows no figure that the page has not.

    `split` names a column whose values become the series of one figure (a pivot). A "bridge" leads in steps from the
    first total of `ends` to the second, both columns of the table; a "pareto" draws its first series as bars and the
    second, a share in percent, as a line, and each of `marks`, a name and a share, as a line across. A "heat" map has
    the categories down and the series `across`, as its axis says; `order` is that of both where the rows have another.
    Lines over days have an axis of time.
    """

    title: str
    category: str
    series: tuple[str, ...]
    kind: ChartKind = "bars"
    split: str = ""
    ends: tuple[str, str] | tuple[()] = ()
    table: "Table | None" = None
    colours: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[tuple[str, Decimal], ...] = ()
    across: str = ""
    order: tuple[str, ...] = ()
    most: int = 40


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: its columns, its rows, and where a row leads by its keys ("" for nowhere). Rows that are `cards` stand
    below each other on a small screen, where long names and words are read whole.
    """

    columns: tuple[Column, ...]
    rows: Rows
    title: str = ""
    row_url: Callable[[Mapping[str, Any]], str] | None = None
    noun: str = "row"
    cards: bool = False


def _drawable(chart: Chart, table: Table) -> Chart | None:
    """The chart without the series that the table has not; None where nothing of it can be drawn."""
    there = {column.name for column in table.columns}
    needed = {chart.category, *chart.ends, *filter(None, [chart.split])}
    if chart.kind in {"bridge", "pareto"}:
        needed |= set(chart.series)
    series = tuple(name for name in chart.series if name in there)
    return replace(chart, series=series) if needed <= there and series else None


@dataclass(frozen=True, kw_only=True)
class Answer(Table):
    """What a report shows. `overview` is a small table above the rows; `words` say the filters and `notes` what the
    reader must know, in plain sentences; `leads`, figures and what each is, stand on the page in the place of `words`
    that say the same. `customers` are those of all rows, so that a total opens its documents.

    Charts draw what the tables show: a series whose column is not there (hidden from the reader) is left out, and a
    chart that cannot do without as a whole.
    """

    overview: Table | None = None
    charts: tuple[Chart, ...] = ()
    words: tuple[str, ...] = ()
    leads: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    customers: Callable[[], QuerySet[Customer]] | None = None

    def __post_init__(self) -> None:
        drawn = (_drawable(chart, chart.table or self.overview or self) for chart in self.charts)
        object.__setattr__(self, "charts", tuple(chart for chart in drawn if chart is not None))


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report of the catalogue. `rests_on` are figures without which it cannot be: whoever may not see one of them has
    no such report. `pushes` are the measures through which its result can be sent to Salesforce, `pages` further pages
    about it: their words and the names of their URLs. `picture` is what the index draws beside its name. `newest_only`
    says why it can be made of the newest day alone, in a sentence; such a report refuses every other day.
    """

    name: str
    title: str
    description: str
    answer: Callable[[Question], Answer]
    group: str = "Customers"
    parameters: tuple[Parameter, ...] = ()
    sort: str = ""
    rests_on: frozenset[str] = frozenset()
    pushes: tuple[str, ...] = ()
    picture: Picture = "list"
    pages: tuple[tuple[str, str], ...] = ()
    newest_only: str = ""
    position: int = 50

    def query(self, question: Question, **changes: str) -> str:
        """The URL query of a question with some parameters replaced; defaults are left out."""
        values = {each.name: written(each, question.values.get(each.name)) for each in self.parameters}
        values["sort"] = "" if question.sort == self.sort else question.sort
        values["order"] = "" if question.descending else "asc"
        return urlencode({name: value for name, value in (values | changes).items() if value})


def figure_url(report: Report, question: Question, measure: str, **changes: str) -> str:
    """The documents that make a figure of a report, for a question with some parameters replaced."""
    query = report.query(question, **changes)
    path = reverse("reports:figure", args=[report.name, measure])
    return f"{path}?{query}" if query else path


def list_url(name: str, **given: str) -> str:
    """A report by its name, with these parameters; empty ones are left out."""
    query = urlencode({key: value for key, value in given.items() if value})
    path = reverse("reports:report", args=[name])
    return f"{path}?{query}" if query else path


def label_of(options: Sequence[tuple[str, str]], value: str) -> str:
    """The label of a choice."""
    return next((label for each, label in options if each == value), value)
