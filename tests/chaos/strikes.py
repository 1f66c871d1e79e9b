"""What is done to the installation: each strike is one deed, and is counted by its name."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import psycopg
from django.db import connection

from integration_hub.models import RunKind
from integration_hub.push import switch
from integration_hub.runs import request_run
from tests.chaos.processes import children_of, kill
from tests.chaos.relay import CUT, PASS, SWALLOW
from tests.chaos.watching import GRACE as STILL_LEAVES
from tests.chaos.watching import Watch
from tests.chaos.world import World, when_it_answers

STOPPED_SECONDS, BEGUN_SECONDS = 8.0, 15.0
"""How long a push stays stopped, and how long it is waited for one that sends before, and one that would meanwhile."""
VICTIMS = {"horse": 60, "worker": 12, "worker and horse": 6, "scheduler": 8, "web": 4, "web worker": 9, "supervisor": 1}
"""How often each is killed; a horse is the process that a worker forks for one run."""
DOING_A_RUN = frozenset({"horse", "worker and horse"})


@dataclass(frozen=True)
class Outage:
    """When a server was taken away and when it was back (monotonic)."""

    what: str
    since: float
    until: float


@dataclass
class Strikes:
    """Strikes at random, and the end of those that last."""

    world: World
    watch: Watch
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)
    ends: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    killed: list[tuple[float, int]] = field(default_factory=list)
    """When which run's process was killed."""
    paused: set[int] = field(default_factory=set)
    _stopped: float = 0.0
    _all_ends: bool = False

    @property
    def kills(self) -> int:
        """Processes that were ended by SIGKILL, also by themselves at a named place."""
        return sum(count for name, count in self.done.items() if name.startswith("kill ")) + len(self.watch.deaths)

    def choose(self) -> str:
        """What is killed next, most often a process that does a run."""
        return self.random.choices(list(VICTIMS), list(VICTIMS.values()))[0]

    def kill_one(self, name: str) -> bool:
        """Kill what was chosen; False where there is none just now."""
        before = self.done.total()
        {
            "horse": self._horse,
            "worker": lambda: self._one("worker"),
            "worker and horse": self._both,
            "scheduler": lambda: self._one("scheduler"),
            "web": lambda: self._one("web"),
            "web worker": self._web_worker,
            "supervisor": self._supervisor,
        }[name]()
        return self.done.total() > before

    def _horse(self) -> None:
        horses = self.world.processes.horses()
        if horses:
            self._kill(self.random.choice(horses), "kill horse")

    def _one(self, name: str) -> None:
        running = self.world.processes.of(name)
        if running:
            self._kill(self.random.choice(running), f"kill {name}")

    def _both(self) -> None:
        for worker in self.world.processes.of("worker")[:1]:
            horses = children_of(worker)
            self._kill(worker, "kill worker")
            for horse in horses:
                self._kill(horse, "kill horse")

    def _web_worker(self) -> None:
        workers = [child for web in self.world.processes.of("web") for child in children_of(web)]
        if workers:
            self._kill(self.random.choice(workers), "kill web worker")

    def _supervisor(self) -> None:
        since = time.monotonic()
        self.world.processes.kill_supervisor()
        self.done["kill supervisor"] += 1
        self.outages.append(Outage("web", since, time.monotonic()))

    def _kill(self, pid: int, name: str) -> None:
        if kill(pid):
            now = time.monotonic()
            self.done[name] += 1
            self.killed.append((now, pid))
            if "web" in name:
                self.outages.append(Outage("web", now, now))

    def restart_postgres(self) -> None:
        """A crash of the database."""
        since = time.monotonic()
        self.watch.lost_sessions()
        self.world.ground.restart_postgres()
        self.watch.lost_sessions()
        self._back("restart PostgreSQL", since)

    def kill_backend(self) -> None:
        """Kill one session's process: PostgreSQL ends all others too, and recovers."""
        with psycopg.connect(self.world.url, autocommit=True) as own:
            found = own.execute(
                "select pid from pg_stat_activity where datname = 'customer360' and pid <> pg_backend_pid()"
                " and backend_type = 'client backend'"
            ).fetchall()
        if not found:
            return
        since = time.monotonic()
        self.watch.lost_sessions()
        kill(self.random.choice(found)[0])
        time.sleep(0.1)
        when_it_answers(self.world.url).close()
        self.watch.lost_sessions()
        self._back("kill -9 a PostgreSQL session", since)

    def _back(self, name: str, since: float) -> None:
        self.done[name] += 1
        self.outages.append(Outage("database", since, time.monotonic()))

    def end_sessions(self) -> None:
        """End all sessions of the product politely, as an administrator or a failing network does."""
        self.watch.lost_sessions()
        with psycopg.connect(self.world.ground.url("postgres"), autocommit=True) as own:
            own.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'customer360'")
        self.done["end all database sessions"] += 1
        now = time.monotonic()
        self.outages.append(Outage("database", now, now))

    def restart_valkey(self) -> None:
        """Valkey dies, and comes back empty."""
        since = time.monotonic()
        self.world.ground.restart_valkey()
        self.done["restart Valkey"] += 1
        self.outages.append(Outage("valkey", since, time.monotonic()))

    def flush(self) -> None:
        """The queue is emptied."""
        self.world.ground.flush_all()
        self.done["FLUSHALL"] += 1

    def cut_network(self) -> None:
        """One of the two networks is cut, or swallows everything, for a moment."""
        which = self.random.choice(("ERP", "Salesforce"))
        relay = self.world.erp_network if which == "ERP" else self.world.org_network
        how = self.random.choice((CUT, SWALLOW))
        relay.mode = how
        self.done[f"network to {which}: {how}"] += 1

        def end() -> None:
            # What was swallowed is lost: the connections that lost it end.
            relay.mode = CUT
            time.sleep(0.1)
            relay.mode = PASS

        self._later(self.random.uniform(0.2, 1.5), end)

    def fill_disk(self) -> None:
        """No room for a load, for a moment."""
        if self.world.ground.disk is not None:
            self.world.ground.fill_disk()
            self.done["disk full"] += 1
            self._later(self.random.uniform(0.5, 1.5), self.world.ground.free_disk)

    def pause(self) -> None:
        """A process stands still, as in a frozen machine, and goes on while others may have taken over."""
        horses = self.world.processes.horses()
        if horses:
            horse = self.random.choice(horses)
            if kill(horse, signal.SIGSTOP):
                self.paused.add(horse)
                self.done["freeze a run (SIGSTOP)"] += 1
                seconds = self.random.uniform(0.5, 2.5)
                self._later(seconds, lambda: self._go_on(horse))
                # Also where the driver itself waits for a row that the frozen process holds.
                going_on = threading.Timer(seconds, lambda: self._go_on(horse))
                going_on.daemon = True
                going_on.start()
            if self.random.random() < 0.5:
                self.end_sessions()

    def _go_on(self, horse: int) -> None:
        if horse in self.paused:
            self.paused.discard(horse)
            kill(horse, signal.SIGCONT)

    def stop_push(self) -> None:
        """Somebody stops the push for a while."""
        if self.watch.stopped_from is None:
            sends = self._push_is_sending()
            switch.stop("chaos", "a drill")
            connection.close()
            self.watch.stopped_from = datetime.now(UTC)
            self._stopped = time.monotonic()
            self.done["stop the push while it sends" if sends else "stop the push"] += 1
            self._later(STILL_LEAVES.total_seconds(), self._ask_to_push)
            self._later(STOPPED_SECONDS, self._resume_push)

    def edit_many(self) -> None:
        """A colleague changes what was pushed of many accounts, and a push is to put it right."""
        self._ask_to_push()
        self.done["edit many accounts by hand"] += 1

    def _push_is_sending(self) -> bool:
        """Make something to push, and wait until values leave; False where none do for too long."""
        self._ask_to_push()
        until = time.monotonic() + BEGUN_SECONDS
        while time.monotonic() < until:
            self.world.processes.tend()
            self.end_what_is_over()
            self.watch.listen()
            if self.watch.sending():
                return True
            time.sleep(0.01)
        return False

    def _ask_to_push(self) -> None:
        """Something to push, and a push that wants to send it."""
        if self._all_ends:
            return
        self.world.salesforce.edit_many()
        when_it_answers(self.world.url).close()
        connection.close()
        request_run(RunKind.PUSH, "salesforce", by="chaos")
        connection.close()

    def _resume_push(self) -> None:
        self.watch.listen()
        now = time.monotonic()
        tried = self.watch.pushed_since(self._stopped + STILL_LEAVES.total_seconds())
        if not tried and not self._all_ends and now - self._stopped < STOPPED_SECONDS + BEGUN_SECONDS:
            # A stop that nobody met proves nothing.
            self._ask_to_push()
            self._later(1.0, self._resume_push)
        elif self.watch.stopped_from is not None:
            when_it_answers(self.world.url).close()
            self.watch.stops.append((self.watch.stopped_from, datetime.now(UTC)))
            self.watch.stopped_from = None
            connection.close()
            switch.resume("chaos")
            connection.close()

    def _later(self, seconds: float, end: Callable[[], None]) -> None:
        self.ends.append((time.monotonic() + seconds, end))

    def end_what_is_over(self, *, all_of_it: bool = False) -> None:
        """End the strikes whose time is over, or all."""
        self._all_ends = all_of_it
        now = time.monotonic()
        over = [each for each in self.ends if all_of_it or each[0] <= now]
        self.ends = [each for each in self.ends if each not in over]
        for _, end in over:
            end()


def others(strikes: Strikes) -> Mapping[str, Callable[[], None]]:
    """Every strike that is no kill, by the name under which a schedule counts it."""
    return {
        "restarts": strikes.restart_postgres,
        "backends": strikes.kill_backend,
        "sessions": strikes.end_sessions,
        "flushes": strikes.flush,
        "valkey": strikes.restart_valkey,
        "cuts": strikes.cut_network,
        "disks": strikes.fill_disk,
        "pauses": strikes.pause,
        "stops": strikes.stop_push,
        "edits": strikes.edit_many,
    }
