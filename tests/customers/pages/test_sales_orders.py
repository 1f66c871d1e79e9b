"""Quotes and Salesforce orders on the pages: their states, worklists that add up, what people decide, orgs without."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import HandoverDecision, HandoverNote, SalesOrderPair, SalesOrderStanding
from customers.publishing import recompute_all
from integration_hub.models import ErpOrder, SfOrder, SfQuote, StreamState
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTREL, READ_AT, mirrored

DEAL, SALE = "006Dn00000AbCdEIAV", "801Dn00000AbCdEIAV"
PAGE = reverse("customers:handover_sale", args=[SALE])


def read(*, quotes: bool = True, orders: bool = True) -> None:
    """What the last sync found of the two objects."""
    for name, there in (("Quote", quotes), ("Order", orders)):
        shape = {"Id": "id"} if there else {}
        StreamState.objects.create(stream=f"salesforce.{name}", source="salesforce", as_of=READ_AT, shape=shape)


def order(number: str, net: int, days_ago: int, **values: Any) -> Any:
    day = AS_OF - timedelta(days=days_ago)
    given = {"company_id": "erp:10", "customer_id": "erp:104233", "currency": "EUR", "status": "open"} | values
    return mirrored(ErpOrder, f"erp:{number}", number=number, ordered_on=day, net_amount=Decimal(net), **given)


def sale(number: str, net: int, days_ago: int, **values: Any) -> Any:
    day = AS_OF - timedelta(days=days_ago)
    given = {"account_id": KESTREL, "currency": "EUR", "status": "Activated", "status_code": "Activated"} | values
    return mirrored(SfOrder, f"801{number}", number=number, starts_on=day, net_amount=Decimal(net), **given)


def figures(client: Any, url: str) -> tuple[int, set[Any]]:
    listing = client.get(url).context["page"].listing
    return listing.count, {figure.value for figure in listing.foot}


def test_an_opportunity_shows_its_quotes_and_salesforce_orders_and_what_they_match(world: World, cast: Cast) -> None:
    order("SO-Q", 24000, 97, customer_reference="00000071")
    mirrored(SfQuote, "0Q0Dn00000AbCdFIAV", number="00000070", status="Rejected", net_amount=Decimal(26000),
             account_id=KESTREL, opportunity_id=DEAL, currency="EUR", created_on=READ_AT)  # fmt: skip
    read()
    recompute_all(AS_OF, current=True)
    answer = cast.owner.get(reverse("customers:handover_deal", args=[DEAL]))
    sold = answer.context["page"].sold
    assert [(row.quote.number, row.pill.label, [each.number for each in row.orders]) for row in sold.quotes] == [
        ("00000071", "Accepted", ["SO-Q"]),
        ("00000070", "Rejected", []),
    ]
    ((sale_row,), unread) = sold.sales, sold.unread
    assert (sale_row.pill.label, [pair.order.number for pair in sale_row.pairs]) == ("Agrees", ["SO-Q"])
    assert unread == ()
    for words in (
        "€28,560.00 with tax and shipping",
        "synced with the opportunity",
        f'href="{PAGE}"',
        "by a Salesforce",
    ):
        assert words in answer.text, words
    page = cast.owner.get(PAGE)
    (row,) = page.context["page"].rows
    assert (row.pair.ordered, row.words) == (Decimal(24000), "by the number of its quote")
    assert page.context["page"].apart == 0
    assert [getattr(cast, who).get(PAGE).status_code for who in ("owner", "manager", "outsider")] == [200, 200, 404]


def test_worklists_of_salesforce_orders_are_their_tiles_and_end_by_themselves(world: World, cast: Cast) -> None:
    read()
    torn = sale("0601", 5000, 50, reference="SO-1", po_number="PO 9")
    order("SO-9", 5000, 49, customer_reference="PO 9")
    apart = sale("0602", 9000, 50, reference="SO-8")
    order("SO-8", 8000, 49)
    sale("0603", 700, 3)
    sale("0604", 400, 50, reference="SO-7")
    order("SO-7", 400, 49, status="cancelled")
    recompute_all(AS_OF, current=True)
    lists = {each.url: each for each in cast.owner.get(reverse("customers:handover")).context["overview"].worklists}
    missing, differs = "/reports/activated-without-order/", "/reports/sales-order-differs/"
    assert (lists[missing].count, lists[missing].amount) == (1, Decimal(24000))
    # Of numbers that disagree no difference is known.
    assert (lists[differs].count, lists[differs].amount) == (3, Decimal(-1400))
    for url in (missing, differs):
        count, feet = figures(cast.owner, url)
        assert (count, lists[url].amount in feet) == (lists[url].count, True)
        assert figures(cast.outsider, url)[0] == 0
    # What the list says of a row is what its page says.
    for row in cast.owner.get(differs).context["page"].listing.rows:
        said = {figure.column.name: figure.value for figure in row.figures}
        page = cast.owner.get(row.url).context["page"]
        assert (page.standing.amount, page.apart) == (said["sold"], said["difference"])
    text = cast.owner.get(differs).text
    assert "Numbers disagree" in text
    assert reverse("customers:handover_sale", args=[torn.key]) in text
    send, note = reverse("customers:handover_note"), {"key": SALE, "comment": "Waits for the letter of credit"}
    assert cast.outsider.post(send, note).status_code == 404
    cast.owner.post(send, note | {"until": (AS_OF + timedelta(days=9)).isoformat(), "next": PAGE})
    assert HandoverNote.objects.get(pk=SALE).comment.startswith("Waits")
    assert [figures(cast.owner, f"{missing}?snoozed={which}")[0] for which in ("", "only")] == [0, 1]
    SfOrder.objects.filter(key=apart.key).update(net_amount=8000)
    recompute_all(AS_OF, current=True)
    assert figures(cast.owner, differs)[0] == 2


def test_a_conflict_and_a_missing_order_are_settled_by_hand_and_that_is_remembered(world: World, cast: Cast) -> None:
    torn = sale("0601", 5000, 50, reference="SO-1", po_number="PO 9")
    right = order("SO-9", 5000, 49, customer_reference="PO 9")
    late = order("SO-LATE", 24000, 5)
    recompute_all(AS_OF, current=True)
    send = reverse("customers:handover_sale_decision")
    page = cast.owner.get(reverse("customers:handover_sale", args=[torn.key]))
    assert "none was chosen" in page.text
    assert "while another number names another order" in page.text
    given = {"sale": torn.key, "order": right.key}
    assert cast.outsider.post(send, given | {"verdict": "confirm"}).status_code == 404
    assert "Say why" in cast.owner.post(send, given | {"verdict": "refuse"}, follow=True).text
    cast.owner.post(send, given | {"verdict": "confirm"})
    assert SalesOrderPair.objects.get(sales_order=torn.key).state == "confirmed"
    # What is settled for one Salesforce order is not given to another one.
    taken = cast.owner.post(send, {"sale": SALE, "order": right.key, "verdict": "confirm"}, follow=True).text
    assert "already the order of Salesforce order 0601" in taken
    choices = cast.owner.get(PAGE).context["page"].choices
    assert late.key in [each.key for each in choices]
    assert right.key not in [each.key for each in choices]
    cast.owner.post(send, {"sale": SALE, "order": late.key, "verdict": "confirm"})
    recompute_all(AS_OF, current=True)
    assert SalesOrderStanding.objects.get(pk=SALE).standing == "agrees"
    cast.owner.post(send, {"sale": SALE, "order": late.key, "verdict": "withdrawn"})
    assert SalesOrderStanding.objects.get(pk=SALE).standing == "no_order"
    refuse = given | {"verdict": "refuse", "reason": "Another project"}
    assert "Another project" in cast.owner.post(send, refuse, follow=True).text
    assert [each.verdict for each in HandoverDecision.objects.order_by("id")] == [
        *("confirm", "confirm", "withdrawn", "refuse")
    ]


def test_an_org_without_quotes_or_orders_says_so_where_they_would_be(world: World, cast: Cast) -> None:
    SfQuote.objects.all().delete()
    SfOrder.objects.all().delete()
    read(quotes=False, orders=False)
    recompute_all(AS_OF, current=True)
    deal = cast.owner.get(reverse("customers:handover_deal", args=[DEAL])).text
    assert "Quotes are switched off in this org" in deal
    assert "Orders are switched off in this org" in deal
    assert len(cast.owner.get(reverse("customers:handover")).context["overview"].worklists) == 4
    empty = cast.owner.get("/reports/activated-without-order/").text
    assert "Orders are switched off in this org" in empty


@pytest.mark.parametrize("path", [PAGE, f"/handover/{DEAL}/", "/handover/", "/reports/sales-order-differs/"])
def test_pages_ask_as_much_for_many_quotes_and_orders_as_for_one(world: World, cast: Cast, path: str) -> None:
    def asked() -> int:
        cast.owner.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert cast.owner.get(path).status_code == 200
        return len(captured)

    def more(numbers: list[str]) -> int:
        for number in numbers:
            order(f"SO-{number}", 500, 90)
            sale(number, 600, 95, opportunity_id=DEAL, reference=f"SO-{number}")
            mirrored(SfQuote, f"0Q0{number}", number=f"Q{number}", net_amount=Decimal(1), account_id=KESTREL,
                     opportunity_id=DEAL, currency="EUR")  # fmt: skip
        SfOrder.objects.filter(key=SALE).update(reference="; ".join(f"SO-8{number}" for number in numbers))
        for number in numbers:
            order(f"SO-8{number}", 500, 90)
        recompute_all(AS_OF, current=True)
        return asked()

    read()
    # From the first time on there are more orders than stand on the deal's page with all their documents.
    before = more([f"07{n:02d}" for n in range(5)])
    assert more([f"06{n:02d}" for n in range(12)]) <= before
