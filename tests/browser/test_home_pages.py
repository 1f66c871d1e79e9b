"""Home and the lists behind it in a real browser: accessible, fit for desk and phone, whole without scripts."""

import pytest
from playwright.sync_api import Page

from customers.models import RollupDay
from tests.browser.accessible import wrong_in_both_themes
from tests.browser.conftest import Site
from tests.browser.test_pages import LIGHTEST_PAGE_LIMIT
from tests.customers.pages.world import BEN

pytestmark = pytest.mark.browser
PATHS = (
    "/",
    "/?since=30-days",
    f"/?person={BEN}&since=yesterday",
    "/book/figures/revenue_ytd/",
    "/book/figures/late_orders_count/",
    "/book/changes/overdue/?since=30-days",
    "/book/changes/segments/?since=7-days",
    "/book/changes/payments/?since=30-days",
    "/book/attention/",
    "/book/attention/?reason=late",
)


@pytest.mark.parametrize("width", [1440, 390])
def test_home_has_no_accessibility_violation_no_complaint_and_no_sideways_scroll(site: Site, width: int) -> None:
    page = site.open("/", width=width)
    wrong = []
    for path in PATHS:
        page.goto(site.url + path)
        wrong += wrong_in_both_themes(page)
        assert page.locator("h1").count() == 1
    RollupDay.objects.all().delete()
    page.goto(site.url)
    wrong += wrong_in_both_themes(page)
    assert wrong + site.complaints == []


def test_the_first_screen_shows_the_figures_and_the_news(site: Site) -> None:
    page = site.open("/?since=30-days")
    for selector in ("h1", ".tile >> nth=4", "text=What changed", "text=Customers that need me"):
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] + 40 < 900, selector


def test_another_person_is_chosen_with_and_without_scripts(site: Site) -> None:
    page = site.open("/?since=30-days")
    page.select_option("[name=person]", BEN)
    page.wait_for_url(f"**person={BEN}*")
    _is_bens(page)
    page = site.open("/?since=30-days", scripts=False)
    page.select_option("[name=person]", BEN)
    page.click("button:has-text('Show')")
    _is_bens(page)
    page.click("text=7 days")
    _is_bens(page)
    assert "since=7-days" in page.url


def _is_bens(page: Page) -> None:
    assert page.locator("h1").inner_text() == "Book of Ben Okafor"
    assert "1\u00a0customer" in page.locator(".sub").first.inner_text()


def test_unlinked_money_stands_beside_the_news(site: Site) -> None:
    page = site.open("/?since=30-days")
    news, money = page.locator("section[aria-labelledby=news]"), page.locator("section.unlinked")
    beside, box = news.bounding_box(), money.bounding_box()
    assert beside is not None
    assert box is not None
    assert box["x"] > beside["x"] + beside["width"]


def test_g_and_h_lead_home(site: Site) -> None:
    page = site.open("/customers/")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(f"{site.url}/")
    assert page.locator("nav[aria-label=Main] [aria-current=page]").inner_text() == "Home"


def test_home_weighs_less_than_eighty_kilobytes(site: Site) -> None:
    page = site.open("/customers/")
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}) if answer.ok else None)
    page.goto(site.url + "/?since=30-days", wait_until="networkidle")
    assert sum(sizes.values()) < LIGHTEST_PAGE_LIMIT, sizes
