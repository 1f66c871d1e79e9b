"""What is due is decided by PostgreSQL: made up once when nobody looked, never twice, whatever the clock does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integration_hub import jobs, schedule
from integration_hub.models import Run, RunKind, RunStatus, ScheduleMark
from integration_hub.runs import request_run
from integration_hub.timing.due import request_due
from tests.integration_hub.warehouse.world import World

DAY = timedelta(days=1)
# 02:30 in Berlin, in winter.
HALF_PAST_TWO = datetime(2036, 2, 11, 1, 30, tzinfo=UTC)


def due(now: datetime) -> list[str]:
    """What is asked for at an instant; done at once, so that nothing waits."""
    requested = request_due(now)
    Run.objects.filter(status=RunStatus.QUEUED).update(status=RunStatus.SUCCEEDED, started_at=now)
    return requested


@pytest.fixture
def nightly(world: World) -> World:
    """An ERP that is read at 02:30, loaded once, and looked at on the evening before."""
    world.options = 'every = "day at 02:30"'
    world.stream("orders", "erp_order")
    assert due(HALF_PAST_TWO - 8 * timedelta(hours=1)) == ["sync main"], (
        "what was never loaded does not wait for a night"
    )
    return world


def test_a_time_of_the_clock_comes_once_and_what_was_missed_is_made_up_once(nightly: World) -> None:
    assert due(HALF_PAST_TWO - timedelta(minutes=1)) == []
    assert due(HALF_PAST_TWO) == ["sync main"]
    assert due(HALF_PAST_TWO + timedelta(minutes=1)) == []
    assert due(HALF_PAST_TWO + DAY) == ["sync main"]
    # Nobody looked for four days.
    assert due(HALF_PAST_TWO + 5 * DAY + timedelta(hours=7)) == ["sync main"]
    assert due(HALF_PAST_TWO + 5 * DAY + timedelta(hours=8)) == []
    assert due(HALF_PAST_TWO + 6 * DAY) == ["sync main"]
    assert ScheduleMark.objects.get(pk="sync main").due_for == HALF_PAST_TWO + 6 * DAY


def test_a_clock_that_jumps_neither_skips_nor_repeats_a_time(nightly: World) -> None:
    hour = timedelta(hours=1)
    assert due(HALF_PAST_TWO + hour / 2) == ["sync main"]
    # Put back by an hour: its time comes a second time, and was there already.
    assert due(HALF_PAST_TWO - hour / 2) == []
    assert due(HALF_PAST_TWO + hour / 4) == []
    # Put forward by three days and back again: the nights between are still to come, each once.
    assert due(HALF_PAST_TWO + 3 * DAY + hour) == ["sync main"]
    assert due(HALF_PAST_TWO + 2 * hour) == []
    assert due(HALF_PAST_TWO + DAY) == ["sync main"]
    assert due(HALF_PAST_TWO + 2 * DAY) == ["sync main"]
    assert due(HALF_PAST_TWO + 2 * DAY + hour) == []


def test_an_interval_goes_on_after_a_clock_that_was_years_ahead(world: World) -> None:
    world.stream("orders", "erp_order")
    now = timezone.now()
    assert due(now + timedelta(days=4000)) == ["sync main"]
    assert due(now) == ["sync main"]
    assert due(now + timedelta(minutes=14)) == []
    assert due(now + timedelta(minutes=15)) == ["sync main"]


def test_every_minute_means_every_tick_although_runs_begin_a_moment_later(world: World) -> None:
    world.options = 'every = "minute"'
    world.stream("orders", "erp_order")
    start = timezone.now()
    for number in range(5):
        at = start + timedelta(minutes=number)
        assert request_due(at) == ["sync main"], number
        Run.objects.filter(status=RunStatus.QUEUED).update(
            status=RunStatus.SUCCEEDED, started_at=at + timedelta(seconds=3)
        )


def test_another_rhythm_begins_with_its_next_time(nightly: World) -> None:
    nightly.options = 'every = "day at 01:00"'
    nightly.write()
    assert due(HALF_PAST_TWO + timedelta(hours=1)) == []
    assert due(HALF_PAST_TWO + DAY) == ["sync main"]


def test_a_time_that_an_older_version_was_asked_for_last_is_made_up_all_the_same(nightly: World) -> None:
    nightly.options = 'every = "monday at 02:30"'
    nightly.write()
    # As that version wrote it, whatever the rhythm is called by now.
    ScheduleMark.objects.update_or_create(
        pk="sync main", defaults={"due_for": HALF_PAST_TWO - 9 * DAY, "rhythm": "on Mondays at 02:30"}
    )
    assert due(HALF_PAST_TWO) == ["sync main"]


def test_streams_with_times_of_their_own_are_read_alone_with_the_rows_of_their_documents(world: World) -> None:
    world.options = "every_minutes = 60"
    world.stream("customers", "erp_customer", 'every = "day at 02:30"')
    world.stream("orders", "erp_order", 'every = "5 minutes"')
    world.stream("order_lines", "erp_order_line", 'parent = "order"')
    world.stream("invoices", "erp_invoice")
    start = HALF_PAST_TWO - timedelta(hours=5)
    assert due(start) == ["sync main"]
    assert Run.objects.get().options == {}, "the first load reads all"
    assert due(start + timedelta(minutes=4)) == []
    assert due(start + timedelta(minutes=6)) == ["sync main: order_lines, orders"]
    assert due(start + timedelta(minutes=9)) == []
    # The source itself comes an hour after its own last read, not after that of one stream.
    assert due(start + timedelta(minutes=61)) == ["sync main"]
    assert Run.objects.latest("id").options == {"streams": ["invoices", "order_lines", "orders"], "source_due": True}
    assert due(start + timedelta(minutes=119)) == ["sync main: order_lines, orders"]
    assert due(HALF_PAST_TWO) == ["sync main"]
    assert Run.objects.latest("id").options == {}, "all of them are due"


def test_the_wider_request_counts_where_a_narrow_one_waits(world: World) -> None:
    for name in ("a", "b"):
        request_run(RunKind.SYNC, "main", options={"streams": [name], "rung": True})
    waiting = Run.objects.get()
    assert waiting.options == {"streams": ["a", "b"], "rung": True}
    request_run(RunKind.SYNC, "main", options={"streams": ["c"]})
    assert Run.objects.get().options == {"streams": ["a", "b", "c"]}
    request_run(RunKind.SYNC, "main")
    assert Run.objects.get().options == {}
    request_run(RunKind.SYNC, "main", options={"streams": ["a"]})
    assert Run.objects.get().options == {}


def test_a_narrow_run_reads_just_its_streams(world: World) -> None:
    world.stream("orders", "erp_order")
    world.stream("invoices", "erp_invoice")
    for name in ("orders", "invoices"):
        world.deliver(name, "key,number\n1,A1\n")
    run = world.sync(streams=["orders"])
    assert [each.stream for each in run.streams.all()] == ["main.orders"]


def test_reconciling_and_the_figures_of_the_day_follow_the_clock(world: World) -> None:
    world.options = "\n"
    world.stream("orders", "erp_order")
    world.deliver("orders", "key,number\n1,A1\n")
    text = world.config.read_text(encoding="utf-8")
    extra = '[schedule]\nreconcile = "monday at 04:00"\nrollup = "day at 05:00"\n'
    world.config.write_text(text.replace("[[sources]]", f"{extra}[[sources]]", 1), encoding="utf-8")
    # A Sunday evening; Monday the 11th follows.
    sunday = HALF_PAST_TWO - timedelta(hours=8)
    schedule.tick(sunday)
    jobs.execute(Run.objects.get().pk)
    Run.objects.update(started_at=sunday, requested_at=sunday)
    assert "rollup 2036-02-10" in schedule.tick(sunday).requested
    Run.objects.filter(status=RunStatus.QUEUED).update(status=RunStatus.SUCCEEDED)
    assert due(HALF_PAST_TWO + timedelta(hours=1, minutes=29)) == ["sync main"]
    four, five = HALF_PAST_TWO + timedelta(hours=1.5), HALF_PAST_TWO + timedelta(hours=2.5)
    assert schedule.tick(four).requested == ("reconcile main",)
    jobs.execute(Run.objects.get(kind=RunKind.RECONCILE).pk)
    assert Run.objects.get(kind=RunKind.RECONCILE).status == RunStatus.SUCCEEDED
    assert "rollup 2036-02-11" not in schedule.tick(five - timedelta(minutes=1)).requested
    assert "rollup 2036-02-11" in schedule.tick(five).requested
    assert ScheduleMark.objects.get(pk="rollup").due_for == five
