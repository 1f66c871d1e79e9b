"""What changed since a visit: every kind of news, told to those who may see it, adding up to its full list."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from customers.history.days import pack
from customers.models import Customer, CustomerRollup, OpenOrder, PromiseMove, RollupDay, Visit
from customers.pages.home.changes import KINDS
from customers.pages.home.news import FEW
from customers.pages.home.since import MOST_DAYS
from customers.publishing import recompute_all
from customers.visits import NOTED_EVERY, VISIT_GAP, note_visit, previous_visit
from integration_hub.models import ErpCurrencyRate, ErpInvoice, ErpOpenItem, ErpOrder, ErpPayment, SfAccount
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import ANA, AS_OF, BEN, KESTON, KESTREL, build_invoice, mirrored

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ROLES = ("owner", "manager", "outsider", "analyst", "administrator")
KESTREL_KEY, KESTON_KEY = "erp:104233", "erp:101877"


def ago(days: int) -> Any:
    return AS_OF - timedelta(days=days)


def news(client: Any, **query: str) -> dict[str, Any]:
    answer = client.get("/", {"since": "7-days"} | query)
    return {group.kind.name: group for group in answer.context["news"]}


def everything(client: Any, name: str, **query: str) -> Any:
    return client.get(f"/book/changes/{name}/", {"since": "7-days"} | query).context["told"].group


def order(key: str, customer: str, days: int, net: int, **values: Any) -> None:
    mirrored(
        ErpOrder,
        f"erp:{key}",
        number=key,
        customer_id=customer,
        ordered_on=ago(days),
        currency=values.pop("currency", "EUR"),
        net_amount=Decimal(net),
        status=values.pop("status", "open"),
        **values,
    )


@pytest.fixture
def eventful(world: World) -> World:
    """A week at both owners' customers: orders, a moved promise, items that fell due, payments, moves."""
    recompute_all(ago(8), current=False)
    RollupDay.objects.filter(as_of=ago(8)).update(completed_at=NOW - timedelta(days=8))
    mirrored(ErpCurrencyRate, "erp:usd", currency="USD", base="EUR", valid_from=ago(900), rate=Decimal("0.9"))
    for key, customer in (("SO-7", KESTREL_KEY), ("K-SO-7", KESTON_KEY)):
        order(key, customer, 3, 500, promised_on=ago(-20))
    order("SO-8", KESTREL_KEY, 2, 100, currency="USD")
    order("SO-9", KESTREL_KEY, 2, 100, currency="XAU")
    order("SO-10", KESTREL_KEY, 2, 77, status="cancelled")
    order("SO-11", KESTREL_KEY, 7, 44)  # written before that day began
    ErpOrder.objects.filter(key="erp:SO-11").update(synced_at=NOW - timedelta(days=9))
    for number, customer in (("F-70", KESTREL_KEY), ("K-F-70", KESTON_KEY)):
        build_invoice(number, customer, days_ago=33, net=1000)
    for key, customer, currency in (
        ("P-7", KESTREL_KEY, "USD"),
        ("P-8", KESTREL_KEY, "XAU"),
        ("P-9", KESTON_KEY, "EUR"),
    ):
        mirrored(
            ErpPayment,
            f"erp:{key}",
            number=key,
            customer_id=customer,
            paid_on=ago(1),
            currency=currency,
            amount=Decimal(10),
        )
    build_invoice("BIG", KESTON_KEY, days_ago=400, net=200_000, paid=True)
    SfAccount.objects.filter(key=KESTON).update(owner=BEN)
    recompute_all(AS_OF, current=True)
    ErpOrder.objects.filter(key="erp:SO-7").update(promised_on=ago(-30))
    recompute_all(AS_OF, current=True)
    return world


def test_each_kind_is_told_to_the_owner_with_its_sum(eventful: World, cast: Cast) -> None:
    found = news(cast.owner)
    assert {name: (group.count, group.total) for name, group in found.items()} == {
        "orders": (3, Decimal(590)),  # 500, 90 for 100 USD, and one without a rate
        "payments": (3, Decimal(309)),  # 300 of the chain, 9 for 10 USD, and one without a rate
        "late": (2, Decimal(900)),  # the chain's order, and the moved one
        "overdue": (1, Decimal(1190)),
        "segments": (0, Decimal(0)),
        "rfm": (0, Decimal(0)),
        "owners": (0, Decimal(0)),
    }
    assert found["orders"].unpriced == found["payments"].unpriced == 1
    texts = {row.label: row.text for row in found["late"].rows}
    assert texts == {"SO-1": "4\u00a0days late", "SO-7": "moved from 13\u00a0Dec"}
    assert news(cast.outsider)["segments"].rows[0].text.startswith("Large, ")


