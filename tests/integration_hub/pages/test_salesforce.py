"""The page of the connection: it asks nobody, and shows what is known and how old that is."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.salesforce import Inspection
from integration_hub.diagnosis.stored import keep
from integration_hub.models import OutsideCheck, PlanStatus, PushPlan, Run, RunKind, RunStatus
from integration_hub.salesforce import tokens

FIELD = "Push field: ERP_Overdue_Amount__c"
CHECKS = [
    Check("Salesforce login", Light.GREEN, "Signed in.", "", "Sign-in"),
    Check("Read Account", Light.AMBER, "Industry missing.", "Give access.", "Reading"),
    Check(FIELD, Light.RED, "No such field.", "Create it.", "Writing"),
]


@pytest.fixture(autouse=True)
def _nobody_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any) -> None:
        raise AssertionError("a page asked Salesforce")

    monkeypatch.setattr(tokens, "fetch_token", asked)


def text_of(client: Client) -> str:
    return " ".join(client.get("/salesforce/").content.decode().split())


def test_only_administrators_see_it_and_may_ask_for_a_check(analyst_page: Client) -> None:
    assert analyst_page.get("/salesforce/").status_code == 404
    assert analyst_page.post("/salesforce/check/").status_code == 404
    assert not Run.objects.exists()


def test_before_the_first_check_it_says_so(admin_page: Client) -> None:
    assert "Nobody has looked yet" in text_of(admin_page)


def test_it_shows_red_first_with_its_remedy_then_all_by_topic(admin_page: Client) -> None:
    keep("salesforce", Inspection(CHECKS))
    page = text_of(admin_page)
    assert "1 red, 1 amber, 1 green" in page
    order = [page.index(words) for words in ("Create it.", "Give access.", "Sign-in", "Signed in.")]
    assert order == sorted(order)
    assert "More than a day old" not in page


def test_it_says_that_all_is_well(admin_page: Client) -> None:
    keep("salesforce", Inspection(CHECKS[:1]))
    assert "Everything works" in text_of(admin_page)


def test_it_says_when_a_check_is_old(admin_page: Client) -> None:
    keep("salesforce", Inspection(CHECKS))
    OutsideCheck.objects.update(checked_at=timezone.now() - timedelta(hours=25))
    assert "More than a day old" in text_of(admin_page)


def test_the_button_requests_one_check(admin_page: Client) -> None:
    for _ in range(2):
        assert admin_page.post("/salesforce/check/").status_code == 302
    run = Run.objects.get()
    assert (run.kind, run.subject, run.requested_by) == (RunKind.CHECK, "salesforce", "alice")
    assert "A check waits or runs" in text_of(admin_page)


def test_the_button_needs_post(admin_page: Client) -> None:
    assert admin_page.get("/salesforce/check/").status_code == 405


def test_a_run_that_failed_since_stands_above_the_findings(admin_page: Client) -> None:
    failed = Run.objects.create(
        kind=RunKind.PUSH,
        subject="salesforce",
        status=RunStatus.FAILED,
        problem="Salesforce refused the sign-in.",
        remedy="Check client_secret.",
        finished_at=timezone.now() - timedelta(hours=1),
    )
    keep("salesforce", Inspection(CHECKS))
    assert "refused the sign-in" not in text_of(admin_page)
    failed.finished_at = timezone.now()
    failed.save()
    assert "Push Salesforce has failed since: Salesforce refused the sign-in." in text_of(admin_page)
    Run.objects.create(kind=RunKind.SYNC, subject="salesforce", status=RunStatus.SUCCEEDED)
    assert "refused the sign-in" not in text_of(admin_page)


def test_the_preflight_of_a_newer_push_replaces_that_of_the_check(admin_page: Client) -> None:
    keep("salesforce", Inspection(CHECKS))
    PushPlan.objects.create(
        as_of="2026-02-10",
        organization="00D000000000001AAA",
        status=PlanStatus.DONE,
        accounts_compared=1,
        findings=[
            {"field": "ERP_Overdue_Amount__c", "state": "green", "problem": "", "remedy": ""},
            {"field": "", "state": "amber", "problem": "2 accounts were refused by a validation rule.", "remedy": ""},
        ],
    )
    page = text_of(admin_page)
    assert "Validation rules" in page
    assert "Create it." not in page
    assert "2 amber, 2 green" in page
