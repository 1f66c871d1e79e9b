"""The pages about pushes."""

import csv
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.models import ChangeStatus, PlanStatus, PushChange, PushPlan, Run, RunKind, SfAccount

pytestmark = pytest.mark.django_db
ACCOUNT = "001000000000001AAA"


@pytest.fixture
def plan() -> PushPlan:
    """A plan sent in part: one value written, one refused, one hand-edited."""
    run = Run.objects.create(
        kind=RunKind.PUSH, subject="salesforce", status="partial", problem="1 of 2 accounts were not written."
    )
    SfAccount.objects.create(key=ACCOUNT, source="salesforce", name="=Kestrel", synced_at=timezone.now())
    made = PushPlan.objects.create(
        run_ref=run, as_of=date(2026, 2, 10), organization="00D000000000001AAA", status=PlanStatus.PARTIAL,
        accounts_compared=2, accounts_changed=2, fields_changed=3, findings=[{"field": "ERP_Overdue_Amount__c",
        "state": "green", "problem": "", "remedy": ""}], )  # fmt: skip
    rows = [
        ("5.00", "-1234.50", "1239.5", ChangeStatus.DONE, "", False),
        (None, "20000.00", "20000", ChangeStatus.FAILED, "UNABLE_TO_LOCK_ROW", False),
        ("1.00", "2.00", "1", ChangeStatus.DONE, "", True),
    ]
    for before, after, moved, status, code, drift in rows:
        PushChange.objects.create(
            plan=made, account=ACCOUNT, field="ERP_Overdue_Amount__c", before=before, after=after,
            movement=Decimal(moved), status=status, error_code=code, error_text="unable to obtain exclusive access" if
            code else "", drift=drift, )  # fmt: skip
    return made


def test_a_plan_shows_before_and_after_biggest_movers_first(admin_page: Client, plan: PushPlan) -> None:
    page = admin_page.get(reverse("plan", args=[plan.pk]))
    shown = [(line.label, line.before, line.after) for line in page.context["changes"]]
    assert shown == [("Overdue", None, "20,000.00"), ("Overdue", "5.00", "\u22121,234.50"), ("Overdue", "1.00", "2.00")]


def test_a_refused_value_says_why_and_what_to_do(admin_page: Client, plan: PushPlan) -> None:
    text = admin_page.get(reverse("plan", args=[plan.pk]), {"show": "refused"}).content.decode()
    assert "unable to obtain exclusive access" in text
    assert "goes out again with the next push" in text


def test_the_filters_count_what_they_show(admin_page: Client, plan: PushPlan) -> None:
    choices = admin_page.get(reverse("plan", args=[plan.pk])).context["choices"]
    assert [(choice.name, choice.count) for choice in choices] == [("", 3), ("refused", 1), ("drift", 1)]
    for choice in choices:
        page = admin_page.get(reverse("plan", args=[plan.pk]), {"show": choice.name})
        assert page.context["page"].paginator.count == choice.count


def test_the_file_holds_every_change_and_no_formula(admin_page: Client, plan: PushPlan) -> None:
    answer = admin_page.get(reverse("plan_csv", args=[plan.pk]))
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert [row["after"] for row in rows] == ["20000.00", "-1234.50", "2.00"]
    assert {row["name"] for row in rows} == {"'=Kestrel"}


def test_the_list_counts_refused_and_hand_edited_values(admin_page: Client, plan: PushPlan) -> None:
    (line,) = admin_page.get(reverse("plans")).context["lines"]
    assert (line.refused, line.drifted) == (1, 1)


def test_a_push_and_a_dry_run_are_requested_by_post(admin_page: Client) -> None:
    assert admin_page.get(reverse("push_now")).status_code == 405
    admin_page.post(reverse("push_now"), {"dry_run": "1"})
    run = Run.objects.get()
    assert (run.kind, run.subject, run.options, run.requested_by) == (
        RunKind.PUSH,
        "salesforce",
        {"dry_run": True},
        "alice",
    )


def test_a_second_request_with_other_options_is_not_lost_in_silence(admin_page: Client) -> None:
    admin_page.post(reverse("push_now"), {"dry_run": "1"})
    page = admin_page.post(reverse("push_now"), follow=True)
    assert "is waiting. Try again" in page.content.decode()


def test_only_a_halted_or_dry_plan_can_be_approved(admin_page: Client, plan: PushPlan) -> None:
    assert admin_page.post(reverse("plan_approve", args=[plan.pk])).status_code == 404
    PushPlan.objects.update(status=PlanStatus.HALTED)
    admin_page.post(reverse("plan_approve", args=[plan.pk]))
    assert Run.objects.first().options == {"approve": plan.pk, "approved_by": "alice"}  # type: ignore[union-attr]
