"""Saved segments: members with reasons, who sees which, versions, withdrawn measures, exports."""

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import JSONField, Value
from django.test import Client
from django.utils import timezone

from customers.models import CustomerRollup, RollupDay, Segment, SegmentVersion, SentSegments
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.segments.test_builder import NEW, OVERDUE, saved

ROOT = Path(__file__).resolve().parents[3]


def url(segment: Segment, rest: str = "") -> str:
    return f"/segments/{segment.pk}/{rest}"


def test_each_member_shows_the_values_that_brought_it_in_and_the_foot_adds_up(world: World, cast: Cast) -> None:
    segment = saved(cast.analyst, shared="on", **{"1.f": "country", "1.is": "is_not", "1.v": "DE"})
    page = cast.analyst.get(url(segment))
    members = page.context["members"]
    late = {rollup.customer_id: rollup for rollup in CustomerRollup.objects.filter(overdue_amount__gt=100)}
    assert members.count == len(members.rows) == len(late) > 1
    kestrel = next(row for row in members.rows if row.line.name == world.kestrel.name)
    told = {reason.label: (reason.value, reason.asked) for reason in kestrel.reasons}
    amount = late[world.kestrel.pk].overdue_amount
    assert told["Overdue"] == (f"€{amount:,.2f}", "is more than €100")
    assert told["Country"] == (world.kestrel.country, "is not “DE”")
    foot = {figure.column.name: figure.value for figure in members.foot}
    assert foot["overdue_amount"] == sum(rollup.overdue_amount for rollup in late.values())
    assert f'href="/customers/{world.kestrel.pk}/figures/overdue_amount/"' in page.text
    assert f"/reports/segment-{segment.pk}/figures/overdue_amount/" in page.text
    total = cast.analyst.get(f"/reports/segment-{segment.pk}/figures/overdue_amount/")
    assert total.context["evidence"].stored == foot["overdue_amount"]
    assert cast.analyst.get(f"/reports/segment-{segment.pk}/")["Location"] == url(segment)


def test_everybody_sees_own_customers_in_a_shared_segment_and_none_in_a_private_one(world: World, cast: Cast) -> None:
    shared, private = saved(cast.analyst, shared="on"), saved(cast.analyst, "Mine")
    owner = cast.owner.get(url(shared)).context["members"]
    assert [row.line.name for row in owner.rows] == [world.kestrel.name]
    listed = cast.owner.get("/segments/").context["listing"].rows
    assert [(row.segment.pk, row.found.customers) for row in listed] == [(shared.pk, 1)]
    missing = cast.owner.get("/segments/987654321/").status_code
    for rest in ("", "versions/", "edit/", f"customers/{world.kestrel.pk}/"):
        assert cast.owner.get(url(private, rest)).status_code == missing == 404
    # A shared one is used by everybody and changed by nobody else.
    assert cast.owner.get(url(shared, "edit/")).status_code == 404
    for rest in ("edit/", "delete/", "versions/1/restore/"):
        assert cast.manager.post(url(shared, rest), OVERDUE | {"name": "Taken", "do": "save"}).status_code == 404
    assert cast.owner.get(f"/reports/segment-{private.pk}/export/csv/").status_code == 404
    assert cast.owner.get(f"/reports/segment-{shared.pk}/export/csv/").status_code == 403


def test_a_customer_page_of_reasons_judges_every_rule_also_of_somebody_outside(world: World, cast: Cast) -> None:
    more: dict[str, Any] = {"1.f": "revenue_12m", "1.is": "down_percent", "1.v": ["20", "", "prior"]}
    segment = saved(cast.analyst, shared="on", **more)
    CustomerRollup.objects.filter(customer=world.prospect).update(revenue_prior_12m=0)
    page = cast.owner.get(url(segment, f"customers/{world.prospect.pk}/"))
    assert "is not in “Late payers”" in page.text
    assert "needs something above 0 to compare with" in page.text
    assert cast.outsider.get(url(segment, f"customers/{world.kestrel.pk}/")).status_code == 404


