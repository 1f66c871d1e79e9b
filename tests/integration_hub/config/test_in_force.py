"""A change of hub.toml that cannot be used stops nothing that runs, and is told."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from integration_hub.config import ConfigurationError, hub, kept_because
from integration_hub.diagnosis import Light
from integration_hub.diagnosis.local import check_configuration

GOOD = """
[company]
name = "{name}"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
"""
NEEDS_A_SECRET = """
[[sources]]
name = "odoo"
label = "Odoo"
kind = "odoo"
profile = "odoo"
url = "https://odoo.example"
database = "halden"
username = "reader"
api_key = "${NOT_SET_YET}"
"""


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(later, later))


def test_a_running_process_keeps_the_last_good_configuration_until_the_file_can_be_used(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hub.toml"
    settings.HUB_CONFIG = str(path)
    write(path, GOOD.format(name="Before"))
    assert (hub().company.name, kept_because()) == ("Before", None)
    write(path, GOOD.format(name="After") + NEEDS_A_SECRET)
    assert hub().company.name == "Before"
    kept = kept_because()
    assert kept is not None
    assert (kept.problem, "web, worker and scheduler" in kept.fix) == ("The environment has no NOT_SET_YET.", True)
    assert ":-" not in kept.fix
    told = check_configuration()
    assert (told.light, "the one before is in force" in told.finding) == (Light.AMBER, True)
    monkeypatch.setenv("NOT_SET_YET", "a key")
    assert (hub().company.name, kept_because()) == ("After", None)
    assert check_configuration().light is Light.GREEN


def test_it_is_read_again_when_a_variable_that_it_names_changes_and_for_no_other(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hub.toml"
    settings.HUB_CONFIG = str(path)
    write(path, GOOD.replace("{name}", "${OUR_NAME:-Nobody}"))
    assert hub().company.name == "Nobody"
    monkeypatch.setenv("OUR_NAME", "Halden")
    known = hub()
    assert known.company.name == "Halden"
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    assert hub() is known
    monkeypatch.delenv("OUR_NAME")
    assert hub().company.name == "Nobody"


def test_a_process_that_never_had_a_good_configuration_does_not_start(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "hub.toml"
    settings.HUB_CONFIG = str(path)
    write(path, GOOD.format(name="Before") + NEEDS_A_SECRET)
    with pytest.raises(ConfigurationError, match="NOT_SET_YET"):
        hub()
