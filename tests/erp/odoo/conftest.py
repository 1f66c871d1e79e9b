"""An Odoo of each version, and the adapter that reads it."""

import tomllib
from collections.abc import Callable, Iterator

import pytest

from integration_hub.config import Column, SourceConfig, StreamConfig
from integration_hub.config.profiles import FOLDER
from integration_hub.erp.odoo.source import OdooAdapter
from tests.erp.odoo.company import Business
from tests.erp.odoo.history import history
from tests.erp.odoo.standin import DATABASE, KEY, LOGIN, OdooStandin

Reads = Callable[..., OdooAdapter]


def _column(value: object) -> Column:
    if isinstance(value, str):
        return Column(source=(value,))
    assert isinstance(value, dict)
    source = value.get("source", ())
    return Column(**{**value, "source": (source,) if isinstance(source, str) else tuple(source)})


def streams() -> tuple[StreamConfig, ...]:
    """Those of the profile."""
    told = tomllib.loads((FOLDER / "odoo.toml").read_text(encoding="utf-8"))["streams"]
    return tuple(
        StreamConfig(**{**each, "columns": {name: _column(value) for name, value in each["columns"].items()}})
        for each in told
    )


@pytest.fixture(params=[15, 16, 17, 18, 19])
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def business(version: int) -> Business:
    return history(version)


@pytest.fixture
def odoo(business: Business) -> Iterator[OdooStandin]:
    server = OdooStandin(business.db)
    yield server
    server.close()


@pytest.fixture
def reads(odoo: OdooStandin) -> Iterator[Reads]:
    """Makes an adapter that reads the stand-in, with these settings of the source changed."""
    made: list[OdooAdapter] = []

    def make(**changed: object) -> OdooAdapter:
        settings = {
            "name": "odoo", "label": "Odoo", "kind": "odoo", "url": odoo.url, "database": DATABASE, "username": LOGIN,
            "api_key": KEY, "streams": streams(),
        }  # fmt: skip
        adapter = OdooAdapter(SourceConfig(**{**settings, **changed}))  # type: ignore[arg-type]
        adapter.reader.odoo.session.sleep = lambda _seconds: None
        made.append(adapter)
        return adapter

    yield make
    for adapter in made:
        adapter.close()
