"""A configuration of its own for the figures, so that the demo company's hub.toml can change without moving them."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.customers.world import World

COMPANY = {"name": "Test", "reporting_currency": "EUR", "time_zone": "Europe/Berlin"}


def configured(folder: Path, **company: Any) -> override_settings:
    """Settings that name a hub.toml in euro whose [company] has these keys too; it stands beside a test's folder."""
    # A text, a number and a list are written in TOML as in JSON.
    lines = [f"{name} = {json.dumps(value)}" for name, value in (COMPANY | company).items()]
    text = "\n".join(["sources = []", "[company]", *lines, ""])
    # One file for all tests that want the same: it is read once, and so are the statements made that depend on it.
    path = folder.parent / f"hub-{sha256(text.encode()).hexdigest()[:16]}.toml"
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    return override_settings(HUB_CONFIG=str(path))


@pytest.fixture
def figures(db: None, tmp_path: Path) -> Iterator[World]:
    """An empty mirror in euro, and the words to fill it."""
    with configured(tmp_path):
        yield World()
