"""How old each source's data are, as green, amber or red with words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import BooleanField, Case, Max, Min, Q, QuerySet, When
from django.utils import timezone

from integration_hub.config import Hub, hub, longest_minutes
from integration_hub.models import Run, RunKind, RunStatus, StreamState
from integration_hub.prepared import prepared
from integration_hub.sources import SALESFORCE

State = Literal["green", "amber", "red"]
AMBER_AFTER, RED_AFTER = 2, 4  # intervals late


@dataclass(frozen=True)
class SourceFreshness:
    """One source: `as_of` (UTC) is the oldest of its streams' read starts, None before the first load;
    `every_minutes` the longest time between two reads.

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
    checked, failures = _last_runs()
    return tuple(
        _source(name, label, minutes, (*read.get(name, (None, "")), checked.get(name)), failures.get(name), at)
        for name, label, minutes in _sources(configuration)
    )


def _sources(configuration: Hub) -> list[tuple[str, str, int]]:
    found = [(source.name, source.label, longest_minutes(source)) for source in configuration.sources]
    if configuration.salesforce:
        found.append((SALESFORCE, "Salesforce", longest_minutes(configuration.salesforce)))
    return found


@prepared
def _states() -> "QuerySet[Any, Any]":
    return StreamState.objects.values_list("source").annotate(oldest=Min("as_of"), problem=Max("problem"))


def _last_runs() -> tuple[dict[str, datetime], dict[str, Run]]:
    """When a sync of each source last published, as nothing new is fresh too; and the last finished sync of each
    source, where it did not succeed.
    """
    checked: dict[str, datetime] = {}
    failures: dict[str, Run] = {}
    newest: set[str] = set()
    for run in sorted(_ended(), key=lambda run: run.pk, reverse=True):
        if run.good and run.started_at:
            checked[run.subject] = run.started_at
        if not run.good and run.subject not in newest:
            failures[run.subject] = run
        newest.add(run.subject)
    return checked, failures


@prepared
def _ended() -> QuerySet[Any]:
    """Of each source the last sync that published and the last that did not."""
    good = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)
    # What the ERP rang for was one document's stream: that says nothing of the others.
    read = ~Q(options__has_key="rung")
    ended = Run.objects.filter(read, kind=RunKind.SYNC, status__in=(*good, RunStatus.FAILED, RunStatus.DEAD))
    marked = ended.annotate(good=Case(When(status__in=good, then=True), default=False, output_field=BooleanField()))
    return marked.order_by("subject", "good", "-id").distinct("subject", "good")


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
