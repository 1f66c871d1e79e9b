"""The same ERP in SQLite, MariaDB and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.erp.database import mariadb, worlds
from tests.erp.database.worlds import Database


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.Server]:
    """One server for all tests of this process."""
    worlds.skip_without(mariadb.missing())
    with mariadb.server() as server:
        yield server


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Database]:
    """An ERP in SQLite."""
    with worlds.sqlite_world(tmp_path) as world:
        yield world


@pytest.fixture
def maria(mariadb_server: mariadb.Server) -> Iterator[Database]:
    """An ERP in MariaDB."""
    with worlds.mariadb_world(mariadb_server) as world:
        yield world


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.external)])
def database(request: pytest.FixtureRequest) -> Database:
    """An ERP in each of the databases that are read through SQLAlchemy."""
    found = request.getfixturevalue({"sqlite": "lite", "mariadb": "maria"}[request.param])
    assert isinstance(found, Database)
    return found


@pytest.fixture
def hub_config(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where hub.toml is written; it takes the address from the environment, which is put back afterwards."""
    monkeypatch.setenv("TEST_ERP_URL", "")
    path = tmp_path / "hub.toml"
    settings.HUB_CONFIG = str(path)
    settings.PUBLISH_HOOKS = []
    return path
