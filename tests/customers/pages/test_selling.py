"""The selling side of the customer page: what was bought, is late, has happened - alone, in a group, in the past."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.calendar import periods
from customers.models import Customer, CustomerRollup, LinkEvent
from customers.pages.timeline import ROWS
from customers.publishing import recompute_all
from customers.segments import USUAL, class_of, classify
from integration_hub.models import (
    ErpCustomer,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpProduct,
    SfAccount,
    SfOpportunity,
)
from tests.customers.pages.conftest import Cast, FailedCards, World
from tests.customers.pages.test_customer_page import queries
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, READ_AT, build_invoice, mirrored

PAST = AS_OF - timedelta(days=200)
CARDS = ("revenue", "products", "receivables", "open_orders", "late_lines", "rhythm", "pipeline", "segment", "latest")


def overview(client: Client, world: World, query: str = "") -> Any:
    return client.get(reverse("customers:detail", args=(world.kestrel.pk,)) + query).context["overview"]


@pytest.fixture
def selling(world: World) -> World:
    """Two categories more, one of them stopped; Keston below Kestrel; figures of a past day too."""
    for name in ("Pumps", "Hoses"):
        mirrored(ErpProduct, f"erp:{name}", sku=name, name=name, category=name)
    for place in range(6):
        for name, start in (("Pumps", 10), ("Hoses", 230)):
            number = f"{name}-{place}"
            build_invoice(number, days_ago=start + place * 20, net=300, currency="USD" if place == 1 else "EUR")
            ErpInvoiceLine.objects.filter(invoice=f"erp:{number}").update(product_id=f"erp:{name}")
    build_invoice("WHOLE", days_ago=60, net=900)
    ErpInvoiceLine.objects.filter(invoice="erp:WHOLE").delete()
    SfAccount.objects.filter(key=KESTON).update(parent_id=KESTREL)
    recompute_all(AS_OF, current=True)
    recompute_all(PAST, current=False)
    return world


@pytest.mark.parametrize("query", ["", "?group=1", f"?as_of={PAST}", f"?as_of={PAST}&group=1"])
def test_categories_add_up_to_the_revenue_and_each_opens_lines_that_add_up_to_it(
    selling: World, cast: Cast, query: str
) -> None:
    card = overview(cast.analyst, selling, query).products
    assert card.difference == 0
    assert sum(row.revenue_prior_12m for row in card.rows) == card.revenue_prior_12m
    assert len(card.rows) >= (2 if PAST.isoformat() in query else 4)
    for row in card.rows:
        for url, amount in ((row.url, row.revenue_12m), (row.prior_url, row.revenue_prior_12m)):
            found = cast.analyst.get(url).context["found"]
            assert (found.found.total, found.difference) == (amount, 0), url


def test_what_is_no_longer_bought_is_said_on_the_card_and_stands_out(selling: World, cast: Cast) -> None:
    page = overview(cast.owner, selling)
    assert [row.category for row in page.products.rows if row.stopped] == ["Hoses"]
    assert any(one.headline == "Stopped buying Hoses" for one in page.standouts)
    today = cast.owner.get(reverse("customers:products", args=(selling.kestrel.pk,))).content.decode()
    assert "bought every 20\u00a0days, nothing for 230\u00a0days" in today
    past = overview(cast.owner, selling, f"?as_of={PAST}")
    assert not any(row.stopped for row in past.products.rows if row.category == "Hoses")


def test_the_lines_of_a_category_turn_pages_without_losing_one(world: World, cast: Cast) -> None:
    for index in range(120):
        build_invoice(f"Z-{index}", days_ago=3, net=10)
    recompute_all(AS_OF, current=True)
    url = reverse("customers:product", args=(world.kestrel.pk, "Seal kit, hydraulic"))
    pages = [cast.owner.get(url, {"page": number}).context["found"] for number in (1, 2)]
    lines = [line for page in pages for line in page.found.lines]
    assert len(lines) == pages[0].found.count
    assert sum(line.counted for line in lines) == pages[0].stored
    for wrong in ("0", "-1", "x", "999", "1" * 30):
        assert cast.owner.get(url, {"page": wrong}).context["found"].page == 1


def test_a_rhythm_takes_three_orders_and_silence_beyond_it_stands_out(world: World, cast: Cast) -> None:
    few = overview(cast.owner, world).rhythm
    assert (few.gap, few.quiet, few.since) == (None, False, 60)
    for days_ago in (90, 120, 151):
        _order(f"R-{days_ago}", days_ago)
    _order("CANCELLED", 5, status="cancelled")
    _order("QUOTE", 4, status="quote")
    recompute_all(AS_OF, current=True)
    page = overview(cast.owner, world)
    assert (page.rhythm.gap, page.rhythm.since, page.rhythm.days, page.rhythm.quiet) == (30, 60, 4, False)
    ErpOrder.objects.filter(key="erp:SO-1").update(status="cancelled")
    recompute_all(AS_OF, current=True)
    page = overview(cast.owner, world)
    assert (page.rhythm.gap, page.rhythm.since, page.rhythm.quiet) == (31, 90, True)
    assert any(one.headline.startswith("Quiet for 90") for one in page.standouts)


def _order(number: str, days_ago: int, **values: object) -> None:
    day = AS_OF - timedelta(days=days_ago)
    fields = {"promised_on": day + timedelta(days=10), "shipped_on": day + timedelta(days=8), "status": "done"} | values
    mirrored(
        ErpOrder,
        f"erp:{number}",
        number=number,
        customer_id="erp:104233",
        ordered_on=day,
        currency="EUR",
        net_amount=Decimal(500),
        **fields,
    )


def test_late_lines_say_what_is_missing_and_on_time_opens_its_orders(world: World, cast: Cast) -> None:
    _order("IN-TIME", 40)
    _order("TOO-LATE", 50, shipped_on=AS_OF - timedelta(days=20))
    _order("UNDUE", 50, promised_on=None)
    _order("SHORT", 50, status="closed")
    recompute_all(AS_OF, current=True)
    card = overview(cast.owner, world).late_lines
    (line,) = card.lines
    assert (line.number, line.days_late, line.missing, line.quantity, line.amount) == ("SO-1", 4, 4, 10, 400)
    assert (card.count, card.amount) == (1, 400)
    assert (card.on_time.value, card.on_time.count, card.on_time.of) == (50, 1, 2)
    rows = {url: cast.owner.get(url).context["evidence"] for url in (card.on_time.count_url, card.on_time.of_url)}
    assert {row.label for row in rows[card.on_time.of_url].rows} == {"IN-TIME", "TOO-LATE"}
    assert {row.label for row in rows[card.on_time.count_url].rows} == {"IN-TIME"}
    assert "50%" in cast.owner.get(card.on_time.url).content.decode()


def test_a_limit_that_is_nearly_used_and_a_held_order_stand_out_but_no_unknown_limit(world: World, cast: Cast) -> None:
    assert not any("credit limit" in one.headline for one in overview(cast.owner, world).standouts)
    owed = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF).open_amount
    ErpOrder.objects.filter(key="erp:SO-1").update(hold_reason="Credit check")
    for limit, words in ((owed - 100, "€100 above the credit limit"), (owed, "100% of the credit limit is used")):
        ErpCustomer.objects.filter(key="erp:104233").update(credit_limit=limit)
        headlines = [one.headline for one in overview(cast.owner, world).standouts]
        assert words in headlines
        assert "The ERP holds 1\u00a0open order" in headlines
    ErpCustomer.objects.filter(key="erp:104233").update(currency="USD")
    assert not any("credit limit" in one.headline for one in overview(cast.owner, world).standouts)


def test_a_limit_in_another_currency_stands_out_as_the_stored_figure_has_it(world: World, cast: Cast) -> None:
    ErpCustomer.objects.filter(key="erp:100009").update(credit_limit=3000, currency="USD")
    ErpOpenItem.objects.filter(customer="erp:100009").delete()
    item = {"customer_id": "erp:100009", "company_id": "erp:10", "issued_on": AS_OF, "due_on": AS_OF}
    mirrored(ErpOpenItem, "erp:dollars", currency="USD", amount=4000, open_amount=4000, **item)
    recompute_all(AS_OF, current=True)
    assert CustomerRollup.objects.get(customer=world.unlinked, as_of=AS_OF).credit_used == Decimal("1.3333")
    for name in ("detail", "pre_call"):
        page = cast.analyst.get(reverse(f"customers:{name}", args=(world.unlinked.pk,))).content.decode()
        assert "$1,000 above the credit limit" in page, name
        assert "$4,000 is open, the limit in the ERP is $3,000." in page, name


def test_open_opportunities_add_up_in_the_list_they_open_and_are_unknown_for_a_past_day(
    selling: World, cast: Cast
) -> None:
    card = overview(cast.owner, selling).pipeline
    assert [(deal.name, deal.stage) for deal in card.deals] == [("Winches", "Proposal")]
    found = cast.owner.get(card.url).context["found"]
    assert (found.count, found.total) == (card.count, card.total) == (1, 50000)
    assert not overview(cast.owner, selling, f"?as_of={PAST}").pipeline.known


def test_the_segment_of_a_page_is_that_of_the_report(world: World, cast: Cast) -> None:
    for rollup in classify(CustomerRollup.objects.filter(as_of=AS_OF), USUAL):
        assert class_of(rollup, USUAL) == (rollup.revenue_class, rollup.standing, rollup.deal_class)
    page = cast.owner.get(reverse("customers:detail", args=(world.kestrel.pk,))).content.decode()
    assert "Large from €150,000" in page
    assert f'href="{reverse("reports:segmentation")}"' in page


def events(client: Client, url: str, query: str = "") -> list[tuple[date, str]]:
    """Every event of the timeline, from page to page."""
    seen: list[tuple[date, str]] = []
    while True:
        timeline = client.get(f"{url}?{query}").context["timeline"]
        assert len(timeline.events) <= ROWS
        seen += [(event.day, event.headline) for event in timeline.events]
        if not timeline.next_query:
            return seen
        query = timeline.next_query


@pytest.mark.parametrize("query", ["", "group=1"])
def test_the_timeline_holds_every_event_once_newest_first(selling: World, cast: Cast, query: str) -> None:
    LinkEvent.objects.create(at=READ_AT, erp_customer="erp:9", from_account="", to_account=KESTREL, why="moved")
    for index in range(70):
        build_invoice(f"T-{index:02d}", days_ago=33, net=5)
    recompute_all(AS_OF, current=True)
    url = reverse("customers:timeline", args=(selling.kestrel.pk,))
    seen = events(cast.analyst, url, query)
    assert len(seen) == len(set(seen)) > 100
    assert [day for day, _ in seen] == sorted((day for day, _ in seen), reverse=True)
    kinds = cast.analyst.get(f"{url}?{query}").context["timeline"].chips[1:]
    parts = {one.label: events(cast.analyst, url, one.query) for one in kinds}
    assert sorted(row for part in parts.values() for row in part) == sorted(seen)
    assert all(parts.values()), parts
    words = {headline for _, headline in seen}
    assert "Won Dock cranes" in words
    assert not any("Winches" in one for one in words)
    assert ("Order K-SO-1" in words) is bool(query)


def test_the_map_of_the_year_counts_what_the_lists_hold(world: World, cast: Cast) -> None:
    activity = cast.owner.get(reverse("customers:timeline", args=(world.kestrel.pk,))).context["activity"]
    assert [sum(column) for column in zip(*(week.counts for week in activity.weeks), strict=True)] == list(
        activity.totals
    )
    assert activity.totals[:2] == (1, 2)
    assert max(cell.level for cell in activity.cells) == 4


def test_no_card_fails_on_any_ordinary_page(selling: World, cast: Cast) -> None:
    for customer in Customer.objects.filter(gone_at=None):
        for query in ("", "?group=1", f"?as_of={PAST}"):
            page = cast.analyst.get(reverse("customers:detail", args=(customer.pk,)) + query).content.decode()
            assert "could not be shown" not in page, (customer, query)


def test_a_card_that_cannot_be_made_leaves_the_others_and_is_logged(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, failed_cards: FailedCards
) -> None:
    def broken(*_asked: object) -> None:
        raise ZeroDivisionError("nothing to divide")

    for card in CARDS:
        with monkeypatch.context() as patched:
            patched.setattr(f"customers.pages.overview.build_{card}", broken)
            page = cast.owner.get(reverse("customers:detail", args=(world.kestrel.pk,))).content.decode()
        assert page.count("This card could not be shown") == 1, card
        assert len(re.findall(r"<h2", page)) >= 13, card
        (logged,) = failed_cards.records
        assert logged.exc_info is not None
        assert isinstance(logged.exc_info[1], ZeroDivisionError)
        failed_cards.records.clear()


def test_a_card_that_cannot_be_drawn_leaves_the_others_too(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, failed_cards: FailedCards
) -> None:
    def broken(*_asked: object, **_more: object) -> None:
        raise ValueError("no such number")

    monkeypatch.setattr("customers.formats.month", broken)
    page = cast.owner.get(reverse("customers:detail", args=(world.kestrel.pk,))).content.decode()
    # Revenue by month, and overdue by month.
    assert page.count("This card could not be shown") == 2
    assert "Open orders" in page
    assert [bool(record.exc_info) for record in failed_cards.records] == [True, True]
    failed_cards.records.clear()


def test_selling_pages_take_no_more_queries_with_more_documents(selling: World, cast: Cast) -> None:
    names = ("products", "timeline")
    urls = [reverse(f"customers:{name}", args=(selling.kestrel.pk,)) for name in names]
    cast.owner.get(urls[0])
    few = [queries(cast, url) for url in urls]
    for index in range(60):
        build_invoice(f"Q-{index}", days_ago=index, net=10)
        _order(f"Q-{index}", index)
        mirrored(
            SfOpportunity, f"006Dn0000{index:06d}AAA", account_id=KESTREL, name="Deal", close_on=AS_OF, is_closed=True
        )
    recompute_all(AS_OF, current=True)
    assert [queries(cast, url) for url in urls] == few


def test_the_periods_beside_each_other_touch_and_do_not_overlap() -> None:
    for day in (AS_OF, AS_OF.replace(month=2, day=28), AS_OF.replace(year=2028, month=2, day=29)):
        known = periods(day)
        assert known["prior_12_months"].end + timedelta(days=1) == known["last_12_months"].start
