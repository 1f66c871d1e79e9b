"""A query with its names resolved: what to read from a row and how to call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..fields import Field, ObjectType, Record
from .syntax import Query

Getter = Callable[[Record], Any]
Step = tuple[Field, Mapping[str, Record]]


@dataclass(frozen=True)
class Column:
    """A resolved field path: how to read it from a row, and its canonical spelling."""

    path: tuple[str, ...]
    field: Field
    steps: tuple[Step, ...]
    get: Getter
    targets: tuple[ObjectType, ...] = ()

    @property
    def header(self) -> str:
        """The column's name in Bulk results."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Children:
    """A resolved subquery: its own plan and the reference that leads back to the parent row."""

    key: str
    reference: Field
    plan: Plan


@dataclass(frozen=True)
class Plan:
    """A query over one object with its names resolved."""

    query: Query
    sobject: ObjectType
    columns: tuple[Column | Children, ...] = field(default=())

    def flat(self) -> list[Column]:
        """The plain columns in SELECT order."""
        return [each for each in self.columns if isinstance(each, Column)]
