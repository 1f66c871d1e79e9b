"""Reports, their totals, charts and exports hold only what one may see."""

import csv
import io
import json

import pytest
from django.urls import reverse

from customers.models import CustomerRollup
from reports.catalogue import reports
from reports.exports import csv_text
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.conftest import EARLIER

# Their rows are days, years or steps; what they count is held to each role by test_catalogue.
WITHOUT_NAMES = {"concentration", "cohorts", "overdue-trend"}
# Their rows are opportunities and orders of accounts that have some; test_handover holds them to each role.
WITHOUT_NAMES |= {report.name for report in reports().values() if report.group == "From won to cash"}
# Theirs need an event, a won deal, an unlinked customer or a difference; test_stages and test_differences do the same.
WITHOUT_NAMES |= {"conversions", "won-not-customer", "unlinked-money", "differences"}


@pytest.mark.parametrize("name", [name for name in reports() if name not in WITHOUT_NAMES])
def test_a_report_lists_own_customers_and_those_of_the_roles_below(world: World, cast: Cast, name) -> None:
    # A report on who moved lists those who did, unless it is asked for all.
    url = f"{reverse('reports:report', args=[name])}?show=all"
    seen = {who: getattr(cast, who).get(url).text for who in ("owner", "manager", "outsider", "untied", "analyst")}
    assert ("Kestrel" in seen["owner"], "Keston" in seen["owner"]) == (True, False)
    assert ("Kestrel" in seen["outsider"], "Keston" in seen["outsider"]) == (False, True)
    assert ("Kestrel" in seen["manager"], "Keston" in seen["manager"]) == (True, True)
    assert ("Kestrel" in seen["untied"], "Keston" in seen["untied"]) == (False, False)
    assert ("Unlinked Works" in seen["analyst"], "Unlinked Works" in seen["manager"]) == (True, False)


def test_a_filter_that_contradicts_leaves_the_figures_and_what_they_open_to_their_day(world: World, cast: Cast) -> None:
    given = {"day": EARLIER.isoformat(), "large": "1", "medium": "2"}
    answer = cast.analyst.get(reverse("reports:report", args=["segmentation"]), given)
    page = answer.context["page"]
    assert (answer.status_code, page.question.as_of) == (400, EARLIER)
    urls = [figure.url for listing in (page.listing, page.overview) for figure in listing.foot if figure.url]
    assert urls
    assert all(f"day={EARLIER.isoformat()}" in url for url in urls), urls


def test_totals_segments_and_chart_count_only_what_one_may_see(world: World, cast: Cast) -> None:
    own = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF)
    page = cast.owner.get(reverse("reports:segmentation")).context["page"]
    for listing in (page.listing, page.overview):
        figures = {figure.column.name: figure.value for figure in listing.foot}
        assert figures["overdue_amount"] == own.overdue_amount
    path = reverse("reports:figure", args=["segmentation", "overdue_amount"])
    evidence = cast.owner.get(path).context["evidence"]
    assert (evidence.stored, evidence.total, evidence.difference) == (own.overdue_amount, own.overdue_amount, 0)
    chart = json.loads(cast.owner.get(reverse("reports:chart", args=["segmentation", 1])).content)
    drawn = sum(sum(bar["y"]) for bar in chart["data"])
    assert drawn == pytest.approx(float(own.overdue_amount))


@pytest.mark.parametrize("name", [*reports()])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_only_those_who_see_all_export(world: World, cast: Cast, name, kind) -> None:
    url = reverse("reports:export", args=[name, kind])
    assert [getattr(cast, who).get(url).status_code for who in ("owner", "manager", "untied")] == [403, 403, 403]
    assert [getattr(cast, who).get(url).status_code for who in ("analyst", "administrator")] == [200, 200]
    assert "export" not in cast.owner.get(reverse("reports:report", args=[name])).text.lower()


@pytest.mark.parametrize("name", [*reports()])
def test_the_export_has_the_rows_and_order_of_the_screen(world: World, cast: Cast, name) -> None:
    text = b"".join(cast.analyst.get(reverse("reports:export", args=[name, "csv"]))).decode("utf-8-sig")
    rows = [row[0] for row in csv.reader(io.StringIO(text))][1:-1]
    answer = cast.analyst.get(reverse("reports:report", args=[name]))
    assert rows == [csv_text(row.name) for row in answer.context["page"].listing.rows]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=999999999999", "sort=;drop", "order='"])
@pytest.mark.parametrize("path", ["segmentation/", "orders/", "orders/figures/open_orders_amount/"])
def test_odd_parameters_never_fail(world: World, cast: Cast, path, query) -> None:
    assert cast.analyst.get(f"/reports/{path}?{query}").status_code == 200


def test_a_nul_in_the_address_is_refused_in_words(world: World, cast: Cast) -> None:
    answer = cast.analyst.get("/reports/segmentation/?revenue=%00")
    assert answer.status_code == 400
    assert "a character that no text can hold (NUL)" in answer.text
