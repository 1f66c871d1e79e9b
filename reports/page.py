"""Builds a report's page: a frozen dataclass that the template only prints."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse

from customers.account_fields import FieldChoices, field_choices
from reports.columns import Cell, Column, Row
from reports.customer_rows import past
from reports.parameters import Parameter, ParameterKind, written
from reports.sending import Sent, sent_by
from reports.shape import Answer, Question, Report, Table, figure_url

PAGE_SIZE = 50
# An overview is small by nature; one that is not says how many rows it leaves to the file.
MOST_IN_OVERVIEW = 200
NARROWING = frozenset({ParameterKind.CHOICE, ParameterKind.ACCOUNT_FIELD, ParameterKind.KEPT_DAY})


@dataclass(frozen=True)
class Figure:
    """One cell: what it shows, how, and where its rows are listed ("" for nowhere)."""

    column: Column
    value: Cell
    url: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a table; `url` is where its first cell leads."""

    name: Cell
    url: str
    figures: tuple[Figure, ...]
    chosen: bool = False


@dataclass(frozen=True)
class Heading:
    """A column head; `url` sorts by it, `order` is ascending or descending where it is the order in force."""

    column: Column
    url: str
    order: str


@dataclass(frozen=True)
class Listing:
    """One page of a table; `foot` totals all its rows, not only those of the page, and is empty where no
    column has a total.
    """

    title: str
    noun: str
    currency: str
    query: str
    headings: tuple[Heading, ...]
    rows: tuple[Line, ...]
    count: int
    page: Page[Row] | None
    foot: tuple[Figure, ...]
    cards: bool = False


@dataclass(frozen=True)
class Field:
    """One control of the form; `choices` are (value, label, chosen)."""

    parameter: Parameter
    text: str
    choices: tuple[tuple[str, str, bool], ...]
    account_fields: tuple[FieldChoices, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether there is anything to choose."""
        kind = self.parameter.kind
        if self.parameter.quiet:
            return False
        if kind is ParameterKind.ACCOUNT_FIELD:
            return bool(self.account_fields)
        return bool(self.choices) or kind not in {ParameterKind.CHOICE, ParameterKind.KEPT_DAY}


@dataclass(frozen=True)
class ReportPage:
    """Everything a report's page shows."""

    report: Report
    question: Question
    answer: Answer
    query: str
    fieldsets: tuple[tuple[str, tuple[Field, ...]], ...]
    overview: Listing | None
    listing: Listing
    is_narrowed: bool
    quiet: tuple[tuple[str, str], ...]
    sent: tuple[Sent, ...]


def build_page(report: Report, question: Question, *, page_number: str = "1") -> ReportPage:
    """The page for one question."""
    answer = report.answer(question)
    query = report.query(question)
    return ReportPage(
        report=report,
        question=question,
        answer=answer,
        query=query,
        fieldsets=_fieldsets(report, question),
        overview=_listing(report, question, answer.overview, query=query) if answer.overview else None,
        listing=_listing(report, question, answer, query=query, page_number=page_number),
        is_narrowed=any(
            (each.quiet or each.kind in NARROWING) and question.values.get(each.name) != each.usual
            for each in report.parameters
        ),
        quiet=tuple(
            (each.name, text)
            for each in report.parameters
            if each.quiet and (text := written(each, question.values.get(each.name)))
        ),
        sent=sent_by(report),
    )


def _listing(report: Report, question: Question, table: Table, *, query: str, page_number: str = "") -> Listing:
    count = table.rows.count()
    page: Any = _page(table, count, page_number) if page_number else None
    shown = page.object_list if page else table.rows[0:MOST_IN_OVERVIEW]
    sorts = bool(page_number)
    foot = table.rows.totals()
    return Listing(
        title=table.title,
        noun=table.noun,
        currency=question.currency,
        query=query,
        headings=tuple(_heading(report, question, column, sorts=sorts) for column in table.columns),
        rows=tuple(_line(table, row, query, question.values.get("day")) for row in shown),
        count=count,
        page=page,
        foot=tuple(
            Figure(column, cell, _total_url(report, question, table, column, cell))
            for column, cell in zip(table.columns[1:], foot[1:], strict=True)
        )
        if any(column.total for column in table.columns)
        else (),
        cards=table.cards,
    )


def _page(table: Table, count: int, number: str) -> Any:
    rows: Any = _Counted(table, count)
    return Paginator(rows, PAGE_SIZE).get_page(number)


class _Counted:
    """Rows whose number is known, as a Paginator reads them."""

    ordered = True

    def __init__(self, table: Table, count: int) -> None:
        self._rows, self._count = table.rows, count

    def count(self) -> int:
        return self._count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice) -> Any:
        return self._rows[part]


def _heading(report: Report, question: Question, column: Column, *, sorts: bool) -> Heading:
    if not sorts or not column.sorts:
        return Heading(column, "", "")
    current = column.name == question.sort
    ascends_first = not column.numeric and column.kind != "date"
    turned = "asc" if (current and question.descending) or (not current and ascends_first) else "desc"
    order = ("descending" if question.descending else "ascending") if current else ""
    changes = {"sort": "" if column.name == report.sort else column.name, "order": "asc" if turned == "asc" else ""}
    return Heading(column, f"?{report.query(question, **changes)}", order)


def _line(table: Table, row: Row, query: str, day: date | None) -> Line:
    url = table.row_url(row.keys) if table.row_url else ""
    figures = tuple(
        Figure(column, value, _cell_url(column, row, value, day))
        for column, value in zip(table.columns[1:], row.cells[1:], strict=True)
    )
    return Line(row.cells[0], url, figures, chosen=url == f"?{query}" and bool(url))


def _cell_url(column: Column, row: Row, value: Cell, day: date | None) -> str:
    if value is None or value == 0:
        return ""
    if column.url:
        return column.url(row)
    if column.measure and "customer" in row.keys:
        return reverse("customers:figure", args=[row.keys["customer"], column.measure]) + past(day)
    return ""


def _total_url(report: Report, question: Question, table: Table, column: Column, cell: Cell) -> str:
    if cell is None or column.total_url:
        return column.total_url if cell else ""
    if not column.measure or not isinstance(table, Answer) or table.customers is None:
        return ""
    return figure_url(report, question, column.measure)


def _fieldsets(report: Report, question: Question) -> tuple[tuple[str, tuple[Field, ...]], ...]:
    """The controls by legend; none where nothing can be chosen."""
    asked = [each for each in report.parameters if not question.values.get(each.replaced_by)]
    grouped = groupby(asked, key=lambda each: each.group)
    found = ((legend, tuple(_field(each, question) for each in members)) for legend, members in grouped)
    shown = ((legend, tuple(field for field in fields if field.shown)) for legend, fields in found)
    return tuple((legend, fields) for legend, fields in shown if fields)


def _field(parameter: Parameter, question: Question) -> Field:
    value = question.values.get(parameter.name)
    if parameter.kind is ParameterKind.ACCOUNT_FIELD:
        fields = field_choices(question.user, value) if question.user is not None else ()
        return Field(parameter, written(parameter, value), (), fields)
    text = "" if value is None else str(value)
    choices = tuple(
        (each, label, each == text)
        for each, label in parameter.options()
        if parameter.may_choose(each, question.hidden)
    )
    return Field(parameter, text, choices)
