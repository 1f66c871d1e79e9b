"""A card that fails does not take the page: it is logged with its traceback, and the page says so in its place."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

logger = logging.getLogger(__name__)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Failed:
    """Stands for a card that could not be made; the log says why."""

    title: str


def guarded(title: str, make: Callable[[], Value]) -> Value | Failed:
    """What `make` gives, or Failed when it raises; the exception goes to the log, never to the reader."""
    try:
        return make()
    except Exception:
        # Any exception at all: whatever is wrong with one card, the other ones are right.
        logger.exception("The card %r could not be made.", title)
        return Failed(title)


def found(value: Value | Failed) -> Value | None:
    """The value of a card for another one that builds on it; None where it failed."""
    return None if isinstance(value, Failed) else value
