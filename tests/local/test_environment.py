"""Addresses and secrets of an installation."""

import os
import stat
from pathlib import Path

import pytest

from integration_hub.environment import read_local_environment
from integration_hub.local import CannotStartError
from integration_hub.local.environment import given_addresses, installation, read, write_private
from integration_hub.local.place import Place


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "ERP_DEMO_URL", "ERP_DEMO_ADMIN_URL", "HUB_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_secrets_are_made_once_and_are_different_everywhere(place: Place) -> None:
    first = installation(place)
    names = ("SECRET_KEY", "SALESFORCE_CLIENT_SECRET", "DEMO_PASSWORD")
    assert [installation(place)[name] for name in names] == [first[name] for name in names]
    assert len({first[name] for name in names}) == 3
    (place.state / "secrets").unlink()
    assert not {installation(place)[name] for name in names} & {first[name] for name in names}


def test_only_its_user_may_read_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("OLD=1\n")
    path.chmod(0o644)
    write_private(path, {"A": "1", "URL": "x://y?z=1"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read(path) == {"A": "1", "URL": "x://y?z=1"}
    assert [other.name for other in tmp_path.iterdir()] == ["env"]


def test_it_says_demo_and_names_everything_a_process_needs(place: Place) -> None:
    environment = installation(place, salesforce_url="http://127.0.0.1:5000")
    assert environment["DEMO"] == "1"
    assert environment["SALESFORCE_LOGIN_URL"] == "http://127.0.0.1:5000"
    assert environment["DATABASE_URL"] == f"postgresql://hub@/customer360?host={place.sockets}"
    assert environment["ERP_DEMO_URL"] == f"postgresql://erp_reader@/erp_demo?host={place.sockets}"
    assert environment["REDIS_URL"] == f"unix://{place.sockets}/valkey.sock?db=0"
    assert environment["HUB_CONFIG"].endswith("/hub.toml")


def test_the_practice_org_signs_for_pages_in_its_frames_only_where_both_addresses_are_known(place: Place) -> None:
    alone = installation(place, salesforce_url="http://127.0.0.1:5000")
    assert not {"SALESFORCE_CANVAS_SECRET", "PUBLIC_URL"} & alone.keys()
    both = installation(place, salesforce_url="http://127.0.0.1:5000", public_url="http://127.0.0.1:8000")
    assert both["PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert both["SALESFORCE_CANVAS_SECRET"] == both["SALESFORCE_CLIENT_SECRET"]


def test_servers_the_user_names_are_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    assert given_addresses() == {"REDIS_URL": "redis://elsewhere"}
    assert installation(place, given=given_addresses())["REDIS_URL"] == "redis://elsewhere"


def test_a_database_of_ones_own_needs_an_erp_database_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/hub")
    with pytest.raises(CannotStartError, match="set ERP_DEMO_URL and ERP_DEMO_ADMIN_URL"):
        given_addresses()


def test_the_environment_of_a_running_demo_is_not_taken_for_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub@/customer360")
    assert given_addresses() == {}


def test_management_commands_beside_a_running_demo_read_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".hub").mkdir()
    write_private(
        tmp_path / ".hub" / "env", {"DATABASE_URL": "postgresql://hub@/customer360?host=x", "SECRET_KEY": "s"}
    )
    monkeypatch.setenv("SECRET_KEY", "given")
    read_local_environment(tmp_path)
    assert os.environ["DATABASE_URL"] == "postgresql://hub@/customer360?host=x"
    assert os.environ["SECRET_KEY"] == "given"
