"""The checks of the connection: what they find in the practice org, and what is kept of it for the page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integration_hub import jobs
from integration_hub.api_use import metered
from integration_hub.config import hub
from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.salesforce import inspect
from integration_hub.diagnosis.stored import known, request_when_stale, run_check
from integration_hub.models import ApiUse, DescribedField, PlanStatus, PushPlan, Run, RunKind, RunStatus
from integration_hub.runs import request_run
from integration_hub.salesforce import session
from tests.integration_hub.push.conftest import AMOUNT, World

pytestmark = pytest.mark.django_db(transaction=True)
KEY = {"name": "ERP_Number__c", "type": "string", "length": 40, "externalId": True, "unique": True}


@pytest.fixture
def ready(world: World) -> World:
    """The org with everything the hub wants there."""
    world.org.admin("fields", {"sobject": "Account", "fields": [KEY]})
    world.accounts(3)
    world.org.forget_calls()
    return world


def checks(**salesforce: Any) -> dict[str, Check]:
    configuration = hub()
    assert configuration.salesforce is not None
    changed = replace(configuration, salesforce=replace(configuration.salesforce, **salesforce))
    return {check.name: check for check in inspect(changed).checks}


def test_an_org_that_is_set_up_is_green(ready: World) -> None:
    found = checks()
    assert [name for name, check in found.items() if check.light is not Light.GREEN] == []
    assert "with client credentials at 127.0.0.1" in found["Salesforce login"].finding
    assert "00D" in found["Salesforce login"].finding
    assert "as user 005" in found["Salesforce login"].finding
    assert "Practice Org" in found["Salesforce org"].finding
    assert found["Read Account"].finding.startswith("All ")
    assert {check.topic for check in found.values()} == {"Sign-in", "Org", "Reading", "Writing"}


def test_a_check_only_asks(ready: World) -> None:
    checks()
    assert ready.writes() == []
    assert len(ready.org.calls()) <= 16


def test_a_refused_sign_in_is_the_only_check_and_says_what_to_do(ready: World) -> None:
    (check,) = checks(client_secret="wrong").values()
    assert (check.light, check.topic) == (Light.RED, "Sign-in")
    assert "client_secret" in check.remedy


def test_a_wrong_clock_is_told_with_its_size(ready: World) -> None:
    ready.org.admin("clock", {"offset_seconds": -600})
    check = checks()["Clock"]
    assert check.light is Light.RED
    assert "10 minutes ahead" in check.finding


def test_a_clock_that_is_a_little_off_is_amber(ready: World) -> None:
    ready.org.admin("clock", {"offset_seconds": 90})
    check = checks()["Clock"]
    assert check.light is Light.AMBER
    assert "behind" in check.finding


@pytest.mark.parametrize(
    ("version", "light", "words"),
    [
        ("62.0", Light.GREEN, "in use"),
        ("40.0", Light.AMBER, "gone with Summer '28"),
        ("99.0", Light.RED, "does not offer"),
        ("30.0", Light.RED, "does not offer"),
    ],
)
def test_a_version_that_goes_is_amber_and_one_that_is_gone_red(
    ready: World, version: str, light: Light, words: str
) -> None:
    check = checks(api_version=version)["API version"]
    assert (check.light, words in check.finding) == (light, True), check


@pytest.mark.parametrize(("used", "light"), [(1000, Light.GREEN), (7000, Light.AMBER), (8500, Light.RED)])
def test_the_budget_is_red_once_the_hub_stops(ready: World, used: int, light: Light) -> None:
    ready.org.admin("usage", {"max": 10_000, "used": used})
    assert checks()["API requests"].light is light


@pytest.mark.parametrize(("currencies", "light"), [(["EUR", "USD"], Light.GREEN), (["USD", "GBP"], Light.AMBER)])
def test_the_reporting_currency_has_to_be_active(ready: World, currencies: list[str], light: Light) -> None:
    ready.org.admin("features", {"currencies": currencies})
    rows = ready.org.records("CurrencyType")
    assert rows
    check = checks()["Currencies"]
    assert (check.light, currencies[0] in check.finding) == (light, True), check


def hide(world: World, sobject: str, field: str, *, editable: bool = False, readable: bool = False) -> None:
    rights = {"user": world.org.username, "sobject": sobject, "field": field}
    world.org.admin("field_access", {**rights, "readable": readable, "editable": editable})


@pytest.mark.parametrize(
    ("sobject", "field", "light", "words"),
    [
        ("Account", "Industry", Light.AMBER, "Left empty here"),
        ("Account", "ERP_Number__c", Light.RED, "the sync stops"),
        ("Contact", "AccountId", Light.RED, "the sync stops"),
        ("Opportunity", "Probability", Light.AMBER, "Left empty here"),
        ("Order", "TotalAmount", Light.AMBER, "so none is read"),
    ],
)
def test_a_hidden_field_is_red_where_the_sync_needs_it(
    ready: World, sobject: str, field: str, light: Light, words: str
) -> None:
    hide(ready, sobject, field)
    check = checks()[f"Read {sobject}"]
    assert check.light is light
    assert field in check.finding
    assert words in check.finding
    assert "ERP_Rollup_Writer" in check.remedy


def test_a_pushed_field_that_may_only_be_read_is_red(ready: World) -> None:
    hide(ready, "Account", AMOUNT, readable=True)
    check = checks()[f"Push field: {AMOUNT}"]
    assert check.light is Light.RED
    assert "ERP_Rollup_Writer" in check.remedy


def test_accounts_that_are_not_shared_for_editing_are_told(ready: World) -> None:
    app = {"client_id": "second", "client_secret": "secret", "username": "second@practice.example"}
    ready.org.admin("users_app", app)
    check = checks(client_id="second", client_secret="secret")["Edit accounts"]
    assert (check.light, check.finding[:6]) == (Light.RED, "0 of 3")
    assert "sharing rule" in check.remedy


def test_another_org_than_the_one_pushed_to_before_is_red(ready: World) -> None:
    PushPlan.objects.create(
        as_of="2026-02-10", organization="00D000000000001AAA", status=PlanStatus.DONE, accounts_compared=1
    )
    assert "another Salesforce org" in checks()["Same org as before"].finding


def test_what_one_step_refuses_stands_beside_the_findings_of_the_others(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PAUSES", ())
    ready.org.fault("maintenance_page", path="limits")
    found = checks()
    assert found["API requests"].light is Light.RED
    assert found[f"Push field: {AMOUNT}"].light is Light.GREEN


def test_a_run_keeps_what_it_found_in_place_of_what_was_known(ready: World) -> None:
    hide(ready, "Account", AMOUNT)
    first = jobs.finish(_running())
    assert (first.status, first.api_calls > 5) == (RunStatus.PARTIAL, True)
    assert AMOUNT in first.problem + first.remedy
    hide(ready, "Account", AMOUNT, readable=True, editable=True)
    assert run_check(_running()).status == RunStatus.SUCCEEDED
    found, at = known("salesforce")
    assert at is not None
    assert {check.light for check in found if check.name.startswith("Push field")} == {Light.GREEN}
    assert len({check.name for check in found}) == len(found)


def test_the_labels_of_named_fields_are_kept(ready: World) -> None:
    run_check(_running())
    field = DescribedField.objects.get(sobject="Account", name=AMOUNT)
    assert (field.label, field.type, field.calculated) == ("Overdue", "currency", False)


def _running() -> Run:
    return Run.objects.create(kind=RunKind.CHECK, subject="salesforce", status=RunStatus.RUNNING)


@pytest.mark.parametrize(("age", "asked"), [(None, True), (timedelta(hours=25), True), (timedelta(hours=2), False)])
def test_a_run_that_reached_salesforce_asks_for_a_check_once_a_day(
    ready: World, monkeypatch: pytest.MonkeyPatch, age: timedelta | None, asked: bool
) -> None:
    if age is not None:
        run_check(_running())
        later = timezone.now() + age
        monkeypatch.setattr(timezone, "now", lambda: later)
    Run.objects.filter(kind=RunKind.CHECK).delete()
    request_when_stale(Run.objects.create(kind=RunKind.SYNC, subject="salesforce"))
    request_when_stale(Run.objects.create(kind=RunKind.SYNC, subject="erp"))
    assert Run.objects.filter(kind=RunKind.CHECK).exists() is asked


def test_a_check_that_waits_is_done_by_the_worker(ready: World) -> None:
    run = request_run(RunKind.CHECK, "salesforce", by="alice")
    jobs.execute(run.pk)
    run.refresh_from_db()
    assert run.status in {RunStatus.SUCCEEDED, RunStatus.PARTIAL}
    assert known("salesforce")[0]


def test_the_requests_of_a_check_count_as_the_hubs_own(ready: World) -> None:
    ready.org.forget_calls()
    with metered(None):
        inspect(hub())
    asked = [call for call in ready.org.calls() if "/oauth2/" not in call["path"]]
    (use,) = ApiUse.objects.all()
    assert use.ours == len(asked)
    assert use.organization == ready.org.records("Organization")[0]["Id"]
