"""The pages about runs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.models import PlanStatus, RejectedRow, Run, RunKind, RunStatus, StreamRun
from tests.integration_hub.pages.push_world import a_change, a_plan, a_sent_plan, hand_edit, park

pytestmark = pytest.mark.django_db


def a_run(**changes: object) -> Run:
    values: dict[str, object] = {
        "kind": RunKind.SYNC,
        "subject": "salesforce",
        "status": RunStatus.SUCCEEDED,
        "started_at": timezone.now(),
    }
    return Run.objects.create(**values | changes)


HERE = 900_001  # far from where the sequences of ids begin
ADDRESSES = [
    ("get", "runs", ()),
    ("post", "sync_now", ()),
    ("get", "run", (HERE,)),
    ("get", "run_rejected", (HERE,)),
    ("get", "run_rows", (HERE, "salesforce.accounts", "written")),
    ("get", "run_stream", (HERE, "salesforce.accounts")),
    ("get", "run_state", (HERE,)),
    ("post", "run_replay", (HERE,)),
    ("get", "plans", ()),
    ("post", "push_now", ()),
    ("get", "plan", (HERE,)),
    ("get", "plan_approve", (HERE,)),
    ("post", "plan_approve", (HERE,)),
    ("get", "plan_undo", (HERE,)),
    ("post", "plan_undo", (HERE,)),
    ("post", "plan_again", (HERE,)),
    ("post", "push_stop", ()),
    ("post", "push_resume", ()),
    ("get", "parked", ()),
    ("get", "parked_cause", ("rule",)),
    ("post", "parked_act", ()),
    ("get", "parked_retry", ()),
    ("post", "parked_retry", ()),
    ("get", "drift", ()),
    ("get", "drift_csv", ()),
    ("post", "drift_decide", ()),
    ("post", "drift_check", ()),
    ("get", "plan_csv", (HERE,)),
    ("get", "checks", ()),
    ("get", "quota", ()),
    ("get", "schedule", ()),
    ("get", "schedule_item", ("rollup",)),
    ("post", "schedule_pause", ()),
    ("post", "schedule_resume", ()),
    ("post", "schedule_run", ()),
]


@pytest.mark.parametrize(
    ("method", "name", "arguments"), ADDRESSES, ids=[f"{method} {name}" for method, name, _ in ADDRESSES]
)
def test_everybody_but_an_administrator_finds_nothing_there(
    analyst_page: Client, method: str, name: str, arguments: tuple[object, ...]
) -> None:
    run = a_run(pk=HERE)
    # All of it is there, so that nothing but the reader's role is the reason.
    plan = a_plan(PlanStatus.HALTED, 1, pk=HERE, run_ref=run)
    a_change(plan, 1)
    park(1)
    hand_edit(1)
    Run.objects.exclude(pk=HERE).delete()
    assert getattr(analyst_page, method)(reverse(name, args=arguments)).status_code == 404
    signed_out = getattr(Client(), method)(reverse(name, args=arguments))
    assert (signed_out.status_code, signed_out["Location"].partition("?")[0]) == (302, reverse("login"))
    assert Run.objects.count() == 1


def test_the_list_sums_the_streams_of_each_run(admin_page: Client) -> None:
    run = a_run()
    StreamRun.objects.create(
        run_ref=run, stream="salesforce.accounts", mode="full", read=1200, inserted=1000, updated=150, unchanged=50
    )
    StreamRun.objects.create(
        run_ref=run, stream="salesforce.contacts", mode="full", read=300, inserted=290, rejected=10
    )
    (line,) = admin_page.get(reverse("runs")).context["lines"]
    assert (line.read, line.inserted, line.updated, line.rejected) == (1500, 1290, 150, 10)
    assert line.title == "Sync Salesforce"


def test_the_list_can_be_narrowed_to_runs_that_did_not_succeed(admin_page: Client) -> None:
    a_run()
    failed = a_run(status=RunStatus.FAILED)
    page = admin_page.get(reverse("runs"), {"show": "troubled"})
    assert [line.run for line in page.context["lines"]] == [failed]


def test_a_failed_run_tells_what_happened_what_it_means_and_what_to_do(admin_page: Client) -> None:
    run = a_run(
        status=RunStatus.FAILED,
        problem="The ERP does not answer.",
        meaning="Figures are those of 06:12.",
        remedy="Start the ERP.",
    )
    text = admin_page.get(reverse("run", args=[run.pk])).content.decode()
    for sentence in ("The ERP does not answer.", "Figures are those of 06:12.", "Start the ERP."):
        assert sentence in text


def test_a_rejected_row_is_shown_whole_with_its_reason_and_escaped(admin_page: Client) -> None:
    run = a_run()
    RejectedRow.objects.create(
        run_ref=run,
        stream="erp.invoices",
        key="erp:1",
        position=7,
        column="net_amount",
        reason='"abc" is not a number',
        record={"NETWR": "abc", "NAME": "<script>"},
    )
    text = admin_page.get(reverse("run_rejected", args=[run.pk])).content.decode()
    assert "&quot;abc&quot; is not a number" in text
    assert "&lt;script&gt;" in text
    assert "<script>&" not in text


def test_sync_now_requests_a_run_once_and_only_by_post(admin_page: Client) -> None:
    assert admin_page.get(reverse("sync_now")).status_code == 405
    for _ in range(3):
        admin_page.post(reverse("sync_now"), {"source": "salesforce"})
    run = Run.objects.get()
    assert (run.kind, run.subject, run.status, run.requested_by) == (
        RunKind.SYNC,
        "salesforce",
        RunStatus.QUEUED,
        "alice",
    )


def test_sync_now_says_so_when_the_run_is_held_back_at_a_limit(admin_page: Client) -> None:
    later = timezone.now() + timedelta(hours=2)
    held = a_run(status=RunStatus.QUEUED, started_at=None, not_before=later, problem="Waits for API requests.")
    page = admin_page.post(reverse("sync_now"), {"source": "salesforce"}, follow=True)
    assert "It waits already, and goes on at" in page.content.decode()
    assert Run.objects.get() == held


def test_an_unknown_source_cannot_be_synced(admin_page: Client) -> None:
    assert admin_page.post(reverse("sync_now"), {"source": "nothing"}).status_code == 404
    assert not Run.objects.exists()


def test_the_list_of_runs_costs_the_same_number_of_queries_for_fifty_runs(
    admin_page: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(50):
        StreamRun.objects.create(run_ref=a_run(), stream="salesforce.accounts", mode="full", read=1)
    with django_assert_max_num_queries(35):  # type: ignore[operator]
        admin_page.get(reverse("runs"))


def test_rows_of_a_stream_that_is_no_longer_configured_are_explained_not_a_failure(admin_page: Client) -> None:
    run = a_run()
    StreamRun.objects.create(run_ref=run, stream="gone.stream", mode="full", deleted=3)
    page = admin_page.get(reverse("run_rows", args=[run.pk, "gone.stream", "deleted"]))
    assert "no longer configured" in page.content.decode()


def test_a_push_run_shows_what_its_plan_did(admin_page: Client) -> None:
    plan = a_sent_plan()
    page = admin_page.get(reverse("run", args=[plan.run_ref_id]))
    (line,) = page.context["plans"]
    assert (line.plan, line.counts.total, line.counts.written, line.counts.refused) == (plan, 10, 3, 1)
    assert f'{reverse("plan", args=[plan.pk])}?show=refused">1<' in page.content.decode()


def test_a_run_that_stopped_at_a_limit_names_the_one_that_goes_on(admin_page: Client) -> None:
    later = datetime(2026, 2, 10, 23, 0, tzinfo=UTC)
    stopped = a_run(kind=RunKind.PUSH, status=RunStatus.PARTIAL, problem="Stopped at the limit.")
    a_run(kind=RunKind.SYNC, not_before=later)
    follow_up = a_run(
        kind=RunKind.PUSH, status=RunStatus.QUEUED, not_before=later, problem="Waits for API requests to become free."
    )
    text = admin_page.get(reverse("run", args=[stopped.pk])).content.decode()
    assert "Stopped at the limit." in text
    assert f">run #{follow_up.pk}</a>" in text
    assert "Waiting, not before 11\u00a0Feb\u00a02026 00:00. Waits for API requests" in text
    assert f"#{stopped.pk}</a>" in admin_page.get(reverse("run", args=[follow_up.pk])).content.decode()
    assert "not before 11\u00a0Feb" in admin_page.get(reverse("runs"), {"show": "waiting"}).content.decode()


def test_a_run_that_failed_names_its_next_attempt_but_no_run_of_another_day(admin_page: Client) -> None:
    failed = a_run(status=RunStatus.FAILED)
    assert admin_page.get(reverse("run", args=[failed.pk])).context["chain"].after is None
    again = a_run(attempt=2)
    a_run()
    assert admin_page.get(reverse("run", args=[failed.pk])).context["chain"].after == again
    assert admin_page.get(reverse("run", args=[again.pk])).context["chain"].before == failed
    assert admin_page.get(reverse("run", args=[again.pk])).context["chain"].after is None


def test_a_run_of_every_kind_stands_in_a_filter_of_kinds(admin_page: Client) -> None:
    for kind in RunKind:
        a_run(kind=kind)
    by_kind = ("syncs", "replays", "pushes", "rollups", "upkeep")
    shown = [
        line.run.kind for name in by_kind for line in admin_page.get(reverse("runs"), {"show": name}).context["lines"]
    ]
    assert sorted(shown) == sorted(RunKind.values)
