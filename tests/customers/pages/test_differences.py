"""The inbox of differences: who sees and gets what, what one can do about it, and that it never writes elsewhere."""

import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from customers.books import company_date
from customers.differences.marking import marked_pair
from customers.models import Difference, DifferenceNote
from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer, SfAccount, SfUser
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import ANA, AS_OF, KESTREL, mirrored

ROOT = Path(__file__).resolve().parents[3]
INBOX = "/differences/"
ACT = "/differences/act/"


@pytest.fixture
def differing(world: World) -> World:
    """Kestrel differs in city, phone and credit limit, Keston in city and country."""
    ErpCustomer.objects.filter(key="erp:104233").update(phone="+31 10 111", credit_limit=20000)
    fields = {"Credit_Limit__c": "27531.77", "Payment_Terms__c": "Net 30"}
    SfAccount.objects.filter(key=KESTREL).update(
        billing_city="Delft<b>", phone="+31 10 222", billing_street="", custom_fields=fields
    )
    recompute_all(AS_OF, current=True)
    return world


def of(key: str, field: str) -> Difference:
    return Difference.objects.get(erp_customer=f"erp:{key}", field=field)


def labels(page: Any) -> list[str]:
    return sorted(f"{row.customer_name.split()[0]} {row.label}" for row in page.context["inbox"].rows)


def nav_count(page: Any) -> int:
    found: int = next(item.count for item in page.context["frame"].nav if item.label == "Differences")
    return found


def test_each_sees_their_own_customers_and_the_count_is_of_what_falls_to_them(differing: World, cast: Cast) -> None:
    owner, analyst, outsider = (client.get(INBOX) for client in (cast.owner, cast.analyst, cast.outsider))
    kestrel = ["Kestrel City", "Kestrel Credit limit", "Kestrel Phone"]
    assert labels(owner) == kestrel
    assert labels(outsider) == ["Keston City", "Keston Country"]
    assert labels(analyst) == sorted([*labels(outsider), *kestrel])
    # The phone's master is Salesforce: the ERP is to be corrected, by whom hub.toml names.
    assert [nav_count(page) for page in (owner, outsider, analyst)] == [2, 2, 0]
    for client, page in ((cast.owner, owner), (cast.outsider, outsider), (cast.analyst, analyst)):
        (item,) = [item for item in page.context["frame"].nav if item.label == "Differences"]
        opened = client.get(item.url)
        assert opened.context["inbox"].count == item.count
        assert item.current
        assert ("Nothing is yours to correct" in opened.text) == (item.count == 0)
    User.objects.create_user("priya.nair", first_name="Priya", last_name="Nair")
    row = next(row for row in cast.owner.get(INBOX).context["inbox"].rows if row.label == "Phone")
    assert (row.correct_in, row.who, row.in_person) == ("ERP", "Priya Nair", False)
    assert cast.untied.get(INBOX).context["inbox"].count == 0
    assert cast.outsider.get(f"{INBOX}{of('104233', 'city').pk}/").status_code == 404


def test_filters_narrow_list_and_counts_and_a_strange_url_means_none_of_them(differing: World, cast: Cast) -> None:
    def found(**given: Any) -> list[str]:
        return labels(cast.analyst.get(INBOX, given))

    assert found(field="city") == ["Keston City", "Kestrel City"]
    assert found(direction="erp") == ["Kestrel Phone"]
    assert found(customer=differing.keston.pk) == ["Keston City", "Keston Country"]
    assert found(who="nobody", field="phone") == ["Kestrel Phone"]
    assert found(state="closed") == []
    assert labels(cast.manager.get(INBOX, {"accounts": "own"})) == []
    assert len(found(field="nonsense", direction="up", state="x", customer="1e9", after="%%", before="☃")) == 5
    page = cast.analyst.get(INBOX, {"direction": "salesforce"})
    assert {one.value: one.count for one in page.context["inbox"].fields} == {
        "city": 2,
        "country": 1,
        "credit_limit": 1,
    }
    assert page.context["inbox"].states[0].count == page.context["inbox"].count == 4


def test_values_stand_side_by_side_with_what_differs_marked_and_escaped(differing: World, cast: Cast) -> None:
    page = cast.owner.get(INBOX).text
    assert '<mark class="dm">Delft&lt;b&gt;</mark>' in page
    assert "Delft<b>" not in page
    assert '+31 10 <mark class="dm">111</mark>' in page
    assert re.search(r'€<mark class="dm">20</mark>,<mark class="dm">000</mark>\.<mark class="dm">00</mark>', page)
    one = cast.owner.get(f"{INBOX}{of('104233', 'city').pk}/").text
    assert "To be corrected in Salesforce by Ana Duarte, by default" in one
    assert marked_pair("Lange Str. 5", "lange Str. 15") == (
        (("Lange Str. ", False), ("5", True)),
        (("lange Str. ", False), ("15", True)),
    )
    assert marked_pair("", "x") == ((), (("x", True),))


