"""The minute tick: buries dead runs, requests what is due, and rings for everything that waits. PostgreSQL decides.

Of however many schedulers, the one that holds the lead does the work; it lets go of it by ending, however it ends.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.module_loading import import_string

from integration_hub import locks
from integration_hub.config import hub
from integration_hub.jobs import ring
from integration_hub.models import Ring, Run, RunKind, RunStatus
from integration_hub.runs import bury_dead, latest_clock, request_run
from integration_hub.timing.due import GOOD, mark, request_due
from integration_hub.timing.items import hold_names, items, of_run, zone
from integration_hub.timing.pauses import BY, end_expired, holding, standing
from integration_hub.timing.rhythm import parse

log = logging.getLogger(__name__)
TICK_LOCK, LEAD = "tick", "scheduler"
RINGS_KEPT = timedelta(days=30)
SILENT_SECONDS = 5.0
"""Between two ticks a Redis that did not answer is left alone for so long."""
_silent = {"until": 0.0}


@dataclass(frozen=True)
class Ticked:
    """What one tick did. `asleep`: another scheduler has the tick."""

    asleep: bool = False
    buried: tuple[int, ...] = ()
    requested: tuple[str, ...] = ()
    rung: int = 0
    redis_answers: bool = True
    notes: tuple[str, ...] = field(default=())


def tick(now: datetime | None = None) -> Ticked:
    """Do what is due at an instant (default: now). Of several schedulers only one ticks."""
    at = now or timezone.now()
    with locks.holding(TICK_LOCK) as mine:
        if not mine:
            return Ticked(asleep=True)
        buried = tuple(run.pk for run in bury_dead())
        end_expired(at)
        requested = (*request_due(at), *_due_rollup(at))
        answers = _ring_waiting(at)
        for hook in settings.TICK_HOOKS:
            requested = (*requested, *cast("Callable[[datetime], list[str]]", import_string(hook))(at))
        Ring.objects.filter(received_at__lt=at - RINGS_KEPT).delete()
    return Ticked(buried=buried, requested=requested, rung=sum(answers), redis_answers=all(answers))


def watch() -> tuple[int, ...]:
    """Look for runs whose process is gone, and ring for what waits; the ids of the dead ones.

    Between two ticks: a killed worker is noticed within seconds, also one that had taken an entry of the queue and not
    begun the run yet, and so is a queue that was emptied. Two queries where nothing runs or waits.
    """
    buried = bury_dead()
    if time.monotonic() >= _silent["until"] and not all(_ring_waiting(timezone.now())):
        _silent["until"] = time.monotonic() + SILENT_SECONDS
    for hook in settings.WATCH_HOOKS:
        cast("Callable[[], object]", import_string(hook))()
    return tuple(run.pk for run in buried)


def _ring_waiting(at: datetime) -> list[bool]:
    """Ring for each run that may begin; whether Redis took it. One that does not answer is asked nothing more.

    While a run of the same kind and subject is at work, a worker would only find its lock taken, again and again, and
    be missing where a run could be taken over.
    """
    at_work = Run.objects.filter(status=RunStatus.RUNNING, kind=OuterRef("kind"), subject=OuterRef("subject"))
    due = Run.objects.filter(status=RunStatus.QUEUED).exclude(not_before__gt=latest_clock(at))
    waiting = due.exclude(Exists(at_work)).order_by("id")
    pauses, answers = None, []
    for run in waiting:
        pauses = standing(at) if pauses is None else pauses
        if holding(of_run(run), pauses) is None:
            answers.append(ring(run.pk))
            if not answers[-1]:
                break
    return answers


def local_day(now: datetime) -> date:
    """The day in the company's time zone."""
    return now.astimezone(zone()).date()


def _due_rollup(now: datetime) -> list[str]:
    """After midnight invoices become overdue although no document changed; and what figures rest on may change."""
    today, basis = local_day(now).isoformat(), hub().company.basis
    if holding(hold_names(RunKind.ROLLUP, ""), standing(now)) is not None:
        return []
    synced = Run.objects.filter(kind=RunKind.SYNC, status__in=GOOD).exists()
    tried = Run.objects.filter(kind=RunKind.ROLLUP, options__current=True)
    last = tried.exclude(status__in=(RunStatus.FAILED, RunStatus.DEAD)).order_by("-id").first()
    done = last is not None and (last.options["as_of"], last.options.get("basis")) == (today, basis)
    if not synced or done or _failed_lately(today, now) or not (_has_come(now) or _other_basis(last, basis)):
        return []
    with transaction.atomic():
        run = request_run(RunKind.ROLLUP, by=BY, options={"as_of": today, "current": True, "basis": basis})
        for item in items():
            if item.kind == RunKind.ROLLUP:
                mark(item, now, run)
    return [f"{RunKind.ROLLUP} {today}"]


def _has_come(now: datetime) -> bool:
    """Whether it is late enough in the day for the figures of the day."""
    return local_day(parse(hub().schedule.rollup).latest_at(now, zone())) == local_day(now)


def _other_basis(last: Run | None, basis: str) -> bool:
    """Whether the figures shown rest on something else by now: then none are shown until they are recomputed."""
    return last is not None and last.options.get("basis") != basis


def _failed_lately(today: str, now: datetime) -> bool:
    """A rollup that fails is tried again every quarter of an hour, not every minute."""
    failed = Run.objects.filter(kind=RunKind.ROLLUP, options__as_of=today, status=RunStatus.FAILED)
    return failed.filter(requested_at__gt=now - timedelta(minutes=15)).exists()
