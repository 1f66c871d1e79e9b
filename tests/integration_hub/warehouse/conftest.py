"""Fixtures of the warehouse tests."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.integration_hub.warehouse import world as worlds


@pytest.fixture
def world(tmp_path: Path, settings: Settings, db: None) -> worlds.World:
    """An ERP without streams yet, and a publish hook that listens."""
    directory = tmp_path / "erp"
    directory.mkdir()
    made = worlds.World(directory, tmp_path / "hub.toml")
    made.write()
    settings.HUB_CONFIG = str(made.config)
    settings.STATE_DIR = str(tmp_path / "state")
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    worlds.TOLD.clear()
    return made
