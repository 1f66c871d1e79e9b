"""Pages of a list sorted by any column, by position and not by number: the next page costs the same wherever it is.

The order is the column, then a key that no two rows share, in the other direction: so one index (column descending,
key) serves both. Rows without a value stand last in both directions.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

Row = TypeVar("Row", bound=Model)
Value = str | int | date | Decimal | None
LONGEST = 600
READS = 3
"""A publish replaces the rows of figures. Where it came between the keys and their rows, both are read again."""


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a column path and the key's, the direction, whether the column may be empty, and how a
    value in a URL is read (raising ValueError).
    """

    column: str
    key: str
    descending: bool
    nullable: bool
    read: Callable[[str], Value]

    def expressions(self, *, backwards: bool) -> tuple[OrderBy, ...]:
        """For order_by. A column that is never empty says nothing of nulls, so that a plain index serves it."""
        down = self.descending != backwards
        column, key = F(self.column), F(self.key)
        nulls: dict[str, Any] = {}
        if self.nullable:
            nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        if down:
            return column.desc(**nulls), key.asc()
        return column.asc(**nulls), key.desc()

    def beyond(self, mark: "Mark", *, backwards: bool) -> Q:
        """Rows after a mark, or before it."""
        than, key_than = ("lt", "gt") if self.descending != backwards else ("gt", "lt")
        further = Q(**{f"{self.key}__{key_than}": mark.key})
        if mark.value is None:
            same = Q(**{f"{self.column}__isnull": True}) & further
            return same | Q(**{f"{self.column}__isnull": False}) if backwards else same
        # The first condition bounds the index scan; the second only drops what stands beside the mark.
        condition = Q(**{f"{self.column}__{than}e": mark.value}) & (
            Q(**{f"{self.column}__{than}": mark.value}) | (Q(**{self.column: mark.value}) & further)
        )
        return condition | Q(**{f"{self.column}__isnull": True}) if self.nullable and not backwards else condition


@dataclass(frozen=True)
class Mark:
    """A row's place in the order: its value and its key."""

    value: Value
    key: int

    def encoded(self) -> str:
        """As text for a URL."""
        text = json.dumps([None if self.value is None else str(self.value), self.key])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """One page of rows; `before` and `after` are the marks of its neighbours, empty where there is none."""

    rows: Sequence[Row]
    before: str
    after: str


def read_mark(text: str, order: Order) -> Mark | None:
    """The mark in a URL; None for an absent, damaged or foreign one, which shows the first page."""
    if not text or len(text) > LONGEST:
        return None
    try:
        value, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(key, int) or not 0 <= key < 2**63 or not (value is None or isinstance(value, str)):
            return None
        if value is None:
            return Mark(None, key) if order.nullable else None
        return Mark(order.read(value), key)
    except (ValueError, TypeError, InvalidOperation, binascii.Error, RecursionError):
        return None


def page_of(rows: "QuerySet[Row]", order: Order, size: int, *, after: str = "", before: str = "") -> Slice[Row]:
    """`size` rows after a mark, or before one; a mark beyond the end shows the last page, one before the start the
    first.
    """
    forwards, backwards = read_mark(after, order), read_mark(before, order)
    if forwards is not None:
        found = _read(rows, order, forwards, size, backwards=False)
        if found:
            return _slice(found[:size], order, earlier=True, later=len(found) > size)
        found = _read(rows, order, None, size, backwards=True)
        return _slice(found[:size][::-1], order, earlier=len(found) > size, later=False)
    if backwards is not None:
        found = _read(rows, order, backwards, size, backwards=True)
        if found:
            return _slice(found[:size][::-1], order, earlier=len(found) > size, later=True)
    found = _read(rows, order, None, size, backwards=False)
    return _slice(found[:size], order, earlier=False, later=len(found) > size)


def _read(rows: "QuerySet[Row]", order: Order, mark: Mark | None, size: int, *, backwards: bool) -> list[Row]:
    if mark is not None:
        rows = rows.filter(order.beyond(mark, backwards=backwards))
    # Keys first: a sort of 200,000 whole rows would carry all their columns along.
    ordered = rows.select_related(None).order_by(*order.expressions(backwards=backwards))
    for _ in range(READS):
        keys = list(ordered.values_list("pk", flat=True)[: size + 1])
        whole = rows.in_bulk(keys) if keys else {}
        if len(whole) == len(keys):
            break
    return [whole[key] for key in keys if key in whole]


def _slice(rows: Sequence[Row], order: Order, *, earlier: bool, later: bool) -> Slice[Row]:
    def mark(row: Row) -> str:
        value: Any = row
        for name in order.column.split("__"):
            value = getattr(value, name)
        return Mark(value, getattr(row, order.key)).encoded()

    return Slice(rows, mark(rows[0]) if rows and earlier else "", mark(rows[-1]) if rows and later else "")


def finite(text: str) -> Decimal:
    """An exact number; ValueError for anything else, also for NaN and infinities."""
    try:
        number = Decimal(text)
    except InvalidOperation as problem:
        raise ValueError(text) from problem
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(text)
    return number
