"""The operator pages of the practice org in a real browser: readable, reachable, and usable without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.practice_org import PracticeOrg

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_operator_pages_are_accessible_and_fit_the_screen(browser: Browser, practice_org: PracticeOrg, width, dark):
    practice_org.admin("generate", {"sobject": "Account", "count": 60})
    practice_org.fault("lock_rows", share=0.1)
    practice_org.admin("validation_rules", {"sobject": "Account", "field": "Phone", "operator": "empty"})
    account = practice_org.records("Account")[0]["Id"]
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in ("", "objects/Account", f"objects/Account/{account}"):
        page.goto(f"{practice_org.url}/practice/{path}")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()


def test_a_switch_is_turned_on_and_off_without_scripts(browser: Browser, practice_org: PracticeOrg):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{practice_org.url}/practice/")
    page.get_by_role("button", name="Turn on daily_limit").click()
    page.get_by_role("button", name="Turn daily_limit off").click()
    assert page.get_by_text("Nothing is switched on").is_visible()
    context.close()
