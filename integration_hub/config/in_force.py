"""The configuration in force: hub.toml as this process last could read it."""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from integration_hub.config.problems import ConfigurationError
from integration_hub.config.reading import read_hub
from integration_hub.config.shape import Hub
from integration_hub.one_request import once

logger = logging.getLogger(__name__)


class _Asked(Mapping[str, str]):
    """The environment, which notes what of it was asked for: what a configuration depends on beside its file."""

    def __init__(self) -> None:
        self.answers: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str:
        self.answers[name] = os.environ.get(name)
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)


@dataclass(frozen=True)
class _Read:
    """What came of reading one state of the file: `problem` when it was refused and the one before still holds."""

    file: tuple[int, int]
    environment: Mapping[str, str | None]
    hub: Hub
    problem: ConfigurationError | None


_READ: dict[str, _Read] = {}


def hub() -> Hub:
    """The configuration named by settings.HUB_CONFIG, read again when the file changes, or a variable that it names.

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
    path, asked = Path(settings.HUB_CONFIG), _Asked()
    file = _state(path)
    known = _READ.get(str(path))
    if known is not None and known.file == file and _still(known.environment):
        return known
    try:
        configuration, refused = read_hub(path, asked), None
    except ConfigurationError as problem:
        if known is None:
            raise
        logger.warning("The changed configuration is not in force, the one before it is. %s", problem)
        configuration, refused = known.hub, problem
    read = _READ[str(path)] = _Read(file, asked.answers, configuration, refused)
    return read


def _state(path: Path) -> tuple[int, int]:
    """When it was written and its bytes: a file may be written twice within one tick of the clock."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _still(environment: Mapping[str, str | None]) -> bool:
    return all(os.environ.get(name) == value for name, value in environment.items())
