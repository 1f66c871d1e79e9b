"""The minute tick: buries dead runs, requests what is due, and rings for everything that waits. PostgreSQL decides."""

import logging
import zoneinfo
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from integration_hub import locks
from integration_hub.config import Hub, hub
from integration_hub.jobs import ring
from integration_hub.models import PushedValue, Run, RunKind, RunStatus
from integration_hub.runs import bury_dead, busy, latest, request_run
from integration_hub.sources import SALESFORCE

log = logging.getLogger(__name__)
TICK_LOCK = "tick"
BY = "schedule"
WITHOUT_KEYS = frozenset({"sql", "files"})
"""Kinds of sources whose whole reads show what has left."""


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
        requested = (*_due_syncs(at), *_due_rollup(at), *_due_records(at), *_due_drift_check(at))
        waiting = Run.objects.filter(status=RunStatus.QUEUED).exclude(not_before__gt=at)
        answers = [ring(pk) for pk in waiting.order_by("id").values_list("pk", flat=True)]
    return Ticked(buried=buried, requested=requested, rung=sum(answers), redis_answers=all(answers))


def intervals(configuration: Hub) -> dict[str, int]:
    """Minutes between two reads of every source."""
    found = {source.name: source.every_minutes for source in configuration.sources}
    if configuration.salesforce:
        found[SALESFORCE] = configuration.salesforce.every_minutes
    return found


def _due_syncs(now: datetime) -> list[str]:
    requested = []
    for name, minutes in intervals(hub()).items():
        if busy(RunKind.SYNC, name):
            continue
        last = latest(RunKind.SYNC, name)
        began = last.started_at or last.requested_at if last else None
        if began is None or began + timedelta(minutes=minutes) <= now:
            request_run(RunKind.SYNC, name, by=BY)
            requested.append(f"{RunKind.SYNC} {name}")
    return requested


def _due_records(now: datetime) -> list[str]:
    """Formulas are refreshed and ids compared every so many hours, counted from the first load of their source."""
    configuration = hub()
    wanted = [
        (RunKind.SWEEP, source.name, source.sweep_every_hours)
        for source in configuration.sources
        if source.kind not in WITHOUT_KEYS
    ]
    if configuration.salesforce is not None:
        wanted.append((RunKind.FORMULAS, SALESFORCE, configuration.salesforce.formulas_every_hours))
        wanted.append((RunKind.SWEEP, SALESFORCE, configuration.salesforce.sweep_every_hours))
    requested = []
    for kind, name, hours in wanted:
        loaded = Run.objects.filter(
            kind=RunKind.SYNC, subject=name, status__in=(RunStatus.SUCCEEDED, RunStatus.PARTIAL)
        )
        first = loaded.order_by("id").values_list("requested_at", flat=True).first()
        last = latest(kind, name)
        began = (last.started_at or last.requested_at) if last else first
        if first is not None and began is not None and not busy(kind, name) and began + timedelta(hours=hours) <= now:
            request_run(kind, name, by=BY)
            requested.append(f"{kind} {name}")
    return requested


def local_day(now: datetime) -> date:
    """The day in the company's time zone."""
    return now.astimezone(zoneinfo.ZoneInfo(hub().company.time_zone)).date()


def _due_rollup(now: datetime) -> list[str]:
    """After midnight invoices become overdue although no document changed; and what figures rest on may change."""
    today, basis = local_day(now).isoformat(), hub().company.basis
    synced = Run.objects.filter(kind=RunKind.SYNC, status__in=(RunStatus.SUCCEEDED, RunStatus.PARTIAL)).exists()
    tried = Run.objects.filter(kind=RunKind.ROLLUP, options__current=True)
    last = tried.exclude(status__in=(RunStatus.FAILED, RunStatus.DEAD)).order_by("-id").first()
    done = last is not None and (last.options["as_of"], last.options.get("basis")) == (today, basis)
    if not synced or done or _failed_lately(today, now):
        return []
    request_run(RunKind.ROLLUP, by=BY, options={"as_of": today, "current": True, "basis": basis})
    return [f"{RunKind.ROLLUP} {today}"]


def _failed_lately(today: str, now: datetime) -> bool:
    """A rollup that fails is tried again every quarter of an hour, not every minute."""
    failed = Run.objects.filter(kind=RunKind.ROLLUP, options__as_of=today, status=RunStatus.FAILED)
    return failed.filter(requested_at__gt=now - timedelta(minutes=15)).exists()


def _due_drift_check(now: datetime) -> list[str]:
    """Once a day, from the configured hour of the company's day on, pushed values are compared with what stands."""
    local = now.astimezone(zoneinfo.ZoneInfo(hub().company.time_zone))
    today = local.date().isoformat()
    pushes = hub().salesforce is not None and bool(hub().push.fields)
    if not pushes or local.hour < hub().push.drift_check_hour or not PushedValue.objects.exists():
        return []
    if Run.objects.filter(kind=RunKind.DRIFT, options__day=today).exists():
        return []
    request_run(RunKind.DRIFT, SALESFORCE, by=BY, options={"day": today})
    return [f"{RunKind.DRIFT} {today}"]
