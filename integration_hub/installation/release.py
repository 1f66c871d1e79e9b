"""Whether this process, the files it was started from, and the database are of one release: a worker left over from an
upgrade ends itself.

Migrations only add, so pages of the old release go on; but an old worker would compute and push by old rules.
"""

import os
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

_LOADED: set[tuple[str, int, int]] = set()


def note_loaded() -> None:
    """Remember the code as it stands now: this process loads it, and keeps it whatever becomes of the files."""
    _LOADED.clear()
    _LOADED.update(_files())


def difference() -> str:
    """In words how this code, its files and the database differ; empty when they are of one release.

    Of the files only a process that called note_loaded can tell.
    """
    if _LOADED and set(_files()) != _LOADED:
        return "The program's files were changed since this process was started."
    here, there = _on_disk(), set(MigrationRecorder(connection).applied_migrations())
    ours = {app for app, _ in here}
    if newer := sorted(f"{app} {name}" for app, name in there - here if app in ours):
        return f"The database is of a newer release than this process (it has {newer[-1]})."
    if missing := sorted(f"{app} {name}" for app, name in here - there):
        return f"The database is of an older release than this process (it lacks {missing[0]}): run manage.py migrate."
    return ""


def _on_disk() -> set[tuple[str, str]]:
    """The migrations of this release by the names of their files: importing them would cost more than the look."""
    found = set()
    for app in apps.get_app_configs():
        try:
            package = import_module(f"{app.name}.migrations")
        except ModuleNotFoundError as missing:
            if missing.name != f"{app.name}.migrations":
                raise
            continue  # an app without tables of its own
        names = (module.name for module in pkgutil.iter_modules(package.__path__))
        found |= {(app.label, name) for name in names if name[0] not in "_~"}
    return found


def _files() -> Iterator[tuple[str, int, int]]:
    """The program's modules and statements by name, size and time of change."""
    for app in apps.get_app_configs():
        if not Path(app.path).is_relative_to(settings.BASE_DIR) or "site-packages" in app.path:
            continue
        for folder, _, names in os.walk(app.path):
            for path in (Path(folder, name) for name in names if name.endswith((".py", ".sql"))):
                with suppress(FileNotFoundError):  # it goes just now, or is an editor's mark that leads nowhere
                    found = path.stat()
                    yield str(path), found.st_size, found.st_mtime_ns
