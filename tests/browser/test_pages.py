"""The pages in a real browser: accessible, free of complaints, at home on a desk, on a phone and on paper."""

import gzip
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Response

from tests.browser.accessible import violations, wrong_in_both_themes
from tests.browser.conftest import PAST, Site

pytestmark = pytest.mark.browser
PATHS = (
    "/",
    "/status/",
    "/deputies/",
    "/links/",
    "/links/erp:100009/?account=001Dn00000AbCdGIAV",
    "/links/erp:104233/",
    "/links/together/",
    "/links/quality/",
    "/links/decisions/",
    "/customers/",
    "/customers/?country=NL&columns=dso,city",
    "/customers/?q=nothing-like-this",
    "{kestrel}",
    "{kestrel}orders/",
    "{kestrel}deliveries/",
    "{kestrel}invoices/",
    "{kestrel}payments/",
    "{kestrel}opportunities/",
    "{kestrel}contacts/",
    "{kestrel}erp-customers/",
    "{kestrel}products/",
    "{kestrel}products/Seal kit, hydraulic/?period=before",
    "{kestrel}timeline/",
    "{kestrel}timeline/?kind=credit-notes",
    "{kestrel}?aging=document",
    "{kestrel}open-items/",
    "{kestrel}settlements/",
    "{kestrel}statement/",
    "{kestrel}statement/?mode=activity",
    "{kestrel}pre-call/",
    "{kestrel}figures/overdue_amount/",
    "{kestrel}figures/otif/",
    "{kestrel}figures/dso/",
    "{kestrel}?as_of={past}",
    "{kestrel}views/",
    "{kestrel}figures/average_deal_size/",
    "/orders/erp:SO-1/",
    "/orders/erp:SO-1/?all=invoices",
    "/deliveries/erp:D-1/",
    "/invoices/erp:F-1/",
    "/payments/erp:P-1/",
    "/search/?q=k",
    "/differences/",
    "/differences/?state=closed",
    "{difference}",
    "/masters/",
    "/links/",
    "/links/decisions/",
    "/links/together/",
    "/handover/",
)
LIGHTEST_PAGE_LIMIT = 80_000
README_PICTURE = Path(__file__).resolve().parents[2] / "docs" / "customer-360.png"


@pytest.mark.parametrize("half", [0, 1], ids=["even", "odd"])
@pytest.mark.parametrize("width", [1440, 820, 390])
def test_pages_have_no_accessibility_violation_no_complaint_and_no_sideways_scroll(
    site: Site, width: int, half: int
) -> None:
    page = site.open("/customers/", width=width)
    wrong = []
    for path in PATHS[half::2]:
        page.goto(site.url + path.format(kestrel=site.kestrel, difference=site.difference, past=PAST))
        wrong += wrong_in_both_themes(page)
    assert wrong + site.complaints == []


def test_the_login_page_has_no_accessibility_violation(site: Site) -> None:
    page = site.open("/customers/")
    page.click("[popovertarget=me]")
    page.click("text=Sign out")
    page.wait_for_selector("[name=password]")
    assert violations(page) == []


def test_the_first_screen_shows_name_owner_six_figures_and_the_chart(site: Site) -> None:
    page = site.open(site.kestrel)
    for selector in ("h1", "text=Owner Ana Duarte", ".tile >> nth=5", "text=Revenue by month", ".plot"):
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] + 40 < 900, selector
    assert page.locator(".tile").count() == 6


def test_on_a_phone_what_stands_out_comes_before_the_charts(site: Site) -> None:
    page = site.open(site.kestrel, width=390, height=844)
    standouts = page.locator("text=What stands out").bounding_box()
    chart = page.locator("text=Revenue by month").bounding_box()
    assert standouts is not None
    assert chart is not None
    assert standouts["y"] < chart["y"]


def test_on_a_phone_the_menu_opens_and_escape_closes_it(site: Site) -> None:
    page = site.open("/customers/", width=390, height=844)
    assert not page.locator("#side").is_visible()
    page.click("[aria-label=Menu]")
    assert page.locator("#side").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#side").is_visible()


def test_slash_goes_to_the_search_and_enter_opens_the_order(site: Site) -> None:
    page = site.open("/customers/")
    page.keyboard.press("/")
    page.keyboard.type("SO-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/erp:SO-1/")
    assert "SO-1" in page.locator("h1").inner_text()


def test_a_chosen_theme_stays(site: Site) -> None:
    page = site.open("/customers/")
    page.click("[data-theme-toggle]")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.goto(site.url + site.kestrel)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_without_scripts_the_page_is_complete(site: Site) -> None:
    page = site.open(site.kestrel, scripts=False)
    assert page.locator(".plot .cur").count() == 11
    page.click("text=As a table, each month with its invoices")
    page.locator(".as-table a").first.click()
    page.wait_for_url("**/invoices/?month=*")


def test_back_returns_to_the_list_as_it_was(site: Site) -> None:
    page = site.open("/customers/?view=overdue&sort=name")
    page.click("text=Kestrel Marine Engineering B.V.")
    page.go_back()
    assert page.url.endswith("/customers/?view=overdue&sort=name")


def test_on_paper_the_customer_page_takes_two_sheets_and_has_no_navigation(site: Site) -> None:
    page = site.open(site.kestrel)
    page.emulate_media(media="print")
    assert not page.locator("#side").is_visible()
    assert not page.locator(".top").is_visible()
    sheets = re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(sheets) <= 2


def test_a_customer_page_weighs_less_than_eighty_kilobytes_compressed(site: Site) -> None:
    page = site.open("/customers/")
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.url.startswith(site.url) and response.status == 200:
            sizes[response.url] = len(gzip.compress(response.body()))

    page.on("response", weigh)
    page.context.clear_cookies(name="nothing")
    page.goto(site.url + site.kestrel, wait_until="networkidle")
    assert len(sizes) >= 5
    assert sum(sizes.values()) < LIGHTEST_PAGE_LIMIT, sizes


def test_the_picture_of_the_readme_can_be_taken(site: Site, tmp_path: Path) -> None:
    """SCREENSHOTS=1 writes it to its place in the documents."""
    picture = README_PICTURE if os.environ.get("SCREENSHOTS") == "1" else tmp_path / README_PICTURE.name
    picture.parent.mkdir(exist_ok=True)
    site.open(site.kestrel).screenshot(path=picture)
    assert picture.stat().st_size > 20_000


def test_the_list_follows_the_typing_and_keeps_it_in_the_url(site: Site) -> None:
    page = site.open("/customers/")
    page.locator("#list-q").press_sequentially("keston")
    page.wait_for_url("**/customers/?q=keston*")
    page.wait_for_function("document.querySelectorAll('#found tbody tr').length === 1")
    assert page.locator("#summary").inner_text().startswith("1\u00a0customer")
    assert site.complaints == []
