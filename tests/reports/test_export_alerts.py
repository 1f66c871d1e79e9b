"""What alerts say of exports: one that nobody makes, and a scheduled one that fails again and again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integration_hub.timing.pauses import pause, resume
from reports.alerting import exports_failed, exports_waiting
from reports.models import ExportJob, ExportSchedule, ExportState
from tests.customers.pages.world import AS_OF

pytestmark = pytest.mark.django_db


def a_job(state: ExportState, schedule: ExportSchedule | None = None, **values: Any) -> ExportJob:
    return ExportJob.objects.create(
        report="orders", format="csv", as_of=AS_OF, state=state, schedule=schedule, **values
    )


def test_an_export_that_nobody_makes_and_one_that_fails_are_found_until_they_are_made() -> None:
    now = timezone.now()
    schedule = ExportSchedule.objects.create(report="orders", format="csv")
    assert [finding.value for finding in (*exports_waiting(now), *exports_failed(now))] == [0, 0]
    waiting = a_job(ExportState.WAITING, schedule)
    (found,) = exports_waiting(now + timedelta(minutes=20))
    assert (found.condition, found.subject, round(found.value)) == ("worker_silent", "exports", 20)
    pause("exports", by="anna", reason="Audit", now=now)
    assert [finding.value for finding in exports_waiting(now + timedelta(minutes=20))] == [0]
    resume("exports", by="anna", now=now + timedelta(minutes=20))
    assert [round(finding.value) for finding in exports_waiting(now + timedelta(minutes=30))] == [10]
    busy = a_job(ExportState.RUNNING)
    assert [finding.value for finding in exports_waiting(now + timedelta(minutes=30))] == [0]
    ExportJob.objects.filter(pk=busy.pk).delete()
    a_job(ExportState.DONE, schedule)
    for _ in range(3):
        a_job(ExportState.FAILED, schedule, error="The folder is full.")
    (failed,) = exports_failed(now)
    assert (failed.condition, failed.value, "The folder is full." in failed.text) == ("run_failed", 3, True)
    ExportJob.objects.filter(pk=waiting.pk).delete()
    a_job(ExportState.DONE, schedule)
    assert [finding.value for finding in (*exports_waiting(now), *exports_failed(now))] == [0, 0]
