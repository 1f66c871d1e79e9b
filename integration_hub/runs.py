"""The life of a run: requested, claimed, finished, buried. The row in PostgreSQL is the truth at every moment."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.module_loading import import_string

from integration_hub import audit, locks
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.narrowing import both

log = logging.getLogger(__name__)

# A string, because the job behind it imports this module.
DOORBELL = "integration_hub.jobs.ring"
BY_HAND = "command line"
BY_BELL = "webhook"
RETRY_AFTER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


class RunOutcome(Protocol):
    """How a run ended; the texts are empty when all is well."""

    @property
    def status(self) -> RunStatus: ...
    @property
    def problem(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def remedy(self) -> str: ...


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `counts` are columns of the run to store with it; `cause` is a RunCause, or empty."""

    status: RunStatus = RunStatus.SUCCEEDED
    problem: str = ""
    meaning: str = ""
    remedy: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    cause: str = ""


class NotOursError(Exception):
    """Another process has buried this run meanwhile: nothing of it may be published any more."""


def request_run(kind: str, subject: str = "", *, by: str = "", options: dict[str, Any] | None = None) -> Run:
    """Ask for a run, and ring for a worker after commit. A run that waits already is returned, with `options` added.

    Of a sync that is asked for with `streams` and without, every stream is read: the wider request counts. Rings that
    only add to a waiting run are no rows of the audit: there may be thousands, and the run keeps what was asked for.
    """
    wanted = options or {}
    waiting = _waiting(kind, subject)
    if waiting is None:
        try:
            with transaction.atomic():
                waiting = Run.objects.create(kind=kind, subject=subject, requested_by=by, options=wanted)
                _note(waiting, wanted, by)
        except IntegrityError:
            # Somebody else asked in the same instant.
            return request_run(kind, subject, by=by, options=wanted)
    else:
        waiting = _widened(waiting.pk, wanted, by)
        if waiting is None:
            # A worker took it meanwhile, without having seen what is wanted now.
            return request_run(kind, subject, by=by, options=wanted)
    transaction.on_commit(partial(_ring, waiting.pk))
    return waiting


def _widened(run_id: int, wanted: dict[str, Any], by: str) -> Run | None:
    """The waiting run with what is wanted added to what it is to do; None when it waits no more."""
    with transaction.atomic():
        waiting = Run.objects.select_for_update().filter(pk=run_id, status=RunStatus.QUEUED).first()
        if waiting is None:
            return None
        options = waiting.options | wanted
        if waiting.kind == RunKind.SYNC:
            options = both(waiting.options, wanted)
        if options != waiting.options:
            waiting.options = options
            waiting.save(update_fields=["options"])
            if by != BY_BELL:
                _note(waiting, wanted, by)
    return waiting


def _waiting(kind: str, subject: str) -> Run | None:
    return Run.objects.filter(kind=kind, subject=subject, status=RunStatus.QUEUED).first()


def _note(run: Run, options: dict[str, Any], by: str) -> None:
    """What a person asked for belongs into the audit; what the schedule asks for stands in the ledger."""
    if audit.in_request() or by == BY_HAND:
        # A ring comes without a login, but not from anybody: it was signed.
        who = f"bell of {run.subject}" if by == BY_BELL else None
        audit.record(f"{run.kind}.requested", "run", run.subject, after=options or None, run=run.pk, who=who)


def _ring(run_id: int) -> None:
    import_string(DOORBELL)(run_id)


def start_run(kind: str, subject: str = "", *, by: str = "", options: dict[str, Any] | None = None) -> Run:
    """A run that the caller does itself, at once; it must hold the run's lock (locks.run_name)."""
    with transaction.atomic():
        run = Run.objects.create(
            kind=kind,
            subject=subject,
            requested_by=by,
            options=options or {},
            status=RunStatus.RUNNING,
            started_at=timezone.now(),
        )
        _note(run, run.options, by)
    return run


def claim(run_id: int) -> Run | None:
    """Mark a waiting run as running. None when it is not waiting, or not due yet: somebody else got there first."""
    now = timezone.now()
    due = Run.objects.filter(pk=run_id, status=RunStatus.QUEUED).exclude(not_before__gt=latest_clock(now))
    if not due.update(status=RunStatus.RUNNING, started_at=now):
        return None
    return Run.objects.get(pk=run_id)


def latest_clock(now: datetime) -> Greatest:
    """An instant, or the database's where it is later: a clock that is slow by an hour holds nothing back as long."""
    return Greatest(Now(), Value(now))


def settle(run: Run, outcome: RunOutcome) -> None:
    """Write how the run ended. Raises NotOursError when the run is no longer this process's."""
    counts = outcome.counts if isinstance(outcome, Outcome) else {}
    changed = Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
        status=outcome.status,
        problem=outcome.problem,
        meaning=outcome.meaning,
        remedy=outcome.remedy,
        cause=outcome.cause if isinstance(outcome, Outcome) else "",
        finished_at=timezone.now(),
        **counts,
    )
    if not changed:
        raise NotOursError(f"{run} was declared dead meanwhile; its work is discarded.")
    run.refresh_from_db()


