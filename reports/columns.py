"""One declaration of a report's columns for page, CSV and XLSX: every cell is computed by PostgreSQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db.models import DateField, F, Func, IntegerField, Value
from django.db.models.expressions import Combinable

from customers.measures import Unit, get_measure
from customers.measures_shape import ratio_of

Cell = str | int | Decimal | date | None


class CellKind(StrEnum):
    """How a cell is typed in XLSX and formatted on the page; PERCENT is 0 to 100, AMOUNT is money in the currency that
    stands in a column beside it.
    """

    TEXT = "text"
    MONEY = "money"
    AMOUNT = "amount"
    COUNT = "count"
    DAYS = "days"
    DATE = "date"
    PERCENT = "percent"
    NUMBER = "number"


KIND_OF_UNIT = {
    Unit.MONEY: CellKind.MONEY,
    Unit.COUNT: CellKind.COUNT,
    Unit.PARTS: CellKind.NUMBER,
    Unit.DAYS: CellKind.DAYS,
    Unit.DATE: CellKind.DATE,
    Unit.PERCENT: CellKind.PERCENT,
    Unit.MONEY_DAYS: CellKind.NUMBER,
}
NUMERIC = frozenset(set(CellKind) - {CellKind.TEXT, CellKind.DATE})


@dataclass(frozen=True)
class Row:
    """One line of a report: its cells in column order, and what its links need by name."""

    cells: tuple[Cell, ...]
    keys: dict[str, Any]


@dataclass(frozen=True)
class Total:
    """How a column is totalled over all rows: the sum of `above`, divided by that of `below` or by the amount `of`
    where there is one, times `factor`, rounded half up to `places`: the ratio of the sums, never a mean of ratios.
    """

    above: str | Combinable
    below: str | Combinable | None = None
    of: Decimal | None = None
    factor: int = 1
    places: int = 2

    @property
    def is_sum(self) -> bool:
        """Whether it is the plain sum of the cells."""
        return self.below is None and self.of is None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `value` is a field path or an expression over the report's rows (for listed rows: unused).

    `measure` names the measure whose documents make the figure of a row that has the key "customer"; `url` gives the
    link of any other cell, and `total_url` that of the total where not the rows' customers make it. Without a `total`
    the foot stays empty. `long` is a sentence, which needs room on the page.
    """

    name: str
    label: str
    kind: CellKind = CellKind.TEXT
    value: str | Combinable = ""
    total: Total | None = None
    measure: str = ""
    url: Callable[[Row], str] | None = None
    total_url: str = ""
    definition: str = ""
    sorts: bool = True
    wide: bool = False
    long: bool = False

    @property
    def numeric(self) -> bool:
        """Right-aligned on the page, a number in a file."""
        return self.kind in NUMERIC

    @property
    def expression(self) -> Combinable:
        """The cell as an expression over the rows."""
        return F(self.value) if isinstance(self.value, str) else self.value


def summed(name: str, label: str, kind: CellKind, value: str | Combinable, **more: Any) -> Column:
    """A column of amounts or counts that add up."""
    return Column(name=name, label=label, kind=kind, value=value, total=Total(value), **more)


def measure_column(name: str, relation: str = "", **more: Any) -> Column:
    """The column of a measure over rows of CustomerRollup, or over rows with such a `relation` ("customer__rollups__").
    Amounts are exact, the page rounds what it shows.
    """
    measure = get_measure(name)
    path = f"{relation}{measure.column}"
    total = None
    if measure.kind in {"sum", "count"}:
        total = Total(path)
    elif measure.kind == "ratio":
        above, below = (get_measure(part).column for part in (measure.numerator, measure.denominator))
        total = Total(f"{relation}{above}", f"{relation}{below}", factor=measure.factor, places=measure.places)
    return Column(
        name=name,
        label=measure.label,
        kind=KIND_OF_UNIT[measure.unit],
        value=path,
        total=total,
        measure=name,
        definition=measure.definition,
        **more,
    )


def days_since(path: str, day: date) -> Combinable:
    """Whole days from the date of a field to a day; negative for a later date, unknown without one."""
    return Func(
        Value(day, output_field=DateField()),
        F(path),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )


def cents(amount: Decimal) -> Decimal:
    """Round half up to two decimals: done once, at the end."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def closed(column: Column, above: Decimal | int | None, below: Decimal | int | None) -> Cell:
    """The total of a column from its sums."""
    if column.total is None:
        return None
    if not column.total.is_sum:
        divisor = column.total.of if column.total.of is not None else below or 0
        return ratio_of(above or 0, divisor, column.total.factor, column.total.places)
    return (
        Decimal(above or 0) if column.kind in {CellKind.MONEY, CellKind.NUMBER, CellKind.PERCENT} else int(above or 0)
    )


def without(columns: Sequence[Column], hidden: frozenset[str]) -> tuple[Column, ...]:
    """The columns that a reader sees from whom these names are hidden."""
    return tuple(column for column in columns if not {column.name, column.measure} & hidden)
