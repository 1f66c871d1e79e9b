"""Reshapes the small tables that charts draw with pandas; amounts stay Decimal (object columns), never float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import pandas as pd

from reports.columns import Cell, Row


@dataclass(frozen=True)
class Series:
    """One named series over the categories of a chart; None where there is no row. `rows` are what each value is of."""

    name: str
    values: tuple[Cell, ...]
    rows: tuple[Row | None, ...]


@dataclass(frozen=True)
class Matrix:
    """Categories by series, both in the order of the table."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]


def pivot(rows: Sequence[Row], category: int, split: int, value: int, order: Sequence[str] = ()) -> Matrix:
    """Rows to one series for each value of the column `split`; columns are named by their place. Categories and series
    stand in the given order, and without one in that of the rows.
    """
    frame = pd.DataFrame(
        [(row.cells[category], row.cells[split], place) for place, row in enumerate(rows)],
        columns=["category", "split", "place"],
        dtype=object,
    )
    categories = tuple(sorted(frame["category"].drop_duplicates(), key=partial(_place, order)))
    series = []
    for name in sorted(frame["split"].drop_duplicates(), key=partial(_place, order)):
        places = frame[frame["split"] == name].drop_duplicates("category").set_index("category")["place"]
        found = [None if pd.isna(place) else rows[place] for place in places.reindex(list(categories))]
        values = tuple(Decimal(0) if row is None else row.cells[value] for row in found)
        series.append(Series(str(name), values, tuple(found)))
    return Matrix(tuple(str(each) for each in categories), tuple(series))


def _place(order: Sequence[str], name: object) -> int:
    return order.index(str(name)) if str(name) in order else len(order)
