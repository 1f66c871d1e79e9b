"""Where the files of exports lie until they expire: below STATE_DIR, shared by worker and web pages."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from integration_hub.config import hub
from reports.models import ExportJob

PART = ".part"


class NotDelivered(Exception):
    """A file could not be put where it belongs; the text says why and what to do."""


def folder() -> Path:
    """The folder of finished files; made when first needed, for this account's eyes only."""
    path = Path(settings.STATE_DIR) / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def finished(job: ExportJob) -> Path | None:
    """The file of an export; None where it is gone."""
    path = folder() / job.file
    return path if job.file and path.is_file() else None


def unfinished(job: ExportJob) -> Path:
    """Where the worker writes: never offered to anybody."""
    return folder() / f"{job.pk}.{job.format}{PART}"


def put_in_place(job: ExportJob) -> str:
    """Give the whole file its name in one step, so that half a file is never met; that name."""
    path = unfinished(job)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    name = f"{job.pk}.{job.format}"
    path.replace(folder() / name)
    return name


def remove(job: ExportJob) -> None:
    """Remove what there is of a file."""
    unfinished(job).unlink(missing_ok=True)
    if job.file:
        (folder() / job.file).unlink(missing_ok=True)


def copy_to_folder(job: ExportJob) -> Path:
    """Write the file into the configured folder under its own name, whole or not at all. Raises NotDelivered."""
    source = finished(job)
    if source is None or not hub().exports.folder:
        raise NotDelivered("No folder for scheduled exports is configured: name one in hub.toml, [exports] folder.")
    target = (Path(hub().exports.folder) / job.file_name).resolve()
    if not target.is_relative_to(Path(hub().exports.folder).resolve()):
        raise NotDelivered(f"{job.file_name} would lie outside of the folder of scheduled exports.")
    part = target.with_name(f".{target.name}{PART}")
    try:
        with source.open("rb") as read, part.open("wb") as written:
            shutil.copyfileobj(read, written)
            written.flush()
            os.fsync(written.fileno())
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise NotDelivered(
            f"{target} could not be written: {error.strerror}. The file can be downloaded in the app; check the folder."
        ) from error
    return target
