"""Keeps the demo's long-running processes alive: starts, watches, restarts with a growing pause, stops in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from integration_hub.local import CannotStartError
from integration_hub.local.tether import Tether
from integration_hub.local.watchdog import marked, send

LONGEST_PAUSE = 30.0
STEADY_SECONDS = 10.0
"""Whoever ran as long can start, and was killed: it is back in a second, however often that happens."""
STOP_SECONDS = 5.0
SERVER_STOP_SECONDS = 20.0


@dataclass
class Child:
    """One process that should always run, and how it is going.

    `start` may wait until the process is of use; `start_again`, if there is one, must not: others may have ended too.
    """

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    is_server: bool = False
    start_again: Callable[[], subprocess.Popen[bytes]] | None = None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_again_at: float = 0.0
    left: set[int] = field(default_factory=set)
    """What the process that ended has left running; it may hold what the next one needs, such as a port."""


def pause_after(failures: int) -> float:
    """Seconds to wait before the next attempt: 1, 2, 4 ... 30."""
    return float(min(2.0 ** (failures - 1), LONGEST_PAUSE))


@dataclass
class Children:
    """All of them, in the order they were started."""

    tether: Tether
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    running: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> Child:
        """Start a child for the first time; CannotStartError if it does not come up."""
        self._start(child)
        self.running.append(child)
        return child

    def look_after(self) -> None:
        """Look at every child once: notice an end, start again what is due."""
        self.tether.look_after_watchdog()
        for child in self.running:
            if child.process is not None and child.process.poll() is not None:
                self._ended(child, child.process)
            elif child.process is None and self.clock() >= child.start_again_at:
                self._start_again(child)

    def stop(self) -> None:
        """Stop all: first those that use the servers, together, then the servers; what takes too long is killed."""
        for serving in (False, True):
            batch = [child for child in self.running if child.is_server == serving and child.process]
            for child in batch:
                if child.process:
                    child.process.send_signal(child.stop_signal)
            deadline = time.monotonic() + (SERVER_STOP_SECONDS if serving else STOP_SECONDS)
            for child in batch:
                self._wait(child, deadline)

    def _wait(self, child: Child, deadline: float) -> None:
        if child.process is None:
            return
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        self.tether.ended(child.process)
        child.process = None

    def _start(self, child: Child, start: Callable[[], subprocess.Popen[bytes]] | None = None) -> None:
        child.process = (start or child.start)()
        child.started_at = self.clock()

    def _ended(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        self.tether.ended(process)
        child.process = None
        if not child.is_server:
            # A server's own processes notice its end, and may be writing.
            child.left = self._group(process.pid)
            for pid in child.left:
                send(pid, child.stop_signal)
        if self.clock() - child.started_at > STEADY_SECONDS:
            child.failures = 0
        self._plan_restart(child, f"{child.name} ended ({ending(process.returncode)})")

    def _group(self, leader: int) -> set[int]:
        """The processes that one of ours, which leads a group of its own, has started there."""
        return {pid for pid in marked(self.tether.mark) if _group_of(pid) == leader}

    def _start_again(self, child: Child) -> None:
        # Looked for anew: a number may have become a stranger's meanwhile.
        for pid in child.left & marked(self.tether.mark):
            send(pid, signal.SIGKILL)
        child.left = set()
        try:
            self._start(child, child.start_again)
        except CannotStartError as problem:
            self._plan_restart(child, f"{child.name} does not start: {problem}")
        else:
            self.say(f"{child.name} runs again.")

    def _plan_restart(self, child: Child, what_happened: str) -> None:
        child.failures += 1
        pause = pause_after(child.failures)
        child.start_again_at = self.clock() + pause
        self.say(f"{what_happened}; it starts again in {pause:.0f} s, its output is in {child.log}.")


def _group_of(pid: int) -> int:
    """The process group of a process; 0 where it is gone."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
