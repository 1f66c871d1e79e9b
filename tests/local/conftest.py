"""An installation of its own for a test, in a directory that any account may pass through."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_hub.local import place as places
from integration_hub.local.place import Place, elsewhere, prepare
from integration_hub.local.tether import Tether


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """A directory with a path short enough for sockets, which pytest's own are not always."""
    directory = Path(tempfile.mkdtemp(prefix="hub-"))
    yield directory
    for path in (directory, elsewhere(directory)):
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def place(short_directory: Path) -> Place:
    return prepare(short_directory)


@pytest.fixture
def tether(place: Place) -> Iterator[Tether]:
    tether = Tether(str(place.state))
    yield tether
    tether.close()


@pytest.fixture
def unprivileged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide as for an ordinary user, whoever runs the tests."""
    monkeypatch.setattr(places, "server_owner", lambda: None)
