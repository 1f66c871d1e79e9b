"""Rages with a seed, lets everything come to rest now and then, and checks all the while."""

import contextlib
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

import psycopg
import requests
from django.db import DatabaseError, connection

from integration_hub.models import RunKind
from integration_hub.runs import request_run
from tests.chaos import settled
from tests.chaos.strikes import Strikes, others
from tests.chaos.violations import Found
from tests.chaos.visitor import Visitor
from tests.chaos.watching import Watch
from tests.chaos.world import World

AWAY = (psycopg.Error, DatabaseError, OSError, requests.RequestException)
"""What the driver itself meets while servers are away; it asks again later."""
REST_SECONDS = 90.0
PATIENCE_SECONDS = 1.2
PAGES = ["/healthz", "/", "/customers/", "/customers/?q=Account"]


@dataclass(frozen=True)
class Schedule:
    """How much of what; `settle_every` kills everything comes to rest and is checked in full."""

    seed: int
    kills: int
    settle_every: int
    strikes: Mapping[str, int]
    enough: int = 200
    """So many violations end the run."""
    ends_at: float = math.inf
    """When it ends, with however many kills there were by then (monotonic)."""


@dataclass
class Driver:
    """One run of the schedule in a world."""

    world: World
    schedule: Schedule
    found: Found = field(default_factory=Found)
    changes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    settlements: list[float] = field(default_factory=list)
    pages: Visitor | None = None

    def __post_init__(self) -> None:
        self.random = Random(self.schedule.seed + 1)  # noqa: S311
        self.watch = Watch(self.world.url, self.world.salesforce, self.world.events, self.found)
        self.strikes = Strikes(self.world, self.watch, self.random)
        self._next: dict[str, float] = {}
        self._made: Counter[str] = Counter()

    def run(self) -> None:
        """Load, rage and rest until all is done."""
        self.world.processes.start()
        self.settle()
        self.pages = Visitor(self.world.port, PAGES, self.world.cookie)
        settled_at = 0
        while self.strikes.kills < self.schedule.kills and not self._is_enough:
            self._rage(min(self.schedule.kills, settled_at + self.schedule.settle_every))
            settled_at = self.strikes.kills
            if self.found.total < self.schedule.enough:
                self.settle()

    @property
    def _is_enough(self) -> bool:
        return self.found.total >= self.schedule.enough or time.monotonic() > self.schedule.ends_at

    def _rage(self, until: int) -> None:
        self.world.calm.unlink(missing_ok=True)
        self.world.processes.calm = False
        self.world.salesforce.misbehave(self.schedule.seed + len(self.settlements))
        deeds = others(self.strikes)
        while self.strikes.kills < until and not self._is_enough:
            self._change()
            self._ask_for_runs()
            self._strike(deeds)
            self._look()
            self.world.processes.tend()
            self.strikes.end_what_is_over()
            time.sleep(self.random.uniform(0.02, 0.2))
        for name, times in self.world.salesforce.fired().items():
            self.faults[name] += times

    def _change(self) -> None:
        with contextlib.suppress(*AWAY):
            self.changes[self.world.erp.mutate()] += 1
            if self.random.random() < 0.3:
                self.changes[self.world.salesforce.mutate()] += 1

    def _ask_for_runs(self) -> None:
        for name, source, seconds in (("erp", "erp", 0.3), ("salesforce", "salesforce", 1.5)):
            if self._is_time(name, seconds):
                self._request(RunKind.SYNC, source)

    def _request(self, kind: RunKind, subject: str, **options: object) -> None:
        connection.close()
        with contextlib.suppress(*AWAY):
            request_run(kind, subject, by="chaos", options=options)
        connection.close()

    def _strike(self, deeds: Mapping[str, Callable[[], None]]) -> None:
        with contextlib.suppress(*AWAY):
            for name, times in self.schedule.strikes.items():
                due = math.ceil(times * self.strikes.kills / self.schedule.kills)
                if self._made[name] < due:
                    self._made[name] += 1
                    deeds[name]()
                    return
            if self._may_kill() and self.random.random() < 0.55:
                self.strikes.kill_something()

    def _may_kill(self) -> bool:
        """Some run should come to its end between two kills, or nothing but beginnings would be tried; where the
        machine is slow that is not waited for long.
        """
        last = self.strikes.killed[-1][0] if self.strikes.killed else 0.0
        return self.watch.last_end > last or time.monotonic() - last > PATIENCE_SECONDS

    def _look(self) -> None:
        with contextlib.suppress(*AWAY):
            self.watch.listen()
            if self._is_time("look", 0.5):
                self.watch.look()
            if self._is_time("writes", 2.0):
                self.watch.writes()

    def _is_time(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(name, 0.0):
            return False
        self._next[name] = now + seconds
        return True

    def settle(self) -> None:
        """No strikes and no changes any more; then everything must agree."""
        began = time.monotonic()
        self.world.calm.touch()
        self.world.processes.calm = True
        self.strikes.end_what_is_over(all_of_it=True)
        self.world.salesforce.behave()
        self.world.processes.put_clocks_right()
        self.world.erp.settle()
        self._rest()
        # Before everything is read and computed anew.
        self.watch.look()
        self.watch.writes()
        self._up_to_date()
        self.watch.look()
        self.watch.writes()
        with self.watch.snapshot() as snapshot:
            settled.mirror(snapshot, self.world.erp, self.found)
            settled.cursors(snapshot, self.found)
            settled.salesforce(snapshot, self.world.salesforce, self.found)
        self.settlements.append(time.monotonic() - began)

    def _up_to_date(self) -> None:
        """Both sources and the push, until a push finds nothing to do; a few times at most."""
        # What was deleted is seen by a whole read.
        self._request(RunKind.SYNC, "erp", full=True)
        self._request(RunKind.SYNC, "salesforce")
        for _ in range(6):
            self._rest()
            self._request(RunKind.PUSH, "salesforce")
            self._rest()
            with self.watch.snapshot() as snapshot:
                last = snapshot.execute("select fields_changed from hub_push_plan order by id desc limit 1").fetchone()
                parked = snapshot.execute("select 1 from hub_parked_row where resolved_at is null").fetchone()
            if last and not last[0] and not parked:
                return

    def _rest(self) -> None:
        """Wait until nothing waits or runs."""
        until, quiet = time.monotonic() + REST_SECONDS, 0
        open_runs: list[tuple[object, ...]] = []
        while time.monotonic() < until and self.found.total < self.schedule.enough:
            self.world.processes.tend()
            time.sleep(0.05)
            with contextlib.suppress(psycopg.Error), self.watch.snapshot() as snapshot:
                open_runs = snapshot.execute(
                    "select id, kind, subject, status, attempt, not_before from hub_run"
                    " where status in ('queued', 'running')"
                ).fetchall()
                quiet = 0 if open_runs else quiet + 1
                if quiet >= 2:
                    return
        if self.found.total >= self.schedule.enough:
            return
        self.found.add(9, f"after {REST_SECONDS:.0f} s of rest there still waits: {open_runs}")
