"""The pages on which links are decided: the queue by money, both sides with what would change, and the way back."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers import formats
from customers.models import AccountLink, Customer, CustomerRollup, LinkDecision, LinkProposal
from customers.publishing import recompute_all
from customers.views import links
from integration_hub.models import ErpCustomer
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, PROSPECT, build_invoice, mirrored

UNLINKED = "erp:100009"
CASE = f"/links/{UNLINKED}/"


def text(client, url, status=200):
    answer = client.get(url)
    assert answer.status_code == status, url
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def propose(erp_customer, account, score="0.93"):
    evidence = [
        {
            "field": "name",
            "erp": "Unlinked Works GmbH",
            "account": "Prospect & Sons",
            "verdict": "different",
            "weight": 0,
        },
        {"field": "vat", "erp": "GB123", "account": "GB 123", "verdict": "same", "weight": 60},
        {"field": "phone", "erp": "", "account": "+44 1", "verdict": "missing", "weight": 0},
    ]
    LinkProposal.objects.create(
        erp_customer=erp_customer, account=account, score=Decimal(score), evidence=evidence, found_at=timezone.now()
    )


def within(pattern, page):
    found = re.search(pattern, page)
    assert found, pattern
    return found[1]


def seen(page):
    return within(r'name="seen" value="([^"]*)"', page)


def more_unlinked(count):
    for index in range(count):
        mirrored(ErpCustomer, f"erp:8{index:03d}", number=f"8{index:03d}", name=f"Spare {index:03d}", country="DE")
        build_invoice(f"S-{index:03d}", f"erp:8{index:03d}", days_ago=40, net=1000 + index // 2)
        propose(f"erp:8{index:03d}", PROSPECT, "0.91")
    recompute_all(AS_OF, current=True)


def test_the_queue_is_by_money_a_page_at_a_time_and_its_headline_adds_up(world: World, cast: Cast) -> None:
    more_unlinked(60)
    url, names, sums = "/links/", [], Decimal(0)
    rollups = CustomerRollup.objects.filter(as_of=AS_OF, customer__gone_at=None)
    while url:
        page = text(cast.analyst, url)
        names += re.findall(r"<bdi>([^<]*)</bdi>", page)
        sums += sum(Decimal(value) for value in re.findall(r'data-figure="revenue_12m" data-value="([^"]*)"', page))
        further = re.search(r'rel="next" href="([^"]*)"', page)
        url = f"/links/{further[1]}" if further else ""
    alone = rollups.filter(customer__account=None).order_by("-revenue_12m", "-overdue_amount", "customer__erp_customer")
    assert names == list(alone.values_list("customer__name", flat=True))
    assert len(names) == 61
    assert sums == sum(alone.values_list("revenue_12m", flat=True))
    share = sums / sum(rollups.values_list("revenue_12m", flat=True))
    assert f"<b>{formats.percent(share)} of the revenue of 12 months is not linked" in page
    assert f'data-total="{sums.normalize():f}' in page.replace(".00", "")
    assert re.search(r'<span>Links</span><span class="count">61<', page), "the open count stands in the navigation"
    german = text(cast.analyst, "/links/?country=DE&score=0.9")
    assert "60 ERP customers" in german
    assert "Unlinked Works" not in german
    assert "Nothing here" in text(cast.analyst, "/links/?score=0.95")
    assert "No stored keys contradict" in text(cast.analyst, "/links/?status=conflict")
    for broken in ("/links/?after=x", "/links/?after=WyJOYU4iLCIwIiwieCJd", "/links/?status=nothing&score=7"):
        assert "Spare 059" in text(cast.analyst, broken)


def test_the_queue_and_the_page_of_one_take_as_many_queries_however_many_there_are(world: World, cast: Cast) -> None:
    propose(UNLINKED, PROSPECT)
    urls = ("/links/", CASE, "/links/together/", "/links/decisions/")

    def asked():
        taken = []
        for url in urls:
            cast.analyst.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert cast.analyst.get(url).status_code == 200
            taken.append(len(captured))
        return taken

    few = asked()
    more_unlinked(30)
    assert asked() == few
    assert max(few) <= 45, few


def test_both_sides_stand_beside_each_other_with_what_would_change_and_accepting_does_that(
    world: World, cast: Cast
) -> None:
    propose(UNLINKED, PROSPECT)
    page = text(cast.analyst, CASE)
    for words in (
        "VAT number",
        "GB 123",
        "Same",
        "Different",
        "Only the account states it",
        "score 93%<",
        "Prospect & Sons",
    ):
        assert words in page, words
    own = CustomerRollup.objects.get(customer=world.unlinked, as_of=AS_OF)
    before = CustomerRollup.objects.get(customer=world.prospect, as_of=AS_OF)
    for name in ("revenue_12m", "revenue_ytd", "open_orders_amount", "overdue_amount"):
        assert formats.money(getattr(own, name) + getattr(before, name)) in page
    form = {"verdict": "accept", "account": PROSPECT, "reason": "Same VAT number", "seen": seen(page)}
    for _sent_twice in range(2):
        answer = cast.analyst.post(CASE, form, follow=True)
        assert answer.redirect_chain == [(CASE, 302)]
        assert "Linked to Prospect" in answer.content.decode()
    (made,) = LinkDecision.objects.all()
    assert (made.by_name, made.reason, made.score) == ("Iris", "Same VAT number", Decimal("0.93"))
    after = CustomerRollup.objects.get(customer=world.prospect, as_of=AS_OF)
    assert after.overdue_amount == own.overdue_amount + before.overdue_amount
    assert "Nothing here" in text(cast.analyst, "/links/")
    decided = text(cast.analyst, "/links/?status=decided")
    assert re.findall(r"<bdi>([^<]*)</bdi>", decided) == ["Unlinked Works GmbH"]
    assert "Prospect & Sons" in decided
    assert "Decided by Iris." in decided
    stale = cast.administrator.post(CASE, form | {"account": KESTON})
    assert stale.status_code == 400
    assert "Iris decided meanwhile" in stale.content.decode()
    log = text(cast.analyst, "/links/decisions/?verdict=accept&state=stands&by=Iris")
    assert "Same VAT number" in log
    undone = cast.administrator.post(f"/links/decisions/{made.pk}/undo/", {"to": "log", "reason": "Wrong"}, follow=True)
    assert "Taken back" in undone.content.decode()
    assert "Taken back by Otto" in undone.content.decode()
    assert AccountLink.objects.get(erp_customer=UNLINKED).account is None
    assert "taken back already" in cast.analyst.post(f"/links/decisions/{made.pk}/undo/", follow=True).content.decode()


def test_another_account_is_found_by_name_number_or_id_and_a_linked_one_is_moved(world: World, cast: Cast) -> None:
    for words, account in (("keston", KESTON), ("104233", KESTREL), (KESTON[:15], KESTON), (KESTON, KESTON)):
        assert f'href="?account={account}"' in cast.analyst.get(CASE, {"q": words}).content.decode(), words
    assert "No account has these words" in text(cast.analyst, f"{CASE}?q=nobodylikethis")
    page = text(cast.analyst, f"/links/erp:104233/?account={KESTON}")
    kestrel = CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF)
    keston = CustomerRollup.objects.get(customer=world.keston, as_of=AS_OF)
    assert formats.money(kestrel.revenue_12m + keston.revenue_12m) in page
    assert "it carries ERP number 104233" in page
    form = {"verdict": "accept", "account": KESTON, "seen": seen(page)}
    refused = cast.analyst.post("/links/erp:104233/", form)
    assert refused.status_code == 400
    assert "tick that this is another company" in refused.content.decode()
    assert AccountLink.objects.get(erp_customer="erp:104233").account == KESTREL
    cast.analyst.post("/links/erp:104233/", form | {"overrule": "on"})
    assert AccountLink.objects.get(erp_customer="erp:104233").account == KESTON
    moved = CustomerRollup.objects.get(customer=world.keston, as_of=AS_OF)
    assert moved.revenue_12m == kestrel.revenue_12m + keston.revenue_12m
    assert CustomerRollup.objects.get(customer=world.kestrel, as_of=AS_OF).revenue_12m == 0
    log = LinkDecision.objects.get(verdict="accept")
    cast.analyst.post(f"/links/decisions/{log.pk}/undo/")
    assert AccountLink.objects.get(erp_customer="erp:104233").account == KESTREL
    assert not LinkDecision.objects.filter(undone_at=None).exists(), "the rejection that came with it is undone as well"


def test_what_needs_no_account_leaves_the_queue_and_an_incomplete_form_is_refused(world: World, cast: Cast) -> None:
    for verdict, part in (("later", "later"), ("ignore", "ignored")):
        cast.analyst.post(CASE, {"verdict": verdict, "reason": "Own works"})
        assert "Unlinked Works" in text(cast.analyst, f"/links/?status={part}")
        assert "Nothing here" in text(cast.analyst, "/links/")
        assert "Unlinked Works" in text(cast.analyst, "/links/?status=all")
    assert LinkDecision.objects.filter(undone_at=None).count() == 1
    for form in ({}, {"verdict": "marry"}, {"verdict": "accept"}, {"verdict": "accept", "account": "nobody"}):
        assert "Nothing was decided" in cast.analyst.post(CASE, form).content.decode()
    assert cast.analyst.get("/links/erp:nobody/").status_code == 404
    assert cast.owner.get(CASE).status_code == cast.owner.post(CASE).status_code == 404


def test_a_rejected_account_is_the_likeliest_no_more_but_stays_on_the_page(world: World, cast: Cast) -> None:
    propose(UNLINKED, PROSPECT)
    assert "Prospect & Sons <span" in text(cast.analyst, "/links/?score=0.9")
    cast.analyst.post(CASE, {"verdict": "reject", "account": PROSPECT, "reason": "Other owner"})
    assert "Nothing here" in text(cast.analyst, "/links/?score=0.9")
    assert "Prospect & Sons" not in within(r"(?s)<tbody>(.*)</tbody>", text(cast.analyst, "/links/"))
    page = text(cast.analyst, CASE)
    assert "Iris rejected it: Other owner" in page
    assert '<span class="pill pill-bad">Rejected</span>' in page


def test_many_are_accepted_as_the_preview_showed(world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "PAIRS", 1)
    more_unlinked(3)
    propose("erp:8002", KESTON, "0.9")
    page = text(cast.analyst, "/links/together/?score=0.9")
    assert "2 ERP customers to 1 account" in page
    assert "1 to 1 of 2" in page
    assert [
        len(re.findall("Spare 00[01]<", text(cast.analyst, f"/links/together/?score=0.9&page={n}"))) for n in (1, 2)
    ] == [1, 1]
    assert "1 ERP customer with more than one likely account<" in page
    form = {"score": "0.9", "shown": within(r'name="shown" value="([^"]*)"', page), "reason": "Checked"}
    assert cast.analyst.post("/links/together/", form | {"shown": "x"}).status_code == 400
    assert cast.analyst.post("/links/together/", form | {"score": "0.1"}).status_code == 400
    assert "2 accepted." in cast.analyst.post("/links/together/", form, follow=True).content.decode()
    assert AccountLink.objects.filter(account=PROSPECT, method="decided").count() == 2
    again = cast.analyst.post("/links/together/", form)
    assert "decided already" in again.content.decode()
    one = LinkDecision.objects.all()[0]
    log = text(cast.analyst, "/links/decisions/")
    assert log.count("Undo all 2") == 1, "once for all of them"
    cast.analyst.post(f"/links/decisions/{one.pk}/undo/", {"whole": "", "to": "log"})
    assert not AccountLink.objects.filter(account=PROSPECT).exists()


@pytest.mark.parametrize("role", ["analyst", "owner"])
def test_the_page_of_an_unlinked_customer_leads_to_its_decision(world: World, cast: Cast, role: str) -> None:
    Customer.objects.filter(pk=world.unlinked.pk).update(owner="005Dn000001aaaaIAA")
    page = text(getattr(cast, role), f"/customers/{world.unlinked.pk}/")
    assert (f'href="{CASE}"' in page) == (role == "analyst")
    assert ("Decide which account it is" in page) == (role == "analyst")
