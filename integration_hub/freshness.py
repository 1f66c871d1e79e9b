"""How old each source's data are, as green, amber or red with words.

Each stream counts by itself: a sync of some of them, by times of their own or because the ERP rang, makes no other
stream fresh. The one that is late first speaks for its source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from integration_hub.config import Hub, SalesforceConfig, SourceConfig, hub, longest_minutes, reading_rhythm
from integration_hub.config.lateness import STALE_TURNS, Limits, limits_of
from integration_hub.gaps import is_gap, together
from integration_hub.models import Run, RunKind, SchedulePause, StreamState
from integration_hub.prepared import prepared
from integration_hub.sources import SALESFORCE
from integration_hub.stream_reads import KnownStream, StreamRead, known_streams, stream_reads
from integration_hub.timing.items import hold_names
from integration_hub.timing.pauses import holding, standing

State = Literal["green", "amber", "red"]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SourceFreshness:
    """One source: `as_of` (UTC) is the oldest of its streams' read starts, None before the first load;
    `every_minutes` the longest time between two reads, `when` its rhythm in words.

    `problem` says why it is not green, in words for everybody; `cause` adds for administrators what the last read that
    failed said of itself, which may name hosts and roles. `gaps` says that it was read in time, but not every row could
    be understood, `failed` that the last read failed; `held` is the sentence of a pause that keeps it from being read.
    `read_at` is when the stream that speaks for it was read last, which may have found nothing new (UTC):
    `late_after` and `stale_after` are the ages of that read from which it is amber and red, `missed` how many turns
    passed since; where it is red, more than STALE_TURNS.
    """

    name: str
    label: str
    as_of: datetime | None
    every_minutes: int
    state: State
    problem: str
    gaps: bool = False
    failed: bool = False
    cause: str = ""
    held: str = ""
    late_after: timedelta = timedelta()
    stale_after: timedelta = timedelta()
    read_at: datetime | None = None
    when: str = ""
    missed: float = 0.0

    @property
    def word(self) -> str:
        """The state in a word: current, with gaps, last read failed, late, out of date, never read."""
        if self.as_of is None:
            return "never read"
        amber = "with gaps" if self.gaps else "last read failed" if self.failed else "late"
        return {"green": "current", "amber": amber, "red": "out of date"}[self.state]

    @property
    def told(self) -> str:
        """Problem and cause, for administrators."""
        return f"{self.problem} {self.cause}".strip()


def limits(source: SourceConfig | SalesforceConfig, every: str = "") -> Limits:
    """The limits that hold for a source, or a stream of it with times of its own."""
    return limits_of(source, ZoneInfo(hub().company.time_zone), every)


def freshness(now: datetime | None = None) -> tuple[SourceFreshness, ...]:
    """Every source of hub.toml at an instant (default: now). Two queries, and one more where a sync failed, or where
    something is paused.
    """
    at, configuration = now or timezone.now(), hub()
    states = {stream: (as_of, problem) for stream, as_of, problem in _states()}
    known = known_streams(configuration)
    reads = stream_reads(known)
    failures = _failures(reads)
    pauses = standing(at) if any(each.held or each.paused for each in reads.values()) else {}
    found = []
    for about in _sources(configuration):
        streams = [_stream(about.config, each, states, reads, pauses) for each in known if each.source == about.name]
        held = _held(holding(hold_names(RunKind.SYNC, about.name), pauses))
        found.append(replace(_source(about, streams, failures, at), held=held))
    return tuple(found)


@dataclass(frozen=True)
class _About:
    """What hub.toml says of a source."""

    name: str
    label: str
    config: SourceConfig | SalesforceConfig


def _sources(configuration: Hub) -> list[_About]:
    found = [_About(each.name, each.label, each) for each in configuration.sources]
    if org := configuration.salesforce:
        found.append(_About(SALESFORCE, "Salesforce", org))
    return found


@prepared
def _states() -> "QuerySet[Any, Any]":
    return StreamState.objects.values_list("stream", "as_of", "problem")


def _failures(reads: Mapping[tuple[str, str], StreamRead]) -> Mapping[int, Run]:
    wanted = {read.failed_run for read in reads.values() if read.failed_run}
    return Run.objects.in_bulk(wanted) if wanted else {}


@dataclass(frozen=True)
class _Stream:
    """A stream with what comes within it. `as_of` is None before its first load; `read_at` is the start of the last
    read that was published, as nothing new is fresh too, and says nothing before the first load.
    """

    name: str
    limits: Limits
    read: StreamRead
    as_of: datetime | None
    read_at: datetime
    problems: tuple[str, ...]
    held: str

    @property
    def in_vain(self) -> tuple[str, ...]:
        """What failed reads said, which may name hosts and roles."""
        return tuple(problem for problem in self.problems if problem and not is_gap(problem))

    @property
    def late_at(self) -> datetime:
        """From when on it is late."""
        return self.limits.late_at(self.read_at)

    @property
    def stale_at(self) -> datetime:
        """From when on it is out of date."""
        return self.limits.stale_at(self.read_at)


def _stream(
    source: SourceConfig | SalesforceConfig,
    known: KnownStream,
    states: Mapping[str, tuple[datetime | None, str]],
    reads: Mapping[tuple[str, str], StreamRead],
    pauses: Mapping[str, SchedulePause],
) -> _Stream:
    own = [states[name] for each in known.names if (name := f"{known.source}.{each}") in states]
    read = reads[known.source, known.stream]
    as_of = min((as_of for as_of, _problem in own if as_of), default=None)
    return _Stream(
        known.stream.replace("_", " "),
        limits(source, known.every),
        read,
        as_of,
        max(filter(None, (as_of, read.read_at)), default=NEVER),
        tuple(problem for _as_of, problem in own),
        _held(holding(hold_names(RunKind.SYNC, known.source, f"{RunKind.SYNC} {known.source}.{known.stream}"), pauses)),
    )


def _held(pause: SchedulePause | None) -> str:
    if pause is None:
        return ""
    reason = f" ({pause.reason})" if pause.reason else ""
    until = f" It goes on at {_clock(pause.until)}." if pause.until else " It goes on when it is resumed there."
    return f"{pause.by} paused it on the page Schedule{reason}.{until}"


def _clock(moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(hub().company.time_zone))
    return f"{local:%H:%M} on {local.day} {local:%B}"


def _source(about: _About, streams: Sequence[_Stream], failures: Mapping[int, Run], now: datetime) -> SourceFreshness:
    failed = failures.get(max((each.read.failed_run or 0 for each in streams), default=0))
    loaded = [each for each in streams if each.as_of]
    cause = f"{failed.problem} {failed.meaning}".strip() if failed else ""
    if not loaded:
        words = "It has never been loaded: the last read failed." if failed else "It has never been loaded."
        return _fresh(about, None, "red", words, now, cause=cause)
    stale = [each for each in loaded if each.stale_at < now]
    late = [each for each in loaded if each.late_at < now]
    # Where all are read together they are alike: then the one whose read failed has more to say.
    first = min(stale or loaded, key=lambda each: (each.stale_at if stale else each.late_at, not each.read.failed_run))
    if stale or late:
        behind = [each.name for each in (stale or late)] if len(stale or late) < len(loaded) else []
        own = failures.get(first.read.failed_run or 0)
        words = _words(first, behind, own, now)
        cause = f"{own.problem} {own.meaning}".strip() if own else ""
        return _fresh(about, loaded, "red" if stale else "amber", words, now, first=first, cause=cause)
    if failed:
        words = f"The read of {_clock(failed.started_at or failed.requested_at)} failed; the figures are those before."
        return replace(_fresh(about, loaded, "amber", words, now, first=first, cause=cause), failed=True)
    if tried := [each for each in streams if each.in_vain]:
        # No run tells of it any more: the stream was paused since, and counts by itself.
        words = f"The last read of {', '.join(each.name for each in tried)} failed; the figures are those before."
        cause = together(problem for each in tried for problem in each.in_vain)
        return replace(_fresh(about, loaded, "amber", words, now, first=first, cause=cause), failed=True)
    gaps = together(problem for each in streams for problem in each.problems)
    return _fresh(about, loaded, "amber" if gaps else "green", gaps, now, first=first, gaps=bool(gaps))


def _fresh(
    about: _About,
    loaded: Sequence[_Stream] | None,
    state: State,
    problem: str,
    now: datetime,
    *,
    first: _Stream | None = None,
    gaps: bool = False,
    cause: str = "",
) -> SourceFreshness:
    known, read_at = (first.limits, first.read_at) if first else (limits(about.config), None)
    start = read_at or now
    missed = known.missed(start, now)
    return SourceFreshness(
        name=about.name,
        label=about.label,
        as_of=min((each.as_of for each in loaded or () if each.as_of), default=None),
        every_minutes=longest_minutes(about.config),
        state=state,
        problem=problem,
        gaps=gaps,
        cause=cause,
        late_after=known.late_at(start) - start,
        stale_after=known.stale_at(start) - start,
        read_at=read_at,
        when=reading_rhythm(about.config).words,
        missed=max(missed, STALE_TURNS + 1.0) if state == "red" else missed,
    )


def _words(first: _Stream, behind: Sequence[str], failed: Run | None, now: datetime) -> str:
    """Why a stream is late; it is named where others of its source are not."""
    what, remedy = "It was", "Check that worker and scheduler run."
    if behind:
        more = f" and {len(behind) - 1} other stream{'s' if len(behind) > 2 else ''}" if len(behind) > 1 else ""
        what = f"{first.name.capitalize()}{more} {'were' if more else 'was'}"
    if first.held:
        remedy = first.held
    elif failed:
        remedy = f"The read of {_clock(failed.started_at or failed.requested_at)} failed."
    return (
        f"{what} last read {span(now - first.read_at)} ago and should be read {first.limits.rhythm.words}. "
        f"The figures are those of that time. {remedy}"
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
