"""A difference that stands for weeks is compared thousands of times: that makes neither pages nor loads slow."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integration_hub.models import Reconciliation, Run, RunKind
from integration_hub.reconcile_load import KEPT_AGREEING, Result, keep
from integration_hub.standing_differences import latest
from integration_hub.status.proven import proven

pytestmark = pytest.mark.django_db
NAME = "erp.orders"
COMPARED = 5000
"""Every five minutes for two and a half weeks."""


@pytest.fixture
def one_second() -> Iterator[None]:
    """What takes longer is ended, and the difference of weeks is there."""
    stands = Reconciliation(stream=NAME, agrees=False, confirmed=True, after_load=True)
    ended = Reconciliation(stream=NAME, agrees=True, after_load=True)
    Reconciliation.objects.bulk_create([*(stands for _ in range(COMPARED)), ended])
    with connection.cursor() as cursor:
        cursor.execute("analyze hub_reconciliation")
        cursor.execute("set statement_timeout = '1s'")
        yield
        cursor.execute("set statement_timeout = 0")


@pytest.mark.usefixtures("one_second")
def test_how_long_it_stood_is_told_at_once() -> None:
    assert proven().days_clean == 0
    Reconciliation.objects.update(checked_at=timezone.now() - timedelta(days=3))
    assert proven().days_clean == 3


@pytest.mark.usefixtures("one_second")
def test_a_load_forgets_old_comparisons_at_once_but_not_the_one_that_ended_it() -> None:
    later = Reconciliation.objects.create(stream=NAME, agrees=True, after_load=True)
    Reconciliation.objects.update(checked_at=timezone.now() - KEPT_AGREEING - timedelta(days=1))
    keep(Run.objects.create(kind=RunKind.SYNC, subject="erp"), NAME, Result({}, {}), [], None)
    assert not Reconciliation.objects.filter(pk=later.pk).exists()
    assert Reconciliation.objects.filter(agrees=True).count() == 2, "the one that ended the difference, and the new one"


def read_rows(plan: dict[str, Any]) -> int:
    """How many rows a plan took out of tables."""
    own = plan["Actual Rows"] * plan["Actual Loops"] if "Relation Name" in plan else 0
    return int(own) + sum(read_rows(part) for part in plan.get("Plans", ()))


@pytest.mark.usefixtures("one_second")
def test_the_last_comparison_of_each_stream_is_found_without_reading_those_before() -> None:
    other = Reconciliation.objects.create(stream="erp.items", agrees=True, after_load=True)
    Reconciliation.objects.create(stream="erp.items", agrees=False)
    with CaptureQueriesContext(connection) as asked:
        found = list(latest([NAME, "erp.items", "erp.never"]))
    assert [(each.stream, each.agrees) for each in found] == [("erp.items", True), (NAME, True)]
    assert found[0] == other
    assert (list(latest(["erp.items"])), list(latest([]))) == ([other], [])
    with connection.cursor() as cursor:
        (query,) = asked.captured_queries
        cursor.execute(f"explain (analyze, format json) {query['sql']}")
        told = cursor.fetchone()[0]
    assert read_rows((json.loads(told) if isinstance(told, str) else told)[0]["Plan"]) <= 4
