"""The named state of everything scheduled, with its cause and what to do. One function decides, from PostgreSQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from integration_hub.models import Run, RunCause, RunKind, RunStatus
from integration_hub.narrowing import narrowed_to
from integration_hub.runs import RETRY_AFTER
from integration_hub.timing.items import Item, items, words_of
from integration_hub.timing.known import Known, read_known

NOTHING = "Nothing to do."
DUE_FOR = timedelta(minutes=3)
"""So long may pass between a time and its request: a tick comes every minute."""
WAITS_FOR = timedelta(minutes=10)
"""So long may a run wait for a worker that works on others."""


class State(Enum):
    """Every state there is: its name, and how the pages mark it ("" neutral, "good", "warn", "bad", "seg" at work)."""

    RUNNING = "Running", "seg"
    PAUSED = "Paused", "warn"
    HELD_BACK = "Held back until requests are free", "warn"
    RETRYING = "Retrying", "warn"
    WAITING = "Waiting", ""
    NO_WORKER = "Waiting too long", "bad"
    SWITCHED_OFF = "Stopped by the switch", "bad"
    BRAKE = "Stopped by a brake", "bad"
    DIFFERENCE = "Stopped by a difference", "bad"
    UNREACHABLE = "Source unreachable", "bad"
    RIGHT_LOST = "Right lost", "bad"
    FAILED = "Failed", "bad"
    INTERRUPTED = "Interrupted", "bad"
    NEVER_LOADED = "Never loaded", "bad"
    DUE = "Due", "seg"
    LATE = "Late", "bad"
    GUARD = "Stopped by the volume guard", "warn"
    IN_PART = "Succeeded in part", "warn"
    ON_TIME = "On time", "good"
    ON_DEMAND = "When needed", ""

    @property
    def label(self) -> str:
        """Its name."""
        return self.value[0]

    @property
    def mark(self) -> str:
        """How it is marked."""
        return self.value[1]


@dataclass(frozen=True)
class Standing:
    """An item at an instant. `since` is when the state began, where that is known; `until` when it ends by itself.
    `next_at` is the next time by its rhythm, `last` the run that ended last.
    """

    item: Item
    state: State
    cause: str
    remedy: str
    since: datetime | None = None
    until: datetime | None = None
    next_at: datetime | None = None
    last: Run | None = None

    @property
    def needs_somebody(self) -> bool:
        """Whether it will not pass by itself."""
        return self.state.mark == "bad"


Found = tuple[State, str, str, datetime | None, datetime | None]
Rule = Callable[[Item, Known], Found | None]


def standings(now: datetime) -> list[Standing]:
    """Everything scheduled at an instant."""
    known = read_known(now)
    return [standing_of(item, known) for item in items()]


def standing_of(item: Item, known: Known) -> Standing:
    """The first rule that fits decides; the last one always does."""
    state, cause, remedy, since, until = next(found for rule in RULES if (found := rule(item, known)) is not None)
    last = known.outcome_of(item)
    return Standing(item, state, cause, remedy, since, until, known.next_at(item), last)


def _at_work(item: Item, known: Known) -> Found | None:
    run = known.running.get(known.key(item))
    if run is None or not _is_about(run, item):
        return None
    attempt = f" It is attempt {run.attempt} of {len(RETRY_AFTER) + 1}." if run.attempt > 1 else ""
    cause = f"Run {run.pk} is at work.{attempt}"
    return State.RUNNING, cause, "Nothing to do: it ends by itself.", run.started_at, None


def _is_about(run: Run, item: Item) -> bool:
    """Whether a run of its source reads this stream; a source is at work whatever is read of it."""
    named = narrowed_to(run.options)
    return not item.stream or not named or item.stream in named


def _paused(item: Item, known: Known) -> Found | None:
    pause = known.pause(item)
    if pause is None:
        return None
    what = "It" if pause.name == item.name else words_of(pause.name)
    cause = f"{what} was paused by {pause.by}: {pause.reason.rstrip('.')}."
    ends = "It goes on by itself then." if pause.until else "Resume it when the reason is gone."
    return State.PAUSED, cause, f"{ends} What came due meanwhile runs once.", pause.at, pause.until


def _queued(item: Item, known: Known) -> Found | None:
    run = known.waiting.get(known.key(item))
    if run is None or item.stream:
        return None
    if run.not_before is not None and run.not_before > known.now:
        if run.problem:
            return State.HELD_BACK, run.problem, "Nothing to do: it goes on then.", run.requested_at, run.not_before
        before = known.ended.get(known.key(item))
        why = f": {before.problem.rstrip('.')}" if before and before.problem else ""
        attempt = f"Attempt {run.attempt} of {len(RETRY_AFTER) + 1} follows{why}."
        return (
            State.RETRYING,
            attempt,
            "Nothing to do: it is tried again by itself. Who has mended its cause may start it now.",
            None,
            run.not_before,
        )
    since = max(run.requested_at, run.not_before or run.requested_at)
    if known.now - since > WAITS_FOR:
        cause = f"Run {run.pk} waits, and no worker takes it."
        remedy = "See that a worker and Redis run. Nothing is lost: it begins when they do."
        return State.NO_WORKER, cause, remedy, since, None
    return State.WAITING, f"Run {run.pk} waits for a worker.", NOTHING, since, None


def _push(item: Item, known: Known) -> Found | None:
    if item.kind != RunKind.PUSH:
        return None
    if known.stopped is not None:
        cause = f"{known.stopped.by} stopped the push: {known.stopped.reason.rstrip('.')}."
        return State.SWITCHED_OFF, cause, "Resume it on the page Pushes.", known.stopped.at, None
    if not known.in_file:
        cause = "enabled = false stands under [push] in hub.toml."
        return State.SWITCHED_OFF, cause, "Write enabled = true to let values be written.", None, None
    if known.differing is not None:
        cause = f"{known.differing.stream} differs from its source: {known.differing.detail.rstrip('.')}."
        remedy = "Open the page Reconciliation: it shows the documents that differ, and what to do."
        return State.DIFFERENCE, cause, remedy, known.differing.since, None
    if known.plan is not None:
        cause = f"Plan {known.plan.pk} waits for somebody to approve it."
        return State.BRAKE, cause, "Open the plan. If it is right, approve it.", known.plan.made_at, None
    return None


def _ended_badly(item: Item, known: Known) -> Found | None:
    run = known.outcome_of(item)
    if run is None or run.status not in {RunStatus.FAILED, RunStatus.DEAD}:
        return None
    told = " ".join(part for part in (run.problem, run.meaning) if part) or "No reason was stored."
    state = State.INTERRUPTED if run.status == RunStatus.DEAD else BY_CAUSE.get(run.cause, State.FAILED)
    return state, told, run.remedy or "Start it again, and look into the worker's log.", run.finished_at, None


BY_CAUSE: Mapping[str, State] = {
    RunCause.UNREACHABLE: State.UNREACHABLE,
    RunCause.REFUSED: State.RIGHT_LOST,
    RunCause.LIMIT: State.HELD_BACK,
}


def _never(item: Item, known: Known) -> Found | None:
    if item.kind != RunKind.SYNC:
        return None
    state = known.state_of(item)
    loaded = state is not None and state.as_of is not None if item.stream else known.key(item) in known.good
    if loaded:
        return None
    cause = "It was never read, so nothing of it is here."
    return State.NEVER_LOADED, cause, "Start it now, or wait: the scheduler reads it at its next tick.", None, None


def _time_has_come(item: Item, known: Known) -> Found | None:
    next_at = known.next_at(item)
    if next_at is None or next_at > known.now or known.key(item) in known.running:
        return None
    if known.now - next_at <= DUE_FOR:
        return State.DUE, "Its time has come.", "Nothing to do: it is asked for at the next tick.", next_at, None
    cause = "Its time has passed, and nobody asked for it."
    return State.LATE, cause, "See that a scheduler runs: manage.py scheduler. It is made up once.", next_at, None


def _with_gaps(item: Item, known: Known) -> Found | None:
    """It ran, but left something behind."""
    if item.kind == RunKind.SYNC:
        prefix = f"{item.subject}.{item.stream}" if item.stream else f"{item.subject}."
        about = [name for name in known.guards if name == prefix or (not item.stream and name.startswith(prefix))]
        for name in about:
            notice = known.guards[name]
            return State.GUARD, f"{name}: {notice.text}", notice.remedy or NOTHING, notice.raised_at, None
        for name, state in known.streams.items():
            if (name == prefix or (not item.stream and name.startswith(prefix))) and state.missing:
                cause = f"{name}: {', '.join(map(str, state.missing))} can no longer be read; the last values stay."
                return State.RIGHT_LOST, cause, "Give the reading user the right to see it, or take it out.", None, None
    run = known.outcome_of(item)
    if run is None or run.status != RunStatus.PARTIAL or item.stream:
        return None
    told = run.problem or "Some rows could not be understood, or were not accepted."
    return State.IN_PART, told, run.remedy or "Open the run: it shows them with their reasons.", run.finished_at, None


def _well(item: Item, known: Known) -> Found:
    if item.rhythm is None and not (item.stream and known.began(item)):
        return State.ON_DEMAND, f"It starts {item.starts}.", NOTHING, None, None
    return (
        State.ON_TIME,
        "Its last run ended well." if known.began(item) else "Its first time is to come.",
        NOTHING,
        None,
        None,
    )


RULES: tuple[Rule, ...] = (
    _at_work,
    _paused,
    _queued,
    _push,
    _ended_badly,
    _never,
    _time_has_come,
    _with_gaps,
    _well,
)
