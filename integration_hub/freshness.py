"""How old each source's data are, as green, amber or red with words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from integration_hub.config import Hub, hub
from integration_hub.models import Run, RunKind, RunStatus, StreamState
from integration_hub.prepared import prepared
from integration_hub.sources import SALESFORCE

State = Literal["green", "amber", "red"]
AMBER_AFTER, RED_AFTER = 2, 4  # intervals late


@dataclass(frozen=True)
class SourceFreshness:
    """One source: `as_of` (UTC) is the oldest of its streams' read starts, None before the first load.

    `problem` says why it is not green, in words. `gaps` says that it was read in time, but not every row could be
    understood.
    """

    name: str
    label: str
    as_of: datetime | None
    every_minutes: int
    state: State
    problem: str
    gaps: bool = False


def freshness(now: datetime | None = None) -> tuple[SourceFreshness, ...]:
    """Every source of hub.toml at an instant (default: now)."""
    at = now or timezone.now()
    configuration = hub()
    read = {source: (oldest, problem) for source, oldest, problem in _states()}
    checked = _last_success()
    failures = _last_failures()
    return tuple(
        _source(name, label, minutes, (*read.get(name, (None, "")), checked.get(name)), failures.get(name), at)
        for name, label, minutes in _sources(configuration)
    )


def _sources(configuration: Hub) -> list[tuple[str, str, int]]:
    found = [(source.name, source.label, source.every_minutes) for source in configuration.sources]
    if configuration.salesforce:
        found.append((SALESFORCE, "Salesforce", configuration.salesforce.every_minutes))
    return found


@prepared
def _states() -> "QuerySet[Any, Any]":
    return StreamState.objects.values_list("source").annotate(oldest=Min("as_of"), problem=Max("problem"))


def _last_success() -> dict[str, datetime]:
    """When a sync of each source last published: nothing new is fresh too."""
    return {subject: started_at for subject, started_at in _successes() if started_at}


@prepared
def _successes() -> "QuerySet[Any, Any]":
    good = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)
    runs = Run.objects.filter(kind=RunKind.SYNC, status__in=good).order_by("subject", "-id").distinct("subject")
    return runs.values_list("subject", "started_at")


def _last_failures() -> dict[str, Run]:
    """The last finished sync of each source, where it did not succeed."""
    return {run.subject: run for run in _ended() if run.status in {RunStatus.FAILED, RunStatus.DEAD}}


@prepared
def _ended() -> QuerySet[Run]:
    ended = (RunStatus.SUCCEEDED, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.DEAD)
    return Run.objects.filter(kind=RunKind.SYNC, status__in=ended).order_by("subject", "-id").distinct("subject")


def _source(
    name: str,
    label: str,
    minutes: int,
    known: tuple[datetime | None, str, datetime | None],
    failed: Run | None,
    now: datetime,
) -> SourceFreshness:
    as_of, gaps, checked = known
    if as_of is None:
        problem = failed.problem if failed else "It has never been loaded."
        return SourceFreshness(name, label, None, minutes, "red", problem)
    late = now - max(as_of, checked or as_of)
    interval = timedelta(minutes=minutes)
    if late > RED_AFTER * interval:
        return SourceFreshness(name, label, as_of, minutes, "red", _words(late, interval, failed))
    if failed or late > AMBER_AFTER * interval:
        return SourceFreshness(name, label, as_of, minutes, "amber", _words(late, interval, failed))
    if gaps:
        return SourceFreshness(name, label, as_of, minutes, "amber", gaps, gaps=True)
    return SourceFreshness(name, label, as_of, minutes, "green", "")


def _words(late: timedelta, interval: timedelta, failed: Run | None) -> str:
    if failed:
        return f"{failed.problem} {failed.meaning}".strip()
    return (
        f"It was last read {_span(late)} ago instead of every {_span(interval)}; the figures are those of that time. "
        "Check that worker and scheduler run."
    )


def _span(length: timedelta) -> str:
    minutes = round(length / timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"
