"""The facts of the status page as numbers for monitoring: name, what it is, and a value for each set of labels.

A fact that is not known has no value: a gap is told apart from a zero.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import Count, Sum

from integration_hub.alerts.counting import open_alerts
from integration_hub.freshness import freshness
from integration_hub.models import (
    ApiUse,
    Notice,
    ParkedRow,
    RejectedRow,
    Run,
    RunKind,
    RunStatus,
    Severity,
    StreamRun,
    StreamState,
)
from integration_hub.push import switch
from integration_hub.status.proven import proven
from integration_hub.status.pulse import last_pulse
from integration_hub.timing.due import WHOLE

Sample = tuple[dict[str, str], float]
Family = tuple[str, str, list[Sample]]
LIGHTS = {"green": 0, "amber": 1, "red": 2}
ROWS = ("read", "inserted", "updated", "unchanged", "deleted", "rejected", "duplicates")


def of_sources(now: datetime) -> Iterator[Family]:
    """How old each source is, by which limits, and what its last sync did."""
    sources = freshness(now)
    ages = [({"source": each.name}, (now - each.as_of).total_seconds()) for each in sources if each.as_of]
    yield "source_age_seconds", "Seconds since the instant up to which a source's content is known.", ages
    yield "source_state", "0 green, 1 amber, 2 red.", [({"source": each.name}, LIGHTS[each.state]) for each in sources]
    late = [({"source": each.name}, each.late_after.total_seconds()) for each in sources]
    yield "source_late_after_seconds", "Age of the last read from which a source is late.", late
    stale = [({"source": each.name}, each.stale_after.total_seconds()) for each in sources]
    yield "source_stale_after_seconds", "Age of the last read from which a source is out of date.", stale
    known = [each.name for each in sources]
    held = StreamState.objects.filter(source__in=known).values_list("source").annotate(Sum("rows"))
    yield "mirror_rows", "Rows of a source that are here.", [({"source": name}, rows) for name, rows in held]
    yield from _of_last_syncs(known, now)


def _of_last_syncs(sources: list[str], now: datetime) -> Iterator[Family]:
    """Of the last that stands for its source, as one of some streams says nothing of the others. Two queries."""
    ended = Run.objects.filter(kind=RunKind.SYNC, subject__in=sources).exclude(finished_at=None)
    ended = ended.filter(WHOLE)
    last = list(ended.order_by("subject", "-id").distinct("subject"))
    names = (*ROWS, "bytes_read")
    grouped = StreamRun.objects.filter(run_ref__in=last).order_by().values_list("run_ref")
    summed = {run: dict(zip(names, sums, strict=True)) for run, *sums in grouped.annotate(*map(Sum, names))}
    done = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)

    def each(value: Callable[[Run], float | None]) -> list[Sample]:
        found = ((run.subject, value(run)) for run in last)
        return [({"source": name}, number) for name, number in found if number is not None]

    yield (
        "last_sync_succeeded",
        "1 when the last sync of a source published, else 0.",
        each(lambda run: int(run.status in done)),
    )
    yield (
        "last_sync_age_seconds",
        "Seconds since the last sync of a source ended.",
        each(lambda run: _seconds(run.finished_at, now)),
    )
    yield (
        "last_sync_seconds",
        "How long the last sync of a source took.",
        each(lambda run: _seconds(run.started_at, run.finished_at)),
    )
    yield (
        "last_sync_bytes",
        "Bytes that the last sync of a source read.",
        each(lambda run: summed.get(run.pk, {}).get("bytes_read")),
    )
    yield "last_sync_requests", "Requests that the last sync of a source sent.", each(lambda run: run.api_calls)
    rows: list[Sample] = [
        ({"source": run.subject, "rows": name}, summed[run.pk][name])
        for run in last
        if run.pk in summed
        for name in ROWS
    ]
    yield "last_sync_rows", "Rows of the last sync of a source; read is the sum of the others but deleted.", rows


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def of_open_work() -> Iterator[Family]:
    """What waits for people."""
    counts = (
        ("rejected_rows", "Rejected rows still open.", RejectedRow.objects.filter(resolved_at=None)),
        (
            "parked_rows",
            "Accounts whose values Salesforce refuses, parked.",
            ParkedRow.objects.filter(resolved_at=None),
        ),
        ("open_notices", "Notices to administrators that still hold.", Notice.objects.filter(cleared_at=None)),
    )
    for name, words, rows in counts:
        yield name, words, [({}, rows.count())]
    found = dict(open_alerts().order_by().values_list("severity").annotate(Count("pk")))
    alerts: list[Sample] = [({"severity": each}, found.get(each, 0)) for each in Severity.values]
    yield "alerts_open", "Alerts that were raised and are not over, acknowledged ones too.", alerts
    yield "push_stopped", "1 while nothing may be written to Salesforce.", [({}, int(not switch.allows()))]
    use = ApiUse.objects.exclude(limit=None).order_by("-at", "-id").first()
    used = use.used_by_all if use else None
    yield "api_requests_used", "Requests to Salesforce in 24 hours by everybody, as it said last.", _known(used)
    yield "api_requests_limit", "Requests that Salesforce allows in 24 hours.", _known(use.limit if use else None)


def of_machine(now: datetime) -> Iterator[Family]:
    """What the scheduler saw at its last tick."""
    seen = last_pulse(now)
    age = (now - seen.at).total_seconds() if seen.at else None
    yield "scheduler_tick_age_seconds", "Seconds since the scheduler ticked.", _known(age)
    facts = seen.facts
    if facts is None:
        return
    yield "redis_up", "1 when Redis answered at the last tick.", [({}, int(facts.redis))]
    yield "workers", "Workers that were alive at the last tick.", _known(facts.workers)
    serving = [({"queue": name}, float(number)) for name, number in (facts.serving or {}).items()]
    yield "queue_workers", "Workers that served a queue at the last tick.", serving
    queued = [({"queue": name}, float(number)) for name, number in (facts.queued or {}).items()]
    yield "queue_entries", "Entries in a queue at the last tick.", queued
    yield "disk_free_bytes", "Free bytes where the hub keeps its files.", [({}, facts.disk_free)]
    yield "disk_total_bytes", "All bytes where the hub keeps its files.", [({}, facts.disk_total)]
    yield "clock_skew_seconds", "The database's clock less the scheduler's.", [({}, facts.skew_seconds)]


def of_proof(now: datetime) -> Iterator[Family]:
    """What was compared with the ERP."""
    known = proven(now)
    yield "compared_streams", "Streams of ERPs that can be compared.", [({}, known.streams)]
    yield (
        "proven_streams",
        "Streams that were compared today and agreed whole, with no row in quarantine.",
        [({}, known.today)],
    )
    yield (
        "held_back_streams",
        "Streams that were compared today and agreed but for rows in quarantine.",
        [({}, known.held_back)],
    )
    yield "reconciliation_differences", "Confirmed differences that stand: they stop the push.", [({}, known.differing)]
    yield "days_without_difference", "Days since a confirmed difference stood.", _known(known.days_clean)


def _known(value: float | None) -> list[Sample]:
    return [] if value is None else [({}, value)]
