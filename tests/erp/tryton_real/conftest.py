"""A Tryton of each series that answers over a fresh copy of the seeded database, and a hub that mirrors it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.erp.tryton_real import environment, server
from tests.erp.tryton_real.mirror import Mirror


@pytest.fixture(scope="session", params=environment.VERSIONS)
def tryton(request: pytest.FixtureRequest) -> environment.Tryton:
    """The installed and seeded Tryton; the first to ask builds it."""
    try:
        return environment.tryton(request.param)
    except environment.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def erp(tryton: environment.Tryton, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Running]:
    """A running copy that the tests of a module share, and that none of them changes."""
    with server.running(tryton, tryton.copy(tmp_path_factory.mktemp("tryton"))) as running:
        yield running


@pytest.fixture
def mirror(
    erp: server.Running, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Mirror:
    """A hub that mirrors the shared copy, not yet synced, with everything that is computed at publish."""
    return configured(erp, tmp_path, settings, monkeypatch)


def configured(erp: server.Running, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """Point this process's hub at a running Tryton."""
    made = Mirror(folder / "hub.toml")
    made.write(erp.url, erp.database)
    monkeypatch.setenv("TRYTON_TEST_KEY", environment.KEY)
    settings.HUB_CONFIG = str(made.config)
    return made
