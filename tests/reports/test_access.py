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

# Their rows are days, years or steps; what they count is held to each role by test_catalogue.
WITHOUT_NAMES = {"concentration", "cohorts", "overdue-trend"}


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


def test_a_nul_in_the_query_cannot_be_read(world: World, cast: Cast) -> None:
    assert cast.analyst.get("/reports/segmentation/?revenue=%00").status_code == 400
