"""From a fresh clone to a .venv."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from integration_hub.local import bootstrap

CLONE = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project whose .venv would be new."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bootstrap, "CLONE", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been installed, in a .venv that is there already."""
    calls: list[str] = []
    monkeypatch.setattr(bootstrap, "install", calls.append)
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", sys.executable)
    return calls


def test_a_venv_is_made_where_there_is_none(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.prepare("requirements.txt")
    assert bootstrap.works(str(clone / ".venv" / "bin" / "python"))
    assert capsys.readouterr().out.startswith("Making .venv ...\nInstalling requirements.txt")


def test_requirements_are_installed_again_only_when_they_changed(clone: Path, installed: list[str]) -> None:
    bootstrap.prepare("requirements.txt")
    bootstrap.prepare("requirements.txt")
    assert installed == ["requirements.txt"]
    (clone / "requirements.txt").write_text("# something else\n")
    bootstrap.prepare("requirements.txt")
    assert installed == ["requirements.txt"] * 2


def test_requirements_whose_installation_failed_are_tried_again(
    clone: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(requirements: str) -> None:
        raise bootstrap.CannotPrepareError(requirements)

    with monkeypatch.context() as broken:
        broken.setattr(bootstrap, "install", fail)
        with pytest.raises(bootstrap.CannotPrepareError):
            bootstrap.prepare("requirements.txt")
    bootstrap.prepare("requirements.txt")
    assert installed == ["requirements.txt"]


def test_what_pip_says_is_shown_when_it_fails(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", sys.executable)
    (clone / "requirements.txt").write_text("--no-such-option\n")
    with pytest.raises(
        bootstrap.CannotPrepareError, match=r"no such option(?s:.*)pip could not install requirements.txt"
    ):
        bootstrap.install("requirements.txt")


def test_a_half_made_venv_does_not_work(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    assert not bootstrap.works(bootstrap.VENV_PYTHON)
    (clone / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    assert not bootstrap.works(bootstrap.VENV_PYTHON)


@pytest.mark.usefixtures("clone")
def test_a_python_without_ensurepip_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    assert bootstrap.main("demo", []) == 1
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "apt-get install python3-venv" in said


def test_a_python_that_is_too_old_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert bootstrap.main("test", []) == 1
    assert capsys.readouterr().out == (
        "Customer 360 needs Python 3.11 or newer and this is Python 3.9: install a newer one, or name it, "
        "as in `make test PYTHON=/path/to/python3.12`.\n"
    )


def test_a_newer_python_beside_an_old_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(shutil, "which", lambda name: sys.executable if name == "python3.12" else None)
    monkeypatch.setattr(os, "execv", lambda _, command: became.append(command))
    bootstrap.main("test", ["-k", "x"])
    assert became[0] == [sys.executable, "-I", bootstrap.__file__, "test", "-k", "x"]


def test_every_target_of_the_makefile_is_known(tmp_path: Path) -> None:
    for target in bootstrap.TARGETS:
        shown = subprocess.run(["make", "--dry-run", target], cwd=CLONE, capture_output=True, text=True, check=True)
        assert f"integration_hub/local/bootstrap.py {target}" in shown.stdout
