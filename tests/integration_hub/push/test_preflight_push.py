"""The preflight of whole pushes: what Salesforce would refuse is found by describe, before anything is sent."""

from typing import Any

import pytest
from django.utils import timezone

from integration_hub.config.problems import ConfigurationError
from integration_hub.models import ChangeStatus, ParkedRow, PlanStatus, PushPlan, RunStatus
from integration_hub.push.brake import PushRefused
from tests.integration_hub.push.conftest import AMOUNT, AS_OF, COUNT, CURRENCY, MEASURES, World
from tests.integration_hub.push.test_commands import run_command

VALIDATION = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def change_field(world: World, name: str, **spec: Any) -> None:
    """Give a pushed field another shape in the org."""
    world.org.admin("fields", {"sobject": "Account", "fields": [{"name": name, "label": "Changed", **spec}]})


def restrict(world: World, name: str, *, readable: bool) -> None:
    """Take the right to edit a field, or to see it, from the integration user."""
    spec = {"user": world.org.username, "sobject": "Account", "field": name, "readable": readable, "editable": False}
    world.org.admin("field_access", spec)


def red(plan: PushPlan) -> dict[str, dict[str, str]]:
    """The findings that stop a field, by field."""
    return {finding["field"]: finding for finding in plan.findings if finding["state"] == "red"}


def assert_stopped_before_sending(world: World, plan: PushPlan, name: str) -> dict[str, str]:
    """Only this field was stopped, and nothing was sent to it; its finding."""
    found = red(plan)
    assert list(found) == [name]
    assert found[name]["remedy"]
    assert not plan.changes.filter(field=name).exists()
    assert all(record.get(name) is None for record in world.org.records("Account"))
    assert plan.changes.exclude(status=ChangeStatus.DONE).count() == 0
    assert plan.status == PlanStatus.PARTIAL
    return found[name]


@pytest.mark.parametrize("collections_up_to", [1000, 0])
def test_trap_37_a_hidden_field_stops_before_any_upload_and_names_the_permission_set(
    world: World, collections_up_to: int
) -> None:
    world.accounts(2)
    for name in (AMOUNT, COUNT, AS_OF, CURRENCY):
        restrict(world, name, readable=False)
    world.configure(collections_up_to=collections_up_to)
    world.org.forget_calls()
    with pytest.raises(PushRefused) as refused:
        world.push()
    assert world.writes() == []
    assert "Account has no field" in refused.value.problem
    assert "ERP_Rollup_Writer" in refused.value.remedy


def test_trap_37_one_missing_field_is_left_out_and_the_others_go(world: World) -> None:
    world.accounts(1)
    restrict(world, COUNT, readable=False)
    _, plan = world.push()
    finding = assert_stopped_before_sending(world, plan, COUNT)
    assert "Salesforce does not tell which" in finding["problem"]


def test_trap_38_a_field_that_may_not_be_edited_is_caught_before_sending(world: World) -> None:
    world.accounts(1)
    restrict(world, COUNT, readable=True)
    _, plan = world.push()
    assert "but not edit it" in assert_stopped_before_sending(world, plan, COUNT)["problem"]


def test_trap_38_a_text_that_is_too_long_is_caught_before_sending(world: World) -> None:
    world.accounts(1)
    change_field(world, CURRENCY, type="string", length=2)
    _, plan = world.push()
    assert "holds 2 characters" in assert_stopped_before_sending(world, plan, CURRENCY)["problem"]


def test_trap_38_a_field_with_too_few_decimals_is_caught_before_sending(world: World) -> None:
    (account,) = world.accounts(1)
    world.want(account, overdue_amount="100.50")
    change_field(world, AMOUNT, type="currency", precision=18, scale=0)
    _, plan = world.push()
    assert "keeps 0 decimal places" in assert_stopped_before_sending(world, plan, AMOUNT)["problem"]


def test_trap_38_a_value_that_a_restricted_picklist_does_not_offer_is_caught_before_sending(world: World) -> None:
    world.accounts(1)
    change_field(world, CURRENCY, type="picklist", length=3, picklistValues=["USD", "CHF"], restricted=True)
    _, plan = world.push()
    assert 'has no value "EUR"' in assert_stopped_before_sending(world, plan, CURRENCY)["problem"]


