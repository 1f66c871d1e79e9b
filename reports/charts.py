"""Plotly figures as JSON for reports; drawing happens in the browser, the same numbers stand in the table beside."""

from collections.abc import Sequence

import plotly.graph_objects as go

from reports.frames import Matrix, segment_matrix
from reports.segmentation import Segment

# A colour, and the CSS custom property that the script puts in its place for the reader's theme.
COLOURS = {"Overdue": ("#cf5a35", "--age-3"), "In good standing": ("#2a5bd7", "--bar")}
PANELS = (("Revenue last year", "revenue_last_year"), ("Overdue amount", "overdue_amount"))


def segmentation_figure(segments: Sequence[Segment], currency: str) -> go.Figure:
    """Two panels of stacked bars by revenue class, one colour per standing. Amounts become floats only here, for
    drawing.
    """
    figure = go.Figure()
    for panel, (title, amount) in enumerate(PANELS, 1):
        _add_panel(figure, segment_matrix(segments, amount), panel, title, currency)
    figure.update_layout(
        barmode="stack",
        bargap=0.45,
        grid={"rows": 1, "columns": 2, "pattern": "independent"},
        margin={"l": 56, "r": 12, "t": 36, "b": 40},
        legend={"orientation": "h", "x": 0, "y": -0.16, "traceorder": "normal"},
        height=320,
        hovermode="closest",
        annotations=[
            {
                "text": f"{title}, {currency}",
                "xref": "paper",
                "yref": "paper",
                "x": x,
                "y": 1.12,
                "showarrow": False,
                "xanchor": "left",
            }
            for (title, _), x in zip(PANELS, (0.0, 0.55), strict=True)
        ],
    )
    figure.update_xaxes(tickangle=0, tickfont={"size": 11})
    figure.update_yaxes(tickformat="~s", rangemode="tozero", zeroline=False)
    return figure


def _add_panel(figure: go.Figure, matrix: Matrix, panel: int, title: str, currency: str) -> None:
    axis = "" if panel == 1 else str(panel)
    for series in matrix.series:
        figure.add_bar(
            x=list(matrix.categories),
            y=[float(value) for value in series.values],
            customdata=list(series.counts),
            name=series.name,
            legendgroup=series.name,
            showlegend=panel == 1,
            marker={"color": COLOURS[series.name][0]},
            meta={"property": COLOURS[series.name][1]},
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            hovertemplate=(
                f"%{{x}}, {series.name.lower()}<br>{title} %{{y:,.0f}} {currency}"
                "<br>%{customdata} customers<extra></extra>"
            ),
        )
