"""Every report of the catalogue, by existing: page, chart, file and totals show the same, each role its own."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlsplit

import openpyxl
import pytest
from django.urls import resolve, reverse

from customers.push_values import is_known
from reports.asking import read_question, usual_question
from reports.catalogue import get_report, reports
from reports.columns import Cell
from reports.export_csv import csv_lines
from reports.exporting import prepare
from reports.exports import csv_text
from reports.page import ReportPage, build_page
from reports.parameters import ParameterKind
from reports.shape import Answer, Question, Report
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.opens import adds_up, whole

pytestmark = pytest.mark.parametrize("name", [*reports()])


def question_of(name: str, cast: Cast, **given: str) -> Question:
    user = cast.analyst.get("/login/").wsgi_request.user
    return read_question(get_report(name), given, user=user, as_of=AS_OF)


def answer_of(name: str, cast: Cast, **given: str) -> tuple[Report, Question, Answer]:
    question = question_of(name, cast, **given)
    return get_report(name), question, get_report(name).answer(question)


def lines_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_page_files_and_totals_hold_what_the_answer_holds(world: World, cast: Cast, name: str) -> None:
    _, _, answer = answer_of(name, cast)
    rows, totals = [row.cells for row in answer.rows.stream()], answer.rows.totals()
    page = cast.analyst.get(reverse("reports:report", args=[name])).context["page"]
    assert [(row.name, *(figure.value for figure in row.figures)) for row in page.listing.rows] == rows[:50]
    summed = totals[1:] if any(column.total for column in answer.columns) else ()
    assert tuple(figure.value for figure in page.listing.foot) == summed
    assert page.listing.count == answer.rows.count() == len(rows)

    content = b"".join(cast.analyst.get(reverse("reports:export", args=[name, "csv"])))
    _, *lines, foot = lines_of(content.decode("utf-8-sig"))
    assert lines == [[csv_text(cell) for cell in row] for row in rows]
    assert foot[1:] == [csv_text(cell) for cell in totals[1:]]

    content = b"".join(cast.analyst.get(reverse("reports:export", args=[name, "xlsx"])))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cells = [[_plain(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2, max_row=len(lines) + 1)]
    assert cells == [[_plain(cell) for cell in row] for row in rows]

    for table in filter(None, (answer, answer.overview)):
        listed = list(table.rows.stream())
        assert listed or table is not answer or answer.notes, "a report without rows says why"
        for place, (column, total) in enumerate(zip(table.columns, table.rows.totals(), strict=True)):
            if column.total and column.total.is_sum:
                assert total == sum(row.cells[place] or 0 for row in listed), column.name  # type: ignore[misc]


def _plain(cell: object) -> object:
    if hasattr(cell, "date"):
        return cell.date()
    return round(float(cell), 4) if isinstance(cell, Decimal | float | int) else cell or None


def test_every_column_sorts_and_every_order_has_the_same_rows(world: World, cast: Cast, name: str) -> None:
    report, question, answer = answer_of(name, cast)

    def lines(**given: str) -> list[tuple[str, ...]]:
        asked = read_question(report, given, user=question.user, as_of=AS_OF)
        found = lines_of("".join(csv_lines(prepare(report, asked))))
        return [tuple(line) for line in found[1:-1]]

    usual = sorted(lines())
    for column in answer.columns:
        for order in ("asc", "desc"):
            assert sorted(lines(sort=column.name, order=order)) == usual, column.name


def test_charts_draw_their_table_and_every_address_leads_to_rows(world: World, cast: Cast, name: str) -> None:
    """What is drawn can be clicked: a bar opens its rows."""
    _, _, answer = answer_of(name, cast)
    for number in range(len(answer.charts)):
        data = json.loads(cast.analyst.get(reverse("reports:chart", args=[name, number])).content)["data"]
        assert data
        # Lines at a fixed height, such as a cut-off, are made of no rows.
        drawn = [trace for trace in data if "customdata" in trace or len({*map(str, trace["y"])}) > 1]
        urls = {url for trace in drawn for url in _flat(trace["customdata"]) if url}
        assert urls, "nothing can be clicked"
        for url in sorted(urls)[:2]:
            assert cast.analyst.get(whole(name, url)).status_code == 200, url
    assert cast.analyst.get(reverse("reports:chart", args=[name, len(answer.charts)])).status_code == 404


def _flat(values: list[object]) -> Iterator[str]:
    for value in values:
        yield from _flat(value) if isinstance(value, list) else (str(value or ""),)


def test_figures_open_rows_that_add_up_to_them(world: World, cast: Cast, name: str) -> None:
    """Figures of overview and foot: a list has that many rows or that total, documents add up to it. Figures of one
    customer lead to pages that the tests of the customer page hold to them.
    """
    page: ReportPage = cast.analyst.get(reverse("reports:report", args=[name])).context["page"]
    for listing in filter(None, (page.overview, page.listing)):
        figures = list(listing.foot)
        if listing is page.overview or listing.noun in {"day", "cohort", "step", "month"}:
            figures += [figure for row in listing.rows for figure in row.figures]
        for figure in figures:
            if figure.url:
                adds_up(cast.analyst, name, figure)
    opened = {figure.column.name: figure.url for row in page.listing.rows for figure in row.figures if figure.url}
    urls = [*opened.values(), *(row.url for row in page.listing.rows[:1] if row.url)]
    for url in urls:
        assert resolve(urlsplit(whole(name, url)).path).view_name, url
    for url in urls[:1]:
        assert cast.analyst.get(whole(name, url)).status_code == 200, url


def test_somebody_who_owns_nothing_sees_no_figure(world: World, cast: Cast, name: str) -> None:
    page = cast.untied.get(reverse("reports:report", args=[name])).context["page"]
    figures: list[Cell] = [figure.value for row in page.listing.rows for figure in row.figures]
    assert not [value for value in figures if isinstance(value, Decimal | int) and value]
    assert not [figure.value for figure in page.listing.foot if figure.value]


def test_an_absurd_address_is_a_calm_page(world: World, cast: Cast, name: str) -> None:
    """What is no parameter is passed over; a parameter that cannot be used is named, and nothing is exported then."""
    report, path = get_report(name), reverse("reports:report", args=[name])
    question = usual_question(report, user=question_of(name, cast).user, as_of=AS_OF)
    for number in ("0", "999999", "x"):
        build_page(report, question, page_number=number)
    assert cast.analyst.get(path, {"sort": ";drop", "order": "'", "nonsense": "1"}).status_code == 200
    for parameter in report.parameters:
        answer = cast.analyst.get(path, {parameter.name: "x'y"})
        assert (answer.status_code, "This selection was not used" in answer.text) == (400, True), parameter.name
        assert "x&#x27;y" in answer.text or parameter.kind is ParameterKind.ACCOUNT_FIELD
    first = report.parameters[0].name
    assert cast.analyst.get(reverse("reports:export", args=[name, "csv"]), {first: "x'y"}).status_code == 400


def test_what_it_says_is_sent_to_salesforce_can_be(name: str) -> None:
    assert [measure for measure in get_report(name).pushes if not is_known(measure)] == []
