"""The doorbell: an entry in Redis that carries nothing but the id of a run. Everything else stands in PostgreSQL."""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import django_rq
import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils.module_loading import import_string
from redis.exceptions import RedisError
from rq import Queue, get_current_job
from rq.command import send_shutdown_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.utils import now

from integration_hub import locks, memory
from integration_hub.api_use import metered
from integration_hub.config import hub
from integration_hub.diagnosis.stored import request_when_stale, run_check
from integration_hub.formulas import run_formulas
from integration_hub.installation import release
from integration_hub.models import ChangeStatus, PushChange, Run, RunCause, RunKind, RunStatus
from integration_hub.progress import watched
from integration_hub.push import switch
from integration_hub.reconcile_run import run_reconcile
from integration_hub.replay import run_replay
from integration_hub.runs import (
    NotOursError,
    Outcome,
    RunOutcome,
    bury_before,
    claim,
    postpone,
    request_run,
    retry,
    settle,
)
from integration_hub.sources import RightLost, SourceProblem, SourceRefused
from integration_hub.standing_differences import agrees_again
from integration_hub.sweep import run_sweep
from integration_hub.sync import Report, run_sync
from integration_hub.timing.pauses import is_held
from integration_hub.trouble import explain
from integration_hub.urgency import LESS_URGENT, leave_processors_free, yield_to_pages

log = logging.getLogger(__name__)
QUEUE = "default"
EXECUTE = "integration_hub.jobs.execute"
# Of its own: a long export keeps no sync waiting.
EXPORTS = "exports"
KEPT_SECONDS = 3600
ANSWER_SECONDS = 2.0
CLAIM_SECONDS = 2
"""A worker marks the run as running within milliseconds of taking its entry."""
LONGEST_SECONDS = 6 * 3600
FOLLOWED = frozenset({RunKind.SYNC, RunKind.ROLLUP, RunKind.FORMULAS, RunKind.SWEEP, RunKind.DRIFT, RunKind.REPLAY})
"""Kinds of runs that may change figures, or find values that are to be put back."""
RUNNERS: Mapping[RunKind, Callable[[Run], RunOutcome]] = {
    RunKind.FORMULAS: run_formulas,
    RunKind.SWEEP: run_sweep,
    RunKind.CHECK: run_check,
    RunKind.RECONCILE: run_reconcile,
    RunKind.REPLAY: run_replay,
}


def ring(run_id: int) -> bool:
    """Tell a worker that a run waits; False when Redis does not answer. The scheduler rings again every minute."""

    def is_lost(entry: Job) -> bool:
        """Its worker took it, and was gone before it marked the run as running."""
        taken = entry.started_at is not None and entry.started_at < now() - timedelta(seconds=CLAIM_SECONDS)
        return taken and Run.objects.filter(pk=run_id, status=RunStatus.QUEUED).exists()

    return _enqueue(QUEUE, f"run-{run_id}", EXECUTE, run_id, is_lost)


def call_soon(queue: str, function: str, number: int, *, attempt: int) -> bool:
    """Let a worker of another queue call a function, named by its dotted path, with the id of a row. Once for each
    attempt, however often it is asked; False when Redis does not answer.
    """
    return _enqueue(queue, f"{queue}-{number}-{attempt}", function, number)


def _enqueue(
    queue_name: str, name: str, function: str, number: int, is_lost: Callable[[Job], bool] = lambda _entry: False
) -> bool:
    try:
        with closing(_impatient(queue_name)) as client:
            # Rung after the commit already: request_run sees to that.
            queue = django_rq.get_queue(queue_name, commit_mode="auto", connection=client)
            if not _rung(queue, name, is_lost):
                queue.enqueue_call(
                    function,
                    args=(number,),
                    job_id=name,
                    timeout=LONGEST_SECONDS,
                    result_ttl=0,
                    failure_ttl=KEPT_SECONDS,
                    description=name.replace("-", " "),
                )
    except RedisError as error:
        log.warning(
            "Redis does not answer (%s): %s waits in PostgreSQL until the scheduler rings again",
            error,
            name.replace("-", " "),
        )
        return False
    return True


def _impatient(queue_name: str) -> redis.Redis:
    """A connection of its own that does not wait as long as workers' have to: somebody looks at a page here."""
    client: redis.Redis = django_rq.get_connection(queue_name)
    limits = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
    client.connection_pool.connection_kwargs.update(limits)
    return client


def _rung(queue: Queue, name: str, is_lost: Callable[[Job], bool]) -> bool:
    """Whether the entry is in the queue or being worked on. One that is lost is taken out."""
    # Its worker, or another bell, may take it out while it is looked at: what rq then misses is gone all the same.
    with suppress(NoSuchJobError, InvalidJobOperation, ValueError):
        job = Job.fetch(name, connection=queue.connection, serializer=queue.serializer)
        if name in queue.job_ids or (job.is_started and not is_lost(job)):
            return True
        job.delete()
    return False


def execute(run_id: int) -> None:
    """Do a waiting run in this process: one lock, one run, one outcome. A run that somebody else has is left alone, and
    so is one that is paused: it waits until somebody resumes it.
    """
    if get_current_job() is not None:
        yield_to_pages(LESS_URGENT)
        leave_processors_free()
    if not connection.in_atomic_block:
        close_old_connections()
    bound_memory()
    waiting = Run.objects.filter(pk=run_id, status=RunStatus.QUEUED).first()
    if waiting is None or is_held(waiting):
        return
    if is_of_another_release(waiting):
        return
    with locks.holding(locks.run_name(waiting.kind, waiting.subject)) as free:
        if free:
            bury_before(waiting)
        run = claim(run_id) if free else None
        if run is not None:
            finish(run)


