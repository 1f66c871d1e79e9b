"""Records what each run uses of the org's API requests, and how much of them each kind of run may use."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone
from psycopg.pq import TransactionStatus

from integration_hub.models import ApiUse, Run, RunKind
from integration_hub.salesforce.limits import METER, ApiUsage

log = logging.getLogger(__name__)
SECONDS_BETWEEN = 60.0
KEPT = timedelta(days=30)
SHARES: Mapping[str, float] = {
    RunKind.FORMULAS: 0.8,
    RunKind.SWEEP: 0.9,
    RunKind.DRIFT: 0.9,
    RunKind.RECONCILE: 0.9,
}
"""Part of our share of the day's requests at which a kind of run stops; the others may use all of it.

What only refines the picture waits first, reading and pushing last.
"""


class RunMeter:
    """Counts the requests of one run, and writes them down at most every minute and at the end.

    Without a run those of a command, such as diagnose, are counted.
    """

    def __init__(self, run: Run | None) -> None:
        self._run = run
        self.share = SHARES.get(run.kind, 1.0) if run else 1.0
        self.calls = 0
        self._written = 0
        self._usage, self._organization = ApiUsage(), ""
        self._last = time.monotonic()

    def note(self, usage: ApiUsage, organization: str) -> None:
        """One request more."""
        self.calls += 1
        self._usage, self._organization = usage, organization or self._organization
        if time.monotonic() - self._last >= SECONDS_BETWEEN:
            self.write()

    def write(self) -> None:
        """Store what was not stored yet, and the run's total. Measurements of more than 30 days ago go.

        A database that is away costs the measurement, never the run.
        """
        ours = self.calls - self._written
        if not ours or not _is_free():
            return
        said, now = self._usage.limit > 0, timezone.now()
        try:
            ApiUse.objects.create(
                at=now,
                organization=self._organization,
                used_by_all=self._usage.used if said else None,
                limit=self._usage.limit if said else None,
                ours=ours,
                run_ref=self._run,
            )
            if self._run is not None:
                Run.objects.filter(pk=self._run.pk).update(api_calls=self.calls)
            ApiUse.objects.filter(at__lt=now - KEPT).delete()
        except DatabaseError as error:
            log.warning("the use of API requests could not be stored (%s)", type(error).__name__)
            return
        self._written, self._last = self.calls, time.monotonic()


@contextmanager
def metered(run: Run | None) -> Iterator[RunMeter]:
    """Count the requests of every org that is connected to in the block, and store them at its end."""
    meter = RunMeter(run)
    token = METER.set(meter)
    try:
        yield meter
    finally:
        METER.reset(token)
        meter.write()


def _is_free() -> bool:
    """Whether the connection takes a statement now: not in the middle of a COPY, nor after one that failed."""
    if connection.connection is None:
        return True
    if connection.connection.closed or connection.needs_rollback:
        return False
    return connection.connection.info.transaction_status in {TransactionStatus.IDLE, TransactionStatus.INTRANS}
