"""The status page: plain words for everybody, the machine for administrators."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.freshness import freshness
from integration_hub.models import Pulse, Reconciliation, Run, RunKind, RunRow, RunStatus, StreamState
from integration_hub.reconcile_load import Result, keep
from integration_hub.run_lists import KEPT
from integration_hub.status import pulse
from integration_hub.status.proven import proven
from tests.integration_hub.pages.conftest import CONFIGURATION, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/status/"
SOURCE = """
[[sources]]
name = "erp"
label = "Main ERP"
kind = "files"
directory = "drops"
every_minutes = 10
{limits}
[[sources.streams]]
name = "orders"
target = "erp_order"
path = "orders*.csv"
[[sources.streams]]
name = "items"
target = "erp_open_item"
path = "items*.csv"
"""


@pytest.fixture
def erp(settings: Any) -> Any:
    """Writes hub.toml with one ERP, whose limits are given."""

    def write(limits: str = "") -> None:
        text = CONFIGURATION.replace("sources = []\n", "")
        Path(settings.HUB_CONFIG).write_text(f"{text}\n{SOURCE.format(limits=limits)}", encoding="utf-8")

    write()
    return write


def read_before(minutes: int) -> None:
    for stream in ("orders", "items"):
        StreamState.objects.update_or_create(
            stream=f"erp.{stream}",
            defaults={"source": "erp", "as_of": timezone.now() - timedelta(minutes=minutes)},
        )


def text_of(client: Client) -> str:
    return client.get(PAGE).content.decode().replace("\u00a0", " ")


def test_everybody_reads_what_is_late_and_who_is_on_it_and_nothing_of_the_machine(erp: Any) -> None:
    read_before(25)
    anna = signed_in("anna", "")
    text = text_of(anna)
    assert "Main ERP is late" in text
    assert "It was last read 25 minutes ago and should be read every 10 minutes" in text
    assert "an administrator has to start the scheduler" in text
    pulse.beat(timezone.now())
    run = Run.objects.create(kind=RunKind.SYNC, subject="erp", not_before=timezone.now() + timedelta(minutes=5))
    assert "It is tried again by itself at" in text_of(anna)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, started_at=timezone.now())
    text = text_of(anna)
    assert "It is being read now, since" in text
    assert "Workers" not in text
    assert reverse("runs") not in text
    assert Client().get(PAGE).status_code == 302


@pytest.mark.parametrize(
    ("limits", "minutes", "state"),
    [
        ("", 19, "green"),
        ("", 21, "amber"),
        ("", 41, "red"),
        ("late_after = 30\nstale_after = 90", 39, "green"),
        ("late_after = 30\nstale_after = 90", 41, "amber"),
        ("late_after = 30\nstale_after = 90", 101, "red"),
    ],
)
def test_each_source_is_late_by_its_own_limits(erp: Any, limits: str, minutes: int, state: str) -> None:
    erp(limits)
    read_before(minutes)
    assert {source.name: source.state for source in freshness()}["erp"] == state


def test_how_much_is_proven_today_and_for_how_long_nothing_differed(erp: Any) -> None:
    now = timezone.now()
    assert proven(now).share == 0
    assert proven(now).days_clean is None
    for stream in ("orders", "items"):
        Reconciliation.objects.create(stream=f"erp.{stream}", agrees=True, after_load=True)
    Reconciliation.objects.update(checked_at=now - timedelta(days=3))
    assert (proven(now).today, proven(now).days_clean, proven(now).never) == (0, 3, True)
    Reconciliation.objects.create(stream="erp.orders", agrees=False, confirmed=True, after_load=True)
    found = proven(now)
    assert (found.today, found.differing, found.days_clean) == (0, 1, 0)
    Reconciliation.objects.filter(confirmed=True).update(checked_at=now - timedelta(days=1))
    Reconciliation.objects.create(stream="erp.orders", agrees=True, after_load=True)
    found = proven(now)
    assert (found.today, found.differing, found.days_clean, found.never) == (1, 0, 0, False), "it stood until just now"
    Reconciliation.objects.filter(agrees=True).update(checked_at=now - timedelta(days=1))
    Reconciliation.objects.create(stream="erp.orders", agrees=True, after_load=True)
    assert (proven(now).today, proven(now).days_clean) == (1, 1)
    assert "50.0%" in text_of(signed_in("anna", ""))


def test_what_agrees_but_for_rows_in_quarantine_is_not_proven(admin_page: Client, erp: Any) -> None:
    Reconciliation.objects.create(stream="erp.orders", agrees=True, after_load=True, waiting=7)
    Reconciliation.objects.create(stream="erp.items", agrees=True, after_load=True)
    found = proven()
    assert (found.today, found.held_back, found.waiting, found.differing) == (1, 1, 7, 0)
    assert "1 more but for 7 rows in quarantine" in text_of(admin_page)
    assert "1 equal but for 7 rows in quarantine" in text_of(admin_page)


def test_a_difference_of_a_stream_that_is_not_configured_any_more_stood_until_it_was_last_looked_at(erp: Any) -> None:
    now = timezone.now()
    Reconciliation.objects.create(stream="old.orders", agrees=False, confirmed=True, after_load=True)
    Reconciliation.objects.update(checked_at=now - timedelta(days=4))
    assert proven(now).days_clean == 4


def test_the_comparison_that_ended_a_difference_is_kept_as_long_as_the_difference(erp: Any) -> None:
    # At noon a day is the same one in summer and in winter time.
    now, run = timezone.now().replace(hour=12), Run.objects.create(kind=RunKind.SYNC, subject="erp")
    for days, agrees in ((300, False), (200, True), (190, True)):
        row = Reconciliation.objects.create(
            stream="erp.orders", agrees=agrees, confirmed=not agrees, after_load=True, run_ref=run
        )
        Reconciliation.objects.filter(pk=row.pk).update(checked_at=now - timedelta(days=days))
    keep(run, "erp.orders", Result({}, {}), [], None)
    assert list(Reconciliation.objects.order_by("id").values_list("agrees", flat=True)) == [False, True, True]
    assert proven(now).days_clean == 200


def test_an_administrator_sees_what_the_scheduler_saw_and_that_it_has_stopped(admin_page: Client, erp: Any) -> None:
    read_before(1)
    assert "It has never ticked" in text_of(admin_page)
    pulse.beat(timezone.now())
    text = text_of(admin_page)
    for words in ("Ticked less than a minute ago", "None is alive: requested runs wait", "GB free of", "No run waits."):
        assert words in text
    Pulse.objects.update(at=timezone.now() - timedelta(minutes=30))
    assert "Has not ticked for 30 minutes" in text_of(admin_page)


def test_redis_that_is_away_is_noted_and_costs_no_tick(admin_page: Client, settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    pulse.beat(timezone.now())
    seen = pulse.last_pulse()
    assert seen.facts is not None
    assert (seen.facts.redis, seen.facts.workers, seen.facts.queued) == (False, None, None)
    assert "Did not answer at the last tick" in text_of(admin_page)


def test_lists_of_rows_go_after_their_time() -> None:
    now = timezone.now()
    old, new = (Run.objects.create(kind=RunKind.SYNC, subject=name) for name in ("a", "b"))
    for run in (old, new):
        RunRow.objects.create(run_ref=run, stream="erp.orders", change="inserted", key="erp:1")
    Run.objects.filter(pk=old.pk).update(requested_at=now - KEPT - timedelta(days=1))
    pulse.beat(now)
    assert list(RunRow.objects.values_list("run_ref", flat=True)) == [new.pk]


def test_the_page_costs_the_same_number_of_queries_for_an_administrator(
    admin_page: Client, erp: Any, django_assert_max_num_queries: Any
) -> None:
    pulse.beat(timezone.now())
    for number in range(10):
        Run.objects.create(kind=RunKind.SYNC, subject=f"s{number}")
    with django_assert_max_num_queries(32):
        admin_page.get(PAGE)
