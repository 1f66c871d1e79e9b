"""Runs at a limit: they end cleanly, say when they go on, go on by themselves, and their requests are recorded."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integration_hub import jobs, schedule
from integration_hub.api_use import metered
from integration_hub.models import ApiUse, Run, RunKind, RunStatus, SfAccount
from integration_hub.runs import claim, postpone, request_run
from integration_hub.salesforce.client import connect
from integration_hub.salesforce.errors import DailyLimitReached, RequestRefused
from integration_hub.salesforce.limits import METER, ApiUsage, check_budget
from tests.integration_hub.salesforce.conftest import Configure, Sync
from tests.practice_org import PracticeOrg

pytestmark = pytest.mark.django_db


def held() -> Run:
    """The one run that waits."""
    return Run.objects.get(status=RunStatus.QUEUED)


def test_trap_7_a_sync_at_the_daily_limit_ends_in_words_and_a_later_run_goes_on(
    work: Sync, practice_org: PracticeOrg
) -> None:
    practice_org.seed("Account", {"Name": "One"})
    practice_org.fault("daily_limit", after=2, path="/query")
    run = work()
    calls = practice_org.calls()
    first = next(place for place, call in enumerate(calls) if call["status"] == 403)
    assert len(calls) - first - 1 <= 2
    assert run.status == RunStatus.FAILED
    assert run.problem.startswith("Stopped at the limit, goes on at ")
    later = held()
    assert later.not_before is not None
    assert timedelta(hours=1, minutes=55) < later.not_before - timezone.now() <= timedelta(hours=2)
    assert (later.attempt, later.kind, later.subject) == (1, RunKind.SYNC, "salesforce")
    assert "Waits for API requests" in later.problem
    assert not SfAccount.objects.exists()

    practice_org.admin("faults", method="DELETE")
    assert claim(later.pk) is None
    Run.objects.filter(pk=later.pk).update(not_before=timezone.now())
    jobs.execute(later.pk)
    later.refresh_from_db()
    assert (later.status, later.problem) == (RunStatus.SUCCEEDED, "")
    assert SfAccount.objects.count() == 1


def test_trap_7_stopping_at_the_limit_many_times_uses_up_no_attempt_and_makes_no_storm(
    work: Sync, practice_org: PracticeOrg
) -> None:
    practice_org.fault("daily_limit")
    run = work()
    practice_org.forget_calls()
    for _ in range(5):
        later = held()
        now = timezone.now()
        assert schedule.tick(now + timedelta(minutes=30)).rung == 0
        assert schedule.tick(now + timedelta(minutes=90)).requested == ()
        Run.objects.filter(pk=later.pk).update(not_before=now)
        jobs.execute(later.pk)
        later.refresh_from_db()
        assert (later.status, later.attempt) == (RunStatus.FAILED, 1)
    assert run.attempt == held().attempt == 1
    # A token, and one request that is refused.
    assert len(practice_org.calls()) == 5 * 2


def test_trap_9_a_sync_stops_at_the_configured_share_and_goes_on_when_requests_are_free(
    work: Sync, practice_org: PracticeOrg
) -> None:
    practice_org.admin("usage", {"max": 1000, "used": 810})
    run = work()
    assert run.status == RunStatus.FAILED
    assert "stops at 80%" in run.meaning
    later = held()
    assert later.not_before is not None
    assert timedelta(minutes=55) < later.not_before - timezone.now() <= timedelta(hours=1)
    practice_org.admin("usage", {"max": 1000, "used": 100})
    Run.objects.filter(pk=later.pk).update(not_before=timezone.now())
    jobs.execute(later.pk)
    later.refresh_from_db()
    assert later.status == RunStatus.SUCCEEDED


def test_trap_9_one_run_may_use_only_its_share_of_the_days_requests(work: Sync, practice_org: PracticeOrg) -> None:
    practice_org.admin("usage", {"max": 40, "used": 0})
    practice_org.forget_calls()
    run = work(run_request_share=0.25)
    assert run.status == RunStatus.FAILED
    assert "This run has sent 10 of the 40" in run.problem
    assert sum("/services/data/" in call["path"] for call in practice_org.calls()) == run.api_calls == 10
    assert held().not_before is not None


@pytest.mark.parametrize(("kind", "stops_at"), [(RunKind.FORMULAS, 64), (RunKind.SWEEP, 72), (RunKind.PUSH, 80)])
def test_what_can_wait_stops_earlier(
    configure: Configure, practice_org: PracticeOrg, kind: RunKind, stops_at: int
) -> None:
    for used, stops in ((stops_at - 2, False), (stops_at - 1, True)):
        practice_org.admin("usage", {"max": 100, "used": used})
        with metered(Run.objects.create(kind=kind, subject=f"{kind}-{used}")):
            org = connect()
            org.organization_id()
            if stops:
                with pytest.raises(DailyLimitReached):
                    list(org.query("SELECT Id FROM Account"))
            else:
                assert list(org.query("SELECT Id FROM Account")) == []


def test_a_run_that_waits_already_is_held_back_too_and_only_ever_later() -> None:
    run = Run.objects.create(kind=RunKind.SYNC, subject="salesforce", status=RunStatus.FAILED, attempt=3)
    waiting = request_run(RunKind.SYNC, "salesforce", options={"full": True})
    until = datetime(2026, 2, 10, 12, tzinfo=UTC)
    assert postpone(run, until) == waiting
    assert postpone(run, until - timedelta(hours=1)) == waiting
    waiting.refresh_from_db()
    assert (waiting.not_before, waiting.options) == (until, {"full": True})


def test_a_follow_up_keeps_what_was_asked_for_and_the_number_of_its_attempt() -> None:
    options = {"stream": "accounts"}
    run = Run.objects.create(
        kind=RunKind.SYNC, subject="salesforce", status=RunStatus.FAILED, attempt=2, options=options, requested_by="bob"
    )
    later = postpone(run, timezone.now())
    assert later is not None
    assert (later.options, later.attempt, later.requested_by) == (options, 2, "bob")


def test_the_requests_of_a_run_are_recorded_with_what_all_had_used(work: Sync, practice_org: PracticeOrg) -> None:
    practice_org.admin("usage", {"max": 5000, "used": 100})
    practice_org.forget_calls()
    run = work()
    sent = sum("/services/data/" in call["path"] for call in practice_org.calls())
    row = ApiUse.objects.get()
    assert (row.ours, row.used_by_all, row.limit, row.run_ref) == (sent, 100 + sent, 5000, run)
    assert row.organization.startswith("00D")
    assert run.api_calls == sent
    assert METER.get() is None


def test_a_run_that_fails_records_its_requests_too(work: Sync, practice_org: PracticeOrg) -> None:
    practice_org.fault("server_error", path="/describe")
    run = work()
    assert run.status == RunStatus.FAILED
    assert run.api_calls == ApiUse.objects.get().ours > 1


def test_measurements_are_a_minute_apart_and_none_is_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("integration_hub.api_use.time.monotonic", lambda: clock[0])
    run = Run.objects.create(kind=RunKind.SYNC, subject="salesforce")
    with metered(run) as meter:
        for second in range(150):
            clock[0] = float(second)
            meter.note(ApiUsage(second, 1000), "00D000000000001AAA")
    rows = list(ApiUse.objects.order_by("id").values_list("ours", "used_by_all"))
    assert rows == [(61, 60), (60, 120), (29, 149)]


def test_a_measurement_in_the_middle_of_a_copy_waits_for_its_end() -> None:
    run = Run.objects.create(kind=RunKind.SYNC, subject="salesforce")
    with metered(run) as meter, connection.cursor() as cursor:
        cursor.execute("create temporary table copied (text text)")
        with cursor.copy("copy copied from stdin") as copy:
            meter.note(ApiUsage(5, 1000), "00D000000000001AAA")
            meter.write()
            copy.write("still whole\n")
        cursor.execute("select text from copied")
        assert cursor.fetchone() == ("still whole",)
        assert not ApiUse.objects.exists()
    assert ApiUse.objects.get().ours == 1


def test_measurements_are_kept_for_thirty_days() -> None:
    run = Run.objects.create(kind=RunKind.SYNC, subject="salesforce")
    for days in (31, 29):
        ApiUse.objects.create(at=timezone.now() - timedelta(days=days), ours=days)
    with metered(run) as meter:
        meter.note(ApiUsage(), "")
    assert sorted(ApiUse.objects.values_list("ours", "limit")) == [(1, None), (29, None)]


def test_a_share_that_is_used_up_says_when_it_goes_on() -> None:
    with pytest.raises(DailyLimitReached) as caught:
        check_budget(ApiUsage(900, 1000), 0.8)
    assert caught.value.resume_at is not None
    assert caught.value.resume_at > timezone.now()


def test_a_refusal_that_needs_a_person_is_not_put_off(work: Sync, practice_org: PracticeOrg) -> None:
    practice_org.admin(
        "field_access", {"sobject": "Account", "field": "ERP_Number__c", "readable": False, "editable": False}
    )
    assert work().status == RunStatus.FAILED
    assert not Run.objects.filter(status=RunStatus.QUEUED).exists()
    assert RequestRefused("X", "").resume_at is None