def test_assigning_moves_the_count_and_nobody_gets_what_they_cannot_see(differing: World, cast: Cast) -> None:
    keys = [of("104233", name).pk for name in ("city", "phone")]
    cast.manager.get(INBOX)
    cast.outsider.get(INBOX)
    answer = cast.owner.post(ACT, {"difference": keys, "act": "assign", "to": "hanna", "query": "field=city"})
    assert answer["Location"] == f"{INBOX}?field=city"
    assert nav_count(cast.owner.get(INBOX)) == 1
    assert (nav_count(cast.manager.get(INBOX)), labels(cast.manager.get(INBOX, {"who": "me"}))) == (
        2,
        ["Kestrel City", "Kestrel Phone"],
    )
    told = cast.owner.post(ACT, {"difference": keys, "act": "assign", "to": "ben"}, follow=True)
    assert "Ben does not see" in told.text
    cast.outsider.post(ACT, {"difference": keys, "act": "assign", "to": "ben"})
    assert set(Difference.objects.filter(pk__in=keys).values_list("assignee__username", flat=True)) == {"hanna"}
    cast.owner.post(ACT, {"difference": keys[:1], "act": "assign", "to": "", "one": keys[0]})
    assert of("104233", "city").assignee is None
    assert list(DifferenceNote.objects.filter(difference=keys[0]).values_list("kind", "by__username")) == [
        ("assigned", "ana"),
        ("assigned", "ana"),
    ]
    assert cast.owner.get(f"{INBOX}{keys[0]}/").text.count("<b>Assigned</b>") == 2


