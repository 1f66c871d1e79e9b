"""Nothing may be left when a launcher is gone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_hub.local import watchdog
from integration_hub.local.watchdog import MARK, alive, end, follow, main, marked, wait_until_gone

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PLAIN = "import time; print('up', flush=True); time.sleep(60)"
LINUX = pytest.mark.skipif(not Path("/proc").is_dir(), reason="the mark is read from /proc")


class Processes:
    """Starts Python programs that say when they run, and ends those a test forgets."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, program: str, *, mark: str = "") -> subprocess.Popen[bytes]:
        environment = dict(os.environ) | ({MARK: mark} if mark else {})
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
        self.started.append(process)
        assert process.stdout
        process.stdout.readline()
        return process


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    for process in processes.started:
        process.kill()
        process.communicate()


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(watchdog, "SERVER_GRACE_SECONDS", 0.6)


def test_it_knows_which_children_still_run_and_which_directories_to_delete() -> None:
    messages = ["+ 11 15\n", "+ 12 2\n", "- 11\n", "x /somewhere/with a blank\n", "- 99\n"]
    assert follow(messages) == ({12: 2}, {"/somewhere/with a blank"})


def test_a_child_is_stopped_by_its_own_signal(processes: Processes) -> None:
    child = processes.start(PLAIN)
    end({child.pid: signal.SIGTERM}, "no such mark")
    assert child.wait(1) == -signal.SIGTERM


def test_a_child_that_ignores_its_signal_is_killed(processes: Processes) -> None:
    child = processes.start(STUBBORN)
    end({child.pid: signal.SIGTERM}, "no such mark")
    assert child.wait(1) == -signal.SIGKILL


def test_a_server_gets_more_time_than_the_others(processes: Processes) -> None:
    slow = (
        "import signal, sys, time\nsignal.signal(signal.SIGINT, lambda *_: (time.sleep(0.45), sys.exit(7)))\n" + PLAIN
    )
    server, other = processes.start(slow), processes.start(STUBBORN)
    end({server.pid: signal.SIGINT, other.pid: signal.SIGTERM}, "no such mark")
    assert (server.wait(1), other.wait(1)) == (7, -signal.SIGKILL)


@LINUX
def test_a_marked_process_nobody_named_is_ended_too(processes: Processes, tmp_path: Path) -> None:
    stray, stranger = processes.start(STUBBORN, mark=str(tmp_path)), processes.start(PLAIN, mark="another place")
    assert marked(str(tmp_path)) == {stray.pid}
    end({}, str(tmp_path))
    assert not alive(stray.pid)
    assert stranger.poll() is None


def test_a_process_that_ended_meanwhile_is_no_problem(processes: Processes) -> None:
    child = processes.start(PLAIN)
    child.kill()
    child.wait()
    end({child.pid: signal.SIGTERM}, "no such mark")
    assert not alive(child.pid)


def test_directories_are_deleted_last(tmp_path: Path, processes: Processes) -> None:
    directory = tmp_path / "state"
    directory.mkdir()
    child = processes.start(PLAIN)
    main("no such mark", [f"+ {child.pid} 15\n", f"x {directory}\n"])
    assert not directory.exists()
    assert not alive(child.pid)


def test_waiting_for_a_process_that_stays_ends_after_the_given_time(processes: Processes) -> None:
    child = processes.start(PLAIN)
    began = time.monotonic()
    assert not wait_until_gone(lambda: {child.pid}, 0.2)
    assert 0.2 <= time.monotonic() - began < 2