def retry(run: Run) -> Run | None:
    """A later run that takes over from one that failed or died; None once there were enough attempts."""
    if run.attempt > len(RETRY_AFTER):
        return None
    # By the database's clock: that of a worker may be wrong by a day, and would hold its source back as long.
    now = Run.objects.filter(pk=run.pk).values_list(Now(), flat=True).get()
    later = now + RETRY_AFTER[run.attempt - 1]
    return _joined(run) or _successor(run, attempt=run.attempt + 1, not_before=later)


def _joined(run: Run) -> Run | None:
    """The run that waits already, with what this sync could not do added to it."""
    waiting = _waiting(run.kind, run.subject)
    return _widened(waiting.pk, run.options, "") if waiting is not None and run.kind == RunKind.SYNC else waiting


def postpone(run: Run, until: datetime) -> Run | None:
    """A later run that goes on, not before an instant, where this one stopped at a limit. It costs no attempt.

    A run that waits already is held back until then as well: it would stop at the same limit.
    """
    words = f"Waits for API requests to become free: run {run.pk} stopped at the limit."
    waiting = _joined(run) or _successor(run, attempt=run.attempt, not_before=until)
    if waiting is not None:
        held = Run.objects.filter(pk=waiting.pk, status=RunStatus.QUEUED)
        held.filter(Q(not_before=None) | Q(not_before__lt=until)).update(not_before=until)
        held.update(problem=words, meaning="", remedy="")
        waiting.refresh_from_db()
    return waiting


def _successor(run: Run, *, attempt: int, not_before: datetime) -> Run | None:
    try:
        with transaction.atomic():
            return Run.objects.create(
                kind=run.kind,
                subject=run.subject,
                requested_by=run.requested_by,
                options=run.options,
                attempt=attempt,
                not_before=not_before,
            )
    except IntegrityError:
        return _waiting(run.kind, run.subject)


def bury_dead() -> list[Run]:
    """Declare runs dead whose process is gone (their lock is free), and let a new run take over from each."""
    buried = []
    for run in Run.objects.filter(status=RunStatus.RUNNING):
        name = locks.run_name(run.kind, run.subject)
        with locks.holding(name) as free:
            if not free or not _declare_dead(run):
                continue
        buried.append(run)
        _take_over(run)
    return buried


def bury_before(waiting: Run) -> None:
    """The same for what ran before a run that is about to begin, whose lock the caller holds: with it the waiting run
    takes over what the dead one was asked for. Otherwise that one would seem to run for as long as this one does.
    """
    for run in Run.objects.filter(status=RunStatus.RUNNING, kind=waiting.kind, subject=waiting.subject):
        if _declare_dead(run):
            _take_over(run)


def _take_over(run: Run) -> None:
    log.warning("%s was interrupted and is taken over", run)
    successor = retry(run)
    if successor is not None and not _died_before(run):
        # A first interruption (a restart, a deploy) need not wait.
        Run.objects.filter(pk=successor.pk).update(not_before=None)


def _died_before(run: Run) -> bool:
    """Whether the attempt before this one died as well, so that the work itself may be what ends its process."""
    before = Run.objects.filter(kind=run.kind, subject=run.subject, pk__lt=run.pk).order_by("-pk").first()
    return run.attempt > 1 and before is not None and before.status == RunStatus.DEAD


def _declare_dead(run: Run) -> bool:
    changed = Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
        status=RunStatus.DEAD,
        finished_at=Now(),
        problem="The process that did this run ended before its time.",
        meaning="Nothing half done is visible: the last published data stay.",
        remedy="Nothing to do: a new run takes over by itself."
        if run.attempt <= len(RETRY_AFTER)
        else "It died several times in a row: look at the worker's log (memory, disk), then start the run again.",
    )
    return bool(changed)


def latest(kind: str, subject: str = "") -> Run | None:
    """The newest run of that kind and subject, whatever became of it."""
    return Run.objects.filter(kind=kind, subject=subject).order_by("-id").first()


def busy(kind: str, subject: str = "") -> bool:
    """Whether such a run waits or runs."""
    open_states = (RunStatus.QUEUED, RunStatus.RUNNING)
    return Run.objects.filter(kind=kind, subject=subject, status__in=open_states).exists()


__all__ = [
    "NotOursError",
    "Outcome",
    "RunKind",
    "RunOutcome",
    "bury_before",
    "bury_dead",
    "busy",
    "claim",
    "latest",
    "postpone",
    "request_run",
    "retry",
    "settle",
    "start_run",
]
