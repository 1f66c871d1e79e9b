"""`use` puts a data set's hub.toml in force."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from integration_hub.config import Hub, hub
from tests.real_data.sets import HERE


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Path], Hub]]:
    """`use(name, folder)` puts the data set's hub.toml in force, reading the files below the folder."""
    running: list[override_settings] = []

    def put_in_force(name: str, folder: Path) -> Hub:
        monkeypatch.setenv("CUSTOMER360_DATA", str(folder))
        override = override_settings(HUB_CONFIG=str(HERE / name / "hub.toml"))
        override.enable()
        running.append(override)
        return hub()

    yield put_in_force
    for override in reversed(running):
        override.disable()
