"""The pages of a rule that shares an ERP customer: enter, try, decide, see it on every page, take it back."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.deciding.effects import TOLD
from customers.models import AccountLink, Customer, CustomerRollup, LinkDecision, LinkProposal
from integration_hub.models import ErpCustomer, ErpOrder
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.crawler import Crawler, address, pages_of
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, PROSPECT, mirrored

ERP = "erp:104233"
PAGE, CASE = f"/links/{ERP}/share/", f"/links/{ERP}/"


def text(client, url, status=200, **query):
    answer = client.get(url, query)
    assert answer.status_code == status, url
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def seen(page):
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found[1]


def revenue(customer):
    return CustomerRollup.objects.get(customer=customer, as_of=AS_OF).revenue_12m


def shared(cast, *, kind="per_cent", reason="Two buyers", **rows):
    page = text(cast.analyst, PAGE, kind=kind, preview="1", **rows)
    given = {"kind": kind, "reason": reason, "seen": seen(page), **rows}
    answer = cast.analyst.post(PAGE, given)
    assert answer.status_code == 302, answer.content.decode()
    return page


class TestByPerCent:
    SIXTY_FORTY = {f"p:{KESTREL}": "60", f"p:{KESTON}": "40"}

    def test_it_is_tried_decided_seen_everywhere_and_taken_back(self, world: World, cast: Cast) -> None:
        before = {customer: revenue(customer) for customer in (world.kestrel, world.keston)}
        links = list(AccountLink.objects.values_list("erp_customer", "customer"))
        page = text(cast.analyst, PAGE, preview="1", kind="per_cent", **self.SIXTY_FORTY)
        assert "Share by this rule" in page
        after = before[world.kestrel] * Decimal("0.6")
        assert f"{after:,.2f}" in page
        assert list(AccountLink.objects.values_list("erp_customer", "customer")) == links, "trying changes nothing"
        assert not LinkDecision.objects.exists()
        assert "add up to 99.99" in text(
            cast.analyst, PAGE, preview="1", kind="per_cent", **{f"p:{KESTREL}": "60", f"p:{KESTON}": "39,99"}
        )
        assert "is no per cent" in text(cast.analyst, PAGE, preview="1", kind="per_cent", **{f"p:{KESTREL}": "many"})
        shared(cast, **self.SIXTY_FORTY)
        assert sum(revenue(customer) for customer in before) == sum(before.values())
        assert abs(revenue(world.kestrel) - after) < Decimal("0.30"), "each document is rounded by itself"
        case = text(cast.analyst, CASE)
        assert "Shared over 2 accounts" in case
        assert "Kestrel Marine Engineering B.V. 60%, Keston Agri Ltd 40%" in case
        assert "60% of ERP 104233" in text(cast.owner, address(world.kestrel, "detail"))
        figure = text(cast.owner, address(world.kestrel, "figure", "revenue_12m"))
        assert "60% of 4,000.00" in figure
        assert "a count counts a document for each" in figure
        decision = LinkDecision.objects.get()
        assert "Kestrel Marine Engineering B.V. 60%" in text(cast.analyst, "/links/decisions/", verdict="share")
        cast.analyst.post(f"/links/decisions/{decision.pk}/undo/", {"to": "case"})
        assert {customer: revenue(customer) for customer in before} == before

    @pytest.mark.parametrize("customer", ["kestrel", "keston"])
    def test_every_figure_of_both_accounts_is_what_its_rows_make(self, world: World, cast: Cast, customer: str) -> None:
        shared(cast, **self.SIXTY_FORTY)
        found: Customer = getattr(world, customer)
        crawler = Crawler(cast.administrator)
        for url in pages_of(found):
            crawler.follow(url)
        assert {"revenue_12m", "open_amount", "overdue_amount", "open_orders_amount"} <= crawler.followed
        for name in ("open_items", "products", "timeline", "statement", "settlements", "pre_call"):
            assert cast.administrator.get(address(found, name)).status_code == 200, name

    def test_who_sees_one_account_sees_the_document_but_not_the_other_account(self, world: World, cast: Cast) -> None:
        shared(cast, **self.SIXTY_FORTY)
        for url in ("/invoices/erp:F-1/", "/orders/erp:SO-1/", "/payments/erp:P-1/"):
            page = text(cast.owner, url)
            assert "Kestrel Marine Engineering B.V. 60%" in re.sub(r"<[^>]+>", "", page)
            assert "and 1 more account" in page
            assert "Keston" not in page
            assert "Keston Agri Ltd 40%" in re.sub(r"<[^>]+>", "", text(cast.outsider, url))
        assert cast.owner.get(PAGE).status_code == 404

    def test_the_pages_ask_no_more_for_more_accounts(self, world: World, cast: Cast) -> None:
        counts = []
        for rows in (
            self.SIXTY_FORTY,
            {f"p:{KESTREL}": "20", f"p:{KESTON}": "30", f"p:{PROSPECT}": "50"},
        ):
            shared(cast, **rows)
            for url in (address(world.kestrel, "detail"), address(world.kestrel, "figure", "open_amount"), CASE):
                cast.analyst.get(url)
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    cast.analyst.get(url)
                counts.append(len(queries))
        assert counts[:3] == counts[3:]


def test_without_an_account_to_choose_nothing_is_offered_and_the_case_states_its_own_figures(
    world: World, cast: Cast
) -> None:
    alone = AccountLink.objects.get(customer=world.unlinked).erp_customer
    LinkProposal.objects.all().delete()
    for kind in ("per_cent", "ship_to"):
        page = text(cast.analyst, f"/links/{alone}/share/", kind=kind)
        assert "No account to choose from yet" in page
        assert "Show what it would change" not in page
        assert "overrule" not in page
    assert "Show what it would change" in text(cast.analyst, f"/links/{alone}/share/", kind="per_cent", account=KESTREL)
    case = text(cast.analyst, f"/links/{alone}/")
    assert "No account looks alike" in case
    own = re.findall(r'<dt>([^<]+)</dt><dd><a class="fig"[^>]*>([^<]+)</a>', case)
    assert ("Revenue, 12 months", f"{revenue(world.unlinked):,.2f}") in own
    assert len(own) == len(TOLD)


def test_by_ship_to_party_what_nobody_knows_goes_with_the_rest(world: World, cast: Cast) -> None:
    mirrored(ErpCustomer, "erp:77", number="77", name="Dock 4")
    ErpOrder.objects.filter(key="erp:SO-1").update(ship_to="erp:77")
    before = revenue(world.kestrel)
    page = shared(cast, kind="ship_to", **{"s:erp:77": KESTON, "rest": KESTREL})
    assert re.search(r"\d+ of \d+ documents name no ship-to party", page)
    moved = revenue(world.keston) - before + revenue(world.kestrel)
    assert revenue(world.kestrel) == before - Decimal(400)
    assert moved >= Decimal(400)
    assert "ship-to by its delivery" in text(cast.analyst, address(world.keston, "figure", "revenue_12m"))
    assert "Dock 4" in text(cast.outsider, "/invoices/erp:F-1/")
    assert cast.owner.get("/invoices/erp:F-1/").status_code == 404, "it went to the other account"
    assert "F-1" not in text(cast.owner, address(world.kestrel, "invoices"), q="F-1").split("<table")[-1]
    crawler = Crawler(cast.administrator)
    for found in (world.kestrel, world.keston):
        for url in pages_of(found):
            crawler.follow(url)
