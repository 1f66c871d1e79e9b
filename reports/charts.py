"""Plotly figures as JSON for reports; drawing happens in the browser, the same numbers stand in the table beside."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from reports.chart_look import COLOURS, Axes, Look, colour_of, lay_out, number_of, text_of
from reports.columns import CellKind, Column, Row
from reports.frames import Matrix, Series, pivot
from reports.pareto import add_pareto
from reports.shape import Chart, Table


def figure_of(table: Table, chart: Chart, currency: str) -> go.Figure:
    """The figure of one chart over its table. Amounts become floats only here, for drawing."""
    places = {column.name: place for place, column in enumerate(table.columns)}
    shown = table.rows[0 : chart.most]
    drawn = table.columns[places[chart.series[0]]]
    figure, axes = go.Figure(), _axes(chart, table.columns, places)
    if chart.kind == "bridge":
        _add_bridge(figure, table, chart, Look.of(drawn, currency))
    elif chart.kind == "pareto":
        add_pareto(figure, table, chart, currency)
    else:
        matrix = _matrix(shown, chart, places, table.columns)
        if chart.kind == "heat":
            _add_heat(figure, table, matrix, Look.of(drawn, currency))
        else:
            for number, series in enumerate(matrix.series):
                token = chart.colours.get(series.name, list(COLOURS)[number % len(COLOURS)])
                column = drawn if chart.split else table.columns[places[chart.series[number]]]
                look = replace(Look.of(column, currency, token), is_time=axes.is_time)
                _add_series(figure, matrix.categories, series, _links(table, series), look, chart.kind)
    lay_out(figure, chart, Look.of(drawn, currency), axes)
    return figure


def _axes(chart: Chart, columns: Sequence[Column], places: dict[str, int]) -> Axes:
    category = columns[places[chart.category]]
    across = columns[places[chart.split]].label if chart.split else chart.across
    return Axes(down=category.label, across=across, is_time=_is_time(chart, category))


def _is_time(chart: Chart, category: Column) -> bool:
    return chart.kind == "lines" and category.kind is CellKind.DATE


def _matrix(rows: Sequence[Row], chart: Chart, places: dict[str, int], columns: Sequence[Column]) -> Matrix:
    category = places[chart.category]
    if chart.split:
        return pivot(rows, category, places[chart.split], places[chart.series[0]], chart.order)
    written = str if _is_time(chart, columns[category]) else text_of
    categories = tuple(written(row.cells[category]) for row in rows)
    series = [
        Series(columns[places[name]].label, tuple(row.cells[places[name]] for row in rows), tuple(rows))
        for name in chart.series
    ]
    return Matrix(categories, tuple(series))


def _links(table: Table, series: Series) -> list[str]:
    return [table.row_url(row.keys) if table.row_url and row is not None else "" for row in series.rows]


def _add_series(
    figure: go.Figure, categories: Sequence[str], series: Series, links: Sequence[str], look: Look, kind: str
) -> None:
    colour = {"color": colour_of(look.token)}
    when = "|%-d %b %Y" if look.is_time else ""
    common: dict[str, Any] = {
        "x": list(categories),
        "y": [number_of(value) for value in series.values],
        "name": series.name,
        "customdata": list(links),
        "hovertemplate": f"%{{x{when}}}<br>{series.name}: %{{y:{look.format}}}{look.suffix}<extra></extra>",
    }
    if kind == "lines":
        colours = {"marker": look.token, "line": look.token}
        figure.add_scatter(mode="lines+markers", line=colour, marker=colour, meta={"colours": colours}, **common)
    else:
        figure.add_bar(marker=colour, meta={"colours": {"marker": look.token}}, **common)


def _add_bridge(figure: go.Figure, table: Table, chart: Chart, look: Look) -> None:
    """Steps from one total to the other; classes without any change take no room."""
    columns, foot = list(table.columns), table.rows.totals()
    places = {column.name: place for place, column in enumerate(columns)}
    start, end = (places[name] for name in chart.ends)
    step, category = places[chart.series[0]], places[chart.category]
    steps = [row for row in table.rows[0 : chart.most] if row.cells[step]]
    if not steps and not foot[start] and not foot[end]:
        return
    link = table.row_url
    figure.add_waterfall(
        x=[columns[start].label, *(text_of(row.cells[category]) for row in steps), columns[end].label],
        y=[number_of(foot[start]), *(number_of(row.cells[step]) for row in steps), number_of(foot[end])],
        measure=["absolute", *("relative" for _ in steps), "total"],
        customdata=[
            columns[start].total_url,
            *(link(row.keys) if link else "" for row in steps),
            columns[end].total_url,
        ],
        name=columns[step].label,
        increasing={"marker": {"color": colour_of("--good")}},
        decreasing={"marker": {"color": colour_of("--age-3")}},
        totals={"marker": {"color": colour_of("--bar")}},
        connector={"line": {"color": colour_of("--line-2"), "width": 1}},
        meta={
            "colours": {
                "increasing.marker": "--good",
                "decreasing.marker": "--age-3",
                "totals.marker": "--bar",
                "connector.line": "--line-2",
            }
        },
        hovertemplate=f"%{{x}}<br>%{{delta:{look.signed}}}{look.suffix}<extra></extra>",
    )
    # A total says what it comes to, a step what it adds.
    whole = f"%{{x}}<br>%{{final:{look.format}}}{look.suffix}<extra></extra>"
    figure.data[0].hovertemplate = [whole, *(figure.data[0].hovertemplate for _ in steps), whole]


def _add_heat(figure: go.Figure, table: Table, matrix: Matrix, look: Look) -> None:
    """The categories from top to bottom, the series from left to right, each field with its number."""
    columns = {column.label: column for column in table.columns}

    def link(series: Series, place: int) -> str:
        column, row = columns.get(series.name), series.rows[place]
        if row is None or not series.values[place]:
            return ""
        return column.url(row) if column and column.url else _links(table, series)[place]

    across, down = matrix.series, range(len(matrix.categories))
    if not across or not matrix.categories:
        return
    figure.add_heatmap(
        x=[series.name for series in across],
        y=list(matrix.categories),
        z=[[number_of(series.values[place]) for series in across] for place in down],
        customdata=[[link(series, place) for series in across] for place in down],
        colorscale=[[0, "#eef2fc"], [1, colour_of("--bar")]],
        meta={"scale": "--bar"},
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        texttemplate=f"%{{z:{look.short}}}{look.suffix if look.is_percent else ''}",
        hovertemplate=f"%{{y}}, %{{x}}: %{{z:{look.format}}}{look.suffix}<extra></extra>",
    )
