"""A little Tryton with books, and the adapter that reads it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integration_hub.config import SourceConfig, StreamConfig, read_hub
from integration_hub.erp.adapter import Question
from integration_hub.erp.tryton import TrytonAdapter
from tests.erp.tryton.books import Books, company, models
from tests.erp.tryton.little_tryton import KEY, LittleTryton

Rows = list[dict[str, str | None]]
HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "tryton"
label = "Our Tryton"
kind = "tryton"
profile = "tryton"
url = "{url}"
database = "company"
api_key = "${{TRYTON_KEY}}"
"""


class Reader:
    """What an adapter delivers, as rows with names."""

    def __init__(self, config: SourceConfig) -> None:
        self.config = config

    def adapter(self, **changes: Any) -> TrytonAdapter:
        """An adapter that waits for nothing between its tries."""
        return TrytonAdapter(replace(self.config, **changes), pauses=(0.0, 0.0))

    def stream(self, name: str, **changes: Any) -> StreamConfig:
        """A stream of the profile."""
        return replace(next(stream for stream in self.config.streams if stream.name == name), **changes)

    def read(self, name: str, adapter: TrytonAdapter | None = None, **question: Any) -> dict[str, Rows]:
        """Everything that a pull delivers, by stream."""
        adapter, stream = adapter or self.adapter(), self.stream(name)
        can = adapter.capabilities(stream)
        found: dict[str, Rows] = {name: [], **{each: [] for each in can.beside}}
        for batch in adapter.pull(Question(stream, **question)):
            found[name] += [dict(zip(can.columns, row, strict=True)) for row in batch.rows]
            for each, rows in batch.beside.items():
                found[each] += [dict(zip(can.beside[each], row, strict=True)) for row in rows]
        return found

    def keys(self, name: str) -> list[str]:
        """Every key, also of streams that come with others."""
        return [key for part in self.adapter().keys(self.stream(name)) for key in part]


@pytest.fixture
def tryton() -> Iterator[LittleTryton]:
    server = LittleTryton(models())
    yield server
    server.close()


@pytest.fixture
def books(tryton: LittleTryton) -> Books:
    return company(tryton)


@pytest.fixture
def reader(tryton: LittleTryton, books: Books, tmp_path: Path) -> Reader:
    path = tmp_path / "hub.toml"
    path.write_text(HUB.format(url=tryton.url))
    return Reader(read_hub(path, {"TRYTON_KEY": KEY}).source("tryton"))
