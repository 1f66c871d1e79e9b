"""What happens behind a push's back: a refreshed sandbox, a field history, a validation rule that is taken away."""

import pytest

from integration_hub.models import ChangeStatus, DriftRecord, ParkedRow, RunStatus
from integration_hub.push.brake import PushRefused
from integration_hub.push.hand_edits import run_drift_check
from integration_hub.runs import start_run
from tests.integration_hub.push.by_hand import edit_by_hand
from tests.integration_hub.push.conftest import AMOUNT, World


def test_a_refreshed_sandbox_with_the_same_account_ids_gets_nothing(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.org.admin("refresh_org", {})
    world.want(account, overdue_amount="200.00")
    world.org.forget_calls()
    for options in ({}, {"undo": 1, "by": "alice"}):
        with pytest.raises(PushRefused, match="another Salesforce org"):
            world.push(**options)
    with pytest.raises(PushRefused, match="another Salesforce org"):
        run_drift_check(start_run("drift", "salesforce"))
    assert world.writes() == []
    assert world.stored(account)[AMOUNT] == 100


def test_the_history_of_a_tracked_field_names_who_edited_that_very_field(world: World) -> None:
    (account,) = world.accounts(1)
    world.org.admin("track_history", {"sobject": "Account", "fields": [AMOUNT]})
    world.push()
    edit_by_hand(world, account, **{AMOUNT: 5})
    world.org.admin("clock", {"offset_seconds": 3600})
    world.org.seed("Account", {"Id": account, "Phone": "1"})
    run_drift_check(start_run("drift", "salesforce"))
    assert DriftRecord.objects.get().changed_by == "carol"


def test_accounts_refused_by_a_validation_rule_follow_their_probe_once_the_rule_is_gone(world: World) -> None:
    world.accounts(4)
    world.org.admin(
        "validation_rules",
        {
            "sobject": "Account",
            "name": "Region",
            "field": AMOUNT,
            "operator": ">",
            "value": 50,
            "message": "Region must be set",
        },
    )
    world.push()
    assert ParkedRow.objects.filter(resolved_at=None).count() == 4
    world.org.admin("validation_rules", method="DELETE")
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert set(plan.changes.values_list("status", flat=True)) == {ChangeStatus.DONE}
