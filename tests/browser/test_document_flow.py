"""The chain and the lines of an order in a real browser, large and strange ones too."""

import pytest
from django.urls import reverse

from customers.publishing import recompute_all
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpOrderLine, ErpPayment
from tests.browser.accessible import wrong_in_both_themes
from tests.browser.conftest import Site
from tests.customers.pages.test_document_pages import LONG, build_large
from tests.customers.pages.world import AS_OF, mirrored

pytestmark = pytest.mark.browser
STRANGE = "erp:a/b?<i>"
PATHS = (
    "/orders/erp:SO-1/",
    "/orders/erp:BIG/",
    "/orders/erp:BIG/?all=deliveries",
    "/orders/erp:BIG/?line=erp:BIG/7",
    "/deliveries/erp:BIG/D1/",
    "/invoices/erp:F-1/",
    "/payments/erp:P-1/",
    *(reverse(f"customers:{kind}", args=(STRANGE,)) for kind in ("order", "delivery", "invoice", "payment")),
)


def build_strange() -> None:
    mirrored(ErpOrder, STRANGE, number=LONG[:80], currency="XAU", hold_reason=LONG[:120], net_amount=-1_234_567_890)
    mirrored(ErpOrderLine, f"{STRANGE}/1", order_id=STRANGE, text=LONG, quantity=-3, net_amount=-1_234_567_890)
    mirrored(ErpDelivery, STRANGE, carrier="x" * 120, order_id=STRANGE)
    mirrored(ErpInvoice, STRANGE, number="y" * 80, order_id=STRANGE, customer_reference="z" * 120)
    mirrored(ErpPayment, STRANGE, reference="w" * 120)


@pytest.mark.parametrize("width", [1440, 390])
def test_document_pages_are_accessible_and_never_scroll_sideways(site: Site, width: int) -> None:
    build_large("BIG", lines=120, deliveries=60)
    build_strange()
    recompute_all(AS_OF, current=True)
    page = site.open("/customers/", width=width)
    wrong = []
    for path in PATHS:
        page.goto(site.url + path)
        page.evaluate("document.querySelectorAll('.behind details').forEach((one, n) => { one.open = n < 3; })")
        wrong += wrong_in_both_themes(page)
    assert wrong + site.complaints == []


def test_a_line_opens_to_its_documents_and_any_node_leads_on(site: Site) -> None:
    page = site.open("/orders/erp:SO-1/", scripts=False)
    assert not page.locator("[data-copy]").is_visible()
    page.click("text=2 delivery lines, 1 invoice line")
    assert page.locator(".behind li").count() == 3
    page.locator(".behind a").first.click()
    page.wait_for_url("**/deliveries/erp:D-1/")
    page.click(".flow a:has-text('F-1')")
    page.wait_for_url("**/invoices/erp:F-1/")
    assert page.locator(".flow [aria-current=page]").inner_text() == "F-1"


def test_the_number_of_a_document_can_be_copied_and_that_is_said(site: Site) -> None:
    page = site.open("/orders/erp:SO-1/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("[data-copy]")
    page.wait_for_selector("[role=status]:has-text('Copied')", state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == "SO-1"
    assert page.locator("[data-copy]").inner_text() == "Copied"
    page.wait_for_selector("[data-copy]:has-text('Copy number')")
