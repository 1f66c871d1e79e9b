"""What the scheduler does for exports every minute: takes over from killed workers, makes what is due, and removes what
has expired.
"""

import logging
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.contrib.auth.models import User
from django.utils import timezone

from customers.calendar import current_day
from integration_hub import locks
from integration_hub.config import hub
from integration_hub.notices import clear_notices, raise_notice
from integration_hub.schedule import local_day
from integration_hub.timing.pauses import exports_held
from reports import exporting
from reports.export_files import PART, folder, remove
from reports.export_jobs import again, lock_name, request_export, ring
from reports.models import UNFINISHED, ExportJob, ExportSchedule, ExportState, Frequency
from reports.offered import offered_report

log = logging.getLogger(__name__)


def tick(now: datetime) -> list[str]:
    """Everything in turn; the names of what was asked for."""
    take_over()
    requested = make_due(now)
    try:
        forget(now)
    except OSError as error:
        # The scheduler goes on: whoever keeps the server is told.
        raise_notice(
            "exports",
            "files",
            f"Files of exports could not be removed: {error}.",
            "Check the folder exports in STATE_DIR.",
        )
    else:
        clear_notices("exports")
    waiting = ExportJob.objects.filter(state=ExportState.WAITING)
    if exports_held(now) is not None:
        waiting = waiting.filter(schedule=None)
    for number in waiting.order_by("id").values_list("pk", flat=True):
        ring(number)
    return requested


def take_over() -> list[ExportJob]:
    """Exports whose worker is gone (their lock is free) wait again."""
    taken = []
    for job in ExportJob.objects.filter(state=ExportState.RUNNING):
        with locks.holding(lock_name(job.pk)) as free:
            # Ended meanwhile: nothing to take over.
            if free and ExportJob.objects.filter(pk=job.pk, state=ExportState.RUNNING).exists():
                log.warning("%s was interrupted and starts anew", job)
                again(job)
                taken.append(job)
    return taken


def make_due(now: datetime) -> list[str]:
    """Ask for every scheduled export that is due; only once the figures of the day are there, and while nobody has
    paused them. What came due during a pause is made once after it.
    """
    today = local_day(now)
    if current_day() != today or exports_held(now) is not None:
        return []
    active = ExportSchedule.objects.filter(active=True).select_related("owner")
    return [f"export {each.report}" for each in active if is_due(each, today) and run_now(each, today)]


def is_due(schedule: ExportSchedule, today: date) -> bool:
    """Whether its day has come since it was last made; a day on which nothing ran is made up for."""
    return (schedule.last_day or schedule.created_at.date() - timedelta(days=1)) < last_wanted(schedule, today)


def last_wanted(schedule: ExportSchedule, today: date) -> date:
    """The latest day up to today on which it is to be made; the 31st is the last day of a shorter month."""
    if schedule.frequency == Frequency.WEEKLY:
        return today - timedelta(days=(today.weekday() - schedule.weekday) % 7)
    if schedule.frequency == Frequency.MONTHLY:
        this = _in_month(today.year, today.month, schedule.month_day)
        before = today.replace(day=1) - timedelta(days=1)
        return this if this <= today else _in_month(before.year, before.month, schedule.month_day)
    return today


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def run_now(schedule: ExportSchedule, day: date) -> ExportJob | None:
    """Ask for the export of a day; a schedule whose owner may not have it rests, with the reason."""
    reason = why_not(schedule)
    if reason:
        ExportSchedule.objects.filter(pk=schedule.pk).update(active=False, paused_because=reason)
        return None
    job = request_export(
        cast("User", schedule.owner),
        report=schedule.report,
        question=schedule.question,
        as_of=day,
        form=schedule.format,
        schedule=schedule,
    )
    ExportSchedule.objects.filter(pk=schedule.pk).update(last_day=day)
    return job


def why_not(schedule: ExportSchedule) -> str:
    """Why the owner cannot have this export; empty where nothing is in the way."""
    owner: Any = schedule.owner
    if owner is None:
        return "Its owner was deleted."
    if not owner.is_active:
        return f"The login {owner.get_username()} was deactivated."
    if not exporting.may_export(owner):
        return f"The login {owner.get_username()} may not export any more."
    if offered_report(schedule.report, owner) is None:
        return f"There is no report {schedule.report} any more for {owner.get_username()}."
    return ""


def forget(now: datetime) -> None:
    """Remove files that have expired, what is left of unfinished ones, and old lines of the log."""
    for job in ExportJob.objects.filter(state=ExportState.DONE, expires_at__lt=now):
        remove(job)
        ExportJob.objects.filter(pk=job.pk).update(state=ExportState.EXPIRED, file="", size=0)
    kept = {f"{pk}" for pk in ExportJob.objects.filter(state__in=UNFINISHED).values_list("pk", flat=True)}
    for path in folder().glob(f"*{PART}"):
        if path.name.partition(".")[0] not in kept:
            path.unlink(missing_ok=True)
    days = hub().access.view_log_days
    if days:
        old = ExportJob.objects.filter(requested_at__lt=timezone.now() - timedelta(days=days))
        old.exclude(state__in=(*UNFINISHED, ExportState.DONE)).delete()
