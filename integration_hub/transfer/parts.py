"""What there is to move besides hub.toml. Each layer says what it keeps in the database; settings name the parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.module_loading import import_string

Row = Mapping[str, Any]
Rows = Mapping[str, Row]
"""Plain JSON rows by a name that means the same in every installation, never by a number of the database."""


class NotMoved(ValueError):
    """A row cannot be taken over here; the text says which, why, and what to do. Then nothing is."""


def no_doubts(_: Rows) -> list[str]:
    """For what works wherever it can be written."""
    return []


@dataclass(frozen=True)
class Part:
    """One kind of what is kept. `write` gets only rows that are new or differ, and who asked; it deletes nothing.

    A row has all of `fields`, whatever else it holds. `doubts` says of rows what would not work here as it is now.
    """

    name: str
    label: str
    read: Callable[[], Rows]
    write: Callable[[Rows, User], None]
    fields: tuple[str, ...] = ()
    doubts: Callable[[Rows], list[str]] = no_doubts


def parts() -> tuple[Part, ...]:
    """All parts, in the order in which they are written."""
    return tuple(cast("Part", import_string(name)) for name in settings.CONFIGURATION_PARTS)
