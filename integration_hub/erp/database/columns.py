"""The columns of a stream's query, and which of them must not hold more decimals than the mirror."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import DecimalField

from integration_hub.config import StreamConfig
from integration_hub.streams import target


@dataclass(frozen=True)
class Columns:
    """Names of a query's columns in order, with the driver's codes of their types. Doubles in columns of `places` are
    rounded to so many decimals, half up.
    """

    names: tuple[str, ...]
    codes: Mapping[str, Any]
    places: Mapping[str, int]


def places(stream: StreamConfig, names: tuple[str, ...]) -> dict[str, int]:
    """Decimals of the columns that become nothing but decimal numbers: a double knows 0.3 only as 0.30000000000000004,
    and such a row would be refused.
    """
    fields = target(stream.target).fields
    takers: dict[str, list[int | None]] = {}
    matched = {name: (name,) for name in names if name in fields}
    for name, sources in (matched | {name: each.source for name, each in stream.columns.items()}).items():
        field = fields.get(name)
        for each in sources:
            takers.setdefault(each, []).append(field.decimal_places if isinstance(field, DecimalField) else None)
    found = {}
    for name, wanted in takers.items():
        known = [each for each in wanted if each is not None]
        if name in names and len(known) == len(wanted):
            found[name] = max(known)
    return found
