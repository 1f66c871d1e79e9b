"""The tables as migrations leave them are kept below .hub: later runs copy them, a second instead of ten each.

What is kept belongs to these very migrations. Django looks all the same for migrations that were not applied.
"""

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from integration_hub.local import place
from integration_hub.local.place import CLONE, STATE

TEMPLATE = "migrated"
APPS = ("integration_hub", "customers", "reports")


@cache
def _kept() -> Path:
    """Where the tables of the migrations as they are now are kept; SQL files belong to them."""
    content = hashlib.sha256()
    for app in APPS:
        for path in sorted([*(CLONE / app / "migrations").glob("*.py"), *(CLONE / app).rglob("*.sql")]):
            content.update(f"{path.relative_to(CLONE)}\0".encode() + path.read_bytes())
    return STATE / "tests" / f"tables-{content.hexdigest()[:16]}.sql"


def restored(address: str) -> bool:
    """Make the database named TEMPLATE beside the one at the address; False where no tables are kept yet."""
    if not _kept().exists():
        return False
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"create database {TEMPLATE}")
    _run("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={_kept()}", _named(address, TEMPLATE))
    return True


def keep(address: str, database: str) -> None:
    """Keep the tables of a database that was just migrated, and no longer those of other migrations."""
    if _kept().exists():
        return
    _kept().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole or not there at all, also when two runs keep them at once.
    fresh = _kept().with_suffix(f".{os.getpid()}")
    _run("pg_dump", "--no-owner", f"--file={fresh}", _named(address, database))
    for old in _kept().parent.glob("tables-*.sql"):
        old.unlink(missing_ok=True)
    fresh.rename(_kept())


def _named(address: str, database: str) -> str:
    return urlsplit(address)._replace(path=f"/{database}").geturl()


def _run(program: str, *arguments: str) -> None:
    command = [place._installed_programs().postgres / program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
