"""The list of pushes, and one plan with its changes."""

import csv
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from integration_hub.models import ChangeStatus, PlanKind, PlanStatus, PushPlan, Run, RunKind, SfAccount
from tests.integration_hub.pages.push_world import OVERDUE, RULE, a_change, a_plan, a_sent_plan, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> PushPlan:
    """A plan with a value in every state."""
    return a_sent_plan()


def shown(page_of: Client, plan: PushPlan, **query: str) -> list[str]:
    """The accounts of the changes that the page lists."""
    return [line.change.account for line in page_of.get(reverse("plan", args=[plan.pk]), query).context["changes"]]


def test_a_plan_shows_before_after_and_difference_biggest_movers_first(admin_page: Client) -> None:
    plan = a_plan(PlanStatus.PARTIAL)
    a_change(plan, 1, before="5.00", after="-1234.50", movement=Decimal("1239.5"))
    a_change(plan, 2, before=None, after="20000.00", movement=Decimal(20000))
    a_change(plan, 3, before="1.00", after="2.00", movement=Decimal(1))
    a_change(plan, 4, field="ERP_Segment__c", before="A", after="B", movement=None)
    lines = admin_page.get(reverse("plan", args=[plan.pk])).context["changes"]
    assert [(line.label, line.before, line.after, line.difference) for line in lines] == [
        ("Overdue", None, "20,000.00", "+20,000.00"),
        ("Overdue", "5.00", "\u22121,234.50", "\u22121,239.50"),
        ("Overdue", "1.00", "2.00", "+1.00"),
        ("ERP_Segment__c", "A", "B", ""),
    ]


def test_a_refused_value_says_why_what_to_do_and_who_can(admin_page: Client, plan: PushPlan) -> None:
    text = admin_page.get(reverse("plan", args=[plan.pk]), {"show": "refused"}).content.decode()
    assert "&lt;b&gt;Region&lt;/b&gt; must be set" in text
    assert "<b>Region</b>" not in text
    assert "A validation rule of the org refused" in text
    assert "Who can fix it:" in text


def test_each_value_opens_its_account_and_says_how_it_was_converted(admin_page: Client, plan: PushPlan) -> None:
    text = admin_page.get(reverse("plan", args=[plan.pk]), {"show": "planned"}).content.decode()
    assert reverse("customers:by_salesforce_id", args=[account(9)]) in text
    assert "10.00 EUR at 1.0853 USD per EUR of 2026-02-10" in text


def test_the_filters_count_what_they_show(admin_page: Client, plan: PushPlan) -> None:
    choices = admin_page.get(reverse("plan", args=[plan.pk])).context["choices"]
    assert {choice.name: choice.count for choice in choices} == {
        "": 10, "planned": 1, "written": 3, "refused": 1, "parked": 1, "open": 2, "altered": 1, "drift": 2, "left": 1,
        "skipped": 1,
    }  # fmt: skip
    for choice in choices:
        page = admin_page.get(reverse("plan", args=[plan.pk]), {"show": choice.name})
        assert page.context["page"].paginator.count == choice.count


def test_the_reasons_count_the_values_that_they_open(admin_page: Client, plan: PushPlan) -> None:
    (refusal,) = admin_page.get(reverse("plan", args=[plan.pk])).context["refusals"]
    assert (refusal.code, refusal.values, refusal.accounts) == (RULE, 2, 2)
    assert shown(admin_page, plan, code=RULE) == [account(5), account(4)]


def test_changes_are_found_by_the_name_or_the_id_of_their_account(admin_page: Client, plan: PushPlan) -> None:
    SfAccount.objects.filter(key=account(4)).update(name="Kestrel Marine")
    assert shown(admin_page, plan, q="kestrel") == [account(4)]
    assert shown(admin_page, plan, q=account(5)) == [account(5)]
    page = admin_page.get(reverse("plan", args=[plan.pk]), {"q": "kestrel"})
    assert {choice.name: choice.count for choice in page.context["choices"]} == {"": 1, "refused": 1}
    nothing = admin_page.get(reverse("plan", args=[plan.pk]), {"q": "nobody is called that"})
    assert "No value like that" in nothing.content.decode()


def test_the_file_holds_every_change_and_no_formula(admin_page: Client) -> None:
    plan = a_plan(PlanStatus.PARTIAL)
    SfAccount.objects.filter(key=account(1)).update(name="=Kestrel")
    a_change(plan, 1, after="-1234.50", movement=Decimal("1244.5"), status=ChangeStatus.FAILED, error_code=RULE,
             error_text="=1", note="converted")  # fmt: skip
    a_change(plan, 2)
    rows = list(csv.DictReader(admin_page.get(reverse("plan_csv", args=[plan.pk])).getvalue().decode().splitlines()))
    foot = rows.pop()
    assert foot["account"] == "Total of 2 rows"
    assert foot["name"] == f"Figures as of {plan.as_of}"
    assert foot["field"] == "Salesforce: never read"
    assert foot["label"].startswith("Made at 2")
    assert [row["after"] for row in rows] == ["-1234.50", "22.00"]
    first = rows[0]
    assert (first["name"], first["label"], first["difference"], first["movement"]) == (
        "'=Kestrel", "Overdue", "-1244.50", "1244.500000",
    )  # fmt: skip
    assert (first["error_code"], first["error"], first["note"]) == (RULE, "'=1", "converted")
    assert first["remedy"]
    assert first["who_can_fix_it"]


