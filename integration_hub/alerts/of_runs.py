"""Conditions of runs: they fail, sources go out of date, the requests of the org run short, nobody works."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from integration_hub.alerts.finding import Finding, clock_words
from integration_hub.api_budget import budget
from integration_hub.config import hub
from integration_hub.config.alerts import MOST_FAILED
from integration_hub.freshness import freshness
from integration_hub.models import Heartbeat, Run, RunKind, RunStatus, SchedulePause
from integration_hub.sources import SALESFORCE
from integration_hub.stream_reads import StreamRead, known_streams, stream_reads
from integration_hub.timing.items import of_run
from integration_hub.timing.pauses import holding, standing

ENDED = (RunStatus.SUCCEEDED, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.DEAD)
WRONG = (RunStatus.FAILED, RunStatus.DEAD)
OF_A_SOURCE = (RunKind.SWEEP, RunKind.RECONCILE, RunKind.REPLAY)
OF_SALESFORCE = (*OF_A_SOURCE, RunKind.FORMULAS, RunKind.PUSH, RunKind.DRIFT, RunKind.CHECK)
OF_NONE = (RunKind.ROLLUP, RunKind.MATCH, RunKind.ARCHIVE)
MEASURED_WITHIN = timedelta(hours=24)
SCHEDULER = "scheduler"


def run_failed(_now: datetime) -> Iterator[Finding]:
    """Of each kind of run and subject, how many in a row failed, counted from the newest that ended."""
    yield from _syncs_failed()
    for kind, subject in _watched():
        last = Run.objects.filter(kind=kind, subject=subject, status__in=ENDED).order_by("-id")[:MOST_FAILED]
        failed = []
        for run in last:
            if run.status not in WRONG:
                break
            failed.append(run)
        yield _in_a_row(kind, subject, len(failed), failed[0] if failed else None)


def _syncs_failed() -> Iterator[Finding]:
    """Of each source the stream that could not be read most often in a row: what is read of others changes nothing."""
    streams = known_streams(hub())
    reads = stream_reads(streams)
    worst: dict[str, StreamRead] = {}
    for each in streams:
        worst[each.source] = max(
            worst.get(each.source, StreamRead()), reads[each.source, each.stream], key=lambda read: read.failed
        )
    newest = Run.objects.in_bulk({read.failed_run for read in worst.values() if read.failed_run})
    for source, read in worst.items():
        yield _in_a_row(RunKind.SYNC, source, read.failed, newest.get(read.failed_run or 0))


def _in_a_row(kind: str, subject: str, failed: int, newest: Run | None) -> Finding:
    name = f"{RunKind(kind).label} {subject}".strip()
    if newest is None:
        return Finding("run_failed", name, 0)
    text = f"{name}: {failed} run{'s' if failed > 1 else ''} in a row failed. {newest.problem}".strip()
    meaning = newest.meaning or "What it would have brought up to date stays as it was."
    remedy = newest.remedy or f"Open run {newest.pk} on the page Runs: it says what happened."
    return Finding("run_failed", name, failed, text, meaning, remedy, critical=kind == RunKind.SYNC)


def _watched() -> Iterator[tuple[str, str]]:
    """Everything but syncs."""
    configuration = hub()
    for source in configuration.sources:
        yield from ((kind, source.name) for kind in OF_A_SOURCE)
    if configuration.salesforce is not None:
        yield from ((kind, SALESFORCE) for kind in OF_SALESFORCE)
    yield from ((kind, "") for kind in OF_NONE)


LOOK_AT_THE_LAST_RUN = (
    "Open the last run of this source on the page Runs; if there is none, see that worker and scheduler run."
)


def source_stale(now: datetime) -> Iterator[Finding]:
    """How many intervals each source is late; one that was never loaded is not late yet, its failed runs are told."""
    for source in freshness(now):
        if source.as_of is None:
            continue
        # What is green was looked at in time, and what is not out of date yet is below the alert's threshold.
        late = 0.0 if source.state == "green" or source.gaps else source.missed
        intervals = Decimal(str(round(late if source.state == "red" else min(late, 3.9), 2)))
        yield Finding(
            "source_stale",
            source.name,
            intervals,
            f"{source.label} is out of date. {source.told}",
            f"Every figure of {source.label} is as old as that.",
            source.held or LOOK_AT_THE_LAST_RUN,
            critical=True,
        )


def api_quota(now: datetime) -> Iterator[Finding]:
    """The used part of the org's requests of a day, as last measured."""
    if hub().salesforce is None:
        return
    found = budget(now)
    if found.share is None or found.measured_at is None or now - found.measured_at > MEASURED_WITHIN:
        return
    text = (
        f"{found.used or 0:,} of {found.limit or 0:,} API requests of the org were used in 24 hours "
        f"({found.share:.0%}), {found.ours_in_24_hours:,} of them by this hub."
    )
    stops = f"At {found.stops_at:,} the hub stops and waits." if found.stops_at is not None else ""
    yield Finding(
        "api_quota",
        SALESFORCE,
        found.share,
        text,
        f"{stops} Until requests become free Salesforce is not read, and nothing is pushed.".strip(),
        "See the page API budget for what uses them. Other integrations of the org share the same number.",
        critical=found.is_stopped,
    )


def worker_silent(now: datetime) -> Iterator[Finding]:
    """How long the oldest run waits that could have begun: neither held back nor paused."""
    since = _could_begin(now)
    # One run at a time is what a single worker does: a long one keeps others waiting, which is no silence.
    if not since or Run.objects.filter(status=RunStatus.RUNNING).exists():
        yield Finding("worker_silent", "worker", 0)
        return
    oldest = min(since, key=lambda run: since[run])
    minutes = Decimal(round((now - since[oldest]).total_seconds())) / 60
    text = f"{oldest} waits for {clock_words(float(minutes))} and nothing runs."
    remedy = (
        "Start a worker: manage.py rqworker default --serializer rq.serializers.JSONSerializer. See that Redis runs."
    )
    yield Finding("worker_silent", "worker", minutes, text, "Nothing is brought up to date.", remedy, critical=True)


def _could_begin(now: datetime) -> dict[Run, datetime]:
    """Waiting runs, and since when each could have begun: asked for, no longer held back, its last pause over."""
    waiting = Run.objects.filter(status=RunStatus.QUEUED).exclude(not_before__gt=now)
    pauses, since = standing(now), {}
    free = [run for run in waiting if holding(of_run(run), pauses) is None]
    if not free:
        return {}
    oldest = min(run.requested_at for run in free)
    over = SchedulePause.objects.filter(ended_at__gt=oldest).values_list("name", "ended_at")
    for run in free:
        names = of_run(run)
        ends = [ended for name, ended in over if name in names and ended is not None]
        since[run] = max(run.requested_at, run.not_before or run.requested_at, *ends)
    return since


def scheduler_silent(_now: datetime) -> Iterator[Finding]:
    """The gap before the tick that looks: while it is silent nobody looks, so it is told when it is back."""
    beat = Heartbeat.objects.filter(name=SCHEDULER).first()
    if beat is None or beat.before is None:
        return
    minutes = Decimal(round((beat.at - beat.before).total_seconds())) / 60
    text = f"The scheduler did nothing for {clock_words(float(minutes))}, from {beat.before:%Y-%m-%d %H:%M} UTC on."
    yield Finding(
        "scheduler_silent",
        SCHEDULER,
        minutes,
        text,
        "Nothing was started, and no alert was raised in that time.",
        "See that it is restarted when it ends. “manage.py alerts --check” tells a monitor from outside.",
        critical=True,
    )
