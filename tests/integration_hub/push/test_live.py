"""The copy of what stands in Salesforce: read whole at first, then only what changed, and always right."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from integration_hub.models import ChangeStatus, LiveAccount, LiveRead, RunStatus
from integration_hub.salesforce.errors import SalesforceProblem
from tests.integration_hub.push.conftest import AMOUNT, COUNT, CURRENCY, World

LONG_AGO = "2026-01-05T08:00:00.000+0000"


def edit_unseen(world: World, account: str, amount: int) -> None:
    """Change an amount without a new stamp, so that only a whole read finds it."""
    world.org.seed("Account", {"Id": account, AMOUNT: amount, "SystemModstamp": LONG_AGO})


def known(account: str) -> LiveAccount:
    return LiveAccount.objects.get(account=account)


def test_the_first_push_reads_every_account_with_its_parent_owner_and_last_change(world: World) -> None:
    parent, child = world.accounts(2)
    world.org.seed("Account", {"Id": child, "ParentId": parent, AMOUNT: 5})
    world.push(dry_run=True)
    stored, found = world.stored(child), known(child)
    assert found.values[AMOUNT] == "5.00"
    assert found.values[COUNT] is None
    assert (found.parent, found.owner, found.modified_by) == (parent, stored["OwnerId"], stored["LastModifiedById"])
    assert found.modified_at is not None
    assert found.currency == ""


def test_a_later_push_reads_only_what_was_stamped_since(world: World) -> None:
    quiet, edited = world.accounts(2)
    world.push()
    world.push()
    edit_unseen(world, quiet, 5)
    world.org.seed("Account", {"Id": edited, AMOUNT: 7})
    _, plan = world.push()
    assert list(plan.changes.values_list("account", "before", "after")) == [(edited, "7.00", "100.00")]
    assert known(quiet).values[AMOUNT] == "100.00"


def test_what_was_committed_late_is_found_by_the_overlap(world: World) -> None:
    late, other = world.accounts(2)
    world.push()
    world.push()
    cursor = LiveRead.objects.get().cursor
    assert cursor is not None
    stamp = (cursor - timedelta(minutes=9)).isoformat()
    world.org.seed("Account", {"Id": late, AMOUNT: 7, "SystemModstamp": stamp})
    world.org.seed("Account", {"Id": other, AMOUNT: 8, "SystemModstamp": (cursor - timedelta(minutes=11)).isoformat()})
    _, plan = world.push()
    assert list(plan.changes.values_list("account", "before")) == [(late, "7.00")]


def test_what_a_push_wrote_is_known_to_the_next_one_although_it_was_changed_by_hand_in_between(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    world.want(account, overdue_amount="5.00")
    world.org.forget_calls()
    world.push()
    assert world.writes() == []
    world.want(account, overdue_amount="100.00")
    _, plan = world.push()
    assert list(plan.changes.values_list("before", "after", "status")) == [("5.00", "100.00", ChangeStatus.DONE)]


def test_a_deleted_account_drops_out_of_the_copy_and_an_undeleted_one_comes_back(world: World) -> None:
    account, _ = world.accounts(2)
    world.push()
    world.org.admin("delete", {"sobject": "Account", "ids": [account]})
    _, plan = world.push()
    assert (plan.accounts_compared, LiveAccount.objects.filter(account=account).exists()) == (1, False)
    world.org.admin("undelete", {"sobject": "Account", "ids": [account]})
    _, plan = world.push()
    assert plan.accounts_compared == 2


def test_the_loser_of_a_merge_drops_out_of_the_copy(world: World) -> None:
    winner, loser = world.accounts(2)
    world.push()
    world.org.admin("merge", {"sobject": "Account", "winner": winner, "loser": loser})
    world.push()
    assert list(LiveAccount.objects.values_list("account", flat=True)) == [winner]


def test_everything_is_read_again_when_the_last_whole_read_is_old(world: World) -> None:
    gone, edited, _ = world.accounts(3)
    world.push()
    world.org.admin("hard_delete", {"sobject": "Account", "ids": [gone]})
    edit_unseen(world, edited, 5)
    LiveRead.objects.update(full_at=timezone.now() - timedelta(hours=25))
    _, plan = world.push()
    assert plan.accounts_compared == 2
    assert list(plan.changes.values_list("account", "before")) == [(edited, "5.00")]
    assert not LiveAccount.objects.filter(account=gone).exists()


def test_everything_is_read_again_when_a_field_appears(world: World) -> None:
    (account,) = world.accounts(1)
    hidden = {"user": world.org.username, "sobject": "Account", "field": COUNT}
    world.org.admin("field_access", hidden | {"readable": False, "editable": False})
    world.push()
    world.org.seed("Account", {"Id": account, COUNT: 9, "SystemModstamp": LONG_AGO})
    world.org.admin("field_access", hidden | {"readable": True, "editable": True})
    _, plan = world.push()
    assert list(plan.changes.values_list("field", "before", "after")) == [(COUNT, "9", "2")]


def test_a_field_of_another_scale_is_read_again_and_not_written_for_that_alone(world: World) -> None:
    world.accounts(1)
    world.push()
    changed = {"name": AMOUNT, "label": "Overdue", "type": "currency", "precision": 18, "scale": 3}
    world.org.admin("fields", {"sobject": "Account", "fields": [changed]})
    world.org.forget_calls()
    _, plan = world.push()
    assert (plan.fields_changed, world.writes()) == (0, [])


def test_the_copy_of_another_org_is_not_used(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    LiveAccount.objects.update(organization="00D000000000009EAA", values={AMOUNT: "1.00"})
    LiveRead.objects.update(organization="00D000000000009EAA")
    _, plan = world.push()
    assert plan.fields_changed == 0
    assert known(account).values[AMOUNT] == "100.00"
    assert LiveRead.objects.get().organization == plan.organization


@pytest.mark.parametrize("bulk_from_rows", [1, 1000])
def test_bulk_and_rest_fill_the_copy_with_the_same_texts(world: World, bulk_from_rows: int) -> None:
    world.configure(bulk_from_rows=bulk_from_rows)
    (account,) = world.accounts(1)
    world.org.seed("Account", {"Id": account, AMOUNT: Decimal("12345678.9"), COUNT: 0, CURRENCY: 'a"b'})
    world.org.forget_calls()
    world.push(dry_run=True)
    assert known(account).values == {
        AMOUNT: "12345678.90",
        COUNT: "0",
        CURRENCY: 'a"b',
        "ERP_Figures_As_Of__c": None,
    }
    in_bulk = [call for call in world.org.calls() if call["path"].endswith("/jobs/query")]
    assert bool(in_bulk) == (bulk_from_rows == 1)


@pytest.mark.parametrize("fault", ["bulk_limit", "invalid_entity", "implementation_restriction", "job_failed"])
def test_where_the_bulk_api_is_closed_the_copy_is_filled_over_rest(world: World, fault: str) -> None:
    world.configure(bulk_from_rows=1)
    accounts = world.accounts(3)
    world.org.fault(fault, path="/jobs/query")
    run, plan = world.push(dry_run=True)
    assert run.status == RunStatus.SUCCEEDED
    assert set(LiveAccount.objects.values_list("account", flat=True)) == set(accounts)
    assert plan.changes.count() > 0


def test_a_read_that_breaks_leaves_the_copy_as_it_was(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.push()
    before = LiveRead.objects.get().cursor
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    world.org.fault("connection_reset", path="/query")
    with pytest.raises(SalesforceProblem):
        world.push()
    assert LiveRead.objects.get().cursor == before
    world.org.admin("faults", method="DELETE")
    _, plan = world.push()
    assert list(plan.changes.values_list("before", "after")) == [("5.00", "100.00")]