def test_every_change_is_a_version_and_each_comes_back(world: World, cast: Cast) -> None:
    segment = saved(cast.analyst)
    change = OVERDUE | {"0.v": "9000", "name": "Very late", "do": "save", "seen": "1"}
    assert cast.analyst.post(url(segment, "edit/"), change)["Location"] == url(segment)
    cast.analyst.post(url(segment, "edit/"), change | {"seen": "2"})
    segment.refresh_from_db()
    assert (segment.version, segment.name, SegmentVersion.objects.count()) == (2, "Very late", 2)
    # What somebody else began from an older version overwrites nothing.
    late = cast.analyst.post(url(segment, "edit/"), change | {"name": "Older", "seen": "1"})
    assert late.status_code == 400
    assert "was changed by Iris meanwhile" in late.text
    page = cast.analyst.get(url(segment, "versions/"))
    assert "Overdue is more than €9,000" in page.text
    assert "Changed: name, rules" in page.text
    cast.analyst.post(url(segment, "versions/1/restore/"))
    segment.refresh_from_db()
    assert (segment.version, segment.name, segment.rules["all"][0]["values"]) == (3, "Late payers", ["100"])
    assert cast.analyst.post(url(segment, "versions/99/restore/")).status_code == 404
    assert cast.analyst.post(url(segment, "delete/"))["Location"] == "/segments/"
    assert not SegmentVersion.objects.exists()


def test_a_segment_with_a_withdrawn_measure_opens_and_keeps_what_it_said(world: World, cast: Cast) -> None:
    segment = saved(cast.analyst)
    gone = {"field": "revenue_of_old", "is": "at_least", "values": ["12", "x"]}
    Segment.objects.update(rules={"all": [*segment.rules["all"], gone]})
    page = cast.analyst.get(url(segment))
    assert page.status_code == 200
    assert "revenue_of_old" in page.text
    assert "Nothing was lost" in page.text
    assert "a rule cannot be used" in cast.analyst.get("/segments/").text
    edit = cast.analyst.get(url(segment, "edit/"))
    state = {"g": "all", "0.f": "overdue_amount", "0.is": "more_than", "0.v": "100", "seen": "1", "name": "Renamed"}
    kept = {"1.f": "revenue_of_old", "1.is": "at_least", "1.v": ["12", "x"]}
    assert 'value="revenue_of_old" selected' in edit.text
    # It can be renamed as it is; changed rules have to be right.
    assert cast.analyst.post(url(segment, "edit/"), state | kept | {"do": "save"}).status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.rules["all"][1]) == ("Renamed", gone)
    refused = cast.analyst.post(url(segment, "edit/"), state | kept | {"do": "save", "0.v": "7", "seen": "2"})
    assert refused.status_code == 400
    assert cast.analyst.post(url(segment, "edit/"), state | {"do": "save", "seen": "2"}).status_code == 302
    for kind in ("csv", "xlsx"):
        Segment.objects.update(rules={"all": [gone]})
        answer = cast.analyst.get(f"/reports/segment-{segment.pk}/export/{kind}/")
        assert (answer.status_code, b"no longer there" in answer.content) == (400, True)


def test_what_a_deleted_login_leaves_goes_on_for_everybody_or_to_administrators(world: World, cast: Cast) -> None:
    shared, private = saved(cast.owner, shared="on"), saved(cast.owner, "Mine")
    User.objects.get(username="ana").delete()
    page = cast.manager.get(url(shared))
    assert "by Ana, whose login was deleted" in page.text
    assert cast.manager.get(url(private)).status_code == 404
    listed = cast.administrator.get("/segments/?show=left").context["listing"].rows
    assert {row.segment.pk for row in listed} == {shared.pk, private.pk}
    change = OVERDUE | {"name": "Taken over", "do": "save", "seen": "1"}
    assert cast.administrator.post(url(private, "edit/"), change).status_code == 302
    private.refresh_from_db()
    assert private.owner == User.objects.get(username="otto")


