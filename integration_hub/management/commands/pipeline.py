"""manage.py pipeline: every source, then the push, through the queue as the scheduler would do it."""

import os
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integration_hub.config import hub
from integration_hub.freshness import freshness
from integration_hub.jobs import ring
from integration_hub.models import PushPlan, Run, RunKind, RunStatus
from integration_hub.push.approval import ASKING
from integration_hub.runs import bury_dead, latest, request_run
from integration_hub.sources import SALESFORCE, source_names

LOOK_SECONDS, RING_SECONDS = 0.1, 5.0
GOOD = {RunStatus.SUCCEEDED, RunStatus.PARTIAL}
OPEN = {RunStatus.QUEUED, RunStatus.RUNNING}
BY = "pipeline"


class Command(BaseCommand):
    """Requests runs; with --wait, follows them to their end and prints a line for each."""

    help = "Sync every source, then push, through the queue. Exit 1 when one of them failed (with --wait)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="wait for the runs and print a line for each")
        parser.add_argument("--timeout", type=float, default=900, help="seconds to wait for one run (default: 900)")
        parser.add_argument("--again", action="store_true", help="sync also what is fresh")

    def handle(self, *args: Any, wait: bool, timeout: float, again: bool, **options: Any) -> None:
        began = time.time()
        requested = [request_run(RunKind.SYNC, name, by=BY) for name in source_names() if again or not _is_fresh(name)]
        if not wait:
            for run in requested:
                self.stdout.write(f"requested: {run}")
            return
        good = [self._follow(run, timeout) for run in requested]
        pushed = self._push(began, timeout)
        if not requested:
            self.stdout.write("Every source is fresh.")
        if not all([*good, pushed]):
            sys.exit(1)

    def _push(self, began: float, timeout: float) -> bool:
        """Follow the push that the syncs asked for; ask for the very first one where none has ever run."""
        configuration = hub()
        if configuration.salesforce is None or not configuration.push.enabled or not configuration.push.fields:
            return True
        run = latest(RunKind.PUSH, SALESFORCE)
        if run is None:
            run = request_run(RunKind.PUSH, SALESFORCE, by=BY)
        elif run.status not in OPEN and run.requested_at.timestamp() < began:
            return True
        good = self._follow(run, timeout)
        return self._approve_in_demo(run, timeout, good=good)

    def _approve_in_demo(self, run: Run, timeout: float, *, good: bool) -> bool:
        """The first plan of an org waits for a person. The demo's org belongs to nobody, so there it goes out."""
        plan = PushPlan.objects.filter(run_ref=run, status__in=ASKING).first()
        if plan is None or os.environ.get("DEMO") != "1":
            return good
        options = {"approve": plan.pk, "approved_by": "demo"}
        return self._follow(request_run(RunKind.PUSH, SALESFORCE, by=BY, options=options), timeout)

    def _follow(self, run: Run, timeout: float) -> bool:
        """Wait for a run, or the one that took over from it; True when it ended well."""
        deadline, ring_at = time.monotonic() + timeout, time.monotonic() + RING_SECONDS
        while run.status in OPEN and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            if time.monotonic() > ring_at:
                bury_dead()
                ring(run.pk)
                ring_at = time.monotonic() + RING_SECONDS
            run.refresh_from_db()
        if run.status == RunStatus.DEAD and (successor := latest(run.kind, run.subject)) and successor.pk != run.pk:
            return self._follow(successor, max(0.0, deadline - time.monotonic()))
        self.stdout.write(_line(run))
        return run.status in GOOD


def _is_fresh(name: str) -> bool:
    """Published within the source's interval: a second start of the demo need not read everything again."""
    return any(source.name == name and source.state == "green" for source in freshness())


def _line(run: Run) -> str:
    if run.status in OPEN:
        return f"{run}: not finished in time; is a worker running?"
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
    read = sum(run.streams.values_list("read", flat=True))
    counted = f"{read:,} rows read, {run.accounts_touched:,} customers touched" if run.kind == RunKind.SYNC else ""
    words = " ".join(text for text in (counted, run.problem, run.meaning, run.remedy) if text)
    return f"{run}: {run.get_status_display().lower()} in {seconds:.1f} s. {words}".strip()
