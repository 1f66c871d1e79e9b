"""The demo's own processes and commands, run by the Python of .venv in the clone."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from integration_hub.local import CannotStartError
from integration_hub.local.place import CLONE, Place
from integration_hub.local.terminal import tail
from integration_hub.local.tether import Tether

HOST = "127.0.0.1"
READY_SECONDS = 60.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Commands:
    """Runs parts of the project in the environment of one installation."""

    place: Place
    tether: Tether
    environment: Mapping[str, str]

    def log(self, name: str) -> Path:
        """Where the output of a process goes."""
        return self.place.logs / f"{name}.log"

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `python <arguments>` as a child with a log of its own."""
        with self.log(name).open("ab") as log:
            return self.tether.start(
                [sys.executable, *arguments], log=log, stop_signal=signal.SIGTERM, cwd=CLONE, env=self.environment
            )

    def manage(self, *arguments: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Run a management command to its end; CannotStartError with its last words if it fails.

        `meanwhile` is called again and again until then: some commands wait for others that must be kept alive.
        """
        name = arguments[0]
        log = self.log(name)
        log.unlink(missing_ok=True)
        command = self.start(name, "manage.py", *arguments)
        while (code := command.poll()) is None:
            meanwhile()
            time.sleep(LOOK_SECONDS)
        self.tether.ended(command)
        if code != 0:
            raise CannotStartError(
                f"`manage.py {' '.join(arguments)}` failed, and said at last:{tail(log)}\n(all of it: {log})"
            )

    def start_answering(self, name: str, url: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a process that serves HTTP and wait until `url` answers 200."""
        process = self.start(name, *arguments)
        deadline = time.monotonic() + READY_SECONDS
        while not answers(url):
            if process.poll() is not None:
                self.tether.ended(process)
                raise CannotStartError(f"{name} ended while starting, and said at last:{tail(self.log(name))}")
            if time.monotonic() > deadline:
                process.kill()
                process.wait()
                self.tether.ended(process)
                raise CannotStartError(
                    f"{name} does not answer at {url} after {READY_SECONDS:.0f} s:{tail(self.log(name))}"
                )
            time.sleep(0.05)
        return process


def answers(url: str) -> bool:
    """Whether a page is there: 200 within five seconds."""
    # No proxy of the environment may stand between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def is_free(port: int) -> bool:
    """Whether nothing listens on a port of this machine."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return False
    return True


def wanted_port(text: str) -> int:
    """The port of the web pages from PORT=; CannotStartError if it is no port or taken."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStartError(
            f"PORT={text} is not a port: give a number from 1024 to 65535, as in `make demo PORT=8001`."
        )
    port = int(text)
    if not is_free(port):
        raise CannotStartError(
            f"Port {port} is taken by another program: choose another one, as in `make demo PORT={port + 1}`."
        )
    return port


def remembered_port(memory: Path) -> int:
    """The port written in a file if it is still free, else a free one, which is then written there."""
    if memory.exists():
        port = int(memory.read_text(encoding="utf-8"))
        if is_free(port):
            return port
    with socket.socket() as attempt:
        attempt.bind((HOST, 0))
        port = int(attempt.getsockname()[1])
    memory.write_text(f"{port}\n", encoding="utf-8")
    return port
