"""Servers, and the configuration that reads them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from integration_hub.config import hub
from integration_hub.erp.odata.source import ODataAdapter
from integration_hub.jobs import finish
from integration_hub.models import Run, RunKind
from integration_hub.runs import start_run
from tests.erp.odata import bc as central
from tests.erp.odata import sap as books
from tests.erp.odata.world import PASSWORD

Configure = Callable[[str], None]


@pytest.fixture
def configure(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Write hub.toml."""
    monkeypatch.setattr("integration_hub.erp.http.PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setenv("SAP_PASSWORD", PASSWORD)
    monkeypatch.setenv("BC_SECRET", PASSWORD)

    def write(text: str) -> None:
        path = tmp_path / "hub.toml"
        path.write_text(text, encoding="utf-8")
        settings.HUB_CONFIG = str(path)
        settings.PUBLISH_HOOKS = []

    return write


@pytest.fixture
def sap(configure: Configure) -> Iterator[books.Sap]:
    """An empty S/4HANA that hub.toml names, read in pages of two."""
    with books.Sap() as server:
        assert isinstance(server, books.Sap)
        configure(books.HUB.format(url=server.url, page_rows=2))
        yield server


@pytest.fixture
def adapter(sap: books.Sap) -> Iterator[ODataAdapter]:
    """Its adapter, which does not wait between tries."""
    made = ODataAdapter(hub().source("sap"))
    made._session.sleep = lambda _seconds: None
    yield made
    made.close()


@pytest.fixture
def bc(configure: Configure) -> Iterator[central.BusinessCentral]:
    """A Business Central with two companies that hub.toml names, read in pages of two."""
    with central.BusinessCentral() as server:
        assert isinstance(server, central.BusinessCentral)
        configure(central.HUB.format(url=server.url, options=""))
        yield server


def sync(source: str, kind: RunKind = RunKind.SYNC, **options: object) -> Run:
    """Bring a source up to date in this process; the finished run, whatever became of it."""
    return finish(start_run(kind, source, options=options))
