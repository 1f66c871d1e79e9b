"""The whole demo as its user meets it: started, used, killed, started again, stopped."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from integration_hub.local.commands import remembered_port
from integration_hub.local.place import CLONE, elsewhere
from integration_hub.local.watchdog import alive, marked, wait_until_gone

PARTS = ("manage.py", "hub.toml", "integration_hub", "customers", "reports", "templates", "requirements.txt")
START_SECONDS = 300
STOP_SECONDS = 50
GIVEN_TO_TESTS = ("DATABASE_URL", "REDIS_URL", "ERP_DEMO_URL", "ERP_DEMO_ADMIN_URL", "DEMO", "STATICFILES_BACKEND")


class Clone:
    """A copy of the project, whose demo runs with the Python of the tests instead of a .venv of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.state = directory / ".hub"
        self.port = remembered_port(directory / "port")
        self.output = ""
        for part in filter(lambda part: (CLONE / part).exists(), PARTS):
            source, target = CLONE / part, directory / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)

    def run(self, module: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name not in GIVEN_TO_TESTS}
        environment["PORT"] = str(self.port)
        return subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=self.directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self) -> tuple[subprocess.Popen[str], float]:
        """The running demo and the seconds it took to be ready."""
        began = time.monotonic()
        demo = self.run("integration_hub.local.demo")
        watch = threading.Timer(START_SECONDS, demo.kill)
        watch.start()
        assert demo.stdout
        self.output = ""
        for line in demo.stdout:
            self.output += line
            if "Ctrl-C stops everything" in line:
                break
        watch.cancel()
        assert "Ctrl-C stops everything" in self.output, self.output
        return demo, time.monotonic() - began

    def said(self, module: str) -> tuple[int, str]:
        process = self.run(module)
        output, _ = process.communicate(timeout=30)
        return process.returncode, output

    def left(self) -> set[int]:
        """Processes with this clone in their environment, or working in it."""
        return marked(str(self.state)) | self.servers

    @property
    def servers(self) -> set[int]:
        lock = self.state / "servers" / "postgres" / "postmaster.pid"
        return {int(lock.read_text().split()[0])} if lock.exists() else set()

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=20)


def ended(demo: subprocess.Popen[str], clone: Clone) -> int:
    """The exit code once everything has stopped: 5 s are given to processes, 20 s to servers, 18 s to what is left."""
    try:
        return demo.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        assert demo.stdout
        os.set_blocking(demo.stdout.fileno(), False)
        left = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in clone.left() if alive(pid)}
        pytest.fail(f"still there after {STOP_SECONDS} s: {left}; it said: {demo.stdout.read()}")


@pytest.fixture
def clone(short_directory: Path) -> Iterator[Clone]:
    clone = Clone(short_directory)
    if os.geteuid() == 0:
        short_directory.chmod(0o711)
    yield clone
    if (clone.state / "lock").exists():
        launcher = int((clone.state / "lock").read_text() or 0)
        if launcher and alive(launcher):
            os.kill(launcher, signal.SIGTERM)
            wait_until_gone(lambda: {launcher}, 40)
    wait_until_gone(clone.left, 20)
    shutil.rmtree(elsewhere(short_directory), ignore_errors=True)


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_demo_starts_serves_survives_a_kill_and_leaves_nothing_behind(clone: Clone) -> None:
    demo, first = clone.start()
    assert re.search(r"^  tables \(migrate\) +\d+\.\d s$", clone.output, re.MULTILINE)
    assert f"http://127.0.0.1:{clone.port}/" in clone.output
    assert clone.get("/healthz").status_code == 200
    assert clone.get("/").url.startswith(f"http://127.0.0.1:{clone.port}/login")

    code, said = clone.said("integration_hub.local.demo")
    assert (code, said.count("\n")) == (1, 1)
    assert f"already runs from {clone.state} (process {demo.pid})" in said
    assert clone.said("integration_hub.local.reset")[0] == 1
    password = re.search(r"^DEMO_PASSWORD=(\w+)$", (clone.state / "env").read_text(), re.MULTILINE)
    assert password
    assert password[1] in clone.output

    assert len(clone.left()) >= 6
    demo.kill()
    assert wait_until_gone(clone.left, 20), clone.left()

    demo, seconds = clone.start()
    # A machine busy with other tests takes longer for both.
    assert seconds < max(20, first / 2), clone.output
    assert password[1] in clone.output
    demo.send_signal(signal.SIGINT)
    assert ended(demo, clone) == 0
    assert demo.stdout
    assert demo.stdout.read().endswith("Stopped; the data are kept for the next start.\n")
    assert wait_until_gone(clone.left, 1), clone.left()

    assert clone.said("integration_hub.local.reset") == (
        0,
        "Forgotten: the next `make demo` starts with a new company.\n",
    )
    assert not clone.state.exists()
