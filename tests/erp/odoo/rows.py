"""Rows of an adapter as the mirror's columns, so that a test can name them."""

from collections.abc import Mapping, Sequence
from typing import Any

from integration_hub.config import StreamConfig
from integration_hub.erp.adapter import Question
from integration_hub.erp.odoo.source import OdooAdapter

Rows = dict[str, list[dict[str, str | None]]]


def stream(adapter: OdooAdapter, name: str) -> StreamConfig:
    return next(each for each in adapter.source.streams if each.name == name)


def mapped(columns: Sequence[str], config: StreamConfig, row: Sequence[str | None]) -> dict[str, str | None]:
    """A row under the mirror's names."""
    delivered = dict(zip(columns, row, strict=True))
    told = dict(delivered)
    for target, column in config.columns.items():
        value = delivered[column.source[0]]
        told[target] = column.values[value or ""] if column.values else value
    return told


def pulled(adapter: OdooAdapter, name: str, **question: Any) -> Rows:
    """All rows of a stream and of what comes with it, by stream name; gone keys under "gone"."""
    config = stream(adapter, name)
    can = adapter.capabilities(config)
    found: Rows = {name: [], "gone": [], **{each: [] for each in can.beside}}
    for batch in adapter.pull(Question(config, **question)):
        found[name] += [mapped(can.columns, config, row) for row in batch.rows]
        found["gone"] += [{"key": key} for key in batch.gone]
        for child, rows in batch.beside.items():
            found[child] += [mapped(can.beside[child], stream(adapter, child), row) for row in rows]
    return found


def by(rows: list[dict[str, str | None]], column: str, value: str) -> Mapping[str, str | None]:
    """The one row with that value."""
    (found,) = [row for row in rows if row[column] == value]
    return found
