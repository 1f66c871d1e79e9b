"""From won to cash: the chain of an opportunity, the worklists and what people decide and note there."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import formats
from customers.differences.shown import name_of
from customers.models import Handover, HandoverDecision, HandoverNote, OpportunityOrder, OrderWithoutOpportunity
from customers.pages.order_document import build_order
from customers.publishing import recompute_all
from integration_hub.config import hub
from integration_hub.models import ErpCustomer, ErpOrder, SfOpportunity
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import ANA, AS_OF, KESTREL, mirrored

DEAL = "006Dn00000AbCdEIAV"
OTHER = "006Dn00000AbCdFIAV"


@pytest.fixture
def handed(world: World) -> World:
    """The first deal of Kestrel names its order by number, and came to as much."""
    SfOpportunity.objects.filter(key=DEAL).update(
        amount=1000, close_on=AS_OF - timedelta(days=65), custom_fields={"ERP_Order_Number__c": " so-1 "}
    )
    recompute_all(AS_OF, current=True)
    return world


def big_order(number: str, net: int, days_ago: int) -> Any:
    return mirrored(
        ErpOrder,
        f"erp:{number}",
        number=number,
        company_id="erp:10",
        customer_id="erp:104233",
        ordered_on=AS_OF - timedelta(days=days_ago),
        currency="EUR",
        net_amount=Decimal(net),
        status="open",
    )


def won(key: str, amount: int, days_ago: int, **values: Any) -> Any:
    values = {"is_won": True, "is_closed": True, "stage": "Closed Won"} | values
    close_on = AS_OF - timedelta(days=days_ago)
    values |= {"account_id": KESTREL, "owner_id": ANA, "name": f"Deal {key}", "currency": "EUR"}
    return mirrored(SfOpportunity, key, amount=Decimal(amount), close_on=close_on, **values)


def test_the_chain_of_an_opportunity_opens_its_documents_and_adds_up_to_the_cent(handed: World, cast: Cast) -> None:
    address = reverse("customers:handover_deal", args=[DEAL])
    answer = cast.owner.get(address)
    page = answer.context["page"]
    assert [(step.label, step.amount) for step in page.steps] == [
        ("Won", Decimal(1000)),
        ("Ordered", Decimal(1000)),
        ("Delivered", Decimal(600)),
        ("Invoiced", Decimal(400)),
        ("Paid", Decimal("168.07")),
    ]
    order = ErpOrder.objects.get(number="SO-1")
    shown = {one.label: one.reporting for one in build_order(order, answer.wsgi_request.user, AS_OF, "EUR").amounts}
    (row,) = page.rows
    assert [row.pair.ordered, row.pair.delivered, row.pair.invoiced, row.pair.paid] == [
        shown[label] for label in ("Ordered", "Delivered", "Invoiced", "Paid")
    ]
    assert (row.pair.state, row.pair.basis) == ("stated", "order_number")
    assert [(lap.label, lap.days) for lap in page.laps][:3] == [
        ("Order after closing", 5),
        ("Promised day after order", 56),
        ("First delivery after order", 10),
    ]
    # Two partial deliveries, in words, and every document behind the amounts.
    assert "Ordered €1,000.00 = delivered €600.00 + still open €400.00." in answer.text
    links = set(re.findall(r'href="(/(?:orders|deliveries|invoices|payments)/[^"?]+)"', answer.text))
    assert len(links) == 5
    assert {cast.owner.get(link).status_code for link in links} == {200}
    assert [cast.outsider.get(address).status_code, cast.outsider.get("/handover/none/").status_code] == [404, 404]
    tab = cast.owner.get(reverse("customers:opportunities", args=[handed.kestrel.pk])).text
    assert f'href="{address}"' in tab
    assert "order SO-1" in tab


def test_a_page_asks_no_more_for_many_orders_and_worklists_none_for_many_rows(handed: World, cast: Cast) -> None:
    def asked(path: str) -> int:
        cast.owner.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert cast.owner.get(path).status_code == 200
        return len(captured)

    paths = [reverse("customers:handover"), "/reports/won-to-cash/", f"/customers/{handed.kestrel.pk}/opportunities/"]
    before = [asked(path) for path in paths]
    for number in range(12):
        won(f"006{number}", 5000 + number, 40)
        big_order(f"SO-5{number}", 5000 + number, 38)
    recompute_all(AS_OF, current=True)
    assert OpportunityOrder.objects.filter(state="proposed").count() == 12
    # A list of proposals takes what the empty one did not: the rows.
    more = [after - earlier for earlier, after in zip(before, map(asked, paths), strict=True)]
    assert [each <= most for each, most in zip(more, (1, 0, 0), strict=True)] == [True] * 3, more
    SfOpportunity.objects.filter(key=OTHER).update(
        custom_fields={"ERP_Order_Number__c": ",".join(f"SO-5{number}" for number in range(12))}
    )
    recompute_all(AS_OF, current=True)
    page = cast.owner.get(reverse("customers:handover_deal", args=[OTHER])).context["page"]
    assert [len(page.rows), len(page.documents), page.folded] == [12, 4, 8]
    assert page.totals["ordered"] == sum(row.pair.ordered for row in page.rows)


def test_somebody_decides_about_a_proposal_and_it_is_remembered(handed: World, cast: Cast) -> None:
    won("006P", 70500, 40)
    order = big_order("SO-9", 70000, 30)
    recompute_all(AS_OF, current=True)
    assert OpportunityOrder.objects.get(order=order).state == "proposed"
    assert Handover.objects.get(pk="006P").standing == "agrees"
    assert "SO-9" in cast.owner.get(reverse("customers:handover")).text
    given = {"opportunity": "006P", "order": order.key}
    send = reverse("customers:handover_decision")
    assert cast.outsider.post(send, given | {"verdict": "confirm"}).status_code == 404
    assert "Say why" in cast.owner.post(send, given | {"verdict": "refuse"}, follow=True).text
    assert HandoverDecision.objects.count() == 0
    told = cast.owner.post(send, given | {"verdict": "refuse", "reason": "Spare parts only"}, follow=True).text
    assert "Spare parts only" in told
    for again in (False, True):
        if again:
            recompute_all(AS_OF, current=True)
        assert not OpportunityOrder.objects.filter(order=order).exists()
        assert Handover.objects.get(pk="006P").standing == "no_order"
        assert OrderWithoutOpportunity.objects.get(order=order).amount == 70000
    page = cast.owner.get(reverse("customers:handover_order", args=[order.key]))
    assert [each.pk for each in page.context["page"].choices][:1] == ["006P"]
    cast.owner.post(send, given | {"verdict": "confirm"})
    made = HandoverDecision.objects.latest("id")
    assert (made.verdict, made.by_name, made.applied) == ("confirm", "Ana", True)
    recompute_all(AS_OF, current=True)
    assert OpportunityOrder.objects.get(order=order).state == "confirmed"
    assert not OrderWithoutOpportunity.objects.filter(order=order).exists()
    assert cast.owner.get(reverse("customers:handover_order", args=[order.key])).status_code == 302
    cast.owner.post(send, given | {"verdict": "withdrawn"})
    assert OpportunityOrder.objects.get(order=order).state == "proposed"


def test_of_orders_that_fit_equally_well_none_is_chosen(handed: World, cast: Cast) -> None:
    won("006T", 70000, 40)
    orders = [big_order(f"SO-T{number}", 70000, 30) for number in range(2)]
    recompute_all(AS_OF, current=True)
    assert set(OpportunityOrder.objects.filter(opportunity="006T").values_list("state", flat=True)) == {"possible"}
    row = Handover.objects.get(pk="006T")
    assert (row.standing, row.orders, row.possible, row.ordered) == ("no_order", 0, 2, Decimal(0))
    page = cast.owner.get(reverse("customers:handover_deal", args=["006T"]))
    assert "Several possible" in page.text
    sent = {"opportunity": "006T", "order": orders[1].key, "verdict": "confirm"}
    cast.owner.post(reverse("customers:handover_decision"), sent)
    assert list(OpportunityOrder.objects.values_list("order", "state").exclude(opportunity=DEAL)) == [
        (orders[1].key, "confirmed")
    ]


def test_tiles_of_worklists_are_their_lists_and_a_row_leaves_when_data_agree(handed: World, cast: Cast) -> None:
    won("006D", 90000, 50, custom_fields={"Customer_PO__c": "PO 4711"})
    differing = big_order("SO-D", 80000, 45)
    ErpOrder.objects.filter(key=differing.key).update(customer_reference="po 4711")
    big_order("SO-A", 75000, 200)
    big_order("SO-L", 66000, 70)
    won("006L", 66000, 75, is_won=False, stage="Closed Lost")
    recompute_all(AS_OF, current=True)

    def tiles() -> dict[str, tuple[int, Decimal, int]]:
        lists = cast.owner.get(reverse("customers:handover")).context["overview"].worklists
        return {each.url: (each.count, each.amount, each.snoozed) for each in lists}

    assert list(tiles().values()) == [
        (1, Decimal(12000), 0),
        (1, Decimal(75000), 0),
        (1, Decimal(-10000), 0),
        (1, Decimal(66000), 0),
        # The first deal's Salesforce order says 24,000, its order of the ERP 1,000.
        (0, Decimal(0), 0),
        (1, Decimal(-23000), 0),
    ]
    for url, (count, amount, _) in tiles().items():
        listing = cast.owner.get(url).context["page"].listing
        assert (listing.count, amount in {figure.value for figure in listing.foot}) == (count, True), url
        assert cast.outsider.get(url).context["page"].listing.count == 0
    for step in cast.owner.get(reverse("customers:handover")).context["overview"].steps:
        foot = {figure.value for figure in cast.owner.get(step.url).context["page"].listing.foot}
        assert step.amount in foot, step.label
    for url in ("/reports/won-to-cash/", "/reports/handover-days/"):
        listings = [getattr(cast, who).get(url).context["page"].listing for who in ("owner", "manager", "outsider")]
        assert [listing.count > 0 for listing in listings] == [True, True, False], url
    until = (AS_OF + timedelta(days=20)).isoformat()
    note = {"key": "006D", "comment": "Waiting for the second call-off", "until": until}
    send = reverse("customers:handover_note")
    assert cast.outsider.post(send, note).status_code == 404
    cast.owner.post(send, note)
    url = "/reports/won-amount-differs/"
    assert tiles()[url] == (0, Decimal(0), 1)
    assert "second call-off" in cast.owner.get(f"{url}?snoozed=only").text
    cast.owner.post(send, note | {"until": ""})
    assert tiles()[url] == (1, Decimal(-10000), 0)
    ErpOrder.objects.filter(key=differing.key).update(net_amount=90000)
    recompute_all(AS_OF, current=True)
    assert tiles()[url] == (0, Decimal(0), 0)
    assert HandoverNote.objects.get(pk="006D").by_name == "Ana"
    cast.owner.post(send, {"key": "006D", "comment": "", "until": ""})
    assert not HandoverNote.objects.exists()


def test_median_and_ninetieth_percentile_of_a_month_are_days_of_its_cases(handed: World, cast: Cast) -> None:
    days = [0, 1, 3, 4, 9, 20, 33, 35]
    SfOpportunity.objects.filter(key__in=(DEAL, OTHER)).delete()
    for number, between in enumerate(days):
        won(f"006M{number}", 1000, 40, custom_fields={"ERP_Order_Number__c": f"SO-M{number}"})
        big_order(f"SO-M{number}", 1000, 40 - between)
    oldest = hub().handover.back_days
    won("006N", 70, 40)
    won("006O", 70, oldest, custom_fields={"ERP_Order_Number__c": "SO-O"})
    big_order("SO-O", 70, oldest - 2)
    recompute_all(AS_OF, current=True)
    page = cast.analyst.get("/reports/handover-days/").context["page"]
    newest, first = page.listing.rows
    figures = {figure.column.name: figure for figure in newest.figures}
    # As many days as half, and as nine tenths, of the cases: both occur, none is made between two.
    assert [figures[name].value for name in ("won", "cases", "median", "p90")] == [len(days) + 1, len(days), 4, 35]
    listed = cast.analyst.get(figures["p90"].url).context["page"].listing
    assert sorted(row.figures[2].value for row in listed.rows) == days
    assert cast.analyst.get(figures["won"].url).context["page"].listing.count == len(days) + 1
    # A month of which the figures know some days only says so, and every month has its name.
    begins = AS_OF - timedelta(days=oldest)
    assert first.name == f"{begins:%B}\u00a0{begins.year} (part)"
    assert f"is known from {formats.day(begins)} on" in " ".join(page.answer.notes)
    together = {row.name: [figure.value for figure in row.figures] for row in page.overview.rows}
    assert together["Won to order"] == [len(days) + 1, 4, 35]
    assert together["First delivery to first invoice"] == [0, None, None]
    every = cast.analyst.get("/reports/handover-days/?step=every").context["page"].listing
    assert every.count == 12
    months = dict(page.fieldsets[0][1][0].parameter.options())
    assert max(month for month in months if month[:2] == "20") <= f"{AS_OF:%Y-%m}"


def test_a_row_of_a_worklist_is_given_to_somebody_who_sees_it_and_found_by_that(handed: World, cast: Cast) -> None:
    won("006G", 90000, 50)
    recompute_all(AS_OF, current=True)
    send, url = reverse("customers:handover_note"), "/reports/won-without-order/"

    def given(who: Any, chosen: str) -> int:
        count: int = who.get(f"{url}?who={chosen}").context["page"].listing.count
        return count

    every = given(cast.owner, "")
    blind = cast.outsider.get(reverse("customers:list")).wsgi_request.user.get_username()
    assert "who sees this customer" in cast.owner.post(send, {"key": "006G", "to": blind}, follow=True).text
    assert "who sees this customer" in cast.owner.post(send, {"key": "006G", "to": "nobody"}, follow=True).text
    assert not HandoverNote.objects.exists()
    iris = cast.analyst.get(reverse("customers:list")).wsgi_request.user
    cast.owner.post(send, {"key": "006G", "to": iris.get_username()})
    assert HandoverNote.objects.get(pk="006G").assignee == iris
    assert [given(cast.analyst, "me"), given(cast.owner, "me")] == [1, 0]
    assert [given(cast.owner, "others"), given(cast.owner, "nobody")] == [1, every - 1]
    assert name_of(iris) in cast.owner.get(url).text
    page = cast.owner.get(reverse("customers:handover_deal", args=["006G"]))
    assert [one.value for one in page.context["page"].people if one.chosen] == [iris.get_username()]
    cast.owner.post(send, {"key": "006G", "to": ""})
    assert not HandoverNote.objects.exists()


def test_a_deal_without_an_order_says_so_at_every_step_and_a_proposal_can_be_refused(handed: World, cast: Cast) -> None:
    won("006W", 12000, 5)
    won("006P", 70500, 40)
    big_order("SO-9", 70000, 30)
    recompute_all(AS_OF, current=True)
    steps = cast.owner.get(reverse("customers:handover_deal", args=["006W"])).context["page"].steps
    assert [step.words for step in steps[1:]] == ["€12,000.00 not ordered", *["without an order"] * 3]
    text = cast.owner.get(reverse("customers:handover")).text
    (refuse,) = re.findall(r'href="(/handover/006P/)#(decide-[^"]+)"', text)
    assert f'id="{refuse[1]}"' in cast.owner.get(refuse[0]).text


def test_an_order_that_a_deal_names_is_found_under_an_erp_customer_without_an_account(
    handed: World, cast: Cast
) -> None:
    mirrored(ErpCustomer, "erp:777", number="777", name="Loose", company_id="erp:10")
    big_order("SO-77", 91000, 60)
    ErpOrder.objects.filter(number="SO-77").update(customer_id="erp:777")
    won("006L", 91000, 70, custom_fields={"ERP_Order_Number__c": "so-77, SO-0"})
    won("006N", 100, 70, custom_fields={"ERP_Order_Number__c": "SO-0"})
    recompute_all(AS_OF, current=True)
    text = cast.analyst.get(reverse("customers:handover_deal", args=["006L"])).text
    assert f'<a class="link" href="{reverse("customers:link_case", args=["erp:777"])}">' in text
    assert "an ERP customer without an account</a>)" in text
    assert "(no order or quote of this customer)" in text
    assert "Enter the order" not in text
    # Whoever does not see that customer is told that there is one, and not whose.
    blind = cast.owner.get(reverse("customers:handover_deal", args=["006L"])).text
    assert "(known under an ERP customer without an account)" in blind
    assert "erp:777" not in blind
    assert "Enter the order" in cast.owner.get(reverse("customers:handover_deal", args=["006N"])).text
    answer = cast.owner.get("/reports/won-without-order/?number=loose")
    page = answer.context["page"]
    assert (page.listing.count, "Deal 006L" in answer.text) == (1, True)
    assert page.answer.notes[0].startswith("1\u00a0deal, €91,000.00 won, names an order")
