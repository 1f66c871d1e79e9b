"""Rows of a segment: their number, their totals and, where they are few, who they are come from one statement, kept
as long as the figures stand.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db.models import Aggregate, BigIntegerField, Count, F, OrderBy, QuerySet, Sum

from customers.models import CustomerRollup
from reports.columns import Cell, Row, closed
from reports.rows import QueryRows

KEPT_SECONDS = 900
# So many members are few: their page is made of them, instead of asking the rules of all customers once more.
FEW = 1000


class _Members(Aggregate):
    """The customers of the rows, of many only the first in any order."""

    function = "array_agg"
    template = f"(%(function)s(%(expressions)s))[1:{FEW}]"
    output_field = ArrayField(BigIntegerField())


@dataclass(frozen=True)
class CountedRows(QueryRows):
    """`state` says which figures, reader and rules these are of; where it is empty nothing is kept."""

    state: str = ""

    def count(self) -> int:
        """Number of all rows."""
        return int(self._sums["rows"])

    def ordered(self) -> QuerySet[Any]:
        """The rows in their order. A column that is never unknown is ordered as its index is: of many members the
        first page is read from there, and the rules are asked of few more than it shows.
        """
        if self.by is None or self.count() <= FEW or not _is_always_known(self.by.value):
            return super().ordered()
        return self.queryset.order_by(OrderBy(F(str(self.by.value)), descending=self.descending), *self.ties)

    def __getitem__(self, part: slice) -> list[Row]:
        """One page of rows."""
        if self.count() > FEW:
            return super().__getitem__(part)
        given = {each.name: getattr(self, each.name) for each in fields(QueryRows)}
        few = self.queryset.filter(customer__in=self._sums["members"] or ())
        return QueryRows(**given | {"queryset": few})[part]

    def totals(self) -> tuple[Cell, ...]:
        """The foot."""
        return tuple(
            closed(column, self._sums.get(f"above_{column.name}"), self._sums.get(f"below_{column.name}"))
            for column in self.columns
        )

    @cached_property
    def _sums(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {"rows": Count("*"), "members": _Members("customer_id")}
        for column in self.columns:
            if column.total:
                wanted[f"above_{column.name}"] = Sum(column.total.above)
                if column.total.below is not None:
                    wanted[f"below_{column.name}"] = Sum(column.total.below)
        key = f"segment-rows:{sha256(f'{self.state} {sorted(wanted)}'.encode()).hexdigest()}"
        kept: dict[str, Any] | None = cache.get(key) if self.state else None
        if kept is None:
            kept = self.queryset.order_by().aggregate(**wanted)
            if self.state:
                cache.set(key, kept, KEPT_SECONDS)
        return kept


def _is_always_known(column: object) -> bool:
    return any(field.name == column and not field.null for field in CustomerRollup._meta.concrete_fields)
