"""Rows of a segment: their number and their totals come from one statement, kept as long as the figures stand."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Sum

from reports.columns import Cell, closed
from reports.rows import QueryRows

KEPT_SECONDS = 900


@dataclass(frozen=True)
class CountedRows(QueryRows):
    """`state` says which figures, reader and rules these are of; where it is empty nothing is kept."""

    state: str = ""

    def count(self) -> int:
        """Number of all rows."""
        return int(self._sums["rows"])

    def totals(self) -> tuple[Cell, ...]:
        """The foot."""
        return tuple(
            closed(column, self._sums.get(f"above_{column.name}"), self._sums.get(f"below_{column.name}"))
            for column in self.columns
        )

    @cached_property
    def _sums(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {"rows": Count("pk")}
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
