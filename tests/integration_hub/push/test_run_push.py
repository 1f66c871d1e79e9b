"""Whole pushes against the practice org over real HTTP."""

from decimal import Decimal

import pytest

from integration_hub.models import ChangeStatus, PlanStatus, PushChange, PushedValue, PushPlan, Run, RunStatus
from integration_hub.push import sending
from integration_hub.push.brake import PushRefused
from integration_hub.runs import NotOursError
from integration_hub.salesforce import csv_upload
from integration_hub.salesforce.errors import SalesforceProblem
from tests.integration_hub.push.by_hand import edit_by_hand
from tests.integration_hub.push.conftest import AMOUNT, AS_OF, COUNT, CURRENCY, World


def test_a_push_writes_the_wanted_values_and_audits_each_field(world: World) -> None:
    account, other = world.accounts(2)
    world.want(other, overdue_amount="1234567.89", overdue_count="7")
    outcome, plan = world.push()
    stored = world.stored(other)
    assert (Decimal(str(stored[AMOUNT])), int(stored[COUNT]), stored[AS_OF], stored[CURRENCY]) == (
        Decimal("1234567.89"),
        7,
        "2026-02-10",
        "EUR",
    )
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.status == PlanStatus.DONE
    assert list(
        PushChange.objects.filter(account=account).order_by("field").values_list("field", "before", "after", "status")
    ) == [
        (AS_OF, None, "2026-02-10", "done"),
        (CURRENCY, None, "EUR", "done"),
        (AMOUNT, None, "100.00", "done"),
        (COUNT, None, "2", "done"),
    ]
    assert PushedValue.objects.get(account=other, field=AMOUNT).value == "1234567.89"


