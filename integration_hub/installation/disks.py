"""The disks that something of an installation lies on, as far as this machine sees them."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})


def disks(*, ask_database: bool = True) -> dict[str, Any]:
    """Usage (shutil.disk_usage) of each disk, by what it is called; each once, by the first that lies on it."""
    places = {"disk": Path(settings.STATE_DIR)}
    if settings.BACKUP_DIR:
        places["disk of the backups"] = Path(settings.BACKUP_DIR)
    if ask_database and (data := _data_directory()) is not None:
        places["disk of PostgreSQL"] = data
    places |= {f"disk of {name}": Path(name) for name in settings.WATCHED_DISKS}
    found: dict[int, tuple[str, Any]] = {}
    for name, path in places.items():
        place = path
        # What is not there yet, or may not be looked into, lies where the folder above it lies.
        while not os.access(place, os.F_OK):
            place = place.parent
        found.setdefault(place.stat().st_dev, (name, shutil.disk_usage(place)))
    return dict(found.values())


def _data_directory() -> Path | None:
    """Where PostgreSQL keeps its data, where that is on this machine and it tells us: a role without rights on it does
    not see the setting, and WATCHED_DISKS names the place instead.
    """
    host = str(connection.get_connection_params().get("host", ""))
    if host not in HERE and not host.startswith("/"):
        return None
    with connection.cursor() as cursor:
        cursor.execute("select setting from pg_settings where name = 'data_directory'")
        row = cursor.fetchone()
    place = Path(row[0]) if row else None
    return place if place is not None and os.access(place.parent, os.F_OK) else None
