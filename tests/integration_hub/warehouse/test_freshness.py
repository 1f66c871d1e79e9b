"""What a source's badge says: each stream counts by itself, from the time that was due."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from integration_hub.alerts.of_runs import run_failed, source_stale
from integration_hub.attempts import note_failed
from integration_hub.config.lateness import Limits
from integration_hub.freshness import SourceFreshness, freshness, read_words
from integration_hub.models import Run, RunKind, RunStatus, StreamState
from integration_hub.status.attended import attended
from integration_hub.status.measured import of_sources
from integration_hub.timing import pauses
from integration_hub.timing.rhythm import parse
from integration_hub.timing.states import State, standings
from tests.integration_hub.warehouse.world import World

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
ORDERS = "key,customer,ordered_on,currency,net_amount\n"


def main(now: datetime | None = None) -> SourceFreshness:
    """The ERP's freshness."""
    return next(source for source in freshness(now) if source.name == "main")


@pytest.fixture
def erp(world: World) -> World:
    """An ERP of three streams, read every 15 minutes."""
    world.options = "every_minutes = 15"
    for name, target in (("orders", "erp_order"), ("invoices", "erp_invoice"), ("payments", "erp_payment")):
        world.stream(name, target)
    return world


def test_only_a_stream_that_was_read_loses_its_gaps_and_all_gaps_are_named(erp: World) -> None:
    erp.options += "\nmax_rejected_share = 1.0"
    erp.write()
    erp.deliver("orders", f"{ORDERS}1,C1,2026-01-05,EUR,1\n2,C1,2026-01-05,QQQ,1")
    erp.deliver("invoices", "key,customer,issued_on,currency,net_amount\n1,C1,2026-01-05,QQQ,1\n2,C1,x,EUR,1")
    erp.deliver("payments", "key,customer,paid_on,currency,amount\n1,C1,2026-01-05,EUR,1")
    assert erp.sync().status == RunStatus.PARTIAL
    both = (
        "1 row waits in quarantine (orders) and 2 rows wait in quarantine (invoices), in no figure; "
        "where an earlier version is known, that one is still shown."
    )
    assert (main().word, main().problem) == ("with gaps", both)
    erp.deliver("payments", "key,customer,paid_on,currency,amount\n1,C1,2026-01-05,EUR,2")
    erp.sync(streams=["payments"])
    assert main().problem == both
    # Left out of a whole read because it is paused.
    pauses.pause("sync main.invoices", by="ana", reason="Year end", now=timezone.now())
    erp.deliver("orders", f"{ORDERS}1,C1,2026-01-05,EUR,1\n2,C1,2026-01-05,EUR,1")
    erp.sync()
    assert main().word == "with gaps"
    assert main().problem.startswith("2 rows wait in quarantine (invoices), in no figure")
    # What hub.toml no longer has lacks nothing.
    del erp.streams["invoices"]
    erp.write()
    erp.sync()
    assert (main().word, StreamState.objects.get(pk="main.invoices").problem) == ("current", "")


def test_a_failed_sync_of_one_stream_is_no_gap_of_the_others(erp: World) -> None:
    for name in ("orders", "invoices", "payments"):
        StreamState.objects.create(stream=f"main.{name}", source="main", as_of=timezone.now())
    erp.deliver("orders", "number\n1")
    assert erp.sync(streams=["orders"]).status == RunStatus.FAILED
    assert StreamState.objects.get(pk="main.orders").problem
    assert not StreamState.objects.exclude(pk="main.orders").exclude(problem="").exists()


@pytest.fixture
def read(erp: World) -> Callable[..., Run]:
    """A sync so many minutes before NOON, of all streams or of some."""
    for name in ("orders", "invoices", "payments"):
        StreamState.objects.create(stream=f"main.{name}", source="main", as_of=NOON - 200 * MINUTE)

    def made(ago: int, status: RunStatus, **options: Any) -> Run:
        values = {"kind": RunKind.SYNC, "subject": "main", "started_at": NOON - ago * MINUTE}
        problem = "Payments may not be read." if status == RunStatus.FAILED else ""
        return Run.objects.create(status=status, options=options, problem=problem, finished_at=NOON, **values)

    return made


