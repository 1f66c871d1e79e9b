"""Backups of the warehouse by PostgreSQL's own pg_dump: complete or not there at all, looked through, thinned out."""

import os
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

PREFIX, SUFFIX, PART = "customer360-", ".dump", ".part"
STAMP = "%Y%m%dT%H%M%SZ"
ABANDONED_SECONDS = 24 * 3600.0
"""A part that nobody wrote to for so long was left by a backup that was killed."""


class BackupError(Exception):
    """A backup could not be made; the text says why in PostgreSQL's own words."""


@dataclass(frozen=True)
class Backup:
    """A complete backup: its file, when it was begun (UTC), its size in bytes."""

    path: Path
    made_at: datetime
    size: int


def make(folder: Path, now: datetime) -> Backup:
    """Dump the database into a new file of the folder, readable by its owner only.

    It is written beside, read through with pg_restore and renamed at the end, so that a file by that name is complete.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_away(folder)
    path = folder / f"{PREFIX}{now.astimezone(UTC):{STAMP}}{SUFFIX}"
    part = path.with_suffix(PART)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.close(descriptor)
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")
        _run("pg_restore", f"--file={os.devnull}", str(part))
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return Backup(path, now, path.stat().st_size)


def existing(folder: Path) -> list[Backup]:
    """The complete backups of a folder, newest first."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        try:
            made_at = datetime.strptime(path.stem.removeprefix(PREFIX), STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # somebody's own file, which only looks like one of these
        found.append(Backup(path, made_at, path.stat().st_size))
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups; the deleted files."""
    old = [backup.path for backup in existing(folder)[keep:]]
    for path in old:
        path.unlink()
    return old


def _clear_away(folder: Path) -> None:
    """Delete what killed backups left, before the next one needs the room."""
    for part in folder.glob(f"{PREFIX}*{PART}"):
        if time.time() - part.stat().st_mtime > ABANDONED_SECONDS:
            part.unlink(missing_ok=True)


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our database; the password goes by the environment, not the command line."""
    about = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    given = {names[key]: str(about[key]) for key in names if about.get(key)}
    try:
        done = subprocess.run(
            [program, *arguments], env=os.environ | given, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not on this machine: install PostgreSQL's client programs.") from error
    if done.returncode:
        raise BackupError(f"{program} ended with {done.returncode}: {done.stderr.strip()}")
