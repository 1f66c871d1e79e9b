"""The matching run: requested by the scheduler when a publish left more to match than it may do itself."""

from datetime import datetime, timedelta

from customers.matching.refreshing import match_all
from customers.models import MatchState
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.runs import Outcome, busy, request_run

BY = "schedule"
PAUSE = timedelta(minutes=15)


def tick(now: datetime) -> list[str]:
    """Scheduler hook: ask for a run while something waits; the names of what was asked for."""
    waiting = MatchState.objects.filter(pending=True).exists()
    if not waiting or busy(RunKind.MATCH, "") or _failed_lately(now):
        return []
    request_run(RunKind.MATCH, by=BY)
    return [str(RunKind.MATCH)]


def _failed_lately(now: datetime) -> bool:
    """One that fails is tried again every quarter of an hour, not every minute."""
    last = Run.objects.filter(kind=RunKind.MATCH).order_by("-id").first()
    return last is not None and last.status == RunStatus.FAILED and last.requested_at > now - PAUSE


def run_match(run: Run) -> Outcome:
    """Match everything that is to match; no figure changes by it."""
    match_all(anew=bool(run.options.get("anew")))
    return Outcome()
