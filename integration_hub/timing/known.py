"""What PostgreSQL knows of everything scheduled, read with a constant number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from integration_hub.config import hub
from integration_hub.models import (
    Notice,
    PlanStatus,
    PushPlan,
    PushSwitch,
    Reconciliation,
    Run,
    RunKind,
    RunStatus,
    ScheduleMark,
    SchedulePause,
    StreamState,
)
from integration_hub.push import switch
from integration_hub.push.approval import ASKING
from integration_hub.standing_differences import standing_differences
from integration_hub.stream_reads import known_streams, stream_reads
from integration_hub.timing.due import GOOD, WHOLE
from integration_hub.timing.items import Item, run_item, zone
from integration_hub.timing.pauses import holding, standing

GUARDS = frozenset({"incomplete", "rejected_rows", "empty_snapshot", "too_many_deletions"})
"""Codes of notices of a read that removed nothing, because too much was missing (warehouse_gone.Guard)."""


@dataclass(frozen=True)
class Known:
    """Runs are by "<kind> <subject>". `ended` is the last that ended, `whole` the last of those that stands for its
    source, `good` the last that published, `last` the last that counts for the interval. `by_stream`: the last that
    ended and read a stream, by the stream's item.
    """

    now: datetime
    pauses: Mapping[str, SchedulePause]
    marks: Mapping[str, ScheduleMark]
    running: Mapping[str, Run]
    waiting: Mapping[str, Run]
    last: Mapping[str, Run]
    ended: Mapping[str, Run]
    whole: Mapping[str, Run]
    by_stream: Mapping[str, Run]
    good: Mapping[str, Run]
    guards: Mapping[str, Notice]
    streams: Mapping[str, StreamState]
    stopped: PushSwitch | None
    in_file: bool
    plan: PushPlan | None
    differing: Reconciliation | None

    def key(self, item: Item) -> str:
        """Under which name the runs of an item are kept."""
        return run_item(item.kind, item.subject)

    def outcome_of(self, item: Item) -> Run | None:
        """The last run that ended and was about it: what became of other streams says nothing of this one."""
        return self.by_stream.get(item.name) if item.stream else self.whole.get(self.key(item))

    def pause(self, item: Item) -> SchedulePause | None:
        """What holds it."""
        return holding(item.held_by, self.pauses)

    def state_of(self, item: Item) -> StreamState | None:
        """The stream of an item, where it is one."""
        return self.streams.get(f"{item.subject}.{item.stream}") if item.stream else None

    def began(self, item: Item) -> datetime | None:
        """When it last began: of a stream when what stands here was read."""
        if item.stream:
            state = self.state_of(item)
            return state.as_of if state else None
        run = self.last.get(self.key(item)) or self.ended.get(self.key(item))
        return (run.started_at or run.requested_at) if run else None

    def next_at(self, item: Item) -> datetime | None:
        """When it is due next; in the past where it should have begun. None where nothing but need starts it, and
        before its first time is known.
        """
        if item.rhythm is None:
            return None
        if item.rhythm.is_interval:
            began = self.began(item) or self._first_load(item)
            if began is None:
                return None
            # A clock that was put back far: due now (timing/due.py).
            return min(
                began + timedelta(minutes=item.rhythm.minutes), self.now + timedelta(minutes=item.rhythm.minutes)
            )
        mark = self.marks.get(item.name)
        latest = item.rhythm.latest_at(self.now, zone())
        if mark is not None and mark.rhythm == item.rhythm.mark and mark.due_for < latest:
            return latest
        return item.rhythm.next_after(self.now, zone())

    def _first_load(self, item: Item) -> datetime | None:
        loaded = self.good.get(f"sync {item.subject}")
        return loaded.requested_at if loaded and not item.stream else None


def read_known(now: datetime) -> Known:
    """Everything at an instant."""
    # What an ERP rang for says nothing of how its own reads go.
    of_time = Run.objects.exclude(options__has_key="rung")
    open_runs = list(Run.objects.filter(status__in=(RunStatus.QUEUED, RunStatus.RUNNING)).order_by("-id"))
    notices = Notice.objects.filter(cleared_at=None, code__in=GUARDS)
    ended = of_time.exclude(status__in=(RunStatus.QUEUED, RunStatus.RUNNING))
    stopped = switch.last()
    return Known(
        now=now,
        pauses=standing(now),
        marks=ScheduleMark.objects.in_bulk(),
        running=_by_item([run for run in open_runs if run.status == RunStatus.RUNNING]),
        waiting=_by_item([run for run in open_runs if run.status == RunStatus.QUEUED]),
        last=_by_item(_newest(Run.objects.filter(WHOLE))),
        ended=_by_item(_newest(ended)),
        whole=_by_item(_newest(ended.filter(~Q(kind=RunKind.SYNC) | WHOLE))),
        by_stream=_by_stream(),
        good=_by_item(_newest(of_time.filter(status__in=GOOD))),
        guards={notice.subject: notice for notice in notices},
        streams=StreamState.objects.in_bulk(),
        stopped=stopped if stopped is not None and not stopped.is_on else None,
        in_file=hub().push.enabled,
        plan=_asking(),
        differing=next(iter(standing_differences()), None),
    )


def _newest(runs: QuerySet[Run]) -> list[Run]:
    return list(runs.order_by("kind", "subject", "-id").distinct("kind", "subject"))


def _by_item(runs: list[Run]) -> dict[str, Run]:
    return {run_item(run.kind, run.subject): run for run in runs}


def _by_stream() -> dict[str, Run]:
    reads = stream_reads(known_streams(hub()))
    # A failure that is named is later than the last success.
    chosen = {key: read.failed_run or read.run for key, read in reads.items()}
    runs = Run.objects.in_bulk({pk for pk in chosen.values() if pk})
    return {f"{RunKind.SYNC} {source}.{stream}": runs[pk] for (source, stream), pk in chosen.items() if pk in runs}


def _asking() -> PushPlan | None:
    """The newest plan, where it waits for a person."""
    newest = PushPlan.objects.exclude(status=PlanStatus.DRY).order_by("-id").first()
    return newest if newest is not None and newest.status in ASKING else None
