"""How old each source's data are, as green, amber or red with words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import BooleanField, Case, Max, Min, Q, QuerySet, When
from django.utils import timezone

from integration_hub.config import Hub, SalesforceConfig, SourceConfig, hub, longest_minutes
from integration_hub.models import Run, RunKind, RunStatus, StreamState
from integration_hub.prepared import prepared
from integration_hub.sources import SALESFORCE

State = Literal["green", "amber", "red"]
LATE_INTERVALS, STALE_INTERVALS = 1, 3
"""So many intervals overdue is late, and out of date, where hub.toml says nothing else."""


@dataclass(frozen=True)
class SourceFreshness:
    """One source: `as_of` (UTC) is the oldest of its streams' read starts, None before the first load;
    `every_minutes` the longest time between two reads.

    `problem` says why it is not green, in words. `gaps` says that it was read in time, but not every row could be
    understood. `late_after` and `stale_after` are the ages from which it is amber and red. `read_at` is the start of
    the last read that was published, which may have found nothing new (UTC).
    """

    name: str
    label: str
    as_of: datetime | None
    every_minutes: int
    state: State
    problem: str
    gaps: bool = False
    late_after: timedelta = timedelta()
    stale_after: timedelta = timedelta()
    read_at: datetime | None = None

    @property
    def word(self) -> str:
        """The state in a word: current, with gaps, late, out of date, never read."""
        if self.as_of is None:
            return "never read"
        words = {"green": "current", "amber": "with gaps" if self.gaps else "late", "red": "out of date"}
        return words[self.state]


@dataclass(frozen=True)
class Limits:
    """The ages of the last read from which a source is late, and out of date."""

    late: timedelta
    stale: timedelta


def limits(source: SourceConfig | SalesforceConfig) -> Limits:
    """The limits that hold for a source: an interval, and what it may be overdue."""
    every = longest_minutes(source)
    late, stale = source.late_after or LATE_INTERVALS * every, source.stale_after or STALE_INTERVALS * every
    return Limits(timedelta(minutes=every + late), timedelta(minutes=every + stale))


def freshness(now: datetime | None = None) -> tuple[SourceFreshness, ...]:
    """Every source of hub.toml at an instant (default: now)."""
    at = now or timezone.now()
    configuration = hub()
    read = {source: (oldest, problem) for source, oldest, problem in _states()}
    checked, failures = _last_runs()
    return tuple(
        _source(about, (*read.get(about.name, (None, "")), checked.get(about.name)), failures.get(about.name), at)
        for about in _sources(configuration)
    )


@dataclass(frozen=True)
class _About:
    """What hub.toml says of a source."""

    name: str
    label: str
    every_minutes: int
    limits: Limits


def _sources(configuration: Hub) -> list[_About]:
    found = [_About(each.name, each.label, longest_minutes(each), limits(each)) for each in configuration.sources]
    if org := configuration.salesforce:
        found.append(_About(SALESFORCE, "Salesforce", longest_minutes(org), limits(org)))
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
    about: _About, known: tuple[datetime | None, str, datetime | None], failed: Run | None, now: datetime
) -> SourceFreshness:
    as_of, gaps, checked = known
    if as_of is None:
        problem = failed.problem if failed else "It has never been loaded."
        return _fresh(about, None, "red", problem)
    read_at = max(as_of, checked or as_of)
    late = now - read_at
    interval = timedelta(minutes=about.every_minutes)
    if late > about.limits.stale:
        return _fresh(about, as_of, "red", _words(late, interval, failed), read_at=read_at)
    if failed or late > about.limits.late:
        return _fresh(about, as_of, "amber", _words(late, interval, failed), read_at=read_at)
    return _fresh(about, as_of, "amber" if gaps else "green", gaps, gaps=bool(gaps), read_at=read_at)


def _fresh(
    about: _About,
    as_of: datetime | None,
    state: State,
    problem: str,
    *,
    gaps: bool = False,
    read_at: datetime | None = None,
) -> SourceFreshness:
    return SourceFreshness(
        about.name,
        about.label,
        as_of,
        about.every_minutes,
        state,
        problem,
        gaps,
        about.limits.late,
        about.limits.stale,
        read_at,
    )


def _words(late: timedelta, interval: timedelta, failed: Run | None) -> str:
    if failed:
        return f"{failed.problem} {failed.meaning}".strip()
    return (
        f"It was last read {span(late)} ago instead of every {span(interval)}; the figures are those of that time. "
        "Check that worker and scheduler run."
    )


def span(length: timedelta) -> str:
    """A length of time in words: less than a minute, 90 minutes, 3 hours, 2 days."""
    minutes = round(length / timedelta(minutes=1))
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"


def read_words(source: SourceFreshness) -> str:
    """As of when a source is in the figures, and in a word whether that is late, with the reason where it is."""
    if source.as_of is None:
        return source.word
    return f"{source.as_of:%Y-%m-%d %H:%M} UTC, {source.word}. {source.problem}".rstrip(" .")