def test_the_list_counts_values_that_the_plan_then_shows(admin_page: Client, plan: PushPlan) -> None:
    (line,) = admin_page.get(reverse("plans")).context["lines"]
    assert (line.counts.total, line.counts.written, line.counts.refused, line.counts.parked, line.counts.drifted) == (
        10, 3, 1, 1, 2,
    )  # fmt: skip
    for show, count in (("", 10), ("written", 3), ("refused", 1), ("parked", 1), ("drift", 2)):
        assert len(shown(admin_page, plan, show=show)) == count


def test_the_list_says_what_a_plan_is_for_how_much_it_moves_and_why_it_was_halted(admin_page: Client) -> None:
    pushed = a_plan(PlanStatus.DONE, 2)
    undone = a_plan(PlanStatus.HALTED, 10, kind=PlanKind.UNDO, undoes=pushed, total_change=Decimal("1234567.89"))
    Run.objects.filter(plans=undone).update(problem="10 of 40 accounts would change.")
    page = admin_page.get(reverse("plans"))
    first, second = page.context["lines"]
    assert (first.title, first.share, first.why) == (
        f"Undo of push {pushed.pk}", Decimal("0.25"), "10 of 40 accounts would change.",
    )  # fmt: skip
    assert (second.title, second.why) == (f"Push {pushed.pk}", "")
    text = page.content.decode()
    assert "1,234,568" in text
    assert "25.0%" in text


@pytest.mark.parametrize("status", [PlanStatus.HALTED, PlanStatus.WAITING])
def test_a_plan_that_was_never_sent_is_outdated_by_a_newer_one(admin_page: Client, status: PlanStatus) -> None:
    old = a_plan(status, 1)
    assert admin_page.get(reverse("plan", args=[old.pk])).context["line"].approvable
    a_plan(PlanStatus.DRY, 2)
    assert admin_page.get(reverse("plan", args=[old.pk])).context["line"].approvable
    a_plan(status, 2, organization="00D000000000002AAA")
    a_plan(status, 1, fingerprint=old.fingerprint)
    assert admin_page.get(reverse("plan", args=[old.pk])).context["line"].approvable
    newer = a_plan(PlanStatus.DONE, 2)
    page = admin_page.get(reverse("plan", args=[old.pk]))
    assert (page.context["line"].state, page.context["line"].newer) == ("Outdated", newer.pk)
    assert "A newer plan exists" in page.content.decode()
    assert "Approve and send" not in page.content.decode()


def test_a_plan_says_what_was_read_back_after_sending(admin_page: Client, plan: PushPlan) -> None:
    text = admin_page.get(reverse("plan", args=[plan.pk])).content.decode()
    assert 'href="?show=altered">1\u00a0value</a> changed by Salesforce' in text
    PushPlan.objects.update(read_back_differs=0)
    assert "all as sent" in admin_page.get(reverse("plan", args=[plan.pk])).content.decode()


def test_the_note_of_a_plan_is_not_said_twice(admin_page: Client) -> None:
    plan = a_plan(PlanStatus.HALTED, 1, note="Too much. Nothing was sent. Look at it. Left out: 1 account.")
    Run.objects.update(problem="Too much.", meaning="Nothing was sent.", remedy="Look at it.")
    assert admin_page.get(reverse("plan", args=[plan.pk])).context["note"] == "Left out: 1 account."


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


def test_an_unknown_plan_is_not_found(admin_page: Client) -> None:
    for name in ("plan", "plan_csv", "plan_approve", "plan_undo"):
        assert admin_page.get(reverse(name, args=[987654321])).status_code == 404, name


def test_a_field_can_be_looked_at_alone(admin_page: Client, plan: PushPlan) -> None:
    a_change(plan, 1, field="ERP_Segment__c")
    assert len(shown(admin_page, plan, field=OVERDUE)) == 10
    assert shown(admin_page, plan, field="ERP_Segment__c") == [account(1)]


def test_the_list_and_a_plan_ask_as_often_for_many_rows_as_for_few(
    admin_page: Client, django_assert_max_num_queries: object
) -> None:
    plan = a_plan(PlanStatus.HALTED, 60)
    for _ in range(50):
        a_plan(PlanStatus.DONE, 1)
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        admin_page.get(reverse("plans"))
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        admin_page.get(reverse("plan", args=[plan.pk]))
