"""The pages about pushes in a real browser: accessible, at home on a desk and on a phone, complete without scripts."""

from collections.abc import Mapping

import pytest
from django.utils import timezone

from integration_hub.models import (
    DriftRecord,
    ParkedRow,
    PlanKind,
    PlanStatus,
    PushPlan,
    PushSwitch,
    Run,
    RunKind,
    RunStatus,
)
from integration_hub.push import switch
from tests.browser.accessible import wrong_in_both_themes
from tests.browser.conftest import Site
from tests.integration_hub.pages.push_world import a_plan, a_sent_plan, account, hand_edit, park

pytestmark = pytest.mark.browser


@pytest.fixture
def history(site: Site) -> Mapping[str, PushPlan]:
    """Plans in the states that look different, and what they left behind."""
    for number, name in enumerate(("Bramble Foods International Holding", "Nordwind Werkzeugbau GmbH"), 1):
        account(number, name, "Ana Duarte")
    halted = a_plan(PlanStatus.HALTED, 3, fingerprint="halted")
    Run.objects.filter(plans=halted).update(
        status=RunStatus.FAILED, problem="3 of 40 accounts would change.", meaning="Nothing was sent.", remedy="Look."
    )
    sent = a_sent_plan()
    a_plan(PlanStatus.DONE, 1, kind=PlanKind.UNDO, undoes=sent)
    waiting = a_plan(PlanStatus.WAITING, 7, fingerprint="waiting")
    for number in (1, 2, 3):
        park(number, days=number * 10)
    park(4, cause="rights", days=0, resolved_at=timezone.now())
    for number in (1, 2):
        hand_edit(number)
    hand_edit(3, decided_by="ana", decided_at=timezone.now())
    return {"halted": halted, "sent": sent, "waiting": waiting}


@pytest.mark.parametrize("width", [1440, 390])
def test_push_pages_have_no_accessibility_violation_no_complaint_and_no_sideways_scroll(
    site: Site, history: Mapping[str, PushPlan], width: int
) -> None:
    halted, sent, waiting = (plan.pk for plan in history.values())
    page = site.open("/pushes/", width=width)
    paths = (
        "/pushes/",
        f"/pushes/{halted}/",
        f"/pushes/{sent}/",
        f"/pushes/{sent}/?q=nobody",
        f"/pushes/{sent}/undo/",
        f"/pushes/{waiting}/approve/",
        "/pushes/parked/",
        "/pushes/parked/?show=resolved",
        "/pushes/parked/cause/rule/",
        "/pushes/parked/retry/?cause=rule",
        "/pushes/drift/",
        "/pushes/drift/?show=decided",
        f"/runs/{history['sent'].run_ref_id}/",
    )
    wrong = []
    for path in paths:
        page.goto(site.url + path)
        for closed in page.query_selector_all("main details"):
            closed.evaluate("element => { element.open = true }")
        wrong += wrong_in_both_themes(page)
    switch.stop("ana", "Wrong rates in the ERP")
    page.goto(f"{site.url}/pushes/")
    wrong += wrong_in_both_themes(page)
    assert wrong + site.complaints == []


def test_a_plan_is_approved_without_scripts(site: Site, history: Mapping[str, PushPlan]) -> None:
    page = site.open("/pushes/", scripts=False)
    page.click(f"text=Push {history['waiting'].pk}")
    page.click("text=Approve and send")
    page.wait_for_selector("text=7 values of 7 accounts will be written")
    page.click("button:has-text('Approve and send')")
    page.wait_for_selector(f"text=Approved: push {history['waiting'].pk}")
    run = Run.objects.get(kind=RunKind.PUSH, status=RunStatus.QUEUED)
    assert run.options == {"approve": history["waiting"].pk, "approved_by": "ana"}


def test_the_push_is_stopped_and_resumed_without_scripts(site: Site) -> None:
    page = site.open("/pushes/", scripts=False)
    page.fill("#reason", "Wrong rates in the ERP")
    page.click("text=Stop the push")
    page.wait_for_selector("text=Stopped by ana")
    page.click("button:has-text('Resume')")
    page.wait_for_selector("text=Resumed by ana")
    assert [row.is_on for row in PushSwitch.objects.order_by("id")] == [False, True]


def test_ticked_accounts_are_tried_again_without_scripts(site: Site, history: Mapping[str, PushPlan]) -> None:
    page = site.open("/pushes/parked/", scripts=False)
    page.click("table a.fig")
    page.check("tbody tr:nth-child(1) input")
    page.click("button:has-text('Assign to me')")
    page.wait_for_selector("text=1 account assigned to you")
    page.check("tbody tr:nth-child(2) input")
    page.click("button:text-is('Try again')")
    page.click("text=Try 1 account again")
    page.wait_for_selector("text=1 account will be tried again")
    rows = ParkedRow.objects.filter(cause="rule").order_by("first_at")
    assert [(row.assigned_to, row.retry_asked) for row in rows] == [("ana", False), ("", True), ("", False)]


def test_hand_edits_are_decided_one_by_one_and_together_without_scripts(
    site: Site, history: Mapping[str, PushPlan]
) -> None:
    page = site.open("/pushes/drift/", scripts=False)
    page.click("tbody tr:nth-child(1) button:has-text('Accept')")
    page.wait_for_selector("text=1 value will be accepted")
    page.check("tbody tr:nth-child(1) input")
    page.click("button:text-is('Put back')")
    page.wait_for_selector("text=Nothing was edited by hand")
    rows = DriftRecord.objects.order_by("account").values_list("state", "decided_by")
    assert list(rows) == [("open", "ana"), ("accepted", "ana"), ("open", "ana")]