NOON = datetime(2036, 2, 13, 12, 0, tzinfo=UTC)


def test_reads_of_one_stream_hide_neither_that_the_source_fails_nor_how_old_the_others_are(
    erp: World, read: Callable[..., Run]
) -> None:
    erp.streams["orders"] += 'every = "minute"\n'
    erp.write()
    read(20, RunStatus.SUCCEEDED)
    assert main(NOON).state == "green"
    for ago in (15, 10, 5):
        read(ago, RunStatus.FAILED)
        read(ago - 1, RunStatus.SUCCEEDED, streams=["orders"])
    found = main(NOON)
    assert (found.word, found.cause, found.read_at) == (
        "last read failed",
        "Payments may not be read.",
        NOON - 20 * MINUTE,
    )
    assert found.problem.startswith("The read of ")
    assert found.problem.endswith(" failed; the figures are those before.")
    states = {each.item.name: each.state for each in standings(NOON)}
    assert [states[f"sync main{part}"] for part in ("", ".payments")] == [State.FAILED, State.FAILED]
    assert states["sync main.orders"] != State.FAILED
    (sync,) = (each for each in run_failed(NOON) if each.subject == "Sync main")
    assert (sync.value, sync.critical) == (3, True)
    families = {name: samples for name, _words, samples in of_sources(NOON)}
    assert families["last_sync_succeeded"] == [({"source": "main"}, 0)]
    later = NOON + 41 * MINUTE
    read(-40, RunStatus.SUCCEEDED, streams=["orders"])
    assert main(later).word == "out of date"
    (stale,) = (each for each in source_stale(later) if each.subject == "main")
    assert stale.value >= 4
    read(-41, RunStatus.SUCCEEDED, streams=["invoices", "orders", "payments"], source_due=True)
    assert main(later).state == "green"
    assert not next(each for each in run_failed(later) if each.subject == "Sync main").value


def test_a_stream_is_late_by_its_own_times_and_says_that_it_is_paused(erp: World, read: Callable[..., Run]) -> None:
    erp.streams["payments"] += 'every = "day at 02:30"\n'
    erp.write()
    read(10, RunStatus.SUCCEEDED, streams=["invoices", "orders"], source_due=True)
    assert main(NOON).state == "green", "payments are due in the night"
    assert main(NOON).as_of == NOON - 200 * MINUTE
    later = NOON + 3 * DAY
    pauses.pause("sync main.payments", by="ana", reason="Year end", now=NOON)
    read(-3 * 1440 + 5, RunStatus.SUCCEEDED)
    found = main(later)
    assert found.word == "late"
    assert found.problem.startswith("Payments was last read 3 days ago and should be read every day at 02:30.")
    assert found.problem.endswith("ana paused it on the page Schedule (Year end). It goes on when it is resumed there.")


@pytest.mark.parametrize("name", ["all", "main", "sync main"])
def test_a_source_that_is_paused_says_so_however_it_was_paused(erp: World, read: Callable[..., Run], name: str) -> None:
    read(20, RunStatus.SUCCEEDED)
    pauses.pause(name, by="ana", reason="Year end", now=NOON, until=NOON + 4 * DAY)
    held = main(NOON).held
    assert held.startswith("ana paused it on the page Schedule (Year end). It goes on at ")
    waiting = Run.objects.create(kind=RunKind.SYNC, subject="main")
    assert attended(main(NOON), {"main": waiting}, scheduler=True) == held
    assert held in main(NOON + DAY).problem
    assert main(NOON + DAY).word == "out of date"
    pauses.resume(name, by="ana", now=NOON)
    assert main(NOON).held == ""
    assert attended(main(NOON), {"main": waiting}, scheduler=True) == "It is about to be read."


