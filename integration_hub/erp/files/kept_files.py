"""Places of our own for files: the archive of what was delivered, and a spool for what is fetched or converted.

Files appear there whole or not at all: they are written under another name, forced to the disk, then renamed.
"""

import errno
import os
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from integration_hub.sources import SourceProblem

PART = ".part"
ABANDONED = 86_400  # seconds after which nobody writes to a half-written file any more
LONGEST_NAME = 150  # bytes


def private_folder(*parts: str) -> Path:
    """A folder below STATE_DIR that only this account may look into."""
    folder = Path(settings.STATE_DIR).joinpath(*parts)
    with room_needed(folder):
        _make(folder)
    return folder


def _make(folder: Path) -> None:
    """Create a folder and those above it; mkdir itself would give only the last one its rights."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A new file, which is at `path` once the block is left without an error. Raises SourceProblem on a full disk."""
    # A name of its own: two runs may fetch the same file at the same time.
    part = path.with_name(f".{secrets.token_hex(8)}{PART}")
    with room_needed(path.parent):
        _make(path.parent)
        try:
            with part.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def room_needed(folder: Path) -> Iterator[None]:
    """Say in words that there is no room, or no right to write, in a folder of our own."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise SourceProblem(
                f"There is no room left in {folder}.",
                "Delivered files could not be kept, so nothing of them was loaded. They lie where the ERP put them, "
                "and nothing is lost.",
                "Free some space, set archive_days lower or archive_directory to a larger disk; the next run goes on.",
            ) from error
        place = Path(error.filename or "/dev/null")
        ours = place.is_relative_to(folder) or folder.is_relative_to(place)
        if ours and error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise SourceProblem(
                f"{folder} cannot be written to: {error.strerror}.",
                "Delivered files could not be kept, so nothing of them was loaded.",
                "Give the account that runs Customer 360 the right to write there, or name another archive_directory.",
            ) from error
        raise


def fitting(name: str) -> str:
    """As much of a delivered name as leaves room for what is put beside it."""
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")


def is_leftover(path: Path) -> bool:
    """Whether a half-written file was left by a run that was killed."""
    return path.suffix == PART and path.stat().st_mtime < time.time() - ABANDONED


def remove_older(folder: Path, days: int, keep: Collection[Path] = ()) -> None:
    """Remove what was put there more than `days` ago (0: nothing), leftovers, and folders that became empty.

    Files to `keep` stay, whatever the clock says.
    """
    before = time.time() - days * 86_400 if days else 0
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif is_leftover(path) or (path not in keep and path.suffix != PART and path.stat().st_mtime < before):
            path.unlink()