def test_a_segment_that_rests_on_a_hidden_figure_is_not_there(
    world: World, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    segment = saved(cast.analyst, shared="on")
    assert cast.owner.get(url(segment)).status_code == 200
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    hidden = 'overdue_amount = ["account_manager"]\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}{hidden}", encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    assert cast.owner.get(url(segment)).status_code == 404
    assert cast.owner.get("/segments/").context["listing"].rows == ()
    page = cast.owner.get(NEW, OVERDUE)
    assert page.context["builder"].found.customers is None
    assert 'value="overdue_count"' in page.text
    assert "Overdue</dt>" not in page.text
    assert cast.analyst.get(url(segment)).status_code == 200


def test_a_file_holds_the_rows_order_and_totals_of_the_page(world: World, cast: Cast) -> None:
    earlier = AS_OF.replace(year=AS_OF.year - 1)
    RollupDay.objects.create(as_of=earlier, completed_at=RollupDay.objects.get(as_of=AS_OF).completed_at)
    for rollup in CustomerRollup.objects.filter(as_of=AS_OF):
        before = rollup.overdue_amount / 4
        rollup.pk, rollup.as_of, rollup.overdue_amount = None, earlier, before
        rollup.save()
    more: dict[str, Any] = {
        "1.f": "overdue_amount",
        "1.is": "up_percent",
        "1.v": ["20", "1", "years"],
        "2.f": "has_account",
        "2.is": "yes",
    }
    segment = saved(cast.analyst, **more)
    page = cast.analyst.get(f"{url(segment)}?sort=name").context["members"]
    answer: Any = cast.analyst.get(f"/reports/segment-{segment.pk}/export/csv/?sort=name")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:-1]] == [row.line.name for row in page.rows]
    assert len(lines) > 3
    assert "Overdue, 23\u00a0Nov\u00a02025" in "".join(lines[0])
    place = next(at for at, figure in enumerate(page.foot, 1) if figure.column.name == "overdue_amount")
    assert Decimal(lines[-1][place]) == page.foot[place - 1].value
    book: Any = cast.analyst.get(f"/reports/segment-{segment.pk}/export/xlsx/")
    assert book.status_code == 200