def test_trap_38_the_servers_own_words_are_shown_when_it_happens_anyway(world: World) -> None:
    bad, _ = world.accounts(2)
    told = "Währung der Zahlen: data value too large: EUR (max length=2)"
    world.org.fault("reject_rows", ids=[bad], code="STRING_TOO_LONG", message=told)
    outcome, plan = world.push()
    refused = plan.changes.filter(account=bad)
    assert {(change.error_code, told in change.error_text) for change in refused} == {("STRING_TOO_LONG", True)}
    assert outcome.status == RunStatus.PARTIAL


def test_a_number_too_large_for_its_field_is_caught_before_sending(world: World) -> None:
    (account,) = world.accounts(1)
    world.want(account, overdue_count="1000")
    change_field(world, COUNT, type="double", precision=3, scale=0)
    _, plan = world.push()
    assert "a value has 4" in assert_stopped_before_sending(world, plan, COUNT)["problem"]


def test_a_formula_in_the_place_of_a_field_is_caught_before_sending(world: World) -> None:
    world.accounts(1)
    change_field(world, COUNT, type="double", precision=18, scale=0, formula="1 + 1", calculated=True)
    _, plan = world.push()
    assert "formula" in red(plan)[COUNT]["problem"]
    assert not plan.changes.filter(field=COUNT).exists()


def test_a_picklist_that_takes_other_values_is_amber_and_sent(world: World) -> None:
    (account,) = world.accounts(1)
    change_field(world, CURRENCY, type="picklist", length=3, picklistValues=["USD"])
    _, plan = world.push()
    (amber,) = [finding for finding in plan.findings if finding["state"] == "amber"]
    assert (amber["field"], 'has no value "EUR"' in amber["problem"]) == (CURRENCY, True)
    assert (plan.status, world.stored(account)[CURRENCY]) == (PlanStatus.DONE, "EUR")


@pytest.fixture
def person(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A person account in an org that has them, whose Name somebody wants to push to."""
    world.org.admin("features", {"person_accounts": True})
    (account,) = world.org.seed("Account", {"FirstName": "Ann", "LastName": "Lee", "IsPersonAccount": True})
    world.want(account)
    monkeypatch.setitem(MEASURES, "Name", "currency")
    world.configure()
    world.org.forget_calls()
    return account


def test_trap_extra_person_account_name_is_refused_by_the_configuration(world: World, person: str) -> None:
    with pytest.raises(ConfigurationError, match="a push never writes it"):
        world.push()
    assert world.org.calls() == []


def park(organization: str, account: str, text: str, code: str = VALIDATION) -> None:
    now = timezone.now()
    ParkedRow.objects.create(
        organization=organization, account=account, cause=text, code=code, text=text, first_at=now, last_at=now
    )


def test_validation_rules_known_to_refuse_are_told_beforehand_and_stop_no_field(world: World) -> None:
    world.accounts(1)
    _, first = world.push()
    park(first.organization, "001000000000001AAA", "Region must be set")
    park(first.organization, "001000000000002AAA", "Region must be set")
    park(first.organization, "001000000000003AAA", "VAT id is wrong")
    park(first.organization, "001000000000004AAA", "the account is locked", "ENTITY_IS_LOCKED")
    park("00D000000000009EAA", "001000000000005AAA", "another org's rule")
    outcome, plan = world.push()
    told = [finding["problem"] for finding in plan.findings if finding["state"] == "amber"]
    assert told == [
        "2 accounts were refused by a validation rule: Region must be set",
        "1 account was refused by a validation rule: VAT id is wrong",
    ]
    assert outcome.status == RunStatus.SUCCEEDED


def test_a_refusal_that_was_settled_is_told_no_more(world: World) -> None:
    world.accounts(1)
    _, first = world.push()
    park(first.organization, "001000000000001AAA", "Region must be set")
    ParkedRow.objects.update(resolved_at=timezone.now())
    _, plan = world.push()
    assert {finding["state"] for finding in plan.findings} == {"green"}


def test_diagnose_tells_of_validation_rules(world: World, capsys: Any) -> None:
    world.accounts(1)
    _, plan = world.push(dry_run=True)
    park(plan.organization, "001000000000001AAA", "Region must be set")
    run_command("diagnose")
    out = capsys.readouterr().out
    assert "Validation rules" in out
    assert "Region" in out


def test_an_org_whose_every_field_is_stopped_has_no_field_left_whatever_its_rules_refuse(world: World) -> None:
    world.accounts(1)
    _, plan = world.push(dry_run=True)
    park(plan.organization, "001000000000001AAA", "Region must be set")
    for name in (AMOUNT, COUNT, AS_OF, CURRENCY):
        restrict(world, name, readable=True)
    with pytest.raises(PushRefused, match="No field can be pushed"):
        world.push()
