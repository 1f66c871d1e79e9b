"""Starts PostgreSQL and Valkey alone, for development and tests: `python -m integration_hub.local.servers`."""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from integration_hub.local import CannotStartError, postgres, valkey
from integration_hub.local.environment import installation, server_environment, write_private
from integration_hub.local.place import STATE, Place, elsewhere, prepare
from integration_hub.local.tether import Tether
from integration_hub.local.watchdog import alive

STOP_SECONDS = 20.0
CLEARING_SECONDS = 25.0


@dataclass(frozen=True)
class Servers:
    """Both servers, running as children of this process."""

    place: Place
    tether: Tether
    postgres: subprocess.Popen[bytes]
    valkey: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Stop both; whatever does not stop in time is killed by the watchdog when the tether is closed."""
        for server, number in ((self.postgres, signal.SIGINT), (self.valkey, signal.SIGTERM)):
            if server.poll() is None:
                server.send_signal(number)
        for server in (self.postgres, self.valkey):
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(STOP_SECONDS)
                self.tether.ended(server)


def start(place: Place, tether: Tether, *, durable: bool = True) -> Servers:
    """Start both servers and wait until they answer."""
    return Servers(
        place, tether, postgres.start(place, tether, durable=durable), valkey.start(place, tether, durable=durable)
    )


@contextlib.contextmanager
def alone(state: Path) -> Iterator[IO[str]]:
    """Hold the lock of a place, which the kernel frees; CannotStartError if another launcher works there."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state / "lock").open("a+", encoding="utf-8") as lock:
        deadline = time.monotonic() + CLEARING_SECONDS
        while not _locked(lock):
            lock.seek(0)
            launcher = lock.read().strip()
            # A killed launcher's watchdog holds the lock until it has ended what was left: worth waiting for.
            if time.monotonic() > deadline or (launcher and alive(int(launcher))):
                raise CannotStartError(
                    f"Customer 360 already runs from {state} (process {launcher or 'unknown'}): stop it with Ctrl-C "
                    "where it was started."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def temporary(folder: Path | None = None) -> Iterator[dict[str, str]]:
    """Servers with empty databases for the length of a block: yields the environment by which they are reached.

    Their data are kept below the folder, or where temporary files usually are.
    """
    state = Path(tempfile.mkdtemp(prefix="hub-", dir=folder))
    tether = Tether(str(state))
    try:
        tether.remove_afterwards(state)
        tether.remove_afterwards(elsewhere(state))
        place = prepare(state)
        servers = start(place, tether, durable=False)
        try:
            yield server_environment(place)
        finally:
            servers.stop()
    finally:
        tether.close()
        shutil.rmtree(state, ignore_errors=True)


def main() -> int:
    """Run both servers until told to stop; their addresses are left in <state>/env."""
    parser = argparse.ArgumentParser(prog="python -m integration_hub.local.servers", description=__doc__)
    parser.add_argument("--state", type=Path, default=STATE, help="directory that holds everything (default: .hub)")
    state = parser.parse_args().state
    # Both say "stop", also where a shell started this in the background with Ctrl-C ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with alone(state) as lock:
            _run(prepare(state), lock.fileno())
    except CannotStartError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def _run(place: Place, lock: int) -> None:
    tether = Tether(str(place.state), keep_open=(lock,))
    try:
        servers = start(place, tether)
        try:
            write_private(place.state / "env", installation(place))
            print(
                f"PostgreSQL and Valkey run, with the addresses in {place.state / 'env'}. Ctrl-C stops them.",
                flush=True,
            )
            while True:
                signal.pause()
        finally:
            servers.stop()
    finally:
        tether.close()


if __name__ == "__main__":
    sys.exit(main())
