"""A difference that stands for weeks is compared thousands of times: that makes neither pages nor loads slow."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integration_hub.models import Reconciliation, Run, RunKind
from integration_hub.reconcile_load import KEPT_AGREEING, Result, keep
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
