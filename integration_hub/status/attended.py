"""Whether somebody is on what is late: a run at work, one that waits, or nobody."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from integration_hub.config import hub
from integration_hub.freshness import SourceFreshness
from integration_hub.models import Run, RunKind, RunStatus

OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)


def open_syncs() -> dict[str, Run]:
    """The sync of each source that runs, or else waits. One query."""
    runs = Run.objects.filter(kind=RunKind.SYNC, status__in=OPEN).order_by("status")
    found: dict[str, Run] = {}
    # "queued" comes before "running", which counts more.
    for run in runs:
        found[run.subject] = run
    return found


def attended(source: SourceFreshness, runs: Mapping[str, Run], *, scheduler: bool) -> str:
    """In a sentence: what happens next with a source, and whether anybody has to do something."""
    run = runs.get(source.name)
    if run is not None and (run.status == RunStatus.RUNNING or not source.held):
        return _of_run(run)
    if source.held:
        return source.held
    if not scheduler:
        return "Nothing starts by itself at the moment: an administrator has to start the scheduler."
    if source.state == "green":
        return f"It is read {source.when}."
    if source.gaps:
        return "Rows wait for a correction in the ERP; administrators see them with their reasons."
    return "It is read again at its next turn; if it stays late, an administrator has to look at the last run."


def _of_run(run: Run) -> str:
    if run.status == RunStatus.RUNNING:
        return f"It is being read now, since {_clock(run.started_at)}."
    if run.not_before is not None and run.not_before > timezone.now():
        return f"It is tried again by itself at {_clock(run.not_before)}."
    return "It is about to be read."


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone(ZoneInfo(hub().company.time_zone)):%H:%M}" if moment else "a moment ago"
