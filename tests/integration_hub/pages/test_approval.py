"""The pages that let one plan go, and that take one back."""

import pytest
from django.test import Client
from django.urls import reverse

from integration_hub.models import PlanStatus, PushedValue, PushPlan, Run, RunStatus
from integration_hub.push import switch
from integration_hub.push.pushing import Options
from integration_hub.push.read_back import DIFFERS
from tests.integration_hub.pages.push_world import (
    a_change,
    a_plan,
    a_sent_plan,
    account,
    acknowledge,
    hand_edit,
)

pytestmark = pytest.mark.django_db


def requested() -> list[dict[str, object]]:
    return list(Run.objects.filter(status=RunStatus.QUEUED).values_list("options", flat=True))


@pytest.mark.parametrize("status", [PlanStatus.HALTED, PlanStatus.WAITING, PlanStatus.DRY])
def test_the_question_names_values_accounts_total_change_and_the_biggest_movers(
    admin_page: Client, status: PlanStatus
) -> None:
    plan = a_plan(status, 8)
    page = admin_page.get(reverse("plan_approve", args=[plan.pk]))
    text = page.content.decode()
    assert "8\u00a0values of 8\u00a0accounts will be written" in text
    assert "€800.00" in text
    assert "20.0% of the 40\u00a0accounts" in text
    assert [line.change.account for line in page.context["changes"]] == [account(number) for number in (7, 6, 5, 4, 3)]
    assert requested() == []


def test_only_the_plan_that_was_looked_at_can_be_approved(admin_page: Client) -> None:
    plan = a_plan(PlanStatus.HALTED, 2)
    for given in ({}, {"fingerprint": ""}, {"fingerprint": "another"}):
        page = admin_page.post(reverse("plan_approve", args=[plan.pk]), given, follow=True)
        assert "not the one that you looked at" in page.content.decode()
    PushPlan.objects.update(fingerprint="")
    admin_page.post(reverse("plan_approve", args=[plan.pk]), {"fingerprint": ""})
    assert requested() == []
    PushPlan.objects.update(fingerprint="abc")
    admin_page.post(reverse("plan_approve", args=[plan.pk]), {"fingerprint": "abc"})
    assert requested() == [{"approve": plan.pk, "approved_by": "alice"}]


@pytest.mark.parametrize("status", sorted(set(PlanStatus) - {PlanStatus.HALTED, PlanStatus.WAITING, PlanStatus.DRY}))
def test_a_plan_that_asks_for_nothing_cannot_be_approved(admin_page: Client, status: PlanStatus) -> None:
    plan = a_plan(status, 1)
    assert admin_page.get(reverse("plan_approve", args=[plan.pk])).status_code == 404
    assert (
        admin_page.post(reverse("plan_approve", args=[plan.pk]), {"fingerprint": plan.fingerprint}).status_code == 404
    )
    assert requested() == []


def test_an_outdated_plan_cannot_be_approved(admin_page: Client) -> None:
    old = a_plan(PlanStatus.WAITING, 1)
    newer = a_plan(PlanStatus.WAITING, 2)
    page = admin_page.post(
        reverse("plan_approve", args=[old.pk]), {"fingerprint": old.fingerprint}, follow=True
    ).content.decode()
    assert f"push {newer.pk} was planned after it" in page
    assert requested() == []


def test_a_stopped_push_offers_no_approval_but_says_why(admin_page: Client) -> None:
    plan = a_plan(PlanStatus.HALTED, 1)
    switch.stop("bob", "Wrong rates in the ERP")
    text = admin_page.get(reverse("plan_approve", args=[plan.pk])).content.decode()
    assert "Wrong rates in the ERP" in text
    assert 'name="fingerprint"' not in text


