"""One declaration of a report's columns for page, CSV and XLSX; a measure's column takes name, label and unit from
the measure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet, Sum

from customers.measures import Measure, Unit, get_measure
from customers.models import CustomerRollup

Cell = str | int | Decimal | date | None


class CellKind(StrEnum):
    """How a cell is typed in XLSX and formatted on the page."""

    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    DATE = "date"


KIND_OF_UNIT = {
    Unit.MONEY: CellKind.MONEY,
    Unit.COUNT: CellKind.COUNT,
    Unit.DAYS: CellKind.DAYS,
    Unit.DATE: CellKind.DATE,
}


@dataclass(frozen=True)
class ReportColumn:
    """One column. `measure` names the measure whose documents make the figure; `sort` is its name in the URL, empty
    where it does not sort.
    """

    name: str
    label: str
    kind: CellKind
    value: Callable[[Any], Cell]
    measure: str = ""
    sort: str = ""
    definition: str = ""

    @property
    def numeric(self) -> bool:
        """Right-aligned on the page, a number in a file."""
        return self.kind in {CellKind.MONEY, CellKind.COUNT, CellKind.DAYS}


def measure_column(name: str, *, sort: str = "") -> ReportColumn:
    """The column of a measure over rows of CustomerRollup; amounts are exact, the page rounds what it shows."""
    measure = get_measure(name)
    return ReportColumn(
        name,
        measure.label,
        KIND_OF_UNIT[measure.unit],
        measure.value,
        measure=name,
        sort=sort or name,
        definition=measure.definition,
    )


def cents(amount: Decimal) -> Decimal:
    """Round half up to two decimals: done once, at the end."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def cells(columns: Sequence[ReportColumn], row: Any) -> list[Cell]:
    """The row's cells in column order."""
    return [column.value(row) for column in columns]


def totals(columns: Sequence[ReportColumn], rows: QuerySet[CustomerRollup]) -> dict[str, Cell]:
    """Totals over all rows by column name: sums and counts add up, a ratio is the ratio of the sums, everything else
    has none.
    """
    needed: set[str] = set()
    for column in columns:
        if column.measure:
            needed.update(_summed(column.measure))
    sums = rows.order_by().aggregate(**{f"total_{name}": Sum(name) for name in sorted(needed)})
    return {column.name: _total(column, sums) for column in columns}


def _summed(name: str) -> list[str]:
    measure = get_measure(name)
    if measure.kind == "ratio":
        return [get_measure(part).column for part in (measure.numerator, measure.denominator)]
    return [measure.column] if measure.kind in {"sum", "count"} else []


def _total(column: ReportColumn, sums: dict[str, Any]) -> Cell:
    fields = _summed(column.measure) if column.measure else []
    amounts = [sums[f"total_{field}"] or 0 for field in fields]
    if not amounts:
        return None
    if len(amounts) == 2:
        return get_measure(column.measure).ratio(*amounts)
    return Decimal(amounts[0]) if column.kind is CellKind.MONEY else int(amounts[0])


def stored_total(measure: Measure, rows: QuerySet[CustomerRollup]) -> Decimal | int:
    """The sum of a stored sum or count over all rows, unrounded."""
    total: Decimal | int | None = rows.order_by().aggregate(total=Sum(measure.column))["total"]
    return total or 0