def test_only_administrators_are_told_what_a_failed_read_said_of_hosts_and_roles(
    erp: World, read: Callable[..., Run]
) -> None:
    read(20, RunStatus.SUCCEEDED)
    read(5, RunStatus.FAILED)
    found = main(NOON)
    assert found.cause == "Payments may not be read."
    assert found.cause not in read_words(found)
    assert found.told == f"{found.problem} {found.cause}"


def test_nor_where_a_stream_was_paused_after_its_read_had_failed(erp: World, read: Callable[..., Run]) -> None:
    read(20, RunStatus.SUCCEEDED)
    StreamState.objects.update(as_of=NOON - 20 * MINUTE)
    read(10, RunStatus.FAILED)
    note_failed("main.payments", "main", "connection to db7.example.com failed for the role erp_reader")
    pauses.pause("sync main.payments", by="ana", reason="Year end", now=NOON - 8 * MINUTE)
    read(5, RunStatus.SUCCEEDED)
    found = main(NOON)
    assert (found.word, found.problem) == (
        "last read failed",
        "The last read of payments failed; the figures are those before.",
    )
    assert found.cause == "connection to db7.example.com failed for the role erp_reader"
    assert "db7" not in read_words(found)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("every", "late", "stale", "read_at", "late_at", "stale_at"),
    [
        ("15 minutes", None, None, "2026-11-23 06:00", "2026-11-23 06:30", "2026-11-23 07:00"),
        ("weekday at 06:00", None, None, "2026-11-23 06:01", "2026-11-25 06:00", "2026-11-27 06:00"),
        ("weekday at 06:00", None, None, "2026-11-27 06:01", "2026-12-01 06:00", "2026-12-03 06:00"),
        ("weekday at 06:00", 15, 60, "2026-11-27 06:01", "2026-11-30 06:15", "2026-11-30 07:00"),
        ("day at 02:30", 240, None, "2026-11-23 02:31", "2026-11-24 06:30", "2026-11-27 02:30"),
        ("month on last at 22:00", 60, 600, "2026-01-31 22:01", "2026-02-28 23:00", "2026-03-01 08:00"),
    ],
)
def test_lateness_counts_from_the_time_that_was_due(
    every: str, late: int | None, stale: int | None, read_at: str, late_at: str, stale_at: str
) -> None:
    limits = Limits(parse(every), BERLIN, late and late * MINUTE, stale and stale * MINUTE)  # type: ignore[arg-type]
    assert limits.late_at(at(read_at)) == at(late_at)
    assert limits.stale_at(at(read_at)) == at(stale_at)


def test_a_source_of_working_days_is_late_when_a_day_was_missed_and_says_its_rhythm(erp: World) -> None:
    erp.options = 'every = "weekday at 06:00"\nlate_after = 15\nstale_after = 1440'
    erp.write()
    monday = at("2036-02-11 06:01")
    StreamState.objects.create(stream="main.orders", source="main", as_of=monday)
    assert main(monday + DAY).state == "green"
    found = main(monday + DAY + HOUR)
    assert (found.word, found.late_after) == ("late", DAY + 14 * MINUTE)
    assert "25 hours ago and should be read Monday to Friday at 06:00" in found.problem
    assert main(monday + 3 * DAY).word == "out of date"
    assert main(at("2036-02-18 06:10")).word == "out of date"
    assert attended(main(monday + DAY), {}, scheduler=True) == "It is read Monday to Friday at 06:00."


def test_the_badge_costs_the_same_for_many_streams(erp: World, tmp_path: Path, django_assert_num_queries: Any) -> None:
    for number in range(20):
        erp.stream(f"more_{number}", "erp_order")
        StreamState.objects.create(stream=f"main.more_{number}", source="main", as_of=NOON)
    with django_assert_num_queries(2):
        assert main(NOON).state == "green"
