"""Runs the embedded Valkey, which speaks Redis, on a unix socket."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from integration_hub.local import CannotStartError
from integration_hub.local.place import Place
from integration_hub.local.tether import Tether

START_SECONDS = 30.0


def start(place: Place, tether: Tether, *, durable: bool = True) -> subprocess.Popen[bytes]:
    """Start the server and wait until it has read its data and answers."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path(place)),
        "unixsocketperm": "700",
        "dir": str(place.servers / "valkey"),
        "appendonly": "yes" if durable else "no",
        "save": "",
        "daemonize": "no",
        "databases": "64",
        # A title would be written over the environment, and with it over the watchdog's mark.
        "set-proc-title": "no",
    }
    log_path = place.logs / "valkey.log"
    with log_path.open("ab") as log:
        server = tether.start(
            [place.programs.valkey, *(part for name, value in options.items() for part in (f"--{name}", value))],
            log=log,
            stop_signal=signal.SIGTERM,
            cwd=Path("/"),
            owner=place.owner,
        )
    deadline = time.monotonic() + START_SECONDS
    while not _answers(socket_path(place)):
        if server.poll() is not None:
            raise CannotStartError(f"Valkey ended while starting: see {log_path}.")
        if time.monotonic() > deadline:
            raise CannotStartError(f"Valkey was not ready after {START_SECONDS:.0f} seconds: see {log_path}.")
        time.sleep(0.02)
    return server


def socket_path(place: Place) -> Path:
    """Where it listens."""
    return place.sockets / "valkey.sock"


def url(place: Place, number: int = 0) -> str:
    """The address of one of its numbered databases."""
    return f"unix://{quote(str(socket_path(place)))}?db={number}"


def _answers(path: Path) -> bool:
    """Whether it is past loading its data: until then it refuses PING with an error."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
