"""The Pareto chart: the largest as bars, the share that all up to each have together, and the cut-offs."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.chart_look import Look, colour_of, number_of, text_of
from reports.columns import Cell, Column, Row
from reports.shape import Chart, Table

# So many bars can still be told apart; further customers stand in steps of several, with their mean as height.
SINGLE, STEPS = 250, 50
MARK_COLOURS = ("--good", "--bar-2")


@dataclass(frozen=True)
class _Bar:
    """One customer, or several that follow each other: `middle` is the place of the bar, `wide` how many they are."""

    middle: float
    wide: int
    amount: Cell
    through: Cell
    name: str
    link: str


def add_pareto(figure: Any, table: Table, chart: Chart, currency: str) -> None:
    """Bars by rank, as names can be equal and long, down to the last row with an amount above zero."""
    columns = [next(each for each in table.columns if each.name == name) for name in chart.series]
    bars = _bars(table, [list(table.columns).index(column) for column in columns])
    if not bars:
        return
    amount, share = (Look.of(column, currency) for column in columns)
    common: dict[str, Any] = {
        "x": [bar.middle for bar in bars],
        "customdata": [bar.link for bar in bars],
        "text": [bar.name for bar in bars],
    }
    figure.add_bar(
        y=[number_of(bar.amount) for bar in bars],
        width=[bar.wide * 0.8 for bar in bars],
        name=columns[0].label,
        marker={"color": colour_of("--bar")},
        meta={"colours": {"marker": "--bar"}},
        textposition="none",
        hovertemplate=f"%{{text}}<br>{columns[0].label}: %{{y:{amount.format}}}{amount.suffix}<extra></extra>",
        **common,
    )
    figure.add_scatter(
        y=[number_of(bar.through) for bar in bars],
        name=columns[1].label,
        yaxis="y2",
        mode="lines",
        line={"color": colour_of("--age-3"), "width": 2},
        meta={"colours": {"line": "--age-3"}},
        hovertemplate=f"%{{text}}<br>{columns[1].label}: %{{y:{share.format}}}{share.suffix}<extra></extra>",
        **common,
    )
    _add_marks(figure, chart, columns[1], bars)


def _add_marks(figure: Any, chart: Chart, share: Column, bars: Sequence[_Bar]) -> None:
    """Each cut-off as a line from side to side."""
    ends = [0.5, bars[-1].middle + bars[-1].wide / 2]
    for (name, height), token in zip(chart.marks, MARK_COLOURS, strict=False):
        figure.add_scatter(
            x=ends,
            y=[float(height)] * 2,
            name=f"{name} {height:f}%",
            yaxis="y2",
            mode="lines",
            line={"color": colour_of(token), "width": 1.5, "dash": "dash"},
            meta={"colours": {"line": token}},
            hovertemplate=f"{name} {height:f} % ({share.label.lower()})<extra></extra>",
        )


def _bars(table: Table, places: Sequence[int]) -> list[_Bar]:
    amount, share = places
    rows = [row for row in table.rows[0 : max(1, table.rows.count())] if _above_zero(row.cells[amount])]
    bars = [_bar(table, [row], rank, amount, share) for rank, row in enumerate(rows[:SINGLE], start=1)]
    rest = rows[SINGLE:]
    step = -(-len(rest) // STEPS) or 1
    return bars + [
        _bar(table, rest[start : start + step], SINGLE + 1 + start, amount, share)
        for start in range(0, len(rest), step)
    ]


def _bar(table: Table, rows: Sequence[Row], rank: int, amount: int, share: int) -> _Bar:
    count, last = len(rows), rows[-1]
    if count == 1:
        link = table.row_url(last.keys) if table.row_url else ""
        return _Bar(rank, 1, last.cells[amount], last.cells[share], text_of(last.cells[0]), link)
    whole = sum((Decimal(str(row.cells[amount])) for row in rows), Decimal(0))
    name = f"Ranks {rank:,} to {rank + count - 1:,}, on average"
    return _Bar(rank + (count - 1) / 2, count, whole / count, last.cells[share], name, "")


def _above_zero(cell: Cell) -> bool:
    return isinstance(cell, Decimal | int) and cell > 0
