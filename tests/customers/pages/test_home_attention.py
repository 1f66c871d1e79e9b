"""Customers that need their account manager: each rule, its words, its money and its full list."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from customers.attention_rules import RULES, any_of, greatest_stake
from customers.models import CustomerRollup, OwnerTotal
from customers.publishing import recompute_all
from customers.totals import needing
from integration_hub.models import ErpCustomer, ErpOpenItem, ErpOrder
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, mirrored

URL = "/book/attention/"
ROLES = ("owner", "manager", "outsider", "analyst")


@pytest.fixture
def needy(world: World) -> World:
    """Kestrel has every reason, Keston is late and newly overdue."""
    for number, days in enumerate((300, 290, 280, 270)):
        mirrored(
            ErpOrder,
            f"erp:Q-{number}",
            number=f"Q-{number}",
            customer_id="erp:104233",
            ordered_on=AS_OF - timedelta(days=days),
            currency="EUR",
            net_amount=Decimal(10),
            status="done",
        )
    ErpCustomer.objects.filter(key="erp:104233").update(
        blocked=True, block_reason="Payment overdue", credit_limit=Decimal(15000)
    )
    ErpOpenItem.objects.filter(currency="XAU").delete()
    recompute_all(AS_OF, current=True)
    return world


def reasons(client: Any, **query: str) -> dict[str, list[str]]:
    rows = client.get(URL, query).context["attention"].rows
    return {row.name: [reason.text.replace("\u00a0", " ") for reason in row.reasons] for row in rows}


def test_each_reason_is_said_in_words(needy: World, cast: Cast) -> None:
    texts = reasons(cast.owner)[needy.kestrel.name]
    assert texts[1] == "1 order late, €400 to deliver, the oldest by 4 days"
    assert texts[2] == "No order for 60 days, usually one every 10 days"
    assert texts[3].endswith("of its credit limit is used, the limit is €15,000")
    assert texts[4] == "Blocked in the ERP: Payment overdue"
    assert len(texts) == len(RULES)


def test_each_list_adds_up_and_holds_whom_one_may_see(needy: World, cast: Cast) -> None:
    for role in ROLES:
        client = getattr(cast, role)
        front = client.get("/").context["attention"]
        allowed = {"owner": {needy.kestrel.name}, "outsider": {needy.keston.name}}.get(role)
        for rule in RULES:
            listed = client.get(URL, {"reason": rule.name}).context["attention"]
            counts = {one.rule.name: one.count for one in front.counts}
            assert listed.count == len(listed.rows) == counts.get(rule.name, 0), (role, rule.name)
            assert listed.total == sum(row.at_stake for row in listed.rows), (role, rule.name)
            figures = CustomerRollup.objects.filter(as_of=AS_OF, customer__name__in=[row.name for row in listed.rows])
            assert listed.total == sum(figures.values_list(rule.money, flat=True)), (role, rule.name)
            assert allowed is None or {row.name for row in listed.rows} <= allowed
        everybody = client.get(URL).context["attention"]
        assert everybody.count == front.count == len(everybody.rows)
        assert everybody.total is None


def test_the_most_money_comes_first_and_every_reason_opens(needy: World, cast: Cast) -> None:
    rows = cast.manager.get("/").context["attention"].rows
    assert [row.name for row in rows] == [needy.kestrel.name, needy.keston.name]
    assert [row.at_stake for row in rows] == sorted((row.at_stake for row in rows), reverse=True)
    for row in rows:
        assert cast.manager.get(row.stake_url).context["evidence"].total == row.at_stake
        assert [cast.manager.get(reason.url).status_code for reason in row.reasons] == [200] * len(row.reasons)


def test_the_rows_behind_a_late_reason_make_its_amount(needy: World, cast: Cast) -> None:
    (late,) = cast.outsider.get(URL, {"reason": "late"}).context["attention"].rows
    (reason,) = [reason for reason in late.reasons if "late" in reason.text]
    assert cast.outsider.get(reason.url).context["evidence"].total == late.at_stake


def test_a_reason_that_nobody_has_is_an_answer(world: World, cast: Cast) -> None:
    page = cast.outsider.get(URL, {"reason": "blocked"}).content.decode()
    assert "Nobody waits for you" in page
    assert "No customer of this book has this reason right now." in page


def test_what_is_stored_of_attention_is_what_the_rules_say(needy: World, cast: Cast) -> None:
    full = cast.analyst.get(URL).context["attention"]
    assert full.count == len(full.rows) > 1
    assert [row.at_stake for row in full.rows] == sorted((row.at_stake for row in full.rows), reverse=True)
    OwnerTotal.objects.all().delete()
    added = cast.analyst.get(URL).context["attention"]
    assert (added.rows, added.count) == (full.rows, full.count)
    assert [(one.rule, one.count) for one in added.counts] == [(one.rule, one.count) for one in full.counts]
    recompute_all(AS_OF, current=True)
    rollups = CustomerRollup.objects.filter(as_of=AS_OF)
    for rules in (RULES, RULES[:1], RULES[2:]):
        any_holds, each = needing(OwnerTotal.objects.get(pk=OwnerTotal.EVERYBODY).counts, rules)
        assert any_holds == rollups.filter(any_of(rules)).count()
        assert each == {rule.name: rollups.filter(rule.condition).count() for rule in rules}
    stakes = rollups.filter(any_of(RULES)).annotate(told=greatest_stake(RULES))
    assert list(rollups.exclude(stake=None).order_by("pk").values_list("pk", "stake")) == list(
        stakes.order_by("pk").values_list("pk", "told")
    )
