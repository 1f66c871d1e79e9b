"""Ends the processes of a launcher that is gone; runs alone, with the standard library only.

Reads one line per event from its standard input (`+ <pid> <signal>`, `- <pid>`, `x <directory>`) until the other
side closes, which the kernel does however the launcher ended. Then nothing may be left.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

MARK = "CUSTOMER360_LAUNCHED_FROM"
GRACE_SECONDS = 3.0
SERVER_GRACE_SECONDS = 15.0
PROCESSES = Path("/proc")


def main(mark: str, lines: Iterable[str]) -> None:
    """Follow the launcher's messages to their end, then clear up."""
    children, directories = follow(lines)
    end(children, mark)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


def follow(lines: Iterable[str]) -> tuple[dict[int, int], set[str]]:
    """The children still running (process -> the signal that stops it) and the directories to delete."""
    children: dict[int, int] = {}
    directories: set[str] = set()
    for line in lines:
        kind, _, rest = line.strip().partition(" ")
        if kind == "+":
            pid, number = rest.split()
            children[int(pid)] = int(number)
        elif kind == "-":
            children.pop(int(rest), None)
        elif kind == "x":
            directories.add(rest)
    return children, directories


def end(children: dict[int, int], mark: str) -> None:
    """Stop the named children and whatever carries the mark, each by its own signal first, at last by SIGKILL."""
    # SIGINT is PostgreSQL's signal here: it gets longer, to write down what it holds.
    servers = {pid for pid, number in children.items() if number == signal.SIGINT}

    def others() -> set[int]:
        return (marked(mark) | set(children)) - servers

    for pid in children.keys() | marked(mark):
        send(pid, children.get(pid, signal.SIGINT))
    wait_until_gone(others, GRACE_SECONDS)
    for pid in filter(alive, others()):
        send(pid, signal.SIGKILL)
    wait_until_gone(lambda: servers, SERVER_GRACE_SECONDS)
    for pid in filter(alive, servers | marked(mark)):
        send(pid, signal.SIGKILL)


def marked(mark: str) -> set[int]:
    """The processes that carry the mark in the environment they were started with; none where /proc is missing."""
    wanted = f"{MARK}={mark}".encode()
    found = set()
    for directory in PROCESSES.iterdir() if PROCESSES.is_dir() else ():
        if directory.name.isdigit() and wanted in _environment(directory).split(b"\0"):
            found.add(int(directory.name))
    return found - {os.getpid()}


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # it ended meanwhile, or belongs to somebody else
        return b""


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return not PROCESSES.is_dir()
    return state != "Z"


def send(pid: int, number: int) -> None:
    """Signal a process, which may have ended on its own since."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def wait_until_gone(processes: Callable[[], set[int]], seconds: float) -> bool:
    """Wait at most `seconds` until none of the processes runs; says whether that came true."""
    deadline = time.monotonic() + seconds
    while any(map(alive, processes())):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin)
