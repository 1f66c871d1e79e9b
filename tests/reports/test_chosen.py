"""Whatever is chosen on a report: every figure of its overview and of its foot opens exactly its rows."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from customers.models import RollupDay
from reports.catalogue import get_report, reports
from reports.page import ReportPage
from reports.parameters import Parameter, ParameterKind
from reports.shape import Report
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.opens import adds_up

# Few customers are large, so a small number of them is a real choice.
GIVEN = {ParameterKind.WHOLE: "2", ParameterKind.PERCENT: "85", ParameterKind.MONEY: "7000"}
MOST_CHOICES = 3


def _values(parameter: Parameter) -> tuple[str, ...]:
    """What is chosen of a parameter, one at a time; figures of another day and account fields are tested elsewhere."""
    if parameter.kind is ParameterKind.CHOICE:
        values = [value for value, _ in parameter.options() if value not in {"", parameter.usual}]
        return tuple(values[:MOST_CHOICES])
    return (GIVEN[parameter.kind],) if parameter.kind in GIVEN else ()


def _chosen(report: Report) -> Iterator[dict[str, str]]:
    for parameter in report.parameters:
        if parameter.name not in {"customer", "from", "to"}:
            yield from ({parameter.name: value} for value in _values(parameter))
    if {"class", "top"} <= {each.name for each in report.parameters}:
        yield from ({"class": name, "top": "2"} for name in ("a", "b"))


@pytest.mark.parametrize("name", [*reports()])
def test_figures_open_exactly_their_rows_whatever_is_chosen(world: World, cast: Cast, name: str) -> None:
    assert RollupDay.objects.filter(as_of=AS_OF, current=True).exists()
    opened = set()
    for given in _chosen(get_report(name)):
        answer = cast.analyst.get(reverse("reports:report", args=[name]), given)
        page: ReportPage | None = answer.context["page"]
        if page is None:
            assert answer.status_code == 400, given
            continue
        listings = [page.listing, *([page.overview] if page.overview else [])]
        figures = [figure for listing in listings for figure in listing.foot]
        figures += [figure for row in (page.overview.rows if page.overview else ()) for figure in row.figures]
        for figure in figures:
            if figure.url and (figure.url, figure.value) not in opened:
                opened.add((figure.url, figure.value))
                adds_up(cast.analyst, name, figure)
