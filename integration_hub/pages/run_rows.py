"""What the run pages show, as dataclasses: runs with their sums, streams, and the sources one can sync."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from integration_hub.config import hub
from integration_hub.freshness import SourceFreshness, freshness
from integration_hub.models import PushPlan, RejectedRow, Run, RunKind, RunStatus, StreamRun
from integration_hub.timing.states import standings
from integration_hub.usual import usual

COUNTS = ("read", "inserted", "updated", "deleted", "rejected")
PILLS: Mapping[str, str] = {
    RunStatus.SUCCEEDED: "pill-good",
    RunStatus.PARTIAL: "pill-warn",
    RunStatus.FAILED: "pill-bad",
    RunStatus.DEAD: "pill-bad",
    RunStatus.RUNNING: "pill-seg",
}
FILTERS: Mapping[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "syncs": ("Syncs", Q(kind=RunKind.SYNC)),
    "replays": ("Replays", Q(kind=RunKind.REPLAY)),
    "pushes": ("Pushes", Q(kind=RunKind.PUSH)),
    "rollups": ("Rollups", Q(kind=RunKind.ROLLUP)),
    "upkeep": (
        "Upkeep",
        Q(
            kind__in=[
                *(RunKind.RECONCILE, RunKind.FORMULAS, RunKind.SWEEP, RunKind.DRIFT, RunKind.CHECK),
                *(RunKind.MATCH, RunKind.ARCHIVE),
            ]
        ),
    ),
    "waiting": ("Waiting", Q(status=RunStatus.QUEUED)),
    "troubled": ("Not succeeded", Q(status__in=[RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.DEAD])),
}


@dataclass(frozen=True)
class RunLine:
    """One run of the list.

    The sums over its streams are None for a run that reads nothing; `plan` is the id of the push plan it made.
    """

    run: Run
    title: str
    pill: str
    duration: str
    read: int | None
    inserted: int | None
    updated: int | None
    deleted: int | None
    rejected: int | None
    plan: int | None


@dataclass(frozen=True)
class StreamLine:
    """One stream of a run; `label` is its name without the source's, `unusual` says what is out of the ordinary."""

    stream: StreamRun
    label: str
    duration: str
    rejected_open: int
    unusual: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chain:
    """The runs before and after one that could not end its work: the one it took over from, the one that goes on."""

    before: Run | None
    after: Run | None


@dataclass(frozen=True)
class SourceLine:
    """One source that can be brought up to date; `every` says how often that happens by itself, `next_at` when it is
    due, None while it waits or runs.
    """

    freshness: SourceFreshness
    waiting: bool
    every: str
    next_at: datetime | None = None


def chosen_runs(name: str) -> QuerySet[Run]:
    """The runs of a filter, newest first; an unknown filter shows all."""
    label_and_rule = FILTERS.get(name, FILTERS[""])
    return Run.objects.filter(label_and_rule[1])


def run_lines(runs: Iterable[Run]) -> list[RunLine]:
    """The runs of one page with their sums."""
    runs = list(runs)
    grouped = StreamRun.objects.filter(run_ref__in=runs).order_by().values_list("run_ref")
    summed = grouped.annotate(*(Sum(name) for name in COUNTS))
    sums: dict[int, dict[str, int]] = {run: dict(zip(COUNTS, counts, strict=True)) for run, *counts in summed}
    plans = dict(PushPlan.objects.filter(run_ref__in=runs).values_list("run_ref", "pk"))
    return [_line(run, sums.get(run.pk, {}), plans.get(run.pk)) for run in runs]


def _line(run: Run, sums: Mapping[str, int], plan: int | None) -> RunLine:
    counts = {name: sums.get(name) for name in COUNTS}
    return RunLine(run, title(run), PILLS.get(run.status, ""), run_duration(run), plan=plan, **counts)


def title(run: Run) -> str:
    """What the run did, in the words of the configuration: Sync Main ERP, Push Salesforce."""
    labels = {source.name: source.label for source in hub().sources} | {"salesforce": "Salesforce"}
    return f"{run.get_kind_display()} {labels.get(run.subject, run.subject)}".strip()


def run_duration(run: Run) -> str:
    """How long the run took, or has been running."""
    if run.started_at is None:
        return "–"
    return duration(((run.finished_at or timezone.now()) - run.started_at) / timedelta(seconds=1))


def duration(seconds: float) -> str:
    """0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def stream_lines(run: Run) -> list[StreamLine]:
    """The streams of a run in the order they were read."""
    streams = list(run.streams.all())
    known = usual(run, streams)
    own = Q(replayed_by=run.pk) if run.kind == RunKind.REPLAY else Q(run_ref=run)
    waiting = RejectedRow.objects.filter(own, resolved_at=None).order_by()
    left = dict(waiting.values_list("stream").annotate(rows=Count("pk")))
    return [
        StreamLine(
            each,
            each.stream.rpartition(".")[2],
            duration(each.seconds),
            left.get(each.stream, 0),
            known[each.stream].words if each.stream in known else (),
        )
        for each in streams
    ]


def received(run: Run) -> int | None:
    """Bytes that the run has read; None where they were not counted."""
    total: int | None = run.streams.aggregate(total=Sum("bytes_read"))["total"]
    return total


def chain(run: Run) -> Chain:
    """Which run this one took over from, and which took over from it; None where nobody had to."""
    same = Run.objects.filter(kind=run.kind, subject=run.subject)
    before = same.filter(pk__lt=run.pk).order_by("-id").first()
    after = same.filter(pk__gt=run.pk).order_by("id").first()
    return Chain(
        before if before is not None and _goes_on(run, before) else None,
        after if after is not None and _goes_on(after, run) else None,
    )


def _goes_on(later: Run, earlier: Run) -> bool:
    """A later attempt, or one that was held back until requests were free again: that costs no attempt."""
    ended = earlier.status in {RunStatus.FAILED, RunStatus.PARTIAL, RunStatus.DEAD}
    return ended and (later.attempt == earlier.attempt + 1 or later.not_before is not None)


def source_lines() -> list[SourceLine]:
    """Every source with its freshness, whether a sync of it is waiting or running, and when the next is due."""
    syncs = Run.objects.filter(kind=RunKind.SYNC)
    busy = set(syncs.filter(status__in=[RunStatus.QUEUED, RunStatus.RUNNING]).values_list("subject", flat=True))
    known = {
        standing.item.subject: standing
        for standing in standings(timezone.now())
        if standing.item.kind == RunKind.SYNC and not standing.item.stream
    }
    return [
        SourceLine(source, source.name in busy, known[source.name].item.words, known[source.name].next_at)
        for source in freshness()
    ]


def last_success() -> datetime | None:
    """When a sync last succeeded."""
    return (
        Run.objects.filter(kind=RunKind.SYNC, status=RunStatus.SUCCEEDED)
        .order_by("-finished_at")
        .values_list("finished_at", flat=True)
        .first()
    )
