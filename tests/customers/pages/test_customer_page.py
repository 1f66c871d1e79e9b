"""The customer page and its tabs: what they say adds up, and they stay bounded."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from customers.measures import MEASURES
from customers.models import CustomerRollup
from customers.pages.document_lists import LISTINGS
from customers.publishing import recompute_all
from integration_hub.models import PushedValue
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTREL, READ_AT, build_invoice

MOST_QUERIES = 65  # eight of them ask who sees what, and write down who opened it


def detail(world: World) -> str:
    return reverse("customers:detail", args=(world.kestrel.pk,))


def test_the_head_says_who_it_is_and_leads_to_salesforce(world: World, cast: Cast) -> None:
    page = cast.owner.get(detail(world)).content.decode()
    for words in ("Kestrel Marine Engineering B.V.", "Rotterdam", "104233", "Owner Ana Duarte", "Customer since 2017"):
        assert words in page
    assert re.search(rf'href="http[^"]*/{KESTREL}"[^>]*>Open in Salesforce', page)


def test_every_figure_on_the_page_opens_rows_that_add_up_to_it(world: World, cast: Cast) -> None:
    links = set(re.findall(r'href="(/customers/\d+/figures/[^"]+)"', cast.owner.get(detail(world)).content.decode()))
    assert len(links) >= 15
    for link in links:
        answer = cast.owner.get(link)
        assert answer.status_code == 200, link
        if "evidence" in answer.context and answer.context["measure"].kind in {"sum", "count"}:
            assert answer.context["evidence"].difference == 0, link


def test_every_measure_has_a_page_that_says_how_it_is_made(world: World, cast: Cast) -> None:
    for name, measure in MEASURES.items():
        answer = cast.owner.get(reverse("customers:figure", args=(world.kestrel.pk, name)))
        assert answer.status_code == 200, name
        assert escape(measure.label) in answer.content.decode(), name
        assert escape(measure.definition) in answer.content.decode(), name


def test_an_unknown_measure_is_not_found(world: World, cast: Cast) -> None:
    assert cast.owner.get(reverse("customers:figure", args=(world.kestrel.pk, "luck"))).status_code == 404


@pytest.mark.parametrize("number", [2**63, 99999999999999999999])
def test_a_number_that_no_customer_can_have_is_not_found(cast: Cast, number: int) -> None:
    for name in ("detail", "orders", "contacts", "timeline", "products", "open_items", "statement", "pre_call"):
        for client in (cast.analyst, cast.owner):
            assert client.get(reverse(f"customers:{name}", args=(number,))).status_code == 404, name


def test_the_total_of_a_figure_is_over_all_its_pages(world: World, cast: Cast) -> None:
    for index in range(120):
        build_invoice(f"Z-{index}", days_ago=3, net=10)
    recompute_all(AS_OF, current=True)
    url = reverse("customers:figure", args=(world.kestrel.pk, "revenue_ytd"))
    pages = [cast.owner.get(url, {"page": number}).context["evidence"] for number in (1, 2)]
    stored = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF).revenue_ytd
    assert pages[0].total == pages[1].total == stored
    assert sum(row.counted for page in pages for row in page.rows) == stored


def test_the_count_on_each_tab_is_the_length_of_its_list(world: World, cast: Cast) -> None:
    tabs = cast.owner.get(detail(world)).context["head"].tabs
    for tab in tabs:
        if tab.count is None:
            continue
        context = cast.owner.get(tab.url).context
        length = len(context["people"]) if "people" in context else len(context["found"].slice.rows)
        assert length == tab.count, tab.label


def test_a_month_of_the_chart_opens_invoices_that_add_up_to_it(world: World, cast: Cast) -> None:
    rows = cast.owner.get(detail(world)).context["overview"].revenue.rows
    months = [(row.url, row.current) for row in rows if row.current] + [
        (row.previous_url, row.previous) for row in rows
    ]
    assert len(months) > 12
    for url, amount in months:
        assert cast.owner.get(url).context["found"].total == amount, url


def test_buckets_add_up_to_what_is_open(world: World, cast: Cast) -> None:
    card = cast.owner.get(detail(world)).context["overview"].receivables
    assert sum(bucket.amount for bucket in card.buckets) == card.open_amount
    assert card.overdue > 0
    assert sum(item.counted for item in card.items) == card.overdue


def test_overdue_items_are_sorted_by_how_late_they_are(world: World, cast: Cast) -> None:
    items = cast.owner.get(detail(world)).context["overview"].receivables.items
    assert [item.days_late for item in items] == sorted((item.days_late for item in items), reverse=True)
    assert {item.note for item in items} >= {"Freight claim", "Paid in part"}


def test_an_open_order_shows_what_is_left_and_how_late_it_is(world: World, cast: Cast) -> None:
    (order,) = cast.owner.get(detail(world)).context["overview"].open_orders.orders
    assert (order.number, order.days_late, order.delivered, order.open_amount) == ("SO-1", 4, Decimal("0.6"), 400)


def test_sentences_come_from_the_figures(world: World, cast: Cast) -> None:
    headlines = " / ".join(one.headline for one in cast.owner.get(detail(world)).context["overview"].standouts)
    assert "more than 60 days late" in headlines
    assert "past the promised date" in headlines


def test_a_document_without_a_rate_is_said_to_be_missing_from_the_totals(world: World, cast: Cast) -> None:
    page = cast.owner.get(detail(world)).content.decode()
    assert re.search(r"without a rate, an amount or a day not included", page)
    groups = cast.owner.get(reverse("customers:not_converted", args=(world.kestrel.pk,))).context["groups"]
    assert {row.missing for group in groups for row in group.rows} == {"no rate for XAU"}
    stored = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF)
    assert sum(group.count for group in groups) == stored.not_converted_count
    assert "not converted" in cast.owner.get(reverse("customers:invoices", args=(world.kestrel.pk,))).content.decode()


def test_values_that_salesforce_acknowledged_are_listed_with_the_last_refusal(world: World, cast: Cast) -> None:
    values = {"account": KESTREL, "acknowledged_at": READ_AT}
    PushedValue.objects.create(field="ERP_Overdue_Amount__c", value="10153.00", **values)
    PushedValue.objects.create(field="ERP_Last_Order_Date__c", value="2026-09-24", last_error="Not editable", **values)
    page = cast.owner.get(detail(world)).content.decode()
    assert "10,153.00" in page
    assert "24\u00a0Sep\u00a02026" in page
    assert "Not editable" in page


def test_a_prospect_says_why_it_is_empty_and_what_to_do(world: World, cast: Cast) -> None:
    page = cast.owner.get(reverse("customers:detail", args=(world.prospect.pk,))).content.decode()
    assert "No customer in the ERP yet" in page
    assert "Nothing from the ERP yet" in page


def test_an_unlinked_customer_says_what_is_missing_and_has_no_salesforce_button(world: World, cast: Cast) -> None:
    page = cast.analyst.get(reverse("customers:detail", args=(world.unlinked.pk,))).content.decode()
    assert "belongs to no Salesforce account" in page
    assert "Open in Salesforce" not in page


def test_the_number_of_queries_does_not_grow_with_the_documents(world: World, cast: Cast) -> None:
    urls = [detail(world)]
    urls += [reverse(f"customers:{tab}", args=(world.kestrel.pk,)) for tab in (*LISTINGS, "contacts")]
    cast.owner.get(urls[0])  # the first request ever ties the login to its Salesforce user
    few = [queries(cast, url) for url in urls]
    for index in range(30):
        build_invoice(f"Q-{index}", days_ago=80 + index, net=10)
    recompute_all(AS_OF, current=True)
    assert [queries(cast, url) for url in urls] == few
    assert max(few) <= MOST_QUERIES


def queries(cast: Cast, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert cast.owner.get(url).status_code == 200
    return len(captured)


def test_a_month_that_is_no_month_shows_the_whole_list(world: World, cast: Cast) -> None:
    url = reverse("customers:invoices", args=(world.kestrel.pk,))
    everything = cast.owner.get(url).context["found"].count
    assert (
        cast.owner.get(url, {"month": "2026-13", "show": "nonsense", "after": "%%%"}).context["found"].count
        == everything
    )


def test_older_pages_continue_where_the_first_one_ended(world: World, cast: Cast) -> None:
    for index in range(130):
        build_invoice(f"W-{index:03d}", days_ago=300 + index // 10, net=10)
    url, seen = reverse("customers:invoices", args=(world.kestrel.pk,)), []
    query = ""
    while True:
        found = cast.owner.get(f"{url}?{query}").context["found"]
        seen += [row.key for row in found.slice.rows]
        if not found.slice.after:
            break
        query = found.next_query
    assert len(seen) == len(set(seen)) == found.all_count
