"""What is due: asked of PostgreSQL, never of a process's memory.

What has an interval is due that long after its last run began. What follows the clock is due when a time has come that
is later than the one it was last requested for: however long nobody looked, and however the clock jumped, a time that
was missed is made up once, and none comes twice.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from integration_hub.models import PushedValue, Run, RunKind, RunStatus, ScheduleMark
from integration_hub.push import switch
from integration_hub.runs import busy, latest, request_run
from integration_hub.timing.families import streams_of, with_family
from integration_hub.timing.items import Item, items, zone
from integration_hub.timing.pauses import BY, holding, standing
from integration_hub.timing.rhythm import Rhythm

GOOD = (RunStatus.SUCCEEDED, RunStatus.PARTIAL)
SLACK = timedelta(seconds=15)
"""Ticks are a minute apart, and never to the second: without it every minute would become every other minute."""
EVERYTHING = ~Q(options__has_any_keys=["stream", "streams", "documents"])
WHOLE = EVERYTHING | Q(options__source_due=True)
"""Syncs that stand for their source: of all streams, or of those that follow it."""


def request_due(now: datetime) -> list[str]:
    """Ask for every sync and every upkeep that is due; what was asked for, in words."""
    pauses, known = standing(now), items()
    free = [item for item in known if holding(item.held_by, pauses) is None]
    requested = []
    for item in known:
        if item.kind == RunKind.SYNC and not item.stream:
            requested += _sync(item, [each for each in free if each.subject == item.subject], now)
    for item in free:
        if item.kind not in {RunKind.SYNC, RunKind.ROLLUP} and item.rhythm is not None and _may(item):
            requested += _upkeep(item, now)
    return requested


def _sync(main: Item, free: list[Item], now: datetime) -> list[str]:
    """Read a source, or just those of its streams that are due."""
    if busy(RunKind.SYNC, main.subject):
        return []
    loaded = Run.objects.filter(kind=RunKind.SYNC, subject=main.subject).exists()
    of_source = main in free and (due_for(main, now) is not None or not loaded)
    with_own_times = [item for item in free if item.stream and item.rhythm]
    # The first read is of everything.
    due = [item for item in with_own_times if due_for(item, now) is not None or not loaded]
    if not of_source and not due:
        return []
    options = _narrowed(main, free, due, of_source=of_source)
    marked = [*due, *([main] if of_source else [])]
    with transaction.atomic():
        run = request_run(RunKind.SYNC, main.subject, by=BY, options=options)
        for item in marked:
            mark(item, now, run)
    streams = "" if of_source else f": {', '.join(options['streams'])}"
    return [f"{RunKind.SYNC} {main.subject}{streams}"]


def _narrowed(main: Item, free: list[Item], due: list[Item], *, of_source: bool) -> dict[str, Any]:
    """Options of a sync: empty where all streams are to be read."""
    streams = streams_of(main.subject)
    wanted = {item.stream for item in due}
    if of_source:
        wanted |= {item.stream for item in free if item.stream and item.rhythm is None}
    wanted = with_family(streams, wanted)
    every = {stream.name for stream in streams if not stream.within}
    if of_source and wanted >= every:
        return {}
    return {"streams": sorted(wanted), **({"source_due": True} if of_source else {})}


def _may(item: Item) -> bool:
    """Whether there is anything to do for it at all."""
    if item.kind == RunKind.DRIFT:
        return PushedValue.objects.exists()
    if item.kind == RunKind.PUSH:
        return switch.allows()
    return True


def _upkeep(item: Item, now: datetime) -> list[str]:
    due = due_for(item, now)
    if due is None or busy(item.kind, item.subject):
        return []
    day = due.astimezone(zone()).date().isoformat()
    options = {"day": day} if item.kind == RunKind.DRIFT else {}
    with transaction.atomic():
        run = request_run(item.kind, item.subject, by=BY, options=options)
        mark(item, now, run)
    return [f"{item.kind} {day if item.kind == RunKind.DRIFT else item.subject}"]


def due_for(item: Item, now: datetime) -> datetime | None:
    """The time for which something is due at an instant; None when it is not."""
    if item.rhythm is None:
        return None
    if item.rhythm.is_interval:
        began = began_at(item)
        return now if began is not None and interval_passed(item.rhythm, began, now) else None
    return _clock(item, item.rhythm, now)


def interval_passed(rhythm: Rhythm, began: datetime, now: datetime) -> bool:
    """Whether an interval is over. A beginning far ahead of now was written by a clock that was put back since."""
    length = timedelta(minutes=rhythm.minutes)
    return began + length <= now + min(SLACK, length / 4) or began > now + length


def _clock(item: Item, rhythm: Rhythm, now: datetime) -> datetime | None:
    latest_time = rhythm.latest_at(now, zone())
    known = ScheduleMark.objects.filter(pk=item.name).first()
    if known is None or known.rhythm != rhythm.mark:
        # Seen for the first time: it begins with its next time.
        _save(item, rhythm, latest_time)
        return None
    if known.due_for > rhythm.next_after(now, zone()):
        # Requested by a clock that was far ahead: its times up to now are done, those to come are not.
        _save(item, rhythm, latest_time)
        return None
    return latest_time if latest_time > known.due_for else None


def _save(item: Item, rhythm: Rhythm, time: datetime) -> None:
    ScheduleMark.objects.update_or_create(pk=item.name, defaults={"due_for": time, "rhythm": rhythm.mark})


def mark(item: Item, now: datetime, run: Run) -> None:
    """Keep for which time something was requested; what has an interval needs none, its runs are kept anyway."""
    if item.rhythm is None or item.rhythm.is_interval:
        return
    values = {"due_for": item.rhythm.latest_at(now, zone()), "rhythm": item.rhythm.mark}
    ScheduleMark.objects.update_or_create(pk=item.name, defaults={**values, "requested_at": now, "run_ref": run})


def began_at(item: Item) -> datetime | None:
    """When the last run began that counts for something with an interval; upkeep counts from the first load."""
    if item.kind == RunKind.SYNC:
        reads = WHOLE
        if item.stream:
            named = Q(options__streams__contains=[item.stream]) | Q(options__stream=item.stream)
            reads = named | EVERYTHING
        last = Run.objects.filter(reads, kind=item.kind, subject=item.subject).order_by("-id").first()
    else:
        last = latest(item.kind, item.subject)
    if last is not None:
        return last.started_at or last.requested_at
    if item.kind == RunKind.SYNC:
        return None
    loaded = Run.objects.filter(kind=RunKind.SYNC, subject=item.subject, status__in=GOOD)
    return loaded.order_by("id").values_list("requested_at", flat=True).first()
