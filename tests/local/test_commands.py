"""Ports, and the project's own commands as children."""

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_hub.local import CannotStartError, commands
from integration_hub.local.commands import HOST, Commands, is_free, remembered_port, wanted_port
from integration_hub.local.place import Place
from integration_hub.local.tether import Tether


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def here(place: Place, tether: Tether) -> Commands:
    return Commands(place, tether, {"PATH": "/usr/bin", "DJANGO_SETTINGS_MODULE": "nowhere"})


def test_a_taken_port_is_refused_with_the_way_out(taken_port: int) -> None:
    with pytest.raises(CannotStartError) as refusal:
        wanted_port(str(taken_port))
    assert str(refusal.value) == (
        f"Port {taken_port} is taken by another program: choose another one, as in `make demo PORT={taken_port + 1}`."
    )


@pytest.mark.parametrize("text", ["", "eight thousand", "-1", "0", "65536", "80.5"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(CannotStartError, match="is not a port: give a number"):
        wanted_port(text)


def test_a_free_port_is_taken_as_wished(tmp_path: Path) -> None:
    port = remembered_port(tmp_path / "port")
    assert is_free(port)
    assert wanted_port(str(port)) == port


def test_a_port_is_remembered_as_long_as_it_is_free(tmp_path: Path, taken_port: int) -> None:
    memory = tmp_path / "port"
    first = remembered_port(memory)
    assert remembered_port(memory) == first
    memory.write_text(f"{taken_port}\n")
    other = remembered_port(memory)
    assert other != taken_port
    assert memory.read_text() == f"{other}\n"


def test_a_command_that_fails_is_reported_with_its_last_words(here: Commands) -> None:
    with pytest.raises(CannotStartError, match=r"`manage\.py migrate` failed(?s:.*)No module named 'nowhere'"):
        here.manage("migrate")


def test_a_server_counts_as_started_when_it_answers(here: Commands, tmp_path: Path) -> None:
    port = remembered_port(tmp_path / "port")
    serving = ("-m", "http.server", str(port), "--bind", HOST, "--directory", str(tmp_path))
    process = here.start_answering("web", f"http://{HOST}:{port}/", *serving)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.wait(5)


def test_a_server_that_ends_while_starting_is_reported_with_its_last_words(here: Commands) -> None:
    with pytest.raises(CannotStartError, match=r"web ended while starting(?s:.*)no such option"):
        here.start_answering("web", f"http://{HOST}:1/", "-c", "import sys; sys.exit('no such option')")


def test_a_server_that_never_answers_is_stopped_and_reported(here: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "READY_SECONDS", 0.2)
    with pytest.raises(CannotStartError, match="web does not answer at"):
        here.start_answering("web", f"http://{HOST}:1/", "-c", "import time; time.sleep(60)")


def test_children_run_with_the_python_and_in_the_folder_of_the_project(here: Commands) -> None:
    here.start("probe", "-c", "import os, sys; print(sys.executable, os.path.exists('manage.py'))").wait(10)
    assert here.log("probe").read_text().split() == [sys.executable, "True"]
