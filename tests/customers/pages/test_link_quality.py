"""What a score is worth: bands of real decisions that add up and lead to their rows, beside the measured curve."""

import json
import re
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.charts import share_chart
from customers.deciding.acts import Wanted, decide, undo
from customers.matching.measured import MEASURED, automatic
from customers.matching.quality import BOUNDS, measured
from customers.models import LinkDecision, LinkProposal, LinkVerdict
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTON, PROSPECT, build_invoice, mirrored

URL = "/links/quality/"
SCORES = ("1", "0.99", "0.97", "0.93", "0.92", "0.85", "0.6", "0.02")


def text(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, url
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def proposed():
    """ERP customers with one proposal each, of every kind of score."""
    for index, score in enumerate(SCORES):
        key = f"erp:8{index:03d}"
        mirrored(ErpCustomer, key, number=f"8{index:03d}", name=f"Spare {index:03d}", country="DE")
        build_invoice(f"S-{index:03d}", key, days_ago=40, net=1000)
        LinkProposal.objects.create(
            erp_customer=key, account=PROSPECT, score=Decimal(score), evidence=[], found_at=timezone.now()
        )
    recompute_all(AS_OF, current=True)


def bands_of(page):
    """Label -> the cells of its row: accepted, rejected, undecided, share."""
    table = page[page.index('id="bands-h"') : page.index('id="curve-h"')]
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', table)
    return {label: re.findall(r'<td class="num">(.*?)</td>', cells) for label, cells in rows}


def plain(cell):
    return int(re.sub("<[^>]*>", "", cell))


def test_bands_of_decisions_add_up_and_each_count_leads_to_its_rows(
    world: World, cast: Cast, django_user_model
) -> None:
    proposed()
    assert "Nobody has decided about a proposal yet" in text(cast.analyst, URL)
    iris = django_user_model.objects.get(username="iris")
    for index, verdict in ((0, "ACCEPT"), (2, "ACCEPT"), (3, "ACCEPT"), (4, "REJECT"), (5, "ACCEPT")):
        decide(iris, Wanted(LinkVerdict[verdict], f"erp:8{index:03d}", PROSPECT, "", "", overrule=False))
    undo(iris, [LinkDecision.objects.get(erp_customer="erp:8005").pk], "Wrong")
    LinkDecision.objects.create(
        at=timezone.now(), by_name="Iris", verdict=LinkVerdict.REJECT, erp_customer="erp:8006", account=KESTON
    )
    page = text(cast.analyst, URL)
    assert "75.0% of 4 decided proposals" in page
    rows = bands_of(page)
    assert len(rows) == len(BOUNDS) + 1
    *each, total = rows.values()
    assert [plain(cell) for cell in total[:3]] == [3, 1, 4]
    assert [sum(plain(row[place]) for row in each) for place in range(3)] == [3, 1, 4]
    assert rows["90–95%"][3] == "50%"
    assert rows["99% or more"][3] == "100%"
    assert rows["70–80%"] == ["0", "0", "0", "–"]
    for row in rows.values():
        for place, cell in enumerate(row[:3]):
            link = re.search(r'href="([^"]*)"', cell)
            assert bool(link) == (plain(cell) > 0)
            if link:
                found = re.findall(r'<a class="id" href="/links/', text(cast.analyst, link[1]))
                assert len(found) == plain(cell), (place, link[1])
    for broken in ("/links/?band=x", "/links/decisions/?band=0.42"):
        assert "Spare" in text(cast.analyst, broken)


def test_the_page_takes_as_many_queries_however_much_was_decided_and_is_for_analysts(world: World, cast: Cast) -> None:
    def asked():
        cast.analyst.get(URL)
        with CaptureQueriesContext(connection) as captured:
            page = text(cast.analyst, URL)
        return len(captured), page

    few, page = asked()
    assert "Nothing was proposed or decided yet" in page
    assert "No score links by itself" in page
    proposed()
    assert asked()[0] == few
    assert cast.administrator.get(URL).status_code == 200
    assert cast.owner.get(URL).status_code == cast.manager.get(URL).status_code == 404
    for other in ("/links/", "/links/together/"):
        assert f'href="{URL}"' in text(cast.analyst, other)


def test_the_measured_curve_is_a_table_with_the_same_points_drawn_above_it(world: World, cast: Cast) -> None:
    page = text(cast.analyst, URL)
    curve = measured()
    table = page[page.index("Proposals per customer") : page.index('id="means-h"')]
    assert table.count('<th scope="row">') == len(curve)
    assert re.search(r"90% or more</th><td[^>]*>99\.2%</td><td[^>]*>95\.6%</td><td[^>]*>0\.86<", table)
    chart = share_chart([point.precision for point in curve], [point.recall for point in curve])
    assert [tick.label for tick in chart.ticks] == ["100%", "98%", "96%", "94%", "92%", "90%"]
    for line in chart.lines:
        assert f'd="{line}"' in page
        points = [point.split() for point in line[1:].split(" L")]
        assert len(points) == len(curve)
        assert all(0 <= Decimal(y) <= chart.height for _x, y in points)
    assert share_chart([Decimal(1)]).lines == ("M50 0",)
    assert share_chart([Decimal(0), Decimal(1)]).lines == ("M50 200 L150 0",)


@pytest.mark.parametrize(
    ("links", "wrong", "told"),
    [
        (3626, 0, "linked 3,626, and none of these was wrong. With 95% confidence that shows that at least 99.91%"),
        (40, 1, "linked 40, and 1 of these was wrong. With 95% confidence that shows that at least 88.68%"),
    ],
)
def test_the_precision_of_automatic_links_is_what_so_many_of_them_show(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, links: int, wrong: int, told: str
) -> None:
    kept = json.loads(MEASURED.read_text(encoding="utf-8")) | {
        "automatic": {"links": links, "wrong": wrong, "same": 24366}
    }
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(kept), encoding="utf-8")
    monkeypatch.setattr("customers.matching.measured.MEASURED", path)
    automatic.cache_clear()
    try:
        page = re.sub("<[^>]+>", "", text(cast.analyst, URL))
    finally:
        automatic.cache_clear()
    assert f"Of the 24,366 right pairs of invented companies such an identifier {told} of such links are right" in page
