"""Reshapes small, already rolled-up rows with pandas; amounts stay Decimal (object columns), never float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from customers.segments import REVENUE_CLASSES, STANDINGS
from reports.segmentation import Segment


@dataclass(frozen=True)
class Series:
    """One named series over the categories of a chart."""

    name: str
    values: tuple[Decimal, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Matrix:
    """Segments as categories by series: revenue classes across, one series per standing."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]


def segment_matrix(segments: Sequence[Segment], amount: str) -> Matrix:
    """Pivot segments to revenue class by standing. `amount` is the segment's attribute to show: revenue_last_year or
    overdue_amount.
    """
    frame = pd.DataFrame(
        [(cell.revenue, cell.standing, getattr(cell, amount), cell.customers) for cell in segments],
        columns=["revenue", "standing", "amount", "customers"],
        dtype=object,
    )
    series = []
    for standing, label in STANDINGS.items():
        rows = frame[frame["standing"] == standing].set_index("revenue").reindex(list(REVENUE_CLASSES))
        amounts = tuple(Decimal(0) if pd.isna(value) else value for value in rows["amount"])
        counts = tuple(0 if pd.isna(value) else int(value) for value in rows["customers"])
        series.append(Series(label, amounts, counts))
    return Matrix(tuple("None" if key == "none" else label for key, label in REVENUE_CLASSES.items()), tuple(series))
