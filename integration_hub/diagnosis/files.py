"""Checks of the files that the processes write or hand out."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage

from integration_hub.diagnosis.check import Check, Light


def check_state_folder() -> Check:
    """Whether what is kept beside the database can be written: exports, delivered files."""
    folder = Path(settings.STATE_DIR)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Check("Folder STATE_DIR", Light.GREEN, f"{folder} can be written.")
    found = f"{folder} is no folder that this user can write: exports and delivered files fail."
    return Check("Folder STATE_DIR", Light.RED, found, "Make it, for the user of the processes, or correct STATE_DIR.")


def check_static_files() -> Iterator[Check]:
    """Whether all style sheets and scripts of this release were collected; nothing where they need not be."""
    storage: Any = staticfiles_storage
    if not hasattr(storage, "load_manifest"):
        return
    # What collectstatic passes over, such as hidden files, is in no page.
    passed_over = apps.get_app_config("staticfiles").ignore_patterns  # type: ignore[attr-defined]
    wanted = {path for finder in get_finders() for path, _ in finder.list(passed_over)}
    missing = wanted - storage.load_manifest()[0].keys()
    if missing:
        found = f"{len(missing)} of {len(wanted)} style sheets, scripts and pictures are not in {settings.STATIC_ROOT}."
        remedy = "Run manage.py collectstatic --noinput, and restart the web."
        yield Check("Static files", Light.RED, f"{found} Pages fail without them.", remedy)
    else:
        yield Check("Static files", Light.GREEN, f"All {len(wanted)} are collected.")
