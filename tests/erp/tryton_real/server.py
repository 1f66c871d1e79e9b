"""A running trytond on a free port, over a copy of the seeded database."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from integration_hub.local.tether import die_with_parent
from tests.erp.tryton_real.environment import DATABASE, ROOT, Installed, configure

START_SECONDS, STOP_SECONDS = 60.0, 10.0


@dataclass(frozen=True)
class Running:
    """A trytond that answers; `folder` holds its configuration and, with SQLite, its database."""

    tryton: Installed
    folder: Path
    port: int
    database: str = DATABASE

    @property
    def url(self) -> str:
        """The address that a source is configured with."""
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(tryton: Installed, folder: Path, *, uri: str = "sqlite://", database: str = DATABASE) -> Iterator[Running]:
    """Run trytond for the length of a block on the database in `folder`, or behind `uri`."""
    port = free_port()
    configuration = configure(folder, uri=uri, port=port)
    command = tryton.program("trytond")
    settings = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    with (folder / "trytond.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "-c", str(configuration), "-d", database], cwd=ROOT, env=settings, stdout=log, stderr=log,
            start_new_session=True, preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )  # fmt: skip
        try:
            _wait(server, f"http://127.0.0.1:{port}/{database}/rest/model/res.user", folder / "trytond.log")
            yield Running(tryton, folder, port, database)
        finally:
            _stop(server)


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the database answers; RuntimeError with the log's end if it never does."""
    deadline, refused = time.monotonic() + START_SECONDS, ""
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as answer:
            if answer.code in (401, 403):  # it asks who we are: it runs
                return
        except OSError as error:
            refused = str(error)
        time.sleep(0.1)
    raise RuntimeError(
        f"trytond does not answer ({refused}):\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
    )


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the whole group; kill it if it does not end in time."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(STOP_SECONDS)
