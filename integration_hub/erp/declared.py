"""What a stream's declaration asks of an adapter that knows no columns of its own, and records as its rows."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from integration_hub.config import StreamConfig
from integration_hub.erp.adapter import Row


def columns_of(stream: StreamConfig) -> tuple[str, ...]:
    """Every source column that the stream's declaration names."""
    named = [name for column in stream.columns.values() for name in column.source]
    named += [each.column for each in stream.filters]
    return tuple(dict.fromkeys([*named, *([stream.cursor] if stream.cursor else [])]))


def as_rows(records: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[Row]:
    """Records as text in the order of the columns, nothing where they are empty."""
    return [[_text(record.get(name)) for name in columns] for record in records]


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    return "true" if value is True else "false" if value is False else json.dumps(value)
