"""Every report of the catalogue, by existing: page, chart, file and totals show the same, each role its own."""

import csv
import io
import json
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from reports.asking import usual_question
from reports.catalogue import get_report, reports
from reports.columns import Cell
from reports.exports import csv_text
from reports.shape import Answer
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF

pytestmark = pytest.mark.parametrize("name", [*reports()])


def lines_of(client: Client, name: str, query: str = "") -> list[list[str]]:
    answer = client.get(f"{reverse('reports:export', args=[name, 'csv'])}?{query}")
    return list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def answer_for(name: str, cast: Cast) -> Answer:
    user = cast.analyst.get("/").wsgi_request.user
    return get_report(name).answer(usual_question(get_report(name), user=user, as_of=AS_OF))


def test_the_page_shows_what_the_answer_holds_and_its_foot(world: World, cast: Cast, name: str) -> None:
    page = cast.analyst.get(reverse("reports:report", args=[name])).context["page"]
    answer = answer_for(name, cast)
    shown = [(row.name, *(figure.value for figure in row.figures)) for row in page.listing.rows]
    assert shown == [row.cells for row in answer.rows[0:50]]
    assert tuple(figure.value for figure in page.listing.foot) == answer.rows.totals()[1:]
    assert page.listing.count == answer.rows.count() == sum(1 for _ in answer.rows.stream())


def test_sums_at_the_foot_are_those_of_the_rows(world: World, cast: Cast, name: str) -> None:
    answer = answer_for(name, cast)
    for table in filter(None, (answer, answer.overview)):
        rows = list(table.rows.stream())
        assert rows or table is not answer or answer.notes, "a report without rows says why"
        for place, (column, total) in enumerate(zip(table.columns, table.rows.totals(), strict=True)):
            if column.total and column.total.is_sum:
                assert total == sum(row.cells[place] or 0 for row in rows), column.name  # type: ignore[misc]


def test_files_hold_the_rows_the_order_and_the_totals_of_the_page(world: World, cast: Cast, name: str) -> None:
    answer = answer_for(name, cast)
    _, *lines, foot = lines_of(cast.analyst, name)
    assert lines == [[csv_text(cell) for cell in row.cells] for row in answer.rows.stream()]
    assert foot[1:] == [csv_text(cell) for cell in answer.rows.totals()[1:]]
    content = b"".join(cast.analyst.get(reverse("reports:export", args=[name, "xlsx"])))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cells = [[_plain(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2, max_row=len(lines) + 1)]
    assert cells == [[_plain(cell) for cell in row.cells] for row in answer.rows.stream()]


def _plain(cell: object) -> object:
    if hasattr(cell, "date"):
        return cell.date()
    return round(float(cell), 4) if isinstance(cell, Decimal | float | int) else cell or None


def test_every_column_sorts_and_every_order_has_the_same_rows(world: World, cast: Cast, name: str) -> None:
    usual = sorted(map(tuple, lines_of(cast.analyst, name)[1:-1]))
    for column in answer_for(name, cast).columns:
        for order in ("asc", "desc"):
            lines = lines_of(cast.analyst, name, f"sort={column.name}&order={order}")
            assert sorted(map(tuple, lines[1:-1])) == usual, column.name


def test_every_chart_is_drawn_from_its_table(world: World, cast: Cast, name: str) -> None:
    answer = answer_for(name, cast)
    for number in range(len(answer.charts)):
        figure = json.loads(cast.analyst.get(reverse("reports:chart", args=[name, number])).content)
        assert figure["data"]
    assert cast.analyst.get(reverse("reports:chart", args=[name, len(answer.charts)])).status_code == 404


def test_every_total_and_figure_that_is_a_link_opens(world: World, cast: Cast, name: str) -> None:
    page = cast.analyst.get(reverse("reports:report", args=[name])).context["page"]
    for listing in filter(None, (page.listing, page.overview)):
        figures = [figure for row in listing.rows for figure in row.figures] + list(listing.foot)
        urls = {_whole(name, figure.url) for figure in figures if figure.url}
        urls |= {_whole(name, row.url) for row in listing.rows if row.url}
        for url in sorted(urls)[:60]:
            assert cast.analyst.get(url).status_code == 200, url


def _whole(name: str, url: str) -> str:
    return reverse("reports:report", args=[name]) + url if url.startswith("?") else url


def test_somebody_who_owns_nothing_sees_no_figure(world: World, cast: Cast, name: str) -> None:
    page = cast.untied.get(reverse("reports:report", args=[name])).context["page"]
    figures: list[Cell] = [figure.value for row in page.listing.rows for figure in row.figures]
    assert not [value for value in figures if isinstance(value, Decimal | int) and value]
    assert not [figure.value for figure in page.listing.foot if figure.value]


@pytest.mark.parametrize("query", ["page=0", "page=999999", "sort=;drop", "order='", "nonsense=1"])
def test_an_absurd_address_is_a_calm_page(world: World, cast: Cast, name: str, query: str) -> None:
    assert cast.analyst.get(f"{reverse('reports:report', args=[name])}?{query}").status_code == 200


def test_a_parameter_that_cannot_be_used_is_named(world: World, cast: Cast, name: str) -> None:
    for parameter in get_report(name).parameters:
        if parameter.kind != "choice":
            answer = cast.analyst.get(reverse("reports:report", args=[name]), {parameter.name: "x'y"})
            assert (answer.status_code, "This selection was not used" in answer.text) == (400, True)
