"""Fixtures of the tests of delivered files."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.integration_hub.erp.files.dropping import Drop


@pytest.fixture
def drop(tmp_path: Path, settings: Settings) -> Drop:
    """An empty folder of an ERP."""
    settings.STATE_DIR = str(tmp_path / "state")
    folder = tmp_path / "erp"
    folder.mkdir()
    return Drop(folder, tmp_path / "archive")