def test_an_undo_counts_first_what_it_would_put_back_and_what_not(admin_page: Client) -> None:
    plan = a_sent_plan()
    hand_edit(2)
    page = admin_page.get(reverse("plan_undo", args=[plan.pk]))
    assert (page.context["preview"].restorable, page.context["preview"].skipped) == (2, 1)
    text = page.content.decode()
    assert "2\u00a0values of 2\u00a0accounts can be put back" in text
    assert "1\u00a0value changed since and stays as it is" in text
    assert "The push is stopped afterwards" in text
    assert requested() == []


def test_an_undo_is_requested_by_post(admin_page: Client) -> None:
    plan = a_sent_plan()
    admin_page.post(reverse("plan_undo", args=[plan.pk]))
    assert requested() == [{"undo": plan.pk, "by": "alice"}]


def test_the_run_of_a_push_understands_what_the_pages_ask_for(admin_page: Client) -> None:
    plan = a_plan(PlanStatus.WAITING, 1)
    admin_page.post(reverse("plan_approve", args=[plan.pk]), {"fingerprint": plan.fingerprint})
    run = Run.objects.get(status=RunStatus.QUEUED)
    assert Options.of(run) == Options(approve=plan.pk, approved_by="alice", by="alice")
    run.delete()
    sent = a_sent_plan()
    admin_page.post(reverse("plan_undo", args=[sent.pk]))
    assert Options.of(Run.objects.get(status=RunStatus.QUEUED)) == Options(undo=sent.pk, by="alice")


def test_what_wrote_nothing_cannot_be_undone(admin_page: Client) -> None:
    for plan in (a_plan(PlanStatus.HALTED, 1), a_plan(PlanStatus.DONE)):
        assert admin_page.get(reverse("plan_undo", args=[plan.pk])).status_code == 404
        assert admin_page.post(reverse("plan_undo", args=[plan.pk])).status_code == 404
        assert "/undo/" not in admin_page.get(reverse("plan", args=[plan.pk])).content.decode()
    assert requested() == []


def test_a_push_that_was_taken_back_says_so(admin_page: Client) -> None:
    plan = a_plan(PlanStatus.DONE)
    a_change(plan, 1)
    acknowledge(plan)
    undo = a_plan(PlanStatus.DONE, kind="undo", undoes=plan)
    text = admin_page.get(reverse("plan", args=[plan.pk])).content.decode()
    assert f"Plan {undo.pk}</a> takes this push back" in text
    assert f"Push {plan.pk}</a>" in admin_page.get(reverse("plan", args=[undo.pk])).content.decode()


def test_approval_and_undo_ask_for_the_form_s_own_token() -> None:
    from django.contrib.auth.models import Group, User

    user = User.objects.create_user("carl")
    user.groups.add(Group.objects.get_or_create(name="Administrators")[0])
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    plan = a_plan(PlanStatus.HALTED, 1)
    sent = a_sent_plan()
    for name, pk in (("plan_approve", plan.pk), ("plan_undo", sent.pk)):
        assert strict.post(reverse(name, args=[pk]), {"fingerprint": plan.fingerprint}).status_code == 403
    for name in ("push_stop", "push_resume", "parked_act", "parked_retry", "drift_decide", "drift_check"):
        assert strict.post(reverse(name), {"reason": "x"}).status_code == 403, name
    assert requested() == []
    assert switch.last() is None


def test_altered_values_are_written_again_on_demand(admin_page: Client) -> None:
    assert admin_page.post(reverse("plan_again", args=[a_plan(PlanStatus.DONE, 1).pk])).status_code == 404
    plan = a_sent_plan()
    PushedValue.objects.filter(account=account(3)).update(last_error=f"{DIFFERS}: another one")
    url = reverse("plan_again", args=[plan.pk])
    assert url in admin_page.get(reverse("plan", args=[plan.pk])).content.decode()
    assert admin_page.get(url).status_code == 405
    admin_page.post(url)
    assert not PushedValue.objects.filter(last_error__startswith=DIFFERS).exists()
    assert requested() == [{}]
