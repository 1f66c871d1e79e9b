"""What leaves and what stays: cleared values, unchanged ones, and accounts whose owner has left."""

from decimal import Decimal

import pytest

from integration_hub.models import ChangeStatus, ParkedRow, PlanStatus, RunStatus
from integration_hub.push.errors import explain
from tests.integration_hub.push.conftest import AMOUNT, AS_OF, COUNT, CURRENCY, World

WAYS = pytest.mark.parametrize("collections_up_to", [1000, 0], ids=["collections", "bulk"])


@WAYS
def test_trap_39_a_figure_that_is_gone_clears_its_field_and_leaves_the_others(
    world: World, collections_up_to: int
) -> None:
    world.configure(collections_up_to=collections_up_to, empty={AMOUNT: "clear", COUNT: "leave"})
    cleared, other = world.accounts(2)
    world.push()
    world.want(cleared, overdue_amount=None, overdue_count=None)
    world.want(other, overdue_amount="7.00", overdue_count="9")
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert (world.stored(cleared)[AMOUNT], world.stored(cleared)[COUNT]) == (None, 2)
    assert (world.stored(other)[AMOUNT], world.stored(other)[COUNT]) == (7, 9)
    assert plan.changes.get(account=cleared).after is None


@WAYS
def test_trap_39_an_unchanged_value_is_not_sent_and_an_unchanged_account_not_at_all(
    world: World, collections_up_to: int
) -> None:
    world.configure(collections_up_to=collections_up_to)
    changed, unchanged = world.accounts(2)
    world.push()
    before = world.stored(unchanged)["LastModifiedDate"]
    world.want(changed, overdue_amount="7.00")
    _, plan = world.push()
    assert list(plan.changes.values_list("account", "field", "after")) == [(changed, AMOUNT, "7.00")]
    assert world.stored(unchanged)["LastModifiedDate"] == before
    world.org.forget_calls()
    _, plan = world.push()
    assert (world.writes(), plan.status, plan.fields_changed) == ([], PlanStatus.DONE, 0)


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_trap_27_a_value_with_nul_and_line_ends_is_compared_like_any_other(world: World, bulk_from_rows: int) -> None:
    world.configure(bulk_from_rows=bulk_from_rows)
    nul, line = world.accounts(2)
    world.org.seed("Account", {"Id": nul, CURRENCY: "E\0R"}, {"Id": line, CURRENCY: "E\nR"})
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    before = dict(plan.changes.filter(field=CURRENCY).values_list("account", "before"))
    assert before == {nul: "ER", line: "E\nR"}
    assert {world.stored(each)[CURRENCY] for each in (nul, line)} == {"EUR"}


@WAYS
def test_trap_extra_owner_deactivated_parks_the_account_with_who_can_help_and_frees_it_afterwards(
    world: World, collections_up_to: int
) -> None:
    world.configure(collections_up_to=collections_up_to)
    world.org.admin("features", {"owner_must_be_active": True})
    spec = {"Username": "l@x.example", "LastName": "Left", "Alias": "l", "Email": "l@x.example"}
    (owner,) = world.org.seed("User", spec)
    (left,) = world.accounts(1, OwnerId=owner)
    (stays,) = world.accounts(1)
    world.org.admin("active_user", {"id": owner, "active": False})
    outcome, plan = world.push()
    assert outcome.status == RunStatus.PARTIAL
    refused = set(plan.changes.filter(account=left).values_list("status", "error_code"))
    assert refused == {(ChangeStatus.FAILED, "INACTIVE_OWNER_OR_USER")}
    assert "active owner" in explain("INACTIVE_OWNER_OR_USER").remedy
    assert ParkedRow.objects.get(resolved_at=None).account == left
    assert Decimal(str(world.stored(stays)[AMOUNT])) == 100
    world.org.admin("active_user", {"id": owner, "active": True})
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    stored = world.stored(left)
    assert (stored[AMOUNT], stored[COUNT], stored[AS_OF], stored[CURRENCY]) == (100, 2, "2026-02-10", "EUR")
    assert not ParkedRow.objects.filter(resolved_at=None).exists()
