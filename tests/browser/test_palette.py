"""The search dialog by keyboard alone, and the list's forms, in a real browser."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.accessible import overflow, violations
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def chosen(page: Page) -> str:
    """The option that the field names as active, which must be the one marked as selected."""
    active = page.locator("#palette input").get_attribute("aria-activedescendant")
    option = page.locator("#palette [aria-selected=true]")
    assert option.get_attribute("id") == active
    return option.inner_text()


def shows(page: Page, text: str) -> None:
    page.locator("#palette-found", has_text=text).wait_for()


def picture(page: Page, name: str) -> None:
    """PICTURES names a folder for looking at them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_the_search_is_used_by_keyboard_alone(site: Site) -> None:
    page = site.open(site.kestrel)
    for keys in ("/", "Control+k", "Meta+k"):
        page.keyboard.press(keys)
        assert page.locator("#palette input").evaluate("e => e === document.activeElement"), keys
        shows(page, "Opened last")
        assert page.locator("#palette [aria-selected=true]").count() == 0
        page.keyboard.press("Escape")
        assert not page.locator("#palette").is_visible()
    page.keyboard.press("/")
    page.keyboard.type("so-1")
    shows(page, "Orders")
    first = chosen(page)
    assert first.startswith("SO-1")
    assert violations(page) == []
    picture(page, "palette")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert chosen(page) == first
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/erp:SO-1/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/customers/")
    assert site.complaints == []


def test_arrows_go_through_every_group_and_enter_opens_what_is_chosen(site: Site) -> None:
    page = site.open("/customers/", width=390, height=844, dark=True)
    page.keyboard.press("/")
    page.keyboard.type("kestrel")
    shows(page, "Contacts")
    count = page.locator("#palette [role=option]").count()
    seen = [chosen(page)]
    for _ in range(count - 1):
        page.keyboard.press("ArrowDown")
        seen.append(chosen(page))
    assert len(set(seen)) == count > 2
    assert overflow(page) <= 0
    assert violations(page) == []
    picture(page, "palette-phone")
    while not chosen(page).startswith("Joost"):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/")
    assert site.complaints == []


def test_nothing_found_and_the_list_of_keys_are_said(site: Site) -> None:
    page = site.open("/customers/")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert violations(page) == []
    picture(page, "keys")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("zzzz<b>")
    shows(page, "Nothing found")
    picture(page, "palette-nothing")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=zzzz*")
    assert "Nothing found" in page.locator("main").inner_text()


def test_a_view_is_saved_and_columns_are_chosen(site: Site) -> None:
    page = site.open("/customers/?view=overdue&from.overdue_amount=1")
    picture(page, "list")
    page.click("text=Save view")
    picture(page, "list-save")
    page.fill("#keep [name=name]", "Mine")
    page.click("#keep >> text=Save >> nth=-1")
    page.wait_for_url("**saved=*")
    assert page.locator(".side [aria-current=page]").inner_text().startswith("Mine")
    page.click("text=Columns")
    page.check("#keep [name=column][value=dso]")
    picture(page, "list-columns")
    assert violations(page) == []
    page.click("text=Show these")
    page.wait_for_url("**columns=*")
    assert overflow(page) <= 0
    assert site.complaints == []


def test_the_list_fits_a_phone_with_its_filters_open(site: Site) -> None:
    page = site.open("/customers/?country=NL&from.overdue_amount=1", width=390, height=844)
    assert overflow(page) <= 0
    picture(page, "list-phone")
    page.click("text=Columns")
    assert overflow(page) <= 0
    picture(page, "list-phone-columns")
