"""A parsed SOQL query, names not yet looked up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A field path such as `Owner.Name` and where it stands in the text."""

    text: str
    position: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The path, one part per dot."""
        return tuple(self.text.split("."))


@dataclass(frozen=True)
class Literal:
    """A value: kind is string, number, date, datetime, boolean or null."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True)
class Compare:
    """`field op value`; op is one of = != < <= > >= LIKE."""

    name: Name
    operator: str
    value: Literal


@dataclass(frozen=True)
class Among:
    """`field IN (values)` or NOT IN."""

    name: Name
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class Both:
    """Conditions joined by AND."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Either:
    """Conditions joined by OR."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Negation:
    """NOT condition."""

    part: Condition


Condition = Compare | Among | Both | Either | Negation


@dataclass(frozen=True)
class Aggregate:
    """`SUM(field) alias`; field is None in COUNT(), alias None when not given."""

    function: str
    name: Name | None
    alias: str | None
    position: int


@dataclass(frozen=True)
class Selected:
    """A selected field, with an alias in grouped queries."""

    name: Name
    alias: str | None = None


@dataclass(frozen=True)
class Order:
    """One ORDER BY term; nulls come first unless said otherwise."""

    term: Name | Aggregate
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A whole query or a subquery."""

    text: str
    select: tuple[Selected | Aggregate | Query, ...]
    source: Name
    where: Condition | None = None
    group_by: tuple[Name, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    position: int = 0

    @property
    def counts_only(self) -> bool:
        """Whether this is `SELECT COUNT() FROM ...`."""
        first = self.select[0]
        return len(self.select) == 1 and isinstance(first, Aggregate) and first.name is None

    @property
    def aggregates(self) -> bool:
        """Whether the rows are groups and not records."""
        return bool(self.group_by) or any(isinstance(each, Aggregate) for each in self.select)
