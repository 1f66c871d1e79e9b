"""A configuration of its own for the figures, so that the demo company's hub.toml can change without moving them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from tests.customers.world import World

CONFIGURATION = """
sources = []
[company]
name = "Test"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
fiscal_year_start = {fiscal_year_start}
"""


def configured(folder: Path, *, fiscal_year_start: int = 1) -> override_settings:
    """Settings that name a hub.toml in euro whose fiscal year starts in that month."""
    path = folder / f"hub-{fiscal_year_start}.toml"
    path.write_text(CONFIGURATION.format(fiscal_year_start=fiscal_year_start), encoding="utf-8")
    return override_settings(HUB_CONFIG=str(path))


@pytest.fixture
def figures(db: None, tmp_path: Path) -> Iterator[World]:
    """An empty mirror in euro, and the words to fill it."""
    with configured(tmp_path):
        yield World()