def test_every_group_of_news_is_the_sum_of_its_full_list_and_holds_nothing_of_others(
    eventful: World, cast: Cast
) -> None:
    mine = {"owner": {KESTREL_KEY}, "outsider": {KESTON_KEY}, "manager": {KESTREL_KEY, KESTON_KEY}}
    names = {KESTREL_KEY: eventful.kestrel.name, KESTON_KEY: eventful.keston.name}
    for role in ROLES:
        client = getattr(cast, role)
        for kind, group in news(client).items():
            full = everything(client, kind)
            assert (full.count, full.total) == (group.count, group.total), (role, kind)
            assert len(full.rows) == full.count
            assert full.total == sum(row.counted or 0 for row in full.rows), (role, kind)
            assert len(group.rows) == min(group.count, FEW)
            told = {row.customer or row.label for row in full.rows}
            if role in mine:
                assert told <= {names[key] for key in mine[role]}, (role, kind)
    assert news(cast.manager)["orders"].count == news(cast.owner)["orders"].count + news(cast.outsider)["orders"].count
    assert news(cast.manager, person=ANA)["late"].count == news(cast.owner)["late"].count
    full = everything(cast.manager, "overdue")
    assert [cast.manager.get(row.url).status_code for row in full.rows] == [200] * 2


def test_what_is_kept_of_the_news_is_told_until_the_next_publish_and_no_longer(eventful: World, cast: Cast) -> None:
    before = {role: news(getattr(cast, role))["orders"] for role in ("owner", "analyst")}
    order("SO-NEW", KESTREL_KEY, 1, 70)
    recompute_all(AS_OF, current=True)
    for role, group in before.items():
        now = news(getattr(cast, role))["orders"]
        assert (now.count, now.total) == (group.count + 1, group.total + 70), role


def test_a_payment_counts_at_the_rate_that_its_document_keeps(eventful: World, cast: Cast) -> None:
    """A rate stated the other way round is turned and kept with ten digits, which large amounts tell."""
    amount = Decimal(900_000_000_000)
    mirrored(ErpCurrencyRate, "erp:jpy", currency="EUR", base="JPY", valid_from=ago(900), rate=Decimal("163.7"))
    mirrored(
        ErpPayment,
        "erp:P-JPY",
        number="P-JPY",
        customer_id=KESTREL_KEY,
        paid_on=ago(1),
        currency="JPY",
        amount=amount,
    )
    recompute_all(AS_OF, current=True)
    kept = Decimal("0.0061087355")
    assert ErpPayment.objects.get(key="erp:P-JPY").reporting_rate == kept
    (row,) = (row for row in everything(cast.owner, "payments").rows if row.label == "P-JPY")
    assert row.counted == round(amount * kept, 2) != round(amount / Decimal("163.7"), 2)


def test_a_longer_time_tells_more(eventful: World, cast: Cast) -> None:
    counts = [news(cast.owner, since=name)["payments"].count for name in ("yesterday", "7-days", "30-days")]
    assert counts == [2, 3, 3]
    assert news(cast.owner, since="yesterday")["orders"].count == 0


def test_a_promise_moved_earlier_is_no_slip_and_a_delivered_order_no_longer_one(eventful: World, cast: Cast) -> None:
    assert PromiseMove.objects.count() == 1
    ErpOrder.objects.filter(key="erp:SO-7").update(promised_on=ago(-10))
    recompute_all(AS_OF, current=True)
    assert PromiseMove.objects.count() == 2
    assert OpenOrder.objects.get(order="erp:SO-7").promised_on == ago(-10)
    ErpOrder.objects.filter(key="erp:SO-7").update(status="done")
    recompute_all(AS_OF, current=True)
    assert not OpenOrder.objects.filter(order="erp:SO-7").exists()
    assert news(cast.owner)["late"].count == 1


def test_a_past_day_leaves_the_open_orders_alone(world: World) -> None:
    before = list(OpenOrder.objects.order_by("pk").values())
    assert before
    recompute_all(ago(100), current=False)
    assert list(OpenOrder.objects.order_by("pk").values()) == before


