"""Reads a stream through an adapter into plain rows: key -> target column -> text, by the stream's declaration."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar, cast

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Adapter, Batch, Question, Row

Rows = dict[str, dict[str, str | None]]
Kind = TypeVar("Kind")


def opened(adapter: Adapter, kind: type[Kind]) -> Kind:
    """The adapter as the class that is expected, not waiting between tries."""
    assert isinstance(adapter, kind)
    cast("Any", adapter).session.sleep = lambda _seconds: None
    return adapter


class Read:
    """What came with the last read: `beside` by stream, and keys that were named as gone."""

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter
        self.config: SourceConfig = adapter._config
        self.beside: dict[str, Rows] = {}
        self.gone: list[str] = []

    def stream(self, name: str) -> StreamConfig:
        """The stream's declaration."""
        return next(each for each in self.config.streams if each.name == name)

    def all(self, name: str) -> Rows:
        """Everything."""
        return self._read(name, self.adapter.pull(Question(self.stream(name))))

    def since(self, name: str, instant: str) -> Rows:
        """What changed since."""
        return self._read(name, self.adapter.pull(Question(self.stream(name), datetime.fromisoformat(instant))))

    def some(self, name: str, keys: list[str]) -> Rows:
        """The documents with these keys."""
        return self._read(name, self.adapter.pull(Question(self.stream(name), keys=keys)))

    def keys(self, name: str) -> set[str]:
        """All keys."""
        return {key for page in self.adapter.keys(self.stream(name)) for key in page}

    def _read(self, name: str, batches: Iterable[Batch]) -> Rows:
        can = self.adapter.capabilities(self.stream(name))
        self.beside = {each: {} for each in can.beside}
        self.gone = []
        rows: Rows = {}
        for batch in batches:
            _add(rows, self.stream(name), can.columns, batch.rows)
            for each, found in batch.beside.items():
                _add(self.beside[each], self.stream(each), can.beside[each], found)
            self.gone += batch.gone
        return rows


def _add(rows: Rows, stream: StreamConfig, columns: tuple[str, ...], found: Iterable[Row]) -> None:
    for values in found:
        record = dict(zip(columns, values, strict=True))
        row = {
            target: record[column.source[0]] if column.source else column.constant
            for target, column in stream.columns.items()
        }
        assert row["key"] not in rows, f"{row['key']} came twice"
        rows[str(row["key"])] = row
