"""Figures for monitoring."""

import re

import pytest
from django.test import Client

from integration_hub.models import Run, RunKind, RunStatus

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


def test_monitoring_can_only_read() -> None:
    assert Client().post("/metrics").status_code == 405
