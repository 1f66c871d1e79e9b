"""Runs the embedded PostgreSQL: creates its data directory, starts it on a unix socket, makes databases and roles."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from integration_hub.local import CannotStartError
from integration_hub.local.place import Place
from integration_hub.local.tether import Tether
from integration_hub.local.watchdog import alive, send, wait_until_gone

VERSION = "18"
SUPERUSER = "postgres"
SET_UP = Path(__file__).with_name("sql") / "set_up.sql"
START_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    # A killed client's statement would otherwise hold its locks until it ends.
    "client_connection_check_interval": "1s",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "jit": "off",
    # A publish locks its temporary tables and what it writes, with every index, at once.
    "max_locks_per_transaction": "256",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start(place: Place, tether: Tether, *, durable: bool = True) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers; `durable=False` is for data nobody will miss (tests)."""
    data = place.servers / "postgres"
    _create(place, tether, data)
    _clear_stale_lock(data)
    settings = SETTINGS | {"unix_socket_directories": str(place.sockets)} | ({} if durable else FORGETFUL)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log_path = place.logs / "postgres.log"
    with log_path.open("ab") as log:
        server = tether.start(
            [place.programs.postgres / "postgres", "-D", data, *options],
            log=log,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions, writes a checkpoint
            cwd=Path("/"),
            env=_environment(),
            owner=place.owner,
        )
    _wait_until_ready(server, data, log_path)
    _set_up(place)
    return server


def url(place: Place, database: str, user: str) -> str:
    """The address of a database by the socket, without a password: the socket's directory is closed to others."""
    return f"postgresql://{user}@/{database}?host={quote(str(place.sockets))}"


def _environment() -> dict[str, str]:
    """Nothing of the user's own PostgreSQL (PGPORT, PGDATA ...) may reach this one."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _create(place: Place, tether: Tether, data: Path) -> None:
    version = data / "PG_VERSION"
    if version.exists():
        found = version.read_text().strip()
        if found != VERSION:
            raise CannotStartError(
                f"The data in {data} were written by PostgreSQL {found}, this is {VERSION}: "
                "`make demo-reset` forgets them, then start again."
            )
        return
    # Made beside and renamed when complete, so that an interrupted start leaves nothing half made.
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if place.owner:
        place.owner.give(fresh)
    log_path = place.logs / "initdb.log"
    with log_path.open("wb") as log:
        made = tether.start(
            [
                *(place.programs.postgres / "initdb", "-D", fresh, "-U", SUPERUSER, "--auth=trust", "--no-sync"),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            log=log,
            stop_signal=signal.SIGTERM,
            cwd=Path("/"),
            env=_environment(),
            owner=place.owner,
        )
    if made.wait() != 0:
        raise CannotStartError(f"PostgreSQL could not create its data directory: {_last_line(log_path)} ({log_path}).")
    tether.ended(made)
    data.rmdir()
    fresh.rename(data)


def _clear_stale_lock(data: Path) -> None:
    """Deal with what a killed server left: stop it if it still runs, else drop a lock that names a stranger's process.

    Only one launcher works on a place at a time (it holds the place's lock), so a running server here is an orphan.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    pid = int((lock.read_text().splitlines() or ["0"])[0])
    if pid <= 0 or not alive(pid):
        return  # PostgreSQL itself replaces the lock of a dead process
    if not _is_server_of(pid, data):
        lock.unlink()
        return
    send(pid, signal.SIGINT)
    if not wait_until_gone(lambda: {pid}, 20.0):
        raise CannotStartError(
            f"A PostgreSQL of an earlier start (process {pid}) does not stop: end it, then start again."
        )


def _is_server_of(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except OSError:
        shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
        return str(data) in shown.stdout


def _wait_until_ready(server: subprocess.Popen[bytes], data: Path, log_path: Path) -> None:
    """Wait as pg_ctl does: the server writes "ready" on line 8 of its lock file."""
    lock = data / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CannotStartError(f"PostgreSQL ended while starting: {_last_line(log_path)} ({log_path}).")
        lines = lock.read_text().splitlines() if lock.exists() else []
        if len(lines) >= 8 and int(lines[0]) == server.pid and lines[7].strip() == "ready":
            return
        time.sleep(0.02)
    raise CannotStartError(f"PostgreSQL was not ready after {START_SECONDS:.0f} seconds: see {log_path}.")


def _set_up(place: Place) -> None:
    psql = place.programs.postgres / "psql"
    done = subprocess.run(
        [
            psql,
            "-X",
            "-q",
            "-h",
            place.sockets,
            "-U",
            SUPERUSER,
            "-d",
            SUPERUSER,
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            SET_UP,
        ],
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStartError(f"The databases could not be made: {done.stderr.strip()}")


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
