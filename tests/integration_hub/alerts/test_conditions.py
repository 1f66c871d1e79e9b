"""What the database says is wrong: every condition is raised by what it is about, and is over when that is gone."""

import shutil
from collections import namedtuple
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integration_hub.alerts import outbox
from integration_hub.alerts.counting import open_alerts
from integration_hub.alerts.finding import clock_words
from integration_hub.alerts.watching import tick
from integration_hub.config.alerts import CONDITIONS
from integration_hub.installation import backup
from integration_hub.models import (
    Alert,
    ApiUse,
    ParkedRow,
    Reconciliation,
    RejectedRow,
    Run,
    RunKind,
    RunStatus,
    StreamState,
)
from integration_hub.push import switch
from integration_hub.timing.pauses import pause, resume
from tests.integration_hub.alerts.conftest import Told
from tests.integration_hub.pages.push_world import park
from tests.integration_hub.pages.test_reconciliation import ERP

pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def now(told: Told, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Nothing is wrong, with an ERP of two streams."""
    path = told()
    text = path.read_text(encoding="utf-8").replace("sources = []\n", "")
    path.write_text(text + ERP, encoding="utf-8")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 50, 50))
    monkeypatch.setattr(outbox, "send_in_background", lambda: None)
    return timezone.now()


def raised(now: datetime) -> dict[str, Alert]:
    """What is open after a look, by condition; that no tick came in the minutes that a test leaves out is left out."""
    tick(now)
    return {alert.condition: alert for alert in open_alerts().exclude(condition="scheduler_silent")}


def a_run(kind: str, subject: str, status: str, **values: Any) -> Run:
    return Run.objects.create(kind=kind, subject=subject, status=status, **values)


def compared(net: str, at: datetime, **values: Any) -> Reconciliation:
    sums = {"net_amount": {"EUR": net, "USD": "0"}}
    row = Reconciliation.objects.create(
        stream="erp.invoices", mirror_sums=sums, agrees=values.pop("agrees", True), after_load=True, **values
    )
    Reconciliation.objects.filter(pk=row.pk).update(checked_at=at)
    return row


def test_nothing_is_wrong_in_an_empty_hub(now: datetime) -> None:
    assert raised(now) == {}
    assert raised(now + timedelta(minutes=1)) == {}


def test_runs_that_fail_in_a_row_until_one_succeeds(now: datetime) -> None:
    for _ in range(2):
        a_run(RunKind.SYNC, "erp", RunStatus.FAILED, problem="The ERP refused the password.", remedy="Renew it.")
    assert raised(now) == {}
    a_run(RunKind.SYNC, "erp", RunStatus.QUEUED, not_before=now)  # what did not end does not count
    a_run(RunKind.SYNC, "erp", RunStatus.DEAD, problem="Its process vanished.", remedy="Look at the worker's log.")
    alert = raised(now)["run_failed"]
    assert (alert.subject, alert.severity, alert.remedy) == ("Sync erp", "critical", "Look at the worker's log.")
    assert "3 runs in a row failed. Its process vanished." in alert.text
    a_run(RunKind.SYNC, "erp", RunStatus.PARTIAL)
    tick(now + timedelta(minutes=1))
    assert "run_failed" not in raised(now + timedelta(minutes=12))


def test_a_source_that_is_read_no_more(now: datetime) -> None:
    state = StreamState.objects.create(stream="erp.invoices", source="erp", as_of=now - timedelta(minutes=50), rows=9)
    assert raised(now) == {}
    assert "Main ERP is out of date" in raised(now + timedelta(minutes=11))["source_stale"].text
    later = now + timedelta(minutes=20)
    StreamState.objects.filter(pk=state.pk).update(as_of=later)
    tick(later)
    assert "source_stale" not in raised(later + timedelta(minutes=10))


def test_the_requests_of_the_org(now: datetime) -> None:
    ApiUse.objects.create(organization="00D1", at=now, ours=10, used_by_all=70, limit=100)
    assert raised(now) == {}
    ApiUse.objects.create(organization="00D1", at=now, ours=10, used_by_all=85, limit=100)
    alert = raised(now)["api_quota"]
    assert "85 of 100 API requests" in alert.text
    assert alert.severity == "critical"  # the hub stops at 80


def test_a_confirmed_difference_and_a_sum_that_jumped(now: datetime) -> None:
    compared("1000.00", now - timedelta(hours=3))
    compared("1400.00", now - timedelta(hours=2))
    assert raised(now) == {}
    compared("400.00", now - timedelta(hours=1), agrees=False, confirmed=True, detail="two rows are missing")
    found = raised(now)
    assert "two rows are missing" in found["difference"].text
    assert "went from 1,000.00 to 400.00 EUR (60%)" in found["sum_drift"].text
    compared("1000.00", now)
    tick(now + timedelta(minutes=1))
    assert raised(now + timedelta(minutes=12)) == {}
    compared("1000.00", now, mirror_rows=9)
    Reconciliation.objects.filter(pk=compared("0", now, mirror_rows=9).pk).update(mirror_sums={})
    assert raised(now + timedelta(minutes=13)) == {}, "what was not summed did not move to zero"


def test_rejected_rows_parked_accounts_and_a_stopped_push(now: datetime) -> None:
    StreamState.objects.create(stream="erp.invoices", source="erp", as_of=now, rows=1_000)
    run = a_run(RunKind.SYNC, "erp", RunStatus.PARTIAL)
    rows = [RejectedRow(run_ref=run, stream="erp.invoices", reason="no day") for _ in range(3)]
    RejectedRow.objects.bulk_create(rows)
    park(1)
    ParkedRow.objects.update(first_at=now - timedelta(days=4))
    switch.stop("anna", "Year end")
    found = raised(now)
    assert "3 of 1,003 rows of erp are rejected (0.30%)" in found["rejected_share"].text
    assert "1 account waits parked, the oldest for 4 days" in found["dead_letters"].text
    assert "push_stopped" not in found
    found = raised(now + timedelta(hours=5))
    assert "Stopped by anna: Year end." in found["push_stopped"].text
    switch.resume("anna")
    RejectedRow.objects.update(resolved_at=now)
    ParkedRow.objects.update(resolved_at=now)
    tick(now + timedelta(hours=5, minutes=1))
    assert not {"rejected_share", "dead_letters", "push_stopped"} & set(raised(now + timedelta(hours=5, minutes=12)))


def test_a_full_disk_and_a_worker_that_does_nothing(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 98, 2))
    run = a_run(RunKind.MATCH, "", RunStatus.QUEUED)
    for minute in (0, 5, 10, 16):
        found = raised(now + timedelta(minutes=minute))
    assert (found["disk_low"].severity, "98% full" in found["disk_low"].text) == ("critical", True)
    assert "waits for 16 minutes and nothing runs" in found["worker_silent"].text
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCEEDED)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 89, 11))
    tick(now + timedelta(minutes=20))
    assert set(raised(now + timedelta(minutes=31))) == {"disk_low"}  # between 88 and 90 it is as it was


def test_a_run_that_is_held_or_paused_is_no_silent_worker_and_a_late_retry_is(now: datetime) -> None:
    run = a_run(RunKind.SYNC, "erp", RunStatus.QUEUED)
    pause("all", by="anna", reason="Maintenance", now=now)
    assert raised(now + timedelta(hours=2)) == {}
    # Resumed: nobody could have begun it before.
    resume("all", by="anna", now=now + timedelta(hours=2))
    assert raised(now + timedelta(hours=2, minutes=10)) == {}
    assert "waits for 16 minutes" in raised(now + timedelta(hours=2, minutes=16))["worker_silent"].text
    Alert.objects.all().delete()
    Run.objects.filter(pk=run.pk).update(not_before=now + timedelta(hours=5))
    assert raised(now + timedelta(hours=4)) == {}
    assert "waits for 20 minutes" in raised(now + timedelta(hours=5, minutes=20))["worker_silent"].text


def test_backups_and_the_runs_that_look_after_themselves(now: datetime, tmp_path: Path, settings: Any) -> None:
    for kind, subject in ((RunKind.RECONCILE, "erp"), (RunKind.REPLAY, "erp"), (RunKind.ARCHIVE, "")):
        for _ in range(3):
            a_run(kind, subject, RunStatus.FAILED, problem="No.")
    tick(now)
    assert {alert.subject for alert in open_alerts()} == {
        "Reconcile erp",
        "Replay rejected rows of erp",
        "Pack figures",
    }
    Alert.objects.all().delete()
    Run.objects.update(status=RunStatus.SUCCEEDED)
    settings.BACKUP_DIR = str(tmp_path / "backups")
    # A new installation has as long as any other for its first one.
    assert raised(now + timedelta(hours=35)) == {}
    assert "There is none in" in raised(now + timedelta(hours=37))["backup_old"].text
    (tmp_path / "backups").mkdir()
    at = now + timedelta(hours=36)
    (tmp_path / "backups" / f"{backup.PREFIX}{at:{backup.STAMP}}{backup.SUFFIX}").write_bytes(b"x")
    tick(now + timedelta(hours=38))
    assert raised(now + timedelta(hours=38, minutes=11)) == {}
    assert "of the last 37 hours. The newest is of" in raised(at + timedelta(hours=37))["backup_old"].text


def test_every_disk_is_watched_that_something_lies_on(now: datetime, settings: Any, monkeypatch: Any) -> None:
    full = Path("/proc")  # a disk of its own on every machine
    settings.WATCHED_DISKS = ["/proc", "/proc/self", "/proc/not/there"]
    usages = {True: Usage(100, 98, 2), False: Usage(100, 5, 95)}
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usages[full in (place, *place.parents)])
    for minute in (0, 6):
        tick(now + timedelta(minutes=minute))
    assert [alert.subject for alert in open_alerts()] == ["disk of /proc"]


def test_every_condition_is_looked_at_with_a_bounded_number_of_queries(now: datetime) -> None:
    tick(now)
    with CaptureQueriesContext(connection) as few:
        tick(now + timedelta(minutes=1))
    for number in range(60):
        a_run(RunKind.SYNC, "erp", RunStatus.SUCCEEDED)
        compared("1000.00", now - timedelta(minutes=number))
        StreamState.objects.create(stream=f"erp.s{number}", source="erp", as_of=now, rows=10)
    with CaptureQueriesContext(connection) as many:
        tick(now + timedelta(minutes=2))
    assert len(many) <= len(few) + 2
    assert len(many) < 60
    assert set(CONDITIONS) >= set(Alert.objects.values_list("condition", flat=True))


def test_a_length_of_time_in_words() -> None:
    minutes = (0.2, 1, 1.6, 119, 130, 60 * 49)
    assert [clock_words(each) for each in minutes] == [
        *("0 minutes", "1 minute", "2 minutes", "119 minutes", "2 hours", "2 days"),
    ]
