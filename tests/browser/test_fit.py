"""What drops down and what is very long stays within the page, and Escape closes it."""

import pytest

from customers.models import Customer
from customers.publishing import recompute_all
from integration_hub.models import SfAccount
from tests.browser.accessible import overflow
from tests.browser.conftest import Site
from tests.customers.pages.world import AS_OF, KESTREL

pytestmark = pytest.mark.browser
TOO_WIDE = "[...document.querySelectorAll('.tw')].filter(one => one.scrollWidth > one.clientWidth + 1).length"


def test_a_name_of_255_letters_pushes_nothing_out_of_the_page(site: Site) -> None:
    SfAccount.objects.filter(key=KESTREL).update(name="W" * 255)
    Customer.objects.filter(account=KESTREL).update(name="W" * 255)
    recompute_all(AS_OF, current=True)
    for width, paths in (
        (1440, (site.kestrel, f"{site.kestrel}figures/overdue_amount/", f"{site.kestrel}orders/")),
        (390, ("/customers/", "/book/attention/", site.kestrel, f"{site.kestrel}orders/")),
    ):
        page = site.open("/customers/", width=width)
        for path in paths:
            page.goto(site.url + path)
            assert overflow(page) <= 0, (width, path)
            assert page.evaluate(TOO_WIDE) == 0, (width, path)


@pytest.mark.parametrize("width", [1440, 390])
def test_lists_that_drop_down_fit_and_close_with_escape(site: Site, width: int) -> None:
    page = site.open("/customers/", width=width)
    for place in (0, 1):
        page.locator(".drop summary").nth(place).click()
        box = page.locator(".drop-b").nth(place).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert overflow(page) <= 0
        page.keyboard.press("Escape")
        assert page.locator(".drop[open]").count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "{kestrel}deliveries/",
        "{kestrel}invoices/",
        "{kestrel}contacts/",
        "{kestrel}open-items/",
        "{kestrel}settlements/",
        "{kestrel}statement/?mode=activity",
        "{kestrel}views/",
        "/book/changes/payments/?since=30-days",
        "/book/changes/segments/?since=30-days",
        "/checks/",
        "/status/",
        "/runs/schedule/",
    ],
)
def test_no_table_of_a_phone_is_wider_than_its_screen(site: Site, path: str) -> None:
    page = site.open(path.format(kestrel=site.kestrel), width=390)
    assert page.evaluate(TOO_WIDE) == 0


@pytest.mark.parametrize("width", [1440, 390])
def test_a_figure_of_millions_lies_on_nothing_beside_it(site: Site, width: int) -> None:
    page = site.open("/book/figures/revenue_ytd/", width=width)
    page.evaluate("document.querySelector('.defs .big').textContent = '€37,612,573.06'")
    assert page.evaluate("(one => one.scrollWidth <= one.clientWidth)(document.querySelector('.defs .big'))")
    box = page.locator(".defs .big").bounding_box()
    assert box is not None
    assert box["height"] < 40, "nor is it broken"


def test_what_a_search_field_asks_for_is_not_cut_within_a_letter(site: Site) -> None:
    page = site.open("/customers/", width=390)
    assert page.evaluate("getComputedStyle(document.querySelector('[data-search]')).textOverflow") == "ellipsis"


def test_the_last_column_of_a_phone_keeps_its_distance_from_the_edge(site: Site) -> None:
    page = site.open("/customers/", width=390)
    last = "[...document.querySelectorAll('tbody tr:first-child > *')].filter(one => one.offsetWidth).pop()"
    assert page.evaluate(f"getComputedStyle({last}).paddingRight") == "16px"
