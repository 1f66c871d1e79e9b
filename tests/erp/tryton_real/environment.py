"""A real Tryton, built once per set of pins and seed, kept in a cache outside the clone, and copied per use.

The cache is $CUSTOMER360_TEST_CACHE, or ~/.cache/customer360. It may be removed at any time.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from integration_hub.local.tether import die_with_parent

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
VERSIONS = ("8.0", "8.2")
SEED = ("desk.py", "masterdata.py", "papers.py", "history.py", "sales.py", "bills.py", "reader.py", "seed.py")
MODULES = ("sale", "sale_advance_payment", "account_payment", "party_relationship")
DATABASE = "tryton"
KEY = "key-of-the-mirror-0123456789abcdef"
PASSWORD = "admin-of-a-test-database"
INSTALL_SECONDS, BUILD_SECONDS = 900, 3000
AGE_DAYS = 10


class Unavailable(Exception):
    """Tryton's packages cannot be had here: no network, or no package index."""


@dataclass(frozen=True)
class Installed:
    """An installed Tryton of one series."""

    series: str
    venv: Path

    def program(self, name: str) -> list[str]:
        """How to start a program of its own: by its Python, as the folder was moved after the installation."""
        return [str(self.venv / "bin" / "python"), str(self.venv / "bin" / name)]

    def inside(self, program: str, folder: Path, *arguments: str, database: str = DATABASE) -> str:
        """What a program of inside/ prints, run on the database that is configured in this folder."""
        command = self.command(program, folder, *arguments, database=database)
        return run(command, ROOT, BUILD_SECONDS, **surroundings(folder))

    def command(self, program: str, folder: Path, *arguments: str, database: str = DATABASE) -> list[str]:
        """How to start a program of inside/; it needs `surroundings`."""
        python, module = str(self.venv / "bin" / "python"), f"tests.erp.tryton_real.inside.{program}"
        return [python, "-m", module, str(folder / "trytond.conf"), database, *arguments]


@dataclass(frozen=True)
class Tryton(Installed):
    """One whose seeded database stands as one file in the folder `seeded`."""

    seeded: Path

    def copy(self, folder: Path) -> Path:
        """Put a fresh copy of the seeded database into a folder, as it would be some days after the seed."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.seeded / f"{DATABASE}.sqlite", folder / f"{DATABASE}.sqlite")
        _age(folder / f"{DATABASE}.sqlite")
        configure(folder)
        return folder


def surroundings(folder: Path) -> dict[str, str]:
    """What a program of inside/ finds in its environment: Tryton chooses its database's kind when it is imported."""
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Sets of texts in one order: what the seed makes is the same on every machine, and so are its ids.
        "PYTHONHASHSEED": "0",
        "TRYTOND_CONFIG": str(folder / "trytond.conf"),
    }