def test_pages_ask_the_database_equally_often_for_few_and_many_segments(
    world: World, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    def queries(client: Client, address: str) -> int:
        with django_assert_max_num_queries(60) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    one = saved(cast.analyst, shared="on")
    few = queries(cast.manager, "/segments/")
    for number in range(10):
        saved(cast.analyst, f"Another {number}", shared="on", **{"0.v": str(number), "1.f": "city", "1.is": "filled"})
    CustomerRollup.objects.update(overdue_count=1)
    assert queries(cast.manager, "/segments/") <= few
    # Counts are kept until the figures are computed anew.
    RollupDay.objects.update(completed_at=timezone.now())
    members = queries(cast.analyst, url(one))
    CustomerRollup.objects.update(overdue_amount=500)
    assert cast.analyst.get(url(one)).context["members"].count == 3
    RollupDay.objects.update(completed_at=timezone.now())
    assert queries(cast.analyst, url(one)) <= members
    assert cast.analyst.get(url(one)).context["members"].count == 4


@pytest.mark.parametrize("name", ["overdue_amount", "country", "last_order_on", "has_account", "owner", "segment"])
def test_every_operator_of_a_kind_can_be_shown_counted_and_saved(world: World, cast: Cast, name: str) -> None:
    from customers.rules.fields import all_fields
    from customers.rules.operators import Slot

    usual = {
        Slot.NUMBER: "10",
        Slot.SHARE: "20",
        Slot.DATE: "2026-01-01",
        Slot.TEXT: "",
        Slot.TEXTS: "",
        Slot.WHOLE: "2",
        Slot.UNIT: "weeks",
        Slot.PERIOD: "last_quarter",
        Slot.BASE: "days",
    }
    text = {"country": "NL", "owner": "005Dn000001aaaaIAA", "segment": "Small, overdue, no won deals"}.get(name, "")
    for operator in all_fields()[name].operators:
        values = [usual[slot] or text for slot in operator.slots]
        state = {"g": "all", "0.f": name, "0.is": operator.name, "0.v": values}
        page = cast.analyst.get(NEW, state)
        assert page.context["builder"].found.customers is not None, page.context["builder"].found.problems
        segment = Segment.objects.get(
            pk=cast.analyst.post(NEW, state | {"name": operator.name, "do": "save"})["Location"].split("/")[2]
        )
        assert cast.analyst.get(url(segment)).context["members"].count == page.context["builder"].found.customers


def test_an_analyst_sends_a_segment_and_its_customers_say_so(world: World, cast: Cast) -> None:
    segment = saved(cast.analyst, shared="on", name="Late payers")
    assert "Send to Salesforce" in cast.analyst.get(url(segment)).text
    assert "Send to Salesforce" not in cast.owner.get(url(segment)).text
    assert cast.owner.post(url(segment, "send/"), {"do": "on"}).status_code == 403
    answer = cast.analyst.post(url(segment, "send/"), {"do": "on"}, follow=True)
    assert "is sent to Salesforce from now on. Its accounts change with the next push." in answer.text
    assert "ERP_Saved_Segments__c" in answer.text
    late = CustomerRollup.objects.filter(as_of=AS_OF, overdue_amount__gt=100)
    assert SentSegments.objects.filter(names="Late payers").count() == late.count() > 0
    card = cast.analyst.get(f"/customers/{world.kestrel.pk}/").context["overview"].sent_segments
    assert [(each.name, each.url) for each in card.segments] == [
        ("Late payers", url(segment, f"customers/{world.kestrel.pk}/"))
    ]
    assert cast.owner.get(card.segments[0].url).status_code == 200
    versions = cast.analyst.get(url(segment, "versions/"))
    assert versions.context["versions"].rows[0].changed == ("sending to Salesforce",)
    # Made private it leaves Salesforce, and says so.
    state = OVERDUE | {"name": "Late payers", "seen": "2", "do": "save"}
    answer = cast.analyst.post(url(segment, "edit/"), state, follow=True)
    assert "It is private now, so it is not sent to Salesforce any more." in answer.text
    assert not SentSegments.objects.exclude(names="").exists()
    assert cast.analyst.get(f"/customers/{world.kestrel.pk}/").context["overview"].sent_segments is None
    answer = cast.analyst.post(url(segment, "send/"), {"do": "on"}, follow=True)
    assert "Only a shared segment can be sent" in answer.text


def test_an_account_manager_leaves_what_is_sent_as_it_is(world: World, cast: Cast) -> None:
    segment = saved(cast.owner, shared="on", name="Mine")
    cast.administrator.post(url(segment, "send/"), {"do": "on"})
    page = cast.owner.get(url(segment)).text
    assert "While it is sent, its rules stay as they are" in page
    assert cast.owner.get(url(segment, "edit/")).status_code == 404
    assert cast.owner.post(url(segment, "delete/")).status_code == 404
    cast.administrator.post(url(segment, "send/"), {"do": "off"})
    assert cast.owner.get(url(segment, "edit/")).status_code == 200


def test_few_members_and_many_stand_in_the_same_order(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = saved(cast.analyst, **{"0.f": "overdue_amount", "0.is": "at_least", "0.v": "0"})
    CustomerRollup.objects.filter(overdue_count__gt=0).update(overdue_amount=500)

    def shown(order: str) -> list[tuple[Any, ...]]:
        cache.clear()
        rows = cast.analyst.get(url(segment) + order).context["members"].rows
        return [(row.line.url, *(figure.value for figure in row.line.figures)) for row in rows]

    orders = ("?sort=overdue_amount", "?sort=overdue_amount&order=asc", "?sort=owner", "?sort=name")
    few = [shown(order) for order in orders]
    assert len(few[0]) > 2
    assert few[0] != few[1]
    monkeypatch.setattr("reports.segments.rows.FEW", 0)
    assert [shown(order) for order in orders] == few


@pytest.mark.parametrize("rules", [{}, [], None, {"all": [{"field": "name", "is": "filled"}] * 300}, 7])
def test_rules_that_cannot_be_read_leave_the_list_and_say_what_is_wrong(world: World, cast: Cast, rules: Any) -> None:
    user: Any = cast.analyst.get("/").wsgi_request.user
    broken = Segment.objects.create(
        name="Broken",
        owner_id=user.pk,
        owner_name="Iris",
        shared=True,
        rules=[1],
        created_at=(now := timezone.now()),
        changed_at=now,
    )
    Segment.objects.filter(pk=broken.pk).update(rules=Value(rules, JSONField()))
    for client in (cast.analyst, cast.owner):
        assert "Broken" in client.get("/segments/").text
        assert "cannot be read" in client.get(f"/segments/{broken.pk}/").text
    assert cast.analyst.get(f"/segments/{broken.pk}/edit/").status_code == 200
    assert cast.analyst.get(f"/reports/segment-{broken.pk}/export/csv/").status_code == 400