def test_moves_of_segments_name_the_stored_day_that_they_are_told_against(world: World, cast: Cast) -> None:
    """It may be long before the instant that was asked for: then more moved than in a longer time."""
    earlier = AS_OF - timedelta(days=5)
    recompute_all(earlier, current=False)
    CustomerRollup.objects.filter(as_of=earlier).update(revenue_last_year=10**7)
    assert everything(cast.owner, "segments", since="yesterday").count
    for url in ("/book/changes/segments/", "/"):
        assert "Compared with 18\u00a0Nov." in cast.owner.get(url, {"since": "yesterday"}).text, url
    assert "Compared with" not in cast.owner.get("/book/changes/segments/", {"since": "30-days"}).text


def test_moves_of_segments_are_told_against_a_day_that_is_not_packed(world: World, cast: Cast) -> None:
    for days, moved in ((9, [world.kestrel]), (8, [world.kestrel, world.prospect])):
        recompute_all(ago(days), current=False)
        rollups = CustomerRollup.objects.filter(as_of=ago(days), customer__in=moved)
        rollups.update(revenue_last_year=10**7)

    def told() -> tuple[int, Any, int]:
        front, whole = news(cast.owner)["segments"], everything(cast.owner, "segments")
        return front.count, front.compared, whole.count

    assert told() == (2, ago(8), 2)
    pack(ago(8), NOW)
    assert told() == (1, ago(9), 1)
    assert "Compared with 14\u00a0Nov." in cast.owner.get("/book/changes/segments/", {"since": "7-days"}).text
    pack(ago(9), NOW)
    unknown = everything(cast.owner, "segments").unknown
    assert "the first stored are those of 23\u00a0Nov\u00a02026" in unknown


def test_a_customer_given_to_another_owner_is_news_to_the_new_one(world: World, cast: Cast) -> None:
    SfAccount.objects.filter(key=KESTON).update(owner=ANA)
    recompute_all(AS_OF, current=True)
    customer = Customer.objects.get(account=KESTON)
    assert customer.owner_before == BEN
    Customer.objects.filter(pk=customer.pk).update(owner_since=NOW)
    (row,) = news(cast.owner)["owners"].rows
    assert (row.label, row.text) == ("Keston Agri Ltd", "Ana Duarte, before: Ben Okafor")
    assert news(cast.manager, person=ANA)["owners"].count == 1
    assert Customer.objects.get(account=KESTREL).owner_since is None


def test_without_an_earlier_day_segment_moves_are_unknown_not_none(world: World, cast: Cast) -> None:
    group = news(cast.owner)["segments"]
    assert "the first stored are those of 23\u00a0Nov\u00a02026" in group.unknown
    assert "the first stored are those of" in cast.owner.get("/book/changes/segments/").content.decode()


def test_paid_items_and_items_due_before_are_not_newly_overdue(eventful: World, cast: Cast) -> None:
    ErpOpenItem.objects.filter(number="F-70").update(open_amount=Decimal(0))
    ErpInvoice.objects.filter(number="F-70").update(status="paid")
    recompute_all(AS_OF, current=True)
    assert news(cast.owner)["overdue"].count == 0
    assert news(cast.outsider)["overdue"].count == 1


def test_a_visit_begins_after_four_hours_without_a_page(db: None) -> None:
    user = User.objects.create_user("vera")
    note_visit(user, NOW)
    assert previous_visit(user) is None
    note_visit(user, NOW + VISIT_GAP - timedelta(seconds=1))
    assert Visit.objects.get(user=user).began_at == NOW
    later = NOW + VISIT_GAP * 2
    note_visit(user, later)
    assert (Visit.objects.get(user=user).began_at, previous_visit(user)) == (later, NOW)
    note_visit(user, later + timedelta(minutes=1))
    assert previous_visit(user) == NOW


def test_home_compares_with_the_visit_before_and_says_so(world: World, cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        assert "This is your first visit" in cast.owner.get("/").content.decode()
    with time_machine.travel(NOW + NOTED_EVERY * 2, tick=False):
        cast.owner.get("/customers/")
        assert Visit.objects.get().seen_at == NOW + NOTED_EVERY * 2
    with time_machine.travel(NOW + timedelta(hours=6), tick=False):
        answer = cast.owner.get("/")
        assert "Since your last visit on 23\u00a0Nov\u00a02026 10:00" in answer.content.decode()
        assert answer.context["since"].at == NOW
    Visit.objects.update(previous_at=NOW - timedelta(days=MOST_DAYS + 5))
    with time_machine.travel(NOW + timedelta(hours=6), tick=False):
        assert f"it tells of the last {MOST_DAYS} days" in cast.owner.get("/").content.decode()


def test_every_kind_says_when_something_is_news(cast: Cast) -> None:
    for kind in KINDS:
        assert kind.explanation in cast.owner.get("/", {"since": "7-days"}).content.decode().replace("&#x27;", "'")
