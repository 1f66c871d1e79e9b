"""Restarting what ends, with growing pauses, and stopping in order."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from integration_hub.local import CannotStartError, children
from integration_hub.local.children import Child, Children, ending, pause_after
from integration_hub.local.tether import Tether
from integration_hub.local.watchdog import alive

PATIENT = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
FAMILY = f"""
import os, subprocess, sys, time
for begins_a_group in (False, True):
    made = subprocess.Popen([sys.executable, "-c", {STUBBORN!r}], start_new_session=begins_a_group)
    print(made.pid, flush=True)
time.sleep(60)
"""


def wait_until(true: Callable[[], bool]) -> bool:
    """Whether it comes true within some seconds."""
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


class World:
    """Children of a test, what was said about them, and a clock that stands still until it is moved."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.tether = Tether(str(directory))
        self.said: list[str] = []
        self.now = 1000.0
        self.children = Children(self.tether, self.said.append, lambda: self.now)

    def begin(self, program: str) -> subprocess.Popen[bytes]:
        with (self.directory / "log").open("ab") as log:
            return self.tether.start(
                [sys.executable, "-c", program], log=log, stop_signal=signal.SIGTERM, cwd=self.directory
            )

    def add(self, name: str, start: Callable[[], subprocess.Popen[bytes]], *, is_server: bool = False) -> Child:
        return self.children.add(Child(name, start, self.directory / "log", is_server=is_server))

    def kill(self, child: Child) -> None:
        assert child.process
        child.process.kill()
        child.process.wait()
        self.children.look_after()

    def pass_seconds(self, seconds: float) -> None:
        self.now += seconds
        self.children.look_after()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.tether.close()


def test_pauses_double_up_to_half_a_minute() -> None:
    assert [pause_after(failures) for failures in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.chaos
def test_a_child_that_ends_is_started_again_and_that_is_said(world: World) -> None:
    child = world.add("web", partial(world.begin, PATIENT))
    world.kill(child)
    assert child.process is None
    assert world.said == [
        f"web ended (killed by SIGKILL); it starts again in 1 s, its output is in {world.directory / 'log'}."
    ]
    world.pass_seconds(0.9)
    assert child.process is None
    world.pass_seconds(0.2)
    assert child.process is not None
    assert world.said[-1] == "web runs again."


@pytest.mark.chaos
def test_a_child_that_keeps_ending_waits_longer_each_time(world: World) -> None:
    child = world.add("worker", partial(world.begin, PATIENT))
    pauses = []
    for _ in range(3):
        world.kill(child)
        pauses.append(child.start_again_at - world.now)
        world.pass_seconds(pauses[-1])
    assert pauses == [1, 2, 4]


@pytest.mark.chaos
def test_a_child_that_is_killed_again_and_again_is_back_in_a_second_each_time(world: World) -> None:
    child = world.add("worker", partial(world.begin, PATIENT))
    for _ in range(4):
        world.pass_seconds(11)
        world.kill(child)
        assert child.start_again_at - world.now == 1
        world.pass_seconds(1)


@pytest.mark.chaos
def test_a_child_that_ran_well_for_a_minute_is_forgiven(world: World) -> None:
    child = world.add("worker", partial(world.begin, PATIENT))
    world.kill(child)
    world.pass_seconds(1)
    world.pass_seconds(61)
    world.kill(child)
    assert child.start_again_at - world.now == 1


@pytest.mark.chaos
def test_what_a_killed_child_leaves_in_its_group_is_gone_before_the_next_one_begins(world: World) -> None:
    def begun() -> list[int]:
        """The children's own: the first stays in the group, the second begins one of its own, as RQ's jobs do."""
        return [int(line) for line in (world.directory / "log").read_text().splitlines() if line.isdigit()]

    child = world.add("web", partial(world.begin, FAMILY))
    assert wait_until(lambda: len(begun()) == 2)
    in_group, alone = begun()
    world.kill(child)
    world.pass_seconds(1)
    assert child.process
    assert child.process.poll() is None
    assert wait_until(lambda: not alive(in_group))
    assert alive(alone)
    world.children.stop()


def test_a_restart_is_not_waited_for(world: World) -> None:
    started: list[str] = []

    def begin(how: str) -> subprocess.Popen[bytes]:
        started.append(how)
        return world.begin(PATIENT)

    child = Child("web", partial(begin, "and waits"), world.directory / "log", start_again=partial(begin, "at once"))
    world.children.add(child)
    world.kill(child)
    world.pass_seconds(1)
    assert started == ["and waits", "at once"]
    world.children.stop()


def test_a_restart_that_fails_is_said_and_tried_again(world: World) -> None:
    attempts = iter([PATIENT, "", PATIENT])

    def begin() -> subprocess.Popen[bytes]:
        program = next(attempts)
        if not program:
            raise CannotStartError("the disk is full.")
        return world.begin(program)

    child = world.add("PostgreSQL", begin)
    world.kill(child)
    world.pass_seconds(1)
    assert world.said[-1].startswith("PostgreSQL does not start: the disk is full.; it starts again in 2 s")
    world.pass_seconds(2)
    assert world.said[-1] == "PostgreSQL runs again."


def test_those_who_use_the_servers_stop_before_the_servers(world: World) -> None:
    note = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: (print({!r}, flush=True), sys.exit()))\n"
    waiting = "print('up', flush=True); time.sleep(60)"
    log = world.directory / "log"
    world.add("PostgreSQL", partial(world.begin, note.format("server stops") + waiting), is_server=True)
    world.add("web", partial(world.begin, note.format("web stops") + waiting))
    while log.read_text().split() != ["up", "up"]:
        time.sleep(0.01)
    world.children.stop()
    assert log.read_text().splitlines()[2:] == ["web stops", "server stops"]


def test_a_child_that_does_not_stop_in_time_is_killed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 0.2)
    child = world.add("worker", partial(world.begin, STUBBORN))
    process = child.process
    assert process
    while "up" not in (world.directory / "log").read_text():
        time.sleep(0.01)
    world.children.stop()
    assert process.returncode == -signal.SIGKILL


def test_an_ending_is_said_in_words() -> None:
    assert (ending(3), ending(-9)) == ("exit code 3", "killed by SIGKILL")
