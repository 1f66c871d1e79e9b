"""The report pages in a real browser: accessible, free of complaints, with a chart that is drawn."""

import re

import pytest
from playwright.sync_api import FloatRect, Locator

from tests.browser.accessible import wrong_in_both_themes
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
PATHS = (
    "/reports/",
    "/reports/segmentation/",
    "/reports/segmentation/?large=abc",
    "/reports/segmentation/?standing=overdue&sort=overdue_amount",
    "/reports/orders/",
    "/reports/receivables/",
    "/reports/receivables/figures/overdue_amount/",
    "/reports/segmentation/figures/average_deal_size/",
    "/reports/growth/",
    "/reports/abc/?a=50&top=3",
    "/reports/cohorts/?show=share",
    "/reports/overdue-trend/",
    "/reports/customer-years/",
    "/reports/payment-behaviour/?class=unknown",
    "/reports/rfm/?view=grid",
    "/reports/rfm/scales/",
    "/reports/rfm/calibrate/?r5=20",
    "/reports/movement/",
    "/reports/won-to-cash/?show=leaks",
    "/reports/handover-days/",
    "/reports/unlinked-money/",
)


@pytest.mark.parametrize("width", [1440, 390])
def test_reports_have_no_accessibility_violation_no_complaint_and_no_sideways_scroll(site: Site, width: int) -> None:
    page = site.open("/customers/", width=width)
    wrong = []
    for path in PATHS:
        page.goto(site.url + path)
        for number in range(page.locator("[data-chart]").count()):
            page.wait_for_selector(f"[data-drawn] >> nth={number}")
        wrong += wrong_in_both_themes(page)
    # The browser itself reports the page that answers a bad threshold with 400.
    complaints = [text for text in site.complaints if "400 (Bad Request)" not in text]
    assert wrong + complaints == []


def test_the_chart_draws_the_segments_of_the_table(site: Site) -> None:
    page = site.open("/reports/segmentation/")
    page.wait_for_selector("[data-drawn] >> nth=1")
    boxes = "[...document.querySelectorAll('[data-chart]')]"
    drawn = page.evaluate(f"{boxes}.flatMap(box => box.data).flatMap(bar => bar.y).reduce((a, b) => a + b)")
    foot = page.locator("[aria-labelledby=overview-h] tfoot td.num").all_inner_texts()
    amounts = [float(re.sub(r"[^\d.]", "", text)) for text in foot[1:3]]
    assert drawn == pytest.approx(sum(amounts))


@pytest.mark.parametrize(("width", "drawn"), [(390, False), (1440, True)])
def test_a_heat_map_of_very_many_names_is_left_to_its_table_on_a_phone(site: Site, width: int, *, drawn: bool) -> None:
    page = site.open("/customers/", width=width)
    names = [f"Segment {number}" for number in range(22)]
    heat = {"type": "heatmap", "x": names, "y": names, "z": [[1] * 22] * 22, "showscale": False}
    figure = {"data": [heat], "layout": {"height": 400, "xaxis": {"type": "category"}, "yaxis": {"type": "category"}}}
    page.route("**/chart/0.json*", lambda route: route.fulfill(json=figure))
    page.goto(f"{site.url}/reports/cohorts/")
    if drawn:
        page.wait_for_selector("[data-drawn] .heatmaplayer .hm")
    else:
        page.wait_for_selector("text=It is too large for this screen")
    assert (page.locator("[data-drawn] .heatmaplayer .hm").count() > 0) is drawn


def at_rest(drawn: Locator) -> FloatRect:
    """Where it is once it stays there: a chart makes room for its labels after it was drawn."""
    box = None
    while box is None or box != drawn.bounding_box():
        box = drawn.bounding_box()
        drawn.page.wait_for_timeout(200)
    return box


@pytest.mark.parametrize(
    ("path", "mark", "rows"),
    [
        ("/reports/segmentation/", ".points .point >> nth=0", "/reports/segmentation/?revenue="),
        ("/reports/growth/", ".waterfalllayer .point >> nth=1", "/reports/growth/?class="),
        ("/reports/abc/", ".barlayer .point >> nth=0", "/customers/"),
        ("/reports/overdue-trend/", ".scatterlayer .point >> nth=0", "/reports/receivables/"),
        ("/reports/cohorts/", ".heatmaplayer .hm", "/reports/customer-years/?first="),
    ],
)
def test_clicking_what_is_drawn_opens_its_rows(site: Site, path: str, mark: str, rows: str) -> None:
    page = site.open(path)
    page.wait_for_selector("[data-drawn]")
    box = at_rest(page.locator(f"[data-drawn] {mark}").first)
    # The first field of a heat map is at its upper left; everything else is hit in the middle.
    across, down = (8, 8) if "heatmap" in mark else (box["width"] / 2, box["height"] / 2)
    page.mouse.move(box["x"] + across, box["y"] + down, steps=3)
    page.wait_for_selector(".hoverlayer .hovertext")
    page.mouse.click(box["x"] + across, box["y"] + down)
    page.wait_for_url(lambda url: rows in url)
    assert page.locator("h1").count() == 1
    assert site.complaints == []


@pytest.mark.parametrize("path", ["/reports/abc/", "/reports/cohorts/"])
def test_a_chart_is_saved_as_a_picture(site: Site, path: str) -> None:
    page = site.open(path, dark=True)
    page.wait_for_selector("[data-drawn]")
    with page.expect_download() as download:
        page.click("text=Download PNG")
    content = download.value.path().read_bytes()
    assert (content[:8], len(content) > 10_000) == (b"\x89PNG\r\n\x1a\n", True)
    assert download.value.suggested_filename.startswith(path.split("/")[2])
    assert site.complaints == []


def test_without_scripts_the_report_reads_whole(site: Site) -> None:
    page = site.open("/reports/segmentation/", scripts=False)
    assert page.locator("text=The table has the same figures. >> nth=0").is_visible()
    assert page.locator("table.list tbody tr").count() > 0


def test_a_threshold_that_is_no_amount_is_explained_and_the_page_still_shows(site: Site) -> None:
    page = site.open("/reports/segmentation/?overdue=lots")
    assert "is no number" in page.locator("[role=alert]").inner_text()
    assert page.locator("table.list tbody tr").count() > 0
