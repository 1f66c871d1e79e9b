"""The configuration in force: hub.toml as this process last could read it."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from integration_hub.config.problems import ConfigurationError
from integration_hub.config.reading import read_hub
from integration_hub.config.shape import Hub
from integration_hub.one_request import once

logger = logging.getLogger(__name__)
State = tuple[int, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class _Read:
    """What came of reading one state of the file: `problem` when it was refused and the one before still holds."""

    state: State
    hub: Hub
    problem: ConfigurationError | None


_READ: dict[str, _Read] = {}


def hub() -> Hub:
    """The configuration named by settings.HUB_CONFIG, read again when the file or the environment changes.

    A change that cannot be read does not stop a process that is running: it keeps the configuration it had, logs why
    once, and `kept_because` tells it to the pages. Raises ConfigurationError where there was none before.
    """
    return _current().hub


def kept_because() -> ConfigurationError | None:
    """Why the file as it stands now is not in force; None when it is."""
    return _current().problem


def _current() -> _Read:
    """Looked at once per request: a page is made by one configuration from its first line to its last."""
    return once("configuration", _read_now)


def _read_now() -> _Read:
    path = Path(settings.HUB_CONFIG)
    state = (path.stat().st_mtime_ns if path.exists() else 0, frozenset(os.environ.items()))
    known = _READ.get(str(path))
    if known is not None and known.state == state:
        return known
    try:
        read = _Read(state, read_hub(path), None)
    except ConfigurationError as problem:
        if known is None:
            raise
        logger.warning("The changed configuration is not in force, the one before it is. %s", problem)
        read = _Read(state, known.hub, problem)
    _READ[str(path)] = read
    return read
