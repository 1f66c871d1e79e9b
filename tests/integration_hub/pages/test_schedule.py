"""The schedule's pages: states in words, and the buttons that pause, resume and start."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.models import AuditRow, Run, RunKind, RunStatus, SchedulePause
from integration_hub.timing.items import items

pytestmark = pytest.mark.django_db
SYNC = "sync salesforce"


def at(name: str) -> str:
    """The page of an item."""
    return reverse("schedule_item", args=[name])


def test_the_list_names_everything_with_state_and_next_time_in_words(
    admin_page: Client, django_assert_max_num_queries: Any
) -> None:
    Run.objects.create(
        kind=RunKind.SYNC,
        subject="salesforce",
        status=RunStatus.SUCCEEDED,
        started_at=timezone.now() - timedelta(minutes=3),
        finished_at=timezone.now(),
    )
    with django_assert_max_num_queries(30):
        page = admin_page.get(reverse("schedule")).text
    for words in (
        "Sync Salesforce",
        "On time",
        "every 15 minutes",
        "in 12 minutes",
        "every day at 03:00",
        "Find accounts",
        "Pack figures of past days",
    ):
        assert words in page, words
    assert f'href="{at(SYNC)}"' in page
    assert reverse("schedule") in admin_page.get(reverse("runs")).text


def test_pausing_asks_for_a_reason_says_what_it_means_and_stands_on_the_pages_of_runs(admin_page: Client) -> None:
    refused = admin_page.post(reverse("schedule_pause"), {"name": SYNC, "item": SYNC}, follow=True)
    assert "Nothing was paused: say why" in refused.text
    for until in ("2020-01-01T06:00", "soon", "0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59-05:00"):
        form = {"name": SYNC, "item": SYNC, "reason": "Backup", "until": until}
        assert "Nothing was paused: the end" in admin_page.post(reverse("schedule_pause"), form, follow=True).text
    assert not SchedulePause.objects.exists()
    form = {"name": "salesforce", "item": SYNC, "reason": "Sandbox <refresh>", "until": "2099-07-01T06:00"}
    page = admin_page.post(reverse("schedule_pause"), form, follow=True)
    assert page.redirect_chain[0][0] == at(SYNC)
    assert "All work with Salesforce: paused until 06:00 on 01 July 2099." in page.text
    pause = SchedulePause.objects.get()
    assert (pause.by, pause.until and pause.until.isoformat()) == ("alice", "2099-07-01T04:00:00+00:00")
    gap = admin_page.post(reverse("schedule_pause"), form | {"until": "2099-03-29T02:30"}, follow=True)
    assert "paused until 03:00 on 29 March 2099" in gap.text, "the clock goes from 02:00 to 03:00"
    run = Run.objects.create(kind=RunKind.SYNC, subject="salesforce", status=RunStatus.FAILED)
    for url in (reverse("runs"), reverse("schedule"), reverse("run", args=[run.pk])):
        text = admin_page.get(url).text
        assert "All work with Salesforce: paused" in text, url
        assert "Sandbox &lt;refresh&gt;" in text, url


def test_resuming_ends_the_pause_and_says_what_follows(admin_page: Client) -> None:
    admin_page.post(reverse("schedule_pause"), {"name": "all", "reason": "Move"})
    assert "Resume everything" in admin_page.get(at("rollup")).text
    page = admin_page.post(reverse("schedule_resume"), {"name": "all"}, follow=True)
    assert "Everything: resumed. What came due during the pause runs once" in page.text
    again = admin_page.post(reverse("schedule_resume"), {"name": "all"}, follow=True)
    assert "It was not paused any more" in again.text
    assert "Move" in admin_page.get(at("rollup")).text, "the history keeps it"


def test_run_now_requests_one_run_which_waits_while_it_is_paused(admin_page: Client) -> None:
    for _ in range(2):
        page = admin_page.post(reverse("schedule_run"), {"name": "rollup", "item": "rollup"}, follow=True)
    assert "Requested: Figures of the new day." in page.text
    assert Run.objects.get().options["current"] is True
    admin_page.post(reverse("schedule_pause"), {"name": SYNC, "reason": "Backup"})
    page = admin_page.post(reverse("schedule_run"), {"name": SYNC}, follow=True)
    assert "It is paused, so it waits until somebody resumes it." in page.text
    admin_page.post(reverse("push_stop"), {"reason": "Wrong figures"})
    page = admin_page.post(reverse("schedule_run"), {"name": "push salesforce"}, follow=True)
    assert "The push is stopped." in page.text
    assert not Run.objects.filter(kind=RunKind.PUSH).exists()


def test_every_kind_of_run_that_starts_by_itself_is_scheduled_can_be_paused_and_started(admin_page: Client) -> None:
    # A replay is somebody's act, and reads nothing of a source.
    assert {item.kind for item in items()} == set(RunKind) - {RunKind.REPLAY}
    assert "It starts while past days are due to be packed, once an hour at most." in admin_page.get(at("archive")).text
    admin_page.post(reverse("schedule_pause"), {"name": "archive", "reason": "Backup"})
    page = admin_page.post(reverse("schedule_run"), {"name": "archive"}, follow=True)
    assert "Requested: Pack figures of past days. It is paused" in page.text
    assert Run.objects.get().kind == RunKind.ARCHIVE


def test_run_now_begins_a_retry_at_once_but_not_what_stopped_at_a_limit(admin_page: Client) -> None:
    later = timezone.now() + timedelta(minutes=10)
    run = Run.objects.create(kind=RunKind.SYNC, subject="salesforce", attempt=3, not_before=later)
    for address, form in (("schedule_run", {"name": SYNC}), ("sync_now", {"source": "salesforce"})):
        Run.objects.filter(pk=run.pk).update(not_before=later)
        page = admin_page.post(reverse(address), form, follow=True).text
        assert "It starts as soon as the worker is free" in page
        run.refresh_from_db()
        assert (run.not_before, run.attempt) == (None, 3)
    assert AuditRow.objects.filter(what="sync.requested", who="alice", run=run.pk).count() == 2
    Run.objects.filter(pk=run.pk).update(not_before=later, problem="Waits for API requests to become free.")
    page = admin_page.post(reverse("schedule_run"), {"name": SYNC}, follow=True).text
    assert "the page API budget says why" in page
    out = StringIO()
    call_command("schedule", "--run", "salesforce", stdout=out)
    assert "Waits for API requests" in out.getvalue()
    assert "at once" not in out.getvalue()
    assert Run.objects.get(pk=run.pk).not_before == later


def test_names_that_are_not_there_and_forms_without_a_token_are_refused(admin_page: Client) -> None:
    for name in ("nothing", "sync nothing", "", "salesforce"):
        assert admin_page.get(f"/runs/schedule/{name or '%20'}/").status_code == 404, name
    for url in ("schedule_pause", "schedule_resume", "schedule_run"):
        assert admin_page.post(reverse(url), {"name": "nothing", "reason": "r"}).status_code == 404
        assert admin_page.get(reverse(url)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin_page.cookies
    assert strict.post(reverse("schedule_pause"), {"name": "all", "reason": "r"}).status_code == 403
    assert not SchedulePause.objects.exists()
