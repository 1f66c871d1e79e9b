"""Pausing and resuming: kept in PostgreSQL with who, when, why, and until when. Pausing loses nothing: what waits stays
waiting, and what came due meanwhile runs once after it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from integration_hub import audit
from integration_hub.models import Run, RunKind, RunStatus, SchedulePause
from integration_hub.runs import DOORBELL, request_run
from integration_hub.timing.families import streams_of, with_family
from integration_hub.timing.items import ALL, EXPORTS, find, items, of_run, run_item, zone
from integration_hub.timing.rhythm import instant_of

BY = "schedule"
FURTHEST_YEARS = 100
"""A pause for longer than this was mistyped, and no clock can show the end of the year 9999 everywhere."""


class WrongEnd(ValueError):
    """A text is no end of a pause; the message goes on from what it is about: "lies in the past"."""


def end_of(text: str, now: datetime) -> datetime:
    """The instant (UTC) of a day and time at the company's wall clock, or with an offset of its own. Where the clock
    goes over it, the next one that it shows. Raises WrongEnd.
    """
    try:
        written = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongEnd("is not a day and time, as 2026-11-28T06:00") from error
    if written.year > now.year + FURTHEST_YEARS:
        raise WrongEnd(f"lies more than {FURTHEST_YEARS} years ahead")
    if written.year < now.year - 1:
        raise WrongEnd("lies in the past")
    until = written.astimezone(UTC) if written.tzinfo else instant_of(written.date(), written.time(), zone())
    if until <= now:
        raise WrongEnd("lies in the past")
    return until


def standing(now: datetime) -> dict[str, SchedulePause]:
    """The pauses that hold at an instant, by name."""
    open_ones = SchedulePause.objects.filter(Q(until=None) | Q(until__gt=now), ended_at=None)
    return {pause.name: pause for pause in open_ones}


def holding(names: tuple[str, ...], pauses: Mapping[str, SchedulePause]) -> SchedulePause | None:
    """The pause under one of these names; the widest where there are several."""
    return next((pauses[name] for name in names if name in pauses), None)


def is_held(run: Run) -> bool:
    """Whether a waiting run is to go on waiting."""
    return holding(of_run(run), standing(timezone.now())) is not None


def exports_held(now: datetime) -> SchedulePause | None:
    """What keeps scheduled exports from being made; None where nothing does."""
    return holding((ALL, EXPORTS), standing(now))


def paused_streams(source: str) -> set[str]:
    """The streams of a source that are not to be read when it is read as a whole."""
    prefix = f"{RunKind.SYNC} {source}."
    return {name.removeprefix(prefix) for name in standing(timezone.now()) if name.startswith(prefix)}


def pause(name: str, *, by: str, reason: str, now: datetime, until: datetime | None = None) -> SchedulePause:
    """Pause something, or change reason and end of a pause that stands. A run that is at work ends its work."""
    with transaction.atomic():
        SchedulePause.objects.filter(name=name, ended_at=None, until__lte=now).update(ended_at=now, ended_by=BY)
        before = SchedulePause.objects.filter(name=name, ended_at=None).first()
        values = {"by": by, "at": now, "reason": reason, "until": until}
        made = SchedulePause.objects.update_or_create(name=name, ended_at=None, defaults=values)[0]
        stood = _told(before) if before else None
        audit.record("schedule.paused", "schedule", name, before=stood, after=_told(made), who=by)
        return made


def resume(name: str, *, by: str, now: datetime) -> bool:
    """End a pause: what waits is rung for, what came due meanwhile is asked for once. False when none stands."""
    with transaction.atomic():
        ended = SchedulePause.objects.select_for_update().filter(name=name, ended_at=None).first()
        if ended is None:
            return False
        ended.ended_at, ended.ended_by = now, by
        ended.save(update_fields=["ended_at", "ended_by"])
        _make_up(ended, now)
        still = standing(now)
        for run in Run.objects.filter(status=RunStatus.QUEUED).exclude(not_before__gt=now).order_by("id"):
            if name in of_run(run) and holding(of_run(run), still) is None:
                transaction.on_commit(partial(import_string(DOORBELL), run.pk))
        audit.record("schedule.resumed", "schedule", name, before=_told(ended), who=by)
    return True


def _told(pause: SchedulePause) -> dict[str, object]:
    return {"by": pause.by, "reason": pause.reason, "until": pause.until}


def end_expired(now: datetime) -> list[str]:
    """End the pauses whose time has come; their names."""
    over = SchedulePause.objects.filter(ended_at=None, until__lte=now).values_list("name", flat=True)
    return [name for name in over if resume(name, by=BY, now=now)]


def _make_up(ended: SchedulePause, now: datetime) -> None:
    """Read a stream that its source was read without; everything else comes due by its own time."""
    item = find(ended.name)
    if item is None or not item.stream:
        return
    rhythm = item.rhythm or next(each.rhythm for each in items() if each.name == run_item(item.kind, item.subject))
    if rhythm is not None and rhythm.next_after(ended.at, zone()) <= now:
        streams = sorted(with_family(streams_of(item.subject), {item.stream}))
        request_run(RunKind.SYNC, item.subject, by=BY, options={"streams": streams})