def test_snoozed_ones_come_back_on_their_day_and_need_a_day_and_a_reason(
    differing: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, today = of("104233", "city").pk, company_date()
    given = {
        "difference": [key],
        "act": "snooze",
        "until": str(today + timedelta(days=3)),
        "reason": "They move in May",
    }
    for wrong in ({"until": ""}, {"until": str(today)}, {"until": str(today + timedelta(days=900))}, {"reason": " "}):
        cast.owner.post(ACT, given | wrong)
        assert of("104233", "city").snoozed_until is None, wrong
    cast.owner.post(ACT, given)
    assert labels(cast.owner.get(INBOX)) == ["Kestrel Credit limit", "Kestrel Phone"]
    page = cast.owner.get(INBOX, {"state": "snoozed"})
    assert labels(page) == ["Kestrel City"]
    assert "They move in May" in page.text
    later = today + timedelta(days=3)
    for module in ("inbox", "shown", "one", "acting"):
        monkeypatch.setattr(f"customers.differences.{module}.company_date", lambda: later)
    assert "Kestrel City" in labels(cast.owner.get(INBOX))
    monkeypatch.undo()
    cast.owner.post(ACT, {"difference": [key], "act": "wake"})
    assert (of("104233", "city").snoozed_until, of("104233", "city").snooze_reason) == (None, "")


def test_comments_make_a_thread_and_closed_ones_keep_it_but_take_no_other_act(differing: World, cast: Cast) -> None:
    key = of("104233", "city").pk
    url = f"{INBOX}{key}/"
    assert cast.owner.post(url, {"text": "  "}).status_code == 400
    cast.owner.post(url, {"text": "Asked them <i>today</i>"})
    assert "Asked them &lt;i&gt;today&lt;/i&gt;" in cast.manager.get(url).text
    assert cast.outsider.post(url, {"text": "mine now"}).status_code == 404
    SfAccount.objects.filter(key=KESTREL).update(billing_city="rotterdam")
    recompute_all(AS_OF, current=True)
    page = cast.owner.get(url)
    assert "the two no longer differ" in page.text
    assert "Asked them" in page.text
    cast.owner.post(ACT, {"difference": [key], "act": "assign", "to": "ana"})
    assert of("104233", "city").assignee is None
    assert labels(cast.owner.get(INBOX, {"state": "closed"})) == ["Kestrel City"]


def test_a_hidden_credit_limit_is_nowhere_here(differing: World, cast: Cast, tmp_path: Path, settings: Any) -> None:
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    path.write_text(f'{path.read_text(encoding="utf-8")}credit_limit = ["account_manager"]\n', encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    key = of("104233", "credit_limit").pk
    pages = [
        cast.owner.get(url) for url in (INBOX, "/masters/", reverse("customers:detail", args=[differing.kestrel.pk]))
    ]
    pages.append(cast.owner.get(reverse("reports:report", args=["differences"])))
    for page in pages:
        assert page.status_code == 200
        assert "Credit limit" not in page.text
        assert "27,531" not in page.text
    assert nav_count(pages[0]) == 1
    assert cast.owner.get(f"{INBOX}{key}/").status_code == 404
    cast.owner.post(ACT, {"difference": [key], "act": "assign", "to": "ana"})
    assert of("104233", "credit_limit").assignee is None
    assert "Credit limit" in cast.analyst.get("/masters/").text


def test_the_customers_page_and_the_table_of_masters_lead_to_what_they_count(differing: World, cast: Cast) -> None:
    card = cast.owner.get(reverse("customers:detail", args=[differing.kestrel.pk])).context["overview"].differing
    assert card.count == len(card.shown) == len(labels(cast.owner.get(INBOX, {"customer": card.customer}))) == 3
    assert (
        cast.owner.get(reverse("customers:detail", args=[differing.prospect.pk])).context["overview"].differing.count
        == 0
    )
    for row in cast.analyst.get("/masters/").context["table"].rows:
        listed = cast.analyst.get(INBOX, {"field": row.name}).context["inbox"].count if row.is_compared else 0
        assert row.open == listed, row.name
    table = cast.analyst.get("/masters/").text
    assert "VAT_Number__c" in table
    narrow = [re.sub("<[^>]+>", "", note) for note in re.findall(r'<span class="note only-s">(.*?)</span>', table)]
    assert "Master: ERP. vat_id in the ERP, VAT_Number__c in Salesforce" in narrow, "where columns have no room"
    assert {"Master: ERP. ERP_Revenue_Last_Year__c in Salesforce", "AccountNumber", "customer_since"} <= set(narrow)
    assert "there is none of that name" in table, "nobody is called priya.nair here"


def test_the_report_holds_what_the_inbox_holds(differing: World, cast: Cast) -> None:
    for query in ("", "direction=erp", "field=city", "state=all"):
        inbox = cast.analyst.get(f"{INBOX}?{query}").context["inbox"]
        page = cast.analyst.get(f"{reverse('reports:report', args=['differences'])}?{inbox.export_query}").context[
            "page"
        ]
        assert page.listing.count == inbox.count, query
    assert cast.outsider.get(reverse("reports:report", args=["differences"])).context["page"].listing.count == 2


def test_an_owner_without_a_login_is_offered_with_how_many_fall_to_them(differing: World, cast: Cast) -> None:
    cast.owner.get(INBOX)
    SfUser.objects.filter(key=ANA).update(name="Nora Nologin")
    inbox = cast.analyst.get(INBOX).context["inbox"]
    nora = next(one for one in inbox.people if one.label == "Nora Nologin, by default")
    found = cast.analyst.get(INBOX, {"who": nora.value}).context["inbox"]
    falling = Difference.objects.filter(falls_to=ANA, assignee=None, closed_at=None).count()
    assert nora.count == found.count == falling > 0
    page = cast.analyst.get(f"{reverse('reports:report', args=['differences'])}?{found.export_query}").context["page"]
    assert page.listing.count == found.count
    cast.analyst.post(ACT, {"difference": [found.rows[0].pk], "act": "assign", "to": "ana"})
    again = next(one for one in cast.analyst.get(INBOX).context["inbox"].people if one.value == nora.value)
    assert again.count == falling - 1, "assigned in person, it falls to nobody by default"


def test_a_long_inbox_is_read_page_by_page_with_as_many_queries_for_each_size(
    differing: World, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for number in range(120):
        mirrored(ErpCustomer, f"erp:M{number}", number=f"M{number}", name="x", company_id="erp:10")
    now = timezone.now()
    Difference.objects.bulk_create(
        Difference(
            customer=differing.kestrel, account=KESTREL, erp_customer=f"erp:M{number}", field="name", master="erp",
            erp_value="x", salesforce_value="y", first_seen_at=now, last_seen_on=date(2026, 11, 23), falls_to=ANA,
            opened_at=now - timedelta(minutes=number // 3),
        )
        for number in range(120)
    )  # fmt: skip
    cast.owner.get(INBOX)
    with django_assert_max_num_queries(32):
        page = cast.owner.get(INBOX)
    seen = [row.pk for row in page.context["inbox"].rows]
    pages = 1
    while page.context["inbox"].after:
        page = cast.owner.get(INBOX, {"after": page.context["inbox"].after})
        seen += [row.pk for row in page.context["inbox"].rows]
        pages += 1
    assert (pages, len(seen), len(set(seen)), page.context["inbox"].count) == (3, 123, 123, 123)
    back = cast.owner.get(INBOX, {"before": page.context["inbox"].before})
    assert [row.pk for row in back.context["inbox"].rows] == seen[50:100]
