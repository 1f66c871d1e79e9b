"""Rages with a seed, lets everything come to rest now and then, and checks all the while."""

import contextlib
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg
import requests
from django.db import DatabaseError, connection

from integration_hub.models import RunKind
from integration_hub.runs import request_run
from tests.chaos import settled
from tests.chaos.strikes import DOING_A_RUN, Strikes, others
from tests.chaos.violations import Found
from tests.chaos.visitor import Visitor
from tests.chaos.watching import Watch
from tests.chaos.world import World

AWAY = (psycopg.Error, DatabaseError, OSError, requests.RequestException)
"""What the driver itself meets while servers are away; it asks again later."""
REST_SECONDS = 90.0
PATIENCE_SECONDS, BETWEEN_SECONDS = 4.0, 0.3
SHARE_WITHOUT_END = 0.3
"""Of the kills of what does a run, how many wait for no run to come to its end: a second try is killed too."""
CHANGES_AT_ONCE = 4
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
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds of the driver's own time, by what they went into."""
    pages: Visitor | None = None

    def __post_init__(self) -> None:
        self.random = Random(self.schedule.seed + 1)  # noqa: S311
        self.watch = Watch(self.world.url, self.world.salesforce, self.world.events, self.found)
        self.strikes = Strikes(self.world, self.watch, self.random)
        self._next: dict[str, float] = {}
        self._made: Counter[str] = Counter()
        self._changed_since, self._piled = 0.0, 0
        self._choose()
        self._killed_at = {False: 0.0, True: 0.0}
        """When something was killed last, by whether it did a run (monotonic)."""

    def run(self) -> None:
        """Load, rage and rest until all is done."""
        self.world.processes.start()
        with self._timed("loading everything at first"):
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
        middle = (self.strikes.kills + until) // 2
        while self.strikes.kills < until and not self._is_enough:
            if self.strikes.kills >= middle:
                self.world.changes_only.touch()
            with self._timed("changing both companies, asking for runs"):
                self._change()
                self._ask_for_runs()
            with self._timed("striking, and waiting for servers to be back"):
                self._strike(deeds)
            with self._timed("starting processes again"):
                # A supervisor is quicker than a look is on a busy machine.
                self.world.processes.tend()
            with self._timed("looking"):
                self._look()
            with self._timed("starting processes again"):
                self.world.processes.tend()
                self.strikes.end_what_is_over()
            with self._timed("letting time pass"):
                time.sleep(self.random.uniform(0.02, 0.15))
        for name, times in self.world.salesforce.fired().items():
            self.faults[name] += times

    @contextlib.contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.spent[name] += time.monotonic() - began

    def _change(self) -> None:
        """A few changes between the ends of two runs: where a slow machine let them pile up, every load would touch
        every customer, and none would show that one was forgotten.
        """
        if self.watch.last_end != self._changed_since:
            self._changed_since, self._piled = self.watch.last_end, 0
        self._piled += 1
        if self._piled > CHANGES_AT_ONCE:
            return
        with contextlib.suppress(*AWAY):
            self.changes[self.world.erp.mutate()] += 1
            if self.random.random() < 0.3:
                self.changes[self.world.salesforce.mutate()] += 1

    def _ask_for_runs(self) -> None:
        for name, source, seconds in (("erp", "erp", 0.3), ("salesforce", "salesforce", 1.5)):
            if self._is_time(name, seconds):
                self._request(RunKind.SYNC, source)

    def _request(self, kind: RunKind, subject: str, **options: object) -> None:
        for _ in range(2):
            # The session of the last time may have been cut; a second one that fails is a server that is away.
            try:
                request_run(kind, subject, by="chaos", options=options)
                return
            except AWAY:
                connection.close()

    def _strike(self, deeds: Mapping[str, Callable[[], None]]) -> None:
        with contextlib.suppress(*AWAY):
            for name, times in self.schedule.strikes.items():
                due = math.ceil(times * self.strikes.kills / self.schedule.kills)
                if self._made[name] < due:
                    self._made[name] += 1
                    deeds[name]()
                    return
            if self._may_kill() and self.strikes.kill_one(self._victim):
                self._killed_at[self._victim in DOING_A_RUN] = time.monotonic()
                self._choose()

    def _choose(self) -> None:
        self._victim = self.strikes.choose()
        self._waits = self._victim in DOING_A_RUN and self.random.random() >= SHARE_WITHOUT_END

    def _may_kill(self) -> bool:
        """Between most kills of what does a run, one should come to its end, or nothing but beginnings would be tried;
        where the machine is slow that is not waited for long. All else is started again at once.
        """
        now, last = time.monotonic(), self._killed_at[self._victim in DOING_A_RUN]
        if self._waits:
            return self.watch.last_end > last or now - last > PATIENCE_SECONDS
        return now - last > BETWEEN_SECONDS

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
        with self._timed("coming to rest"):
            self._rest()
        # Before everything is read and computed anew.
        self._look_at_all()
        if self.strikes.kills:
            with self._timed("a push with locked rows"):
                self._push_with_locked_rows()
            with self._timed("reading what changed"):
                self._compare_after_changes()
        with self._timed("until all is up to date"):
            self._up_to_date()
        self._look_at_all()
        with self._timed("comparing all"), self.watch.snapshot() as snapshot:
            settled.mirror(snapshot, self.world.erp, self.found)
            settled.org_mirror(snapshot, self.world.salesforce, self.found)
            settled.cursors(snapshot, self.found)
            settled.salesforce(snapshot, self.world.salesforce, self.found)
        with self._timed("comparing all"):
            self.watch.audit()
        self.settlements.append(time.monotonic() - began)

    def _push_with_locked_rows(self) -> None:
        """A push that nobody disturbs, of which some rows are refused among others that are not: in all the rage it is
        left to chance whether one gets so far before the next one puts right what it took for written.
        """
        before = self._ask("select coalesce(max(id), 0) from hub_push_plan")
        self.world.salesforce.lock_some_rows()
        self.world.salesforce.edit_many()
        self._request(RunKind.PUSH, "salesforce")
        self._rest()
        self.world.salesforce.behave()
        with self.watch.snapshot() as snapshot:
            settled.acknowledged(snapshot, before, self.world.salesforce, self.found)

    def _compare_after_changes(self) -> None:
        """Reads of what changed must have brought every row: a whole read afterwards would hide what they lost."""
        self._request(RunKind.SYNC, "erp")
        self._request(RunKind.SYNC, "salesforce")
        self._rest()
        with self.watch.snapshot() as snapshot:
            settled.mirror(snapshot, self.world.erp, self.found, gone_stay=True)
            settled.org_mirror(snapshot, self.world.salesforce, self.found)
        self.world.changes_only.unlink(missing_ok=True)

    def _look_at_all(self) -> None:
        with self._timed("comparing all"):
            self.watch.look()
            self.watch.writes()

    def _up_to_date(self) -> None:
        """Both sources and the push, until a push finds nothing to do; a few times at most."""
        # What was deleted is seen by a whole read.
        self._request(RunKind.SYNC, "erp", full=True)
        if not self.strikes.kills:
            # After strikes it was read just before, and nobody changed anything since.
            self._request(RunKind.SYNC, "salesforce")
        for _ in range(6):
            self._rest()
            before = self._ask("select coalesce(max(id), 0) from hub_push_plan")
            self.world.salesforce.org.forget_calls()
            self._request(RunKind.PUSH, "salesforce")
            self._rest()
            changed = self._ask(
                "select array_agg(fields_changed) from hub_push_plan where id > %s and status <> 'dry'", before
            )
            parked = self._ask("select count(*) from hub_parked_row where resolved_at is null")
            # Of two pushes, one that a scheduled read led to among them, the first may have written.
            if changed and not any(changed) and not parked:
                self._wrote_nothing()
                return

    def _ask(self, question: str, *values: object) -> Any:
        with self.watch.snapshot() as snapshot:
            return snapshot.execute(question.encode(), values).fetchone()[0]  # type: ignore[index]

    def _wrote_nothing(self) -> None:
        """I8: where all that is wanted stands there, a push makes no call that could write."""
        self.found.looked(8)
        for call in self.world.salesforce.writes():
            self.found.add(8, f"a push that had nothing to write made a call that writes: {call}")

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