def run(command: Sequence[str], cwd: Path, seconds: float, **environment: str) -> str:
    """What a command prints, run with nothing of this process's settings. RuntimeError has its last words."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    settings = {**kept, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", **environment}
    done = subprocess.run(
        command, cwd=cwd, env=settings, capture_output=True, text=True, timeout=seconds, check=False,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
    return done.stdout


def configure(folder: Path, *, uri: str = "sqlite://", port: int = 0) -> Path:
    """Write trytond.conf for the database in a folder (or behind `uri`) and a port."""
    text = (
        f"[database]\nuri = {uri}\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n"
        "[session]\ntimeout = 864000\nmax_inactivity = 864000\n[cache]\nrecord = 20000\n"
    )
    (folder / "trytond.conf").write_text(text, encoding="utf-8")
    return folder / "trytond.conf"


def installed(series: str) -> Installed:
    """Tryton of this series without a database. Unavailable if its packages cannot be had."""
    code = hashlib.sha256(_pins(series)).hexdigest()[:16]
    return Installed(series, cached(f"tryton-{series}-venv-{code}", lambda place: _install(place, series)))


def _pins(series: str) -> bytes:
    return (HERE / f"requirements-{series}.txt").read_bytes() + sys.version.encode()


def tryton(series: str) -> Tryton:
    """Tryton of this series with the seeded database, built if the cache does not hold it. Unavailable as above."""
    bare = installed(series)
    script = b"".join((HERE / "inside" / name).read_bytes() for name in SEED)
    digest = hashlib.sha256(_pins(series) + script + repr(MODULES).encode() + KEY.encode()).hexdigest()[:16]
    return Tryton(series, bare.venv, cached(f"tryton-{series}-seed-{digest}", lambda place: _seed(place, bare)))


def cached(name: str, build: Callable[[Path], None]) -> Path:
    """The folder of this name in the cache; built beside and renamed, by one process at a time."""
    cache = Path(os.environ.get("CUSTOMER360_TEST_CACHE") or Path.home() / ".cache" / "customer360")
    cache.mkdir(parents=True, exist_ok=True)
    wanted = cache / name
    with _alone(cache / f"{name}.lock"):
        for left in cache.glob(f"{name}.part-*"):  # of a builder that was killed
            shutil.rmtree(left, ignore_errors=True)
        if not wanted.exists():
            beside = Path(tempfile.mkdtemp(prefix=f"{name}.part-", dir=cache))
            try:
                build(beside)
                beside.rename(wanted)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
    return wanted


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait for the others who build the same; the kernel frees the lock of a killed one."""
    with path.open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(place: Path, series: str) -> None:
    """A virtual environment with the pinned packages. It is moved afterwards: its scripts need its Python named."""
    run([sys.executable, "-m", "venv", str(place)], ROOT, INSTALL_SECONDS)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    settings = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "SSL_")) or "proxy" in name.lower()
    }
    try:
        run([*pip, "-r", str(HERE / f"requirements-{series}.txt")], ROOT, INSTALL_SECONDS, **settings)
    except (RuntimeError, subprocess.TimeoutExpired) as problem:
        raise Unavailable(f"Tryton {series} cannot be installed: {problem}") from problem


def activate(bare: Installed, folder: Path, database: str = DATABASE) -> None:
    """Make a Tryton database with all modules, in one go."""
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    admin = [*bare.program("trytond-admin"), "-c", str(folder / "trytond.conf"), "-d", database]
    admin += ["--email", "admin@example.com", "--activate-dependencies", "-u", *MODULES]
    run(admin, folder, BUILD_SECONDS, TRYTONPASSFILE=str(folder / "password"))


def _seed(place: Path, bare: Installed) -> None:
    configure(place)
    (place / f"{DATABASE}.sqlite").touch()
    activate(bare, place)
    database, plain = place / f"{DATABASE}.sqlite", place / "plain.sqlite"
    _one_file(database)
    shutil.copyfile(database, plain)
    try:
        bare.inside("seed", place, KEY)
    except RuntimeError as problem:
        # Seen once in a handful of builds: Tryton refused to post an invoice, and no reason was found. The history is
        # built anew, and whoever reads the report sees why.
        warnings.warn(f"The history of Tryton {bare.series} is built once more, because: {problem}", stacklevel=2)
        for left in (f"{database}-wal", f"{database}-shm"):
            Path(left).unlink(missing_ok=True)
        shutil.copyfile(plain, database)
        bare.inside("seed", place, KEY)
    plain.unlink()
    _one_file(database)


def _age(database: Path) -> None:
    """Set the stamps of all business records back. A reader that asks for changes gets a fresh seed whole, because of
    its overlap, and whether it asks for the right ones would not show.
    """
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in (
            name for name in tables if name.startswith(("account_", "party_", "product_", "sale_", "stock_"))
        ):
            names = {row[1] for row in connection.execute(f'pragma table_info("{table}")')}
            for stamp in names & {"create_date", "write_date"}:
                earlier = f"strftime('%Y-%m-%d %H:%M:%f', {stamp}, '-{AGE_DAYS} days')"
                connection.execute(f'update "{table}" set {stamp} = {earlier} where {stamp} is not null')


def _one_file(database: Path) -> None:
    """Take the journal into the file, so that a copy of the file is a copy of the database."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("vacuum")
