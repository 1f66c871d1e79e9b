"""Starts child processes that cannot outlive the process that started them.

Three ropes, because each one alone can be cut: Linux signals a child when its parent dies; a watchdog process
notices the end of ours by a pipe, also after kill -9; and every child carries a mark in its environment,
by which the watchdog finds grandchildren that moved to a process group of their own (RQ's work-horses do).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from integration_hub.local import watchdog
from integration_hub.local.owner import Owner

PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """A preexec function that asks Linux for `death_signal` when the calling process ends; None elsewhere.

    It must run after the change of account, which clears the request; subprocess calls it at that point.
    The kernel watches the *thread* that forked, so children are started from the main thread only.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent ended before the request was made
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def _ignore_polite_signals() -> None:
    """Only the closing of the pipe ends the watchdog: a signal sent to every process must not make it leave first."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


class Tether:
    """The children of this process: marked, and named to a watchdog that ends them when this process ends."""

    def __init__(self, mark: str, *, keep_open: Sequence[int] = ()) -> None:
        """`mark` tells the children of this place (its state directory) from those of every other.

        The watchdog inherits the descriptors `keep_open`: a lock on the place is free when nothing runs there.
        """
        self.mark = mark
        self._keep_open = keep_open
        self._said: dict[str, str] = {}
        self._start_watchdog()

    def _start_watchdog(self) -> None:
        reading, self._writing = os.pipe()
        environment = {name: value for name, value in os.environ.items() if name != watchdog.MARK}
        with os.fdopen(reading, "rb") as pipe:
            self.watchdog = subprocess.Popen(
                [sys.executable, "-I", "-S", watchdog.__file__, self.mark],
                stdin=pipe,
                start_new_session=True,
                env=environment,
                cwd="/",
                pass_fds=self._keep_open,
                preexec_fn=_ignore_polite_signals,
            )
        for line in self._said.values():
            os.write(self._writing, line.encode())

    def look_after_watchdog(self) -> None:
        """Replace a watchdog that was killed: without one, a kill of this process would leave others behind."""
        if self.watchdog.poll() is not None:
            os.close(self._writing)
            self._start_watchdog()

    def start(
        self,
        command: Sequence[str | Path],
        *,
        log: IO[bytes],
        stop_signal: signal.Signals,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        owner: Owner | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start one child in a session of its own: Ctrl-C reaches only this process, which decides the order."""
        environment = dict(os.environ if env is None else env) | {watchdog.MARK: self.mark}
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=die_with_parent(stop_signal),
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
        )
        self._tell(str(child.pid), f"+ {child.pid} {int(stop_signal)}")
        return child

    def ended(self, child: subprocess.Popen[bytes]) -> None:
        """Tell the watchdog that a child is gone, so that it never signals a stranger with the same number."""
        self._tell(str(child.pid), f"- {child.pid}")

    def remove_afterwards(self, path: Path) -> None:
        """Let the watchdog delete a temporary directory once everything has stopped."""
        self._tell(str(path), f"x {path}")

    def close(self) -> None:
        """Let go: the watchdog ends what is left, and itself."""
        os.close(self._writing)
        self.watchdog.wait()

    def _tell(self, about: str, message: str) -> None:
        self._said[about] = f"{message}\n"
        if self.watchdog.poll() is None:
            with contextlib.suppress(BrokenPipeError):  # the next look starts another one, which hears it all
                os.write(self._writing, self._said[about].encode())
        if message.startswith("-"):
            del self._said[about]
