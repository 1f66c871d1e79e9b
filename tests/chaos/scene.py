"""An installation at rest, and the few deeds of which single faults are made."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg

from tests.chaos import settled

if TYPE_CHECKING:
    from tests.chaos.driver import Driver


class NotHere(Exception):
    """Why a scenario cannot be played on this machine."""


class Scene:
    """An installation at rest, and the few deeds of which scenarios are made."""

    def __init__(self, driver: "Driver") -> None:
        self.driver, self.world, self.watch = driver, driver.world, driver.watch

    def until(self, true: Callable[[], Any], seconds: float, what: str) -> float:
        """Wait until something is true; the seconds it took. AssertionError when it never is."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            self.world.processes.tend()
            with contextlib.suppress(psycopg.Error):
                if true():
                    return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"after {seconds:.0f} s it is still not so: {what}")

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with psycopg.connect(self.world.url, autocommit=True) as connection:
            return connection.execute(question.encode(), values).fetchall()

    def ask_as_superuser(self, question: str) -> None:
        """The same with every right, for its effect."""
        with psycopg.connect(self.world.ground.url("customer360"), autocommit=True) as connection:
            connection.execute(question.encode())

    def request(self, source: str = "erp", **options: object) -> int:
        """Ask for a sync as a page does; the run's id."""
        from django.db import connection

        from integration_hub.models import RunKind
        from integration_hub.runs import request_run

        connection.close()
        run = request_run(RunKind.SYNC, source, by="scenario", options=options)
        connection.close()
        return int(run.pk)

    def status(self, run: int) -> str:
        """How a run stands."""
        return str(self.ask("select status from hub_run where id = %s", run)[0][0])

    def page(self, path: str = "/customers/") -> int:
        """The status of a page; 0 where nobody answers."""
        pages = self.driver.pages
        assert pages is not None
        return pages.ask(path)

    @contextlib.contextmanager
    def busy(self) -> Iterator[tuple[int, int]]:
        """A sync that waits in the middle of its work until the block ends: its id and its process."""
        from integration_hub import locks

        self.rest()
        self.driver._change()
        holder = psycopg.connect(self.world.ground.url("customer360"), autocommit=True)
        holder.execute("select pg_advisory_lock(%s, %s)", [locks.SPACE, locks._number(locks.PUBLISH)])
        try:
            run = self.request()
            waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
            self.until(lambda: self.ask(waiting), 30, "a sync waits for its turn to publish")
            yield run, self.process(run)
        finally:
            with contextlib.suppress(psycopg.Error):
                holder.close()

    def process(self, run: int) -> int:
        """The process that began a run."""
        self.watch.look()
        return next(int(event["pid"]) for event in reversed(self.watch.begun) if event["run"] == run)

    def rest(self) -> None:
        """Until nothing waits or runs."""
        self.driver._rest()

    def well(self) -> None:
        """The mirror is the ERP, and no invariant was violated; Salesforce is looked at once all scenarios are over."""
        self.rest()
        self.request(full=True)
        self.rest()
        self.watch.look()
        with self.watch.snapshot() as snapshot:
            settled.mirror(snapshot, self.world.erp, self.driver.found)
        found = self.driver.found
        assert not found.total, found.examples
