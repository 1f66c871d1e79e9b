"""How long our own sessions in the database wait: for what others have locked, and for one statement as a whole.

Every process gets the limits of settings.py; one that serves pages gets shorter ones, as somebody looks at a blank
window meanwhile.
"""

from typing import Any

from django.conf import settings
from django.db import connections

DOWNLOAD = "15min"
"""A file that leaves as it is made is one statement for as long as the client takes it."""
OF_PAGES = "customer360-web"
"""What PostgreSQL calls the sessions of pages (application_name)."""
_before: dict[str, dict[str, Any]] = {}


def as_options(lock_seconds: float, statement_seconds: float) -> str:
    """The limits as a session begins with them; 0 is none."""
    return f" -c lock_timeout={int(lock_seconds * 1000)} -c statement_timeout={int(statement_seconds * 1000)}"


def for_pages() -> None:
    """Let every connection that this process opens from now on have the limits of pages."""
    for name, database in connections.settings.items():
        before = _before.setdefault(name, database["OPTIONS"])
        # Of two options with one name the later one counts, and a name in the address more than any option.
        limits = as_options(settings.PAGE_LOCK_SECONDS, settings.PAGE_SECONDS)
        options = f"{before.get('options', '')}{limits}"
        database["OPTIONS"] = before | {"options": options, "application_name": OF_PAGES}


def for_runs() -> None:
    """The limits of all other processes again."""
    for name, before in _before.items():
        connections.settings[name]["OPTIONS"] = before


def for_download(cursor: Any) -> None:
    """Within this transaction, one statement may take as long as a download does, where pages are limited."""
    if settings.PAGE_SECONDS:
        cursor.execute(f"set local statement_timeout = '{DOWNLOAD}'")
