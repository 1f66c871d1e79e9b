"""Figures for monitoring."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integration_hub.models import Alert, Pulse, Reconciliation, Run, RunKind, RunStatus, StreamRun
from integration_hub.status import pulse

pytestmark = pytest.mark.django_db
LINE = re.compile(r'(# (HELP|TYPE) \w+ .+|\w+(\{\w+="\w+"(,\w+="\w+")*\})? -?[0-9.e+-]+)')


def test_runs_and_sources_are_told_without_a_login_in_lines_that_prometheus_reads() -> None:
    for subject in ("erp", "us"):
        Run.objects.create(kind=RunKind.SYNC, subject=subject, status=RunStatus.QUEUED)
    Run.objects.create(kind=RunKind.PUSH, subject="salesforce", status=RunStatus.FAILED)
    answer = Client().get("/metrics")
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
    lines = answer.content.decode().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert {
        'customer360_runs{kind="sync",status="queued"} 2',
        'customer360_runs{kind="push",status="failed"} 1',
        'customer360_runs{kind="push",status="dead"} 0',
        "customer360_waiting_runs 2",
        'customer360_source_state{source="salesforce"} 2',
        "customer360_rejected_rows 0",
    } <= set(lines)
    # Never loaded: there is no age to tell.
    assert not any(line.startswith("customer360_source_age_seconds{") for line in lines)


def numbers() -> dict[str, float]:
    lines = Client().get("/metrics").content.decode().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    values = [line.removeprefix("customer360_").rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in values}


def test_the_machine_and_the_last_syncs_are_told_as_the_status_page_tells_them() -> None:
    now = timezone.now()
    assert "scheduler_tick_age_seconds" not in numbers(), "what is not known is a gap"
    run = Run.objects.create(
        kind=RunKind.SYNC,
        subject="salesforce",
        status=RunStatus.PARTIAL,
        started_at=now - timedelta(seconds=30),
        finished_at=now,
        api_calls=9,
    )
    for stream in ("accounts", "contacts"):
        StreamRun.objects.create(
            run_ref=run, stream=f"salesforce.{stream}", mode="snapshot", read=5, inserted=4, rejected=1, bytes_read=100
        )
    Reconciliation.objects.create(stream="erp.orders", agrees=False, confirmed=True)
    assert pulse.beat(now) == []
    found = numbers()
    assert found['last_sync_succeeded{source="salesforce"}'] == 1
    assert found['last_sync_seconds{source="salesforce"}'] == 30
    assert found['last_sync_rows{source="salesforce",rows="read"}'] == 10
    assert found['last_sync_rows{source="salesforce",rows="rejected"}'] == 2
    assert (found['last_sync_bytes{source="salesforce"}'], found['last_sync_requests{source="salesforce"}']) == (200, 9)
    assert found['source_late_after_seconds{source="salesforce"}'] == 30 * 60
    assert found['source_stale_after_seconds{source="salesforce"}'] == 60 * 60
    assert (found["redis_up"], found["workers"]) == (1, 0)
    assert found['queue_entries{queue="default"}'] >= 0
    assert found["disk_free_bytes"] > 0
    assert abs(found["clock_skew_seconds"]) < 60
    assert 0 <= found["scheduler_tick_age_seconds"] < 60
    assert found["days_without_difference"] == 0
    # Of another source than those of hub.toml no label is made.
    assert not any("erp" in name for name in found)
    Pulse.objects.update(at=now - timedelta(hours=1))
    assert numbers()["scheduler_tick_age_seconds"] > 3500


def test_open_alerts_are_counted_by_severity() -> None:
    now = timezone.now()
    known: list[tuple[str, dict[str, Any]]] = [
        ("warning", {"raised_at": now}),
        ("critical", {"raised_at": now, "acknowledged_at": now, "acknowledged_by": "rita"}),
        ("critical", {"raised_at": now}),
        ("critical", {"raised_at": now, "recovered_at": now}),
        ("warning", {}),
    ]
    assert numbers()['alerts_open{severity="critical"}'] == 0, "none is a zero, and no gap"
    for number, (severity, values) in enumerate(known):
        Alert.objects.create(
            condition="disk_low", subject=str(number), severity=severity, first_seen_at=now, last_seen_at=now, **values
        )
    found = numbers()
    assert (found['alerts_open{severity="warning"}'], found['alerts_open{severity="critical"}']) == (1, 2)
    text = Client().get("/metrics").text
    assert "# HELP customer360_alerts_open Alerts that were raised and are not over, acknowledged ones too." in text


def test_what_is_told_costs_the_same_number_of_queries_however_much_there_is(
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(20):
        run = Run.objects.create(kind=RunKind.SYNC, subject="salesforce", finished_at=timezone.now())
        Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCEEDED)
        StreamRun.objects.create(run_ref=run, stream="salesforce.accounts", mode="snapshot")
    with django_assert_max_num_queries(18):
        Client().get("/metrics")


def test_monitoring_can_only_read() -> None:
    assert Client().post("/metrics").status_code == 405
