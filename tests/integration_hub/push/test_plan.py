"""What a plan holds, in which order, and what becomes of figures that disappear."""

from decimal import Decimal

import pytest

from integration_hub.models import PlanStatus, RunStatus
from tests.integration_hub.push.conftest import AMOUNT, COUNT, World


def test_changes_stand_in_the_order_of_parent_owner_and_account(world: World) -> None:
    ids = world.accounts(6)
    users = sorted(world.org.seed("User", *({"Username": f"{name}@example.com", "LastName": name} for name in "ab")))
    parents = sorted(ids[:2])
    places = [(parents[1], users[0]), (parents[0], users[1]), (parents[1], users[0]), (parents[0], users[0])]
    for account, (parent, owner) in zip(ids[2:], places, strict=True):
        world.org.seed("Account", {"Id": account, "ParentId": parent, "OwnerId": owner})
    _, plan = world.push()
    stored = {record["Id"]: record for record in world.org.records("Account")}
    sent = list(dict.fromkeys(plan.changes.order_by("id").values_list("account", flat=True)))
    assert sent == sorted(ids, key=lambda each: (stored[each].get("ParentId") or "", stored[each]["OwnerId"], each))
    assert len(sent) == 6


def test_each_account_stands_in_one_piece_so_that_it_is_sent_once(world: World) -> None:
    world.accounts(3)
    _, plan = world.push()
    accounts = list(plan.changes.order_by("id").values_list("account", flat=True))
    assert len([each for each, before in zip(accounts, ["", *accounts], strict=False) if each != before]) == 3


def test_the_total_change_adds_amounts_up_and_down_and_counts_no_counts(world: World) -> None:
    up, down = world.accounts(2)
    _, first = world.push()
    assert first.total_change == Decimal("200.00")
    world.want(up, overdue_amount="150.50", overdue_count="900")
    world.want(down, overdue_amount="0.25")
    _, plan = world.push()
    assert plan.total_change == Decimal("150.25")


def test_a_change_that_is_not_sent_moves_nothing(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.configure(drift="accept")
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    _, plan = world.push()
    assert (plan.total_change, plan.fields_changed) == (Decimal(0), 0)


@pytest.mark.parametrize("collections_up_to", [1000, 0])
@pytest.mark.parametrize(("policy", "stored"), [("clear", None), ("zero", Decimal(0)), ("leave", Decimal("100.00"))])
def test_an_unlinked_account_is_cleared_zeroed_or_left_by_each_field_over_rest_and_bulk(
    world: World, collections_up_to: int, policy: str, stored: Decimal | None
) -> None:
    world.configure(collections_up_to=collections_up_to)
    (account,) = world.accounts(1)
    world.push()
    world.configure(collections_up_to=collections_up_to, empty={AMOUNT: policy})
    world.want(account, overdue_amount=None, overdue_count=None, as_of=None, currency=None)
    outcome, _ = world.push()
    found = world.stored(account)
    assert (None if found[AMOUNT] is None else Decimal(str(found[AMOUNT]))) == stored
    assert found[COUNT] is None
    assert outcome.status == RunStatus.SUCCEEDED
    world.org.forget_calls()
    _, again = world.push()
    assert (again.fields_changed, world.writes()) == (0, [])


@pytest.mark.parametrize("collections_up_to", [1000, 0])
def test_an_account_that_paid_up_gets_zero_over_rest_and_bulk(world: World, collections_up_to: int) -> None:
    world.configure(collections_up_to=collections_up_to)
    (account,) = world.accounts(1)
    world.push()
    world.want(account, overdue_amount="0.00", overdue_count="0")
    world.push()
    found = world.stored(account)
    assert (Decimal(str(found[AMOUNT])), Decimal(str(found[COUNT]))) == (Decimal(0), Decimal(0))


def test_many_changes_are_stored_with_their_texts_as_they_are(world: World) -> None:
    (account,) = world.accounts(1)
    world.want(account, currency="\\N")
    world.org.seed("Account", {"Id": account, "ERP_Figures_Currency__c": "a\tb"})
    _, plan = world.push(dry_run=True)
    change = plan.changes.get(field="ERP_Figures_Currency__c")
    assert (plan.status, change.before, change.after) == (PlanStatus.DRY, "a\tb", "\\N")
