"""The run that packs past days, and deletes what is older than hub.toml wants it kept."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from customers.history.days import due_days, forget, old_days, pack_due
from integration_hub.config import hub
from integration_hub.models import Run, RunKind
from integration_hub.runs import Outcome, busy, latest, request_run
from integration_hub.timing.items import hold_names
from integration_hub.timing.pauses import holding, standing

BY = "schedule"
PAUSE = timedelta(hours=1)


def tick(now: datetime) -> list[str]:
    """Scheduler hook: ask for a run while days are due and it is not paused; at most one an hour, however it ended."""
    last = latest(RunKind.ARCHIVE)
    if busy(RunKind.ARCHIVE) or (last is not None and last.requested_at > now - PAUSE):
        return []
    if holding(hold_names(RunKind.ARCHIVE, ""), standing(now)) is not None:
        return []
    if not due_days(now) and not old_days(_today(now)):
        return []
    request_run(RunKind.ARCHIVE, by=BY)
    return [str(RunKind.ARCHIVE)]


def run_archive(run: Run) -> Outcome:
    """Pack what is due and forget what is too old; no figure changes by it."""
    now = run.started_at or run.requested_at
    pack_due(now)
    forget(_today(now))
    return Outcome()


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(hub().company.time_zone)).date()
