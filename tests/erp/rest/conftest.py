"""Sites to read, and their configuration from the ready-made profiles."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from integration_hub.config import SourceConfig, hub
from tests.erp.rest.erpnext_history import build
from tests.erp.rest.frappe_site import FrappeSite
from tests.erp.rest.netsuite_account import NetSuiteAccount
from tests.erp.rest.netsuite_history import fill

Configure = Callable[..., SourceConfig]

HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "{profile}"
label = "The ERP"
kind = "rest"
profile = "{profile}"
url = "{url}"
max_deleted_share = 0.9
{more}
"""


@pytest.fixture
def configure(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Write a hub.toml for one source of a profile; answers its configuration."""

    def written(profile: str, url: str, more: str) -> SourceConfig:
        path = tmp_path / "hub.toml"
        path.write_text(HUB.format(profile=profile, url=url, more=more))
        settings.HUB_CONFIG = str(path)
        settings.PUBLISH_HOOKS = []
        monkeypatch.setenv("ERP_KEY", "key")
        monkeypatch.setenv("ERP_SECRET", "secret")
        return hub().source(profile)

    return written


@pytest.fixture
def site() -> Iterator[FrappeSite]:
    """An ERPNext site with a small history."""
    running = FrappeSite()
    build(running)
    yield running
    running.close()


@pytest.fixture
def account() -> Iterator[NetSuiteAccount]:
    """A NetSuite account with a small history."""
    running = NetSuiteAccount()
    fill(running)
    yield running
    running.close()
