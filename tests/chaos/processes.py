"""The processes of the installation as a supervisor keeps them: what ended is started again, and some are killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import IO, Any

from integration_hub.local import watchdog
from integration_hub.local.tether import Tether

ROOT = Path(__file__).resolve().parents[2]
WARD = "tests.chaos.nursery"
WANTED = ("worker", "worker", "scheduler", "web")
JUMPS = (3600.0, -3600.0, 86400.0)
"""Seconds by which a clock may be wrong."""


@dataclass
class Processes:
    """One nursery (see nursery.py) and its children: name -> process ids."""

    tether: Tether
    environment: Mapping[str, str]
    log: Path
    random: Random
    plant: str = ""
    """A bug of plants.py that the processes have from now on."""
    nursery: int = 0
    running: dict[int, str] = field(default_factory=dict)
    shifted: set[int] = field(default_factory=set)
    calm: bool = True
    _ward: subprocess.Popen[bytes] | None = None
    _line: IO[str] | None = None

    def start(self) -> None:
        """Start a nursery, and everything that should run; the ward first, where there is none yet."""
        if self._ward is None:
            self._start_ward()
        os.write(self._orders, f"{json.dumps({'plant': self.plant})}\n".encode())
        self.nursery = json.loads(self._told.readline())["pid"]
        connection, _ = self._door.accept()
        with connection:
            self._line = connection.makefile("rw", encoding="utf-8")
        self.tend()

    def _start_ward(self) -> None:
        ordered, self._orders = os.pipe()
        answers, answering = os.pipe()
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(self.environment["CHAOS_ORDERS"])
        self._door.listen(1)
        self._door.settimeout(60)
        # Told by descriptors of its own, so that its output may go to the log.
        code = (
            f"import os, sys; os.dup2({ordered}, 0); os.dup2({answering}, 1);from {WARD} import main; sys.exit(main())"
        )
        with self.log.open("ab") as log:
            environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
            environment[watchdog.MARK] = self.tether.mark
            self._ward = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=environment,
                pass_fds=(ordered, answering),
                start_new_session=True,
            )
        os.close(ordered)
        os.close(answering)
        self._told = os.fdopen(answers, "rb")
        if not self._told.readline():
            raise RuntimeError(f"the ward did not start: see {self.log}")

    def tend(self) -> int:
        """Start again what has ended; how many that were."""
        started = 0
        for pid in self._ask({"do": "look"})["ended"]:
            self.running.pop(pid, None)
            self.shifted.discard(pid)
        missing = list(WANTED)
        for name in self.running.values():
            missing.remove(name)
        for name in missing:
            shift = 0.0
            if not self.calm and name != "web" and self.random.random() < 0.06:
                shift = self.random.choice(JUMPS)
            pid = self._ask({"do": "fork", "what": name, "shift": shift})["pid"]
            self.running[pid] = name
            if shift:
                self.shifted.add(pid)
            started += 1
        return started

    def put_clocks_right(self) -> None:
        """End the processes whose clock is wrong; they are started again with a right one."""
        for pid in list(self.shifted):
            os.kill(pid, signal.SIGKILL)
            for horse in children_of(pid):
                kill(horse)
        deadline = time.monotonic() + 10
        while self.shifted and time.monotonic() < deadline:
            self.tend()
            time.sleep(0.05)

    def of(self, name: str) -> list[int]:
        """Process ids of that name."""
        return [pid for pid, each in self.running.items() if each == name]

    def horses(self) -> list[int]:
        """The processes that do a run just now, also those whose worker is gone."""
        return [horse for worker in self.of("worker") for horse in children_of(worker)]

    def kill_supervisor(self) -> None:
        """Kill the nursery: all its children go with it, but for runs under way. Then start another one."""
        self._kill_nursery()
        self.start()

    def _kill_nursery(self) -> None:
        if self._line is None:
            return
        kill(self.nursery)
        with contextlib.suppress(OSError):
            # It is gone once the line is.
            self._line.read()
        self._line.close()
        self._line = None
        self.running.clear()
        self.shifted.clear()

    def end_all(self) -> None:
        """End everything but the ward, also runs whose worker is gone."""
        self._kill_nursery()
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if WARD.encode() in (path / "cmdline").read_bytes() and self._is_ours(path):
                    kill(int(path.name))

    def _is_ours(self, path: Path) -> bool:
        mark = f"{watchdog.MARK}={self.tether.mark}\0".encode()
        return self._ward is not None and int(path.name) != self._ward.pid and mark in (path / "environ").read_bytes()

    def stop(self) -> None:
        """End everything."""
        self._kill_nursery()
        if self._ward is not None:
            self._ward.kill()
            self._ward.wait()
            os.close(self._orders)
            self._told.close()
            self._door.close()
            self._ward = None

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        if self._line is None:
            raise RuntimeError("there is no nursery")
        self._line.write(f"{json.dumps(order)}\n")
        self._line.flush()
        answer: dict[str, Any] = json.loads(self._line.readline())
        return answer


def children_of(pid: int) -> list[int]:
    """The children of a process; none where it is gone."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> bool:
    """Send a signal; False where the process was gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be asked for its code does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