def bound_memory() -> None:
    """Let this process take only so much more memory (settings.WORKER_MEMORY_MB), where it was forked for one job."""
    job = get_current_job()
    # A worker names the job in the environment of the process that it forks for it, and in no other.
    if settings.WORKER_MEMORY_MB and job is not None and os.environ.get("RQ_JOB_ID") == job.id:
        memory.bound(settings.WORKER_MEMORY_MB)


def is_of_another_release(waiting: object) -> bool:
    """Whether the database or the program's files are of another release than this process. What waits is left alone
    then, and the queue's worker that does this job is asked to end after it: whatever supervises it starts it anew.
    """
    differs = release.difference()
    if not differs:
        return False
    log.error("%s waits: %s This worker ends; its supervisor starts it anew.", waiting, differs)
    job = get_current_job()
    if job is not None and job.worker_name:
        send_shutdown_command(job.connection, job.worker_name)
    return True


def finish(run: Run, report: Report | None = None) -> Run:
    """Do a run that is marked as running and whose lock is held; store how it ended, and start what follows.

    `report` is told of each stream of a sync. Bugs are stored as well, and raised again.
    """
    try:
        with metered(run), watched(run):
            outcome = _work(run, report)
            if run.status == RunStatus.RUNNING:
                settle(run, outcome)
        run.refresh_from_db()
    except NotOursError:
        log.warning("%s was taken over; what this process did is discarded", run)
        run.refresh_from_db()
        return run
    except Exception as error:
        _failed(run, error)
        if not isinstance(error, SourceProblem | DatabaseError | psycopg.Error | OSError | RedisError | MemoryError):
            raise
    else:
        _follow(run)
    return run


def _work(run: Run, report: Report | None) -> RunOutcome:
    if run.kind == RunKind.ROLLUP:
        recompute = cast("Callable[..., int]", import_string(settings.ROLLUP))
        as_of = date.fromisoformat(run.options["as_of"])
        with transaction.atomic():
            locks.wait_in_transaction(locks.PUBLISH)
            touched = recompute(as_of, current=bool(run.options.get("current", True)))
        return Outcome(counts={"accounts_touched": touched})
    if run.kind == RunKind.SYNC:
        return run_sync(run, report) if report else run_sync(run)
    if run.kind in RUNNERS:
        return RUNNERS[RunKind(run.kind)](run)
    named = {
        RunKind.DRIFT: settings.DRIFT_RUN,
        RunKind.MATCH: settings.MATCH_RUN,
        RunKind.ARCHIVE: settings.ARCHIVE_RUN,
    }
    name = named.get(RunKind(run.kind), settings.PUSH_RUN)
    return cast("Callable[[Run], RunOutcome]", import_string(name))(run)


def _failed(run: Run, error: Exception) -> None:
    """Record the failure in words, and try again later when trying again can help."""
    if isinstance(error, MemoryError):
        memory.unbound()
    if connection.errors_occurred and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    problem = explain(error)
    log.error("%s failed: %s", run, problem.logged, exc_info=not isinstance(error, SourceProblem))
    try:
        settle(run, replace(_ending(run, problem), cause=_cause(error, problem)))
    except NotOursError:
        return
    except DatabaseError:
        # The database is away: the scheduler finds the run with a free lock and buries it.
        log.exception("how %s ended could not be stored", run)
        return
    if problem.resume_at is not None:
        postpone(run, problem.resume_at)
    elif problem.transient:
        retry(run)


def _cause(error: Exception, problem: SourceProblem) -> str:
    """Why the run ended, for the schedule to name; empty for what lies on our side."""
    if problem.resume_at:
        return RunCause.LIMIT
    if isinstance(problem, RightLost | SourceRefused):
        return RunCause.REFUSED
    return RunCause.UNREACHABLE if problem.transient and isinstance(error, SourceProblem) else ""


def _ending(run: Run, problem: SourceProblem) -> Outcome:
    """How a run ended that could not go on: in part where values were written before a limit stopped it."""
    words = problem.problem
    if problem.resume_at is None:
        return Outcome(RunStatus.FAILED, words, problem.meaning, problem.remedy)
    goes_on = problem.resume_at.astimezone(ZoneInfo(hub().company.time_zone))
    words = f"Stopped at the limit, goes on at {goes_on:%H:%M} on {goes_on.day} {goes_on:%B %Y}. {words}"
    written = PushChange.objects.filter(plan__run_ref=run, status=ChangeStatus.DONE).exists()
    return Outcome(RunStatus.PARTIAL if written else RunStatus.FAILED, words, problem.meaning, problem.remedy)


def _follow(run: Run) -> None:
    """A push follows a sync or a new day that changed figures, hand edits that are to be put back, and a sync that
    ended a difference with its ERP.
    """
    configuration = hub()
    wanted = switch.allows() and bool(configuration.push.fields) and configuration.salesforce is not None
    if wanted and run.kind in FOLLOWED and (run.accounts_touched or agrees_again(run) or _left_behind()):
        request_run(RunKind.PUSH, "salesforce", by=run.requested_by or "sync")
    request_when_stale(run)


def _left_behind() -> bool:
    """Whether a run changed figures and no push was asked for since: its process vanished after it had published."""
    pushed = Run.objects.filter(kind=RunKind.PUSH, subject="salesforce").order_by("-id").first()
    changed = Run.objects.filter(kind__in=FOLLOWED, accounts_touched__gt=0)
    return pushed is not None and changed.filter(finished_at__gt=pushed.requested_at).exists()
