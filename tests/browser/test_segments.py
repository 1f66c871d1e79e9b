"""The builder in a browser: with scripts it counts while one types, without it does the same by its buttons."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import overflow, violations
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
STATE = (
    "g=all&0.f=overdue_amount&0.is=more_than&0.v=100&1.f=revenue_12m&1.is=up_percent&1.v=10&1.v=1&1.v=prior"
    "&2.g=any&2.0.f=country&2.0.is=one_of&2.0.v=NL&2.1.f=last_order_on&2.1.is=within_last&2.1.v=3&2.1.v=months"
)


def keep(page: Page, name: str) -> str:
    """Save what stands in the builder; the address of the segment."""
    page.fill("[name=name]", name)
    page.check("[name=shared]")
    page.click("button[value=save]")
    page.wait_for_url(re.compile(r"/segments/\d+/$"))
    return page.url


def test_it_counts_while_one_types_and_the_address_follows(site: Site) -> None:
    page = site.open("/segments/new/")
    assert not page.locator("text=Count again").is_visible()
    page.select_option("#f-0", "overdue_amount")
    page.fill("#v1-0", "100")
    expect(page.locator("#found .found-n")).to_contain_text("3")
    assert "0.f=overdue_amount" in page.url
    page.click("text=Add rule")
    expect(page.locator("#f-1")).to_be_focused()
    page.select_option("#f-1", "city")
    expect(page.locator("#is-1")).to_have_value("is")
    page.fill("#v1-1", "rotterdam")
    expect(page.locator("#found .found-n")).to_contain_text("2")
    page.click("[aria-label='Remove rule 2, City']")
    expect(page.locator("#found .found-n")).to_contain_text("3")
    page.reload()
    expect(page.locator("#v1-0")).to_have_value("100")
    assert site.complaints == []


def test_without_scripts_the_buttons_do_the_same(site: Site) -> None:
    page = site.open("/segments/new/", scripts=False)
    page.select_option("#f-0", "overdue_amount")
    page.click("text=Count again")
    page.fill("#v1-0", "100")
    page.keyboard.press("Enter")
    page.wait_for_url("**0.v=100**")
    assert "3" in page.locator("#found .found-n").inner_text()
    page.click("text=Add group")
    page.wait_for_url("**1.g=any**")
    assert page.locator("#f-1\\.0").is_visible()
    page.click("[aria-label='Remove this group']")
    keep(page, "Late")
    assert "3" in page.locator("#members-h").inner_text()


def test_pages_of_segments_are_accessible_and_fit_a_phone(site: Site) -> None:
    page = site.open(f"/segments/new/?{STATE}")
    segment = keep(page, "Late payers")
    page.click(".why .more")
    why = page.url
    wrong = []
    for width, dark in ((1440, False), (390, True)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        for address in (
            f"{site.url}/segments/new/?{STATE}",
            segment,
            why,
            f"{segment}versions/",
            f"{site.url}/segments/",
        ):
            page.goto(address)
            wrong += violations(page)
            if overflow(page) > 0:
                wrong.append(f"{page.url} scrolls sideways at {width}")
    assert wrong + site.complaints == []
