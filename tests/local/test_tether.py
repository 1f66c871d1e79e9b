"""Children end with the process that started them, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration_hub.local.tether import Tether
from integration_hub.local.watchdog import alive, marked, wait_until_gone

CLONE = Path(__file__).resolve().parents[2]
# Starts a child that ignores SIGTERM and itself starts one in a process group of its own, as RQ's worker does.
LAUNCHER = """
import signal, sys, time
from pathlib import Path
from integration_hub.local.tether import Tether

tether = Tether(sys.argv[1])
program = '''
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
print(os.getpid(), flush=True)
time.sleep(60)
'''
with open(sys.argv[1] + "/log", "wb") as log:
    tether.start([sys.executable, "-c", program], log=log, stop_signal=signal.SIGTERM, cwd=Path("/"))
while len(Path(sys.argv[1], "log").read_text().split()) < 2:
    time.sleep(0.02)
print(tether.watchdog.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], int, set[int]]]]:
    """Starts a launcher; gives its process, its watchdog and its two descendants."""
    launchers = []

    def start() -> tuple[subprocess.Popen[str], int, set[int]]:
        launcher = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=CLONE
        )
        launchers.append(launcher)
        assert launcher.stdout
        guardian = int(launcher.stdout.readline())
        descendants = {int(pid) for pid in (tmp_path / "log").read_text().split()}
        assert len(descendants) == 2
        assert all(map(alive, descendants | {guardian}))
        return launcher, guardian, descendants

    yield start
    for launcher in launchers:
        launcher.kill()
        launcher.communicate()


@pytest.mark.chaos
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_descendant_outlives_a_killed_launcher(launch, number: signal.Signals) -> None:
    launcher, guardian, descendants = launch()
    launcher.send_signal(number)
    assert wait_until_gone(lambda: descendants | {guardian}, 15)


@pytest.mark.chaos
def test_signals_to_the_watchdog_do_not_make_it_leave_first(launch) -> None:
    launcher, guardian, descendants = launch()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(guardian, number)
    launcher.kill()
    assert wait_until_gone(lambda: descendants | {guardian}, 15)


def test_closing_the_tether_ends_a_child_and_the_watchdog(tmp_path: Path) -> None:
    tether = Tether(str(tmp_path))
    with (tmp_path / "log").open("wb") as log:
        child = tether.start(["sleep", "60"], log=log, stop_signal=signal.SIGTERM, cwd=tmp_path)
    tether.close()
    assert child.wait(1) == -signal.SIGTERM
    assert tether.watchdog.returncode == 0


@pytest.mark.chaos
def test_a_killed_watchdog_is_replaced_and_knows_the_children(tmp_path: Path) -> None:
    tether = Tether(str(tmp_path))
    with (tmp_path / "log").open("wb") as log:
        child = tether.start(["sleep", "60"], log=log, stop_signal=signal.SIGTERM, cwd=tmp_path)
        tether.watchdog.kill()
        tether.watchdog.wait()
        unheard = tether.start(["sleep", "60"], log=log, stop_signal=signal.SIGTERM, cwd=tmp_path)
    tether.look_after_watchdog()
    assert alive(tether.watchdog.pid)
    tether.close()
    assert (child.wait(1), unheard.wait(1)) == (-signal.SIGTERM, -signal.SIGTERM)


def test_children_carry_the_mark_and_the_watchdog_does_not(tmp_path: Path) -> None:
    tether = Tether(str(tmp_path))
    try:
        with (tmp_path / "log").open("wb") as log:
            child = tether.start(["sleep", "60"], log=log, stop_signal=signal.SIGTERM, cwd=tmp_path, env={"A": "b"})
        assert marked(str(tmp_path)) == {child.pid}
    finally:
        tether.close()