def test_a_second_push_writes_nothing(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    before = world.stored(account)["LastModifiedDate"]
    world.org.forget_calls()
    outcome, plan = world.push()
    assert world.writes() == []
    assert (outcome.status, plan.status, plan.accounts_compared, plan.fields_changed) == (
        RunStatus.SUCCEEDED,
        PlanStatus.DONE,
        1,
        0,
    )
    assert world.stored(account)["LastModifiedDate"] == before


def test_a_dry_run_plans_the_same_and_writes_nothing(world: World) -> None:
    (account,) = world.accounts(1)
    world.org.forget_calls()
    _, dry = world.push(dry_run=True)
    assert world.writes() == []
    assert world.stored(account).get(AMOUNT) is None
    assert (dry.status, dry.fields_changed) == (PlanStatus.DRY, 4)
    _, plan = world.push()
    assert plan.fingerprint == dry.fingerprint


def test_only_the_changed_field_of_the_changed_account_is_sent(world: World) -> None:
    first, second = world.accounts(2)
    world.push()
    untouched = world.stored(second)["LastModifiedDate"]
    world.want(first, overdue_amount="99.99")
    _, plan = world.push()
    assert list(plan.changes.values_list("account", "field", "before", "after")) == [(first, AMOUNT, "100.00", "99.99")]
    assert world.stored(second)["LastModifiedDate"] == untouched


def test_one_refused_row_leaves_the_others_written_and_the_run_partial(world: World) -> None:
    good = world.accounts(3)
    bad = good[1]
    world.org.fault("reject_rows", ids=[bad], code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="Region must be set")
    outcome, plan = world.push()
    refused = PushChange.objects.filter(account=bad)
    assert {change.status for change in refused} == {ChangeStatus.FAILED}
    assert refused[0].error_code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "Region must be set" in refused[0].error_text
    assert PushChange.objects.filter(status=ChangeStatus.DONE).count() == 8
    assert (outcome.status, plan.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert "1 of 3 accounts" in outcome.problem


def test_a_refused_row_goes_again_in_the_next_run_although_nothing_changed(world: World) -> None:
    (account,) = world.accounts(1)
    world.org.fault("reject_rows", ids=[account], code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No")
    outcome, _ = world.push()
    assert outcome.status == RunStatus.FAILED
    world.org.admin("faults", method="DELETE")
    outcome, plan = world.push()
    assert (outcome.status, plan.fields_changed) == (RunStatus.SUCCEEDED, 4)


def test_locked_rows_are_tried_again_in_the_same_run(world: World) -> None:
    world.accounts(10)
    world.org.fault("lock_rows", share=0.5, count=1)
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert len([call for call in world.writes() if "composite" in call["path"]]) == 2


def test_rows_that_stay_locked_are_reported_after_three_more_tries(world: World) -> None:
    world.accounts(1)
    world.org.fault("lock_rows", share=1)
    outcome, plan = world.push()
    assert outcome.status == RunStatus.FAILED
    assert set(plan.changes.values_list("error_code", flat=True)) == {"UNABLE_TO_LOCK_ROW"}
    assert len([call for call in world.writes() if "composite" in call["path"]]) == 4


def test_many_accounts_go_as_one_bulk_job(world: World) -> None:
    world.configure(collections_up_to=5)
    accounts = world.accounts(30)
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.method == "bulk"
    assert plan.job_id.startswith("750")
    assert {str(record[AMOUNT]) for record in world.org.records("Account")} <= {"100.0", "100.00"}
    assert PushedValue.objects.filter(account__in=accounts).count() == 120
    assert len([call for call in world.writes() if call["path"].endswith("/jobs/ingest")]) == 1


def test_live_values_of_many_accounts_are_read_by_a_bulk_job_and_compare_the_same(world: World) -> None:
    account, other = world.accounts(2)
    world.want(account, overdue_amount="123456789.01")
    world.push()
    world.configure(bulk_from_rows=2)
    world.want(other, overdue_amount=None)
    world.org.forget_calls()
    _, plan = world.push()
    assert [call for call in world.org.calls() if call["path"].endswith("/jobs/query")] != []
    assert list(plan.changes.values_list("account", "field", "before", "after")) == [(other, AMOUNT, "100.00", None)]


def test_a_bulk_job_clears_a_field_and_leaves_absent_ones_alone(world: World) -> None:
    world.configure(collections_up_to=0)
    account, other = world.accounts(2)
    world.push()
    world.want(account, overdue_amount=None)
    world.want(other, overdue_count="9")
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert world.stored(account)[AMOUNT] is None
    assert world.stored(account)[COUNT] is not None
    assert Decimal(str(world.stored(other)[AMOUNT])) == Decimal("100.00")


def test_rows_that_a_failed_bulk_job_did_not_reach_are_sent_once_more(world: World) -> None:
    world.configure(collections_up_to=5)
    world.accounts(30)
    world.org.fault("job_half_processed", rows=20, count=1)
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 120


def test_a_bulk_push_of_hundreds_of_accounts_takes_a_handful_of_calls(world: World) -> None:
    world.configure(collections_up_to=40)
    world.accounts(450)
    world.org.forget_calls()
    world.push()
    assert len(world.org.calls()) < 30


def test_a_collection_call_holds_at_most_two_hundred_accounts(world: World) -> None:
    world.accounts(450)
    world.org.forget_calls()
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.method == "collections"
    assert len([call for call in world.writes() if "composite" in call["path"]]) == 3


def test_a_deleted_account_is_left_out_and_noted(world: World) -> None:
    gone, stays = world.accounts(2)
    world.org.admin("delete", {"sobject": "Account", "ids": [gone]})
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert set(plan.changes.values_list("account", flat=True)) == {stays}
    assert "1 account" in plan.note


@pytest.mark.parametrize(("policy", "stored"), [("clear", None), ("zero", Decimal(0)), ("leave", Decimal("100.00"))])
def test_a_figure_that_disappears_is_cleared_zeroed_or_left_by_policy(
    world: World, policy: str, stored: Decimal | None
) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.configure(empty={AMOUNT: policy})
    world.want(account, overdue_amount=None)
    world.push()
    found = world.stored(account)[AMOUNT]
    assert (None if found is None else Decimal(str(found))) == stored


def test_a_value_changed_by_hand_is_listed_and_restored(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    outcome, plan = world.push()
    change = plan.changes.get()
    assert (change.before, change.after, change.drift, change.status) == ("5.00", "100.00", True, ChangeStatus.DONE)
    assert outcome.status == RunStatus.SUCCEEDED


def test_a_value_changed_by_hand_is_listed_and_left_where_the_configuration_says_so(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    world.configure(drift="accept")
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    world.org.forget_calls()
    _, plan = world.push()
    assert plan.changes.get().status == ChangeStatus.LEFT
    assert world.writes() == []


def test_a_hidden_field_is_not_sent_and_the_others_go_on(world: World) -> None:
    (account,) = world.accounts(1)
    world.org.admin(
        "field_access",
        {"user": world.org.username, "sobject": "Account", "field": COUNT, "readable": False, "editable": False},
    )
    outcome, plan = world.push()
    red = next(finding for finding in plan.findings if finding["field"] == COUNT)
    assert red["state"] == "red"
    assert "does not tell which" in red["problem"]
    assert "ERP_Rollup_Writer" in red["remedy"]
    assert (outcome.status, plan.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert Decimal(str(world.stored(account)[AMOUNT])) == Decimal("100.00")
    assert world.stored(account).get(COUNT) is None


def test_when_no_field_can_be_written_the_plan_is_halted_before_anything_leaves(world: World) -> None:
    world.accounts(1)
    for name in (AMOUNT, COUNT, AS_OF, CURRENCY):
        world.org.admin(
            "field_access",
            {"user": world.org.username, "sobject": "Account", "field": name, "readable": True, "editable": False},
        )
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.writes() == []
    assert "may read the field" in refused.value.problem
    assert PushPlan.objects.get().status == PlanStatus.HALTED


def test_the_brake_halts_a_plan_that_changes_too_many_accounts(world: World) -> None:
    accounts = world.accounts(4)
    world.configure(max_changed_share=0.5)
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.writes() == []
    assert "4 of 4 accounts" in refused.value.problem
    halted = PushPlan.objects.get()
    outcome, plan = world.push(approve=halted.pk, approved_by="alice")
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.approved_by == "alice"
    assert world.stored(accounts[0])[CURRENCY] == "EUR"


def test_an_approval_holds_only_for_exactly_the_approved_changes(world: World) -> None:
    (account,) = world.accounts(1)
    world.configure(max_changed_share=0.5)
    with pytest.raises(PushRefused):
        world.push()
    world.want(account, overdue_amount="101.00")
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push(approve=PushPlan.objects.get().pk, approved_by="alice")
    assert "changed since" in refused.value.problem
    assert world.writes() == []


def test_the_kill_switch_stops_between_two_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.accounts(450)
    asked = iter([True, False])
    monkeypatch.setattr("integration_hub.push.pushing.is_enabled", lambda: next(asked))
    outcome, plan = world.push()
    assert len([call for call in world.writes() if "composite" in call["path"]]) == 1
    assert (outcome.status, plan.status) == (RunStatus.PARTIAL, PlanStatus.PARTIAL)
    assert plan.changes.filter(status=ChangeStatus.PLANNED).count() == 250 * 4
    assert "switched off" in plan.note


def test_a_push_that_was_declared_dead_sends_nothing_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.accounts(450)

    def be_declared_dead_after_this() -> bool:
        Run.objects.update(status=RunStatus.DEAD)
        return True

    monkeypatch.setattr("integration_hub.push.pushing.is_enabled", be_declared_dead_after_this)
    with pytest.raises(NotOursError):
        world.push()
    assert len([call for call in world.writes() if "composite" in call["path"]]) == 1


def test_a_switched_off_push_asks_nothing_and_says_how_to_switch_it_on(world: World) -> None:
    world.accounts(1)
    world.configure(enabled=False)
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.org.calls() == []
    assert "enabled = true" in refused.value.remedy


def test_another_org_is_refused_until_it_is_accepted_by_id(world: World) -> None:
    world.accounts(1)
    world.push()
    PushPlan.objects.update(organization="00D000000000009EAA")
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.writes() == []
    assert "--new-org" in refused.value.remedy
    organization = refused.value.remedy.partition("--new-org ")[2].partition(".")[0]
    outcome, _ = world.push(new_org=organization)
    assert outcome.status == RunStatus.SUCCEEDED


def test_an_amount_is_not_written_to_an_account_kept_in_another_currency_where_that_is_refused(world: World) -> None:
    world.configure(other_currency="refuse")
    world.org.admin("features", {"currencies": ["EUR", "USD"]})
    euro, dollar = world.org.seed(
        "Account", {"Name": "A", "CurrencyIsoCode": "EUR"}, {"Name": "B", "CurrencyIsoCode": "USD"}
    )
    world.want(euro)
    world.want(dollar)
    outcome, plan = world.push()
    withheld = plan.changes.get(status=ChangeStatus.FAILED)
    assert (withheld.account, withheld.field, withheld.error_code) == (dollar, AMOUNT, "CURRENCY_DIFFERS")
    assert world.stored(dollar).get(AMOUNT) is None
    assert world.stored(dollar).get(CURRENCY) is None, "nothing stands there that the text could name the currency of"
    assert world.stored(dollar).get(AS_OF) is None
    assert world.stored(dollar)[COUNT] == 2
    assert outcome.status == RunStatus.PARTIAL


def test_the_same_digits_in_another_currency_are_not_taken_for_the_amount(world: World) -> None:
    world.configure(other_currency="refuse")
    world.org.admin("features", {"currencies": ["EUR", "JPY"]})
    (account,) = world.org.seed("Account", {"Name": "A", "CurrencyIsoCode": "EUR"})
    world.want(account)
    world.push()
    edit_by_hand(world, account, CurrencyIsoCode="JPY")
    outcome, plan = world.push()
    assert outcome.status == RunStatus.PARTIAL
    withheld = plan.changes.get(field=AMOUNT)
    assert (withheld.status, withheld.error_code) == (ChangeStatus.FAILED, "CURRENCY_DIFFERS")
    assert world.stored(account)[CURRENCY] == "EUR"


def test_another_day_alone_is_no_reason_for_the_brake(world: World) -> None:
    world.accounts(4)
    world.push()
    world.configure(max_changed_share=0.5)
    for account in world.rows:
        world.rows[account]["as_of"] = "2026-02-11"
    world._write()
    outcome, plan = world.push()
    assert (outcome.status, plan.accounts_changed) == (RunStatus.SUCCEEDED, 4)


def test_very_many_accounts_go_as_several_bulk_jobs_one_after_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "JOB_ROWS", 4)
    world.configure(collections_up_to=2)
    world.accounts(10)
    outcome, plan = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert plan.changes.filter(status=ChangeStatus.DONE).count() == 40
    assert sum(call["method"] == "PUT" for call in world.writes()) == 3


def test_a_file_that_is_too_large_for_a_job_marks_nothing_as_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_upload, "LARGEST_UPLOAD", 10)
    world.configure(collections_up_to=0)
    world.accounts(1)
    with pytest.raises(SalesforceProblem, match="one Bulk job takes"):
        world.push()
    assert set(PushChange.objects.values_list("status", flat=True)) == {ChangeStatus.PLANNED}
