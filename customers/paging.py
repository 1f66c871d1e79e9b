"""Pages of a long list by position, not by number: the next page costs the same wherever it is."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
MOST_PARTS = 40


@dataclass(frozen=True)
class Position:
    """The last row of a page: its day (None sorts first) and its key."""

    day: date | None
    key: str

    def encoded(self) -> str:
        """As text for a URL."""
        text = json.dumps([self.day.isoformat() if self.day else None, self.key])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """One page of rows and where the next one starts; `after` is empty on the last page."""

    rows: Sequence[Row]
    after: str
    first: bool


def read_position(text: str) -> Position | None:
    """The position in a URL; None for an absent or damaged one, which shows the first page."""
    try:
        day, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Position(date.fromisoformat(day) if day else None, str(key))
    except (ValueError, TypeError, binascii.Error):
        return None


def newest_first(
    parts: "Sequence[QuerySet[Row, Row]]", column: str, position: Position | None, size: int
) -> Slice[Row]:
    """`size` rows after a position: rows without a day first, then the newest day, ties by key.

    `parts` are the rows of one ERP customer each. That is the order of the (customer, -day, key) indexes, so each part
    is one short index scan; a condition on several customers would read and sort all their rows.
    """
    if position is not None:
        parts = [part.filter(_beyond(column, position)) for part in parts]
    found = newest(parts, column, size + 1)
    page = found[:size]
    last: Any = page[-1] if len(found) > size else None
    after = Position(getattr(last, column), last.pk).encoded() if last is not None else ""
    return Slice(page, after, first=position is None)


def parts_of(
    owners: Iterable[str], build: "Callable[[tuple[str, ...]], QuerySet[Row, Row]]"
) -> "Sequence[QuerySet[Row, Row]]":
    """The rows of some owners, as `newest_first` takes them: of each owner by itself, or of all together where they are
    so many that as many scans would take longer than to sort the rows of all.
    """
    whose = tuple(dict.fromkeys(owners))
    return [build((owner,)) for owner in whose] if len(whose) <= MOST_PARTS else [build(whose)]


def newest(parts: "Sequence[QuerySet[Row, Row]]", column: str, size: int) -> list[Row]:
    """The `size` newest rows of all parts together, in one query."""
    return list(newest_query(parts, column, size)) if parts else []


def newest_query(parts: "Sequence[QuerySet[Row, Row]]", column: str, size: int) -> "QuerySet[Row, Row]":
    """The same as a query; of no part at all raises EmptyResultSet, as a query does that can have no rows."""
    if not parts:
        raise EmptyResultSet
    ordered = [part.order_by(F(column).desc(), "key")[:size] for part in parts]
    if len(ordered) == 1:
        return ordered[0]
    together = ordered[0].union(*ordered[1:], all=True)
    return together.order_by(F(column).desc(), "key")[:size]


def _beyond(column: str, position: Position) -> Q:
    if position.day is None:
        return Q(**{f"{column}__isnull": True, "key__gt": position.key}) | Q(**{f"{column}__isnull": False})
    earlier = Q(**{f"{column}__lt": position.day})
    same_day = Q(**{column: position.day, "key__gt": position.key})
    # The first condition bounds the index scan; the second only drops rows of the boundary day that were already shown.
    return Q(**{f"{column}__lte": position.day}) & (earlier | same_day)
