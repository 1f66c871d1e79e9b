"""Plotly figures as JSON for reports; drawing happens in the browser, the same numbers stand in the table beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from reports.columns import Cell, CellKind, Column, Row
from reports.frames import Matrix, Series, pivot
from reports.shape import Chart, Table

# A colour, and the CSS custom property that the script puts in its place for the reader's theme.
COLOURS = {
    "--bar": "#2a5bd7",
    "--age-3": "#cf5a35",
    "--bar-2": "#9db7f0",
    "--age-1": "#d9a441",
    "--good": "#2c8a57",
    "--ink-3": "#7a8191",
}
HEIGHT = 320


def figure_of(table: Table, chart: Chart, currency: str) -> go.Figure:
    """The figure of one chart over its table. Amounts become floats only here, for drawing."""
    places = {column.name: place for place, column in enumerate(table.columns)}
    shown = table.rows[0 : chart.most]
    drawn = table.columns[places[chart.series[0]]]
    matrix = _matrix(shown, chart, places, table.columns)
    figure = go.Figure()
    if chart.kind == "heat":
        _add_heat(figure, table, matrix, drawn, currency)
    else:
        for number, series in enumerate(matrix.series):
            token = chart.colours.get(series.name, list(COLOURS)[number % len(COLOURS)])
            look = _Look(chart.kind, token, _places(drawn), _unit(drawn, currency))
            _add_series(figure, matrix.categories, series, _links(table, series), look)
    _lay_out(figure, chart, drawn, currency)
    return figure


def _matrix(rows: Sequence[Row], chart: Chart, places: dict[str, int], columns: Sequence[Column]) -> Matrix:
    category = places[chart.category]
    if chart.split:
        return pivot(rows, category, places[chart.split], places[chart.series[0]])
    categories = tuple(_text(row.cells[category]) for row in rows)
    series = [
        Series(columns[places[name]].label, tuple(row.cells[places[name]] for row in rows), tuple(rows))
        for name in chart.series
    ]
    return Matrix(categories, tuple(series))


def _links(table: Table, series: Series) -> list[str]:
    return [table.row_url(row.keys) if table.row_url and row is not None else "" for row in series.rows]


def _add_series(
    figure: go.Figure, categories: Sequence[str], series: Series, links: Sequence[str], look: "_Look"
) -> None:
    common: dict[str, Any] = {
        "x": list(categories),
        "y": [_number(value) for value in series.values],
        "name": series.name,
        "customdata": list(links),
        "meta": {"property": look.token},
        "hovertemplate": f"%{{x}}<br>{series.name}: %{{y:,.{look.places}f}}{look.unit}<extra></extra>",
    }
    colour = COLOURS.get(look.token, "#2a5bd7")
    if look.kind == "lines":
        figure.add_scatter(mode="lines+markers", line={"color": colour}, marker={"color": colour}, **common)
    else:
        figure.add_bar(marker={"color": colour}, **common)


@dataclass(frozen=True)
class _Look:
    """How one series is drawn and its values are written."""

    kind: str
    token: str
    places: int
    unit: str


def _add_heat(figure: go.Figure, table: Table, matrix: Matrix, drawn: Column, currency: str) -> None:
    """Fields of one height, the darker the more: bars, because they lead to their rows, and because plotly.js styles a
    heat map inline, which the content security policy forbids.
    """
    most = max((_number(value) or 0 for series in matrix.series for value in series.values), default=0)
    for place, series in enumerate(matrix.series):
        shares = [max(0.0, (_number(value) or 0) / most) if most else 0.0 for value in series.values]
        figure.add_bar(
            x=list(matrix.categories),
            y=[1] * len(shares),
            base=[place] * len(shares),
            name=series.name,
            customdata=_links(table, series),
            hovertext=[_written(value, drawn, currency) for value in series.values],
            marker={"color": [f"rgba(42,91,215,{0.05 + 0.85 * share:.2f})" for share in shares]},
            hovertemplate=f"{series.name}, %{{x}}: %{{hovertext}}<extra></extra>",
        )
    figure.update_yaxes(
        tickvals=[place + 0.5 for place in range(len(matrix.series))],
        ticktext=[series.name for series in matrix.series],
        showgrid=False,
    )
    figure.update_layout(barmode="overlay", bargap=0.03)


def _written(value: Cell, drawn: Column, currency: str) -> str:
    number = _number(value)
    return "none" if number is None else f"{number:,.{_places(drawn)}f}{_unit(drawn, currency)}"


def _lay_out(figure: go.Figure, chart: Chart, drawn: Column, currency: str) -> None:
    if chart.kind != "heat":
        figure.update_layout(barmode="stack" if chart.kind == "stacked" else "group", bargap=0.35)
    figure.update_layout(
        margin={"l": 56, "r": 12, "t": 16, "b": 40},
        legend={"orientation": "h", "x": 0, "y": -0.16, "traceorder": "normal"},
        showlegend=chart.kind != "heat" and len(figure.data) > 1,
        height=HEIGHT,
        hovermode="closest",
    )
    figure.update_xaxes(tickfont={"size": 11}, automargin=True, type="category")
    unit = _unit(drawn, currency).strip()
    figure.update_yaxes(automargin=True, zeroline=False)
    if chart.kind != "heat":
        figure.update_yaxes(title={"text": unit, "font": {"size": 11}} if unit else None)
        figure.update_yaxes(tickformat="~s" if drawn.kind is CellKind.MONEY else None, rangemode="tozero")


def _text(cell: Cell) -> str:
    return "–" if cell is None else str(cell)


def _number(value: Cell) -> float | None:
    return float(value) if isinstance(value, Decimal | int) else None


def _places(column: Column) -> int:
    return 2 if column.kind is CellKind.MONEY else 1 if column.kind is CellKind.PERCENT else 0


def _unit(column: Column, currency: str) -> str:
    words = {CellKind.MONEY: f" {currency}", CellKind.PERCENT: " %", CellKind.DAYS: " days"}
    return words.get(column.kind, "")
