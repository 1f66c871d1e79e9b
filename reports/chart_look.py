"""How charts look: colours by design token, number formats by kind of column, axes and legend."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Any

from customers import formats
from reports.columns import Cell, CellKind, Column
from reports.shape import Chart

# The colours of series in turn, as in the light theme; the script puts the reader's in their place by custom property.
COLOURS = {
    "--bar": "#2a5bd7",
    "--age-1": "#f0be4d",
    "--good": "#12724b",
    "--age-3": "#cf5a35",
    "--bar-2": "#98a2b0",
    "--age-0": "#9fb4c7",
}
LINES = {"--line-2": "#d8d5ce"}
BAR = "--bar"
MOST_WRAPPED, LINE = 10, 11
# Of days that lie nearer together each has its label.
NEAR_MONTHS = 2
HEIGHT, ROW_HEIGHT, MOST_ROWS = 320, 34, 28


def colour_of(token: str) -> str:
    """The colour of a custom property in the light theme, for pictures made without the page."""
    return (COLOURS | LINES).get(token, COLOURS["--bar"])


def text_of(cell: Cell) -> str:
    """A cell as a name on an axis."""
    if cell is None:
        return "–"
    return str(cell) if isinstance(cell, str | int | Decimal) else formats.day(cell)


def number_of(value: Cell) -> float | None:
    """A cell as it is drawn."""
    return float(value) if isinstance(value, Decimal | int) else None


@dataclass(frozen=True)
class Axes:
    """What the axes of a chart say: of a heat map what goes down and what across, of lines whether days pass."""

    down: str
    across: str
    is_time: bool


@dataclass(frozen=True)
class Look:
    """How the values of a column are written: d3 formats and what follows the number."""

    token: str
    format: str
    suffix: str
    is_percent: bool = False
    is_money: bool = False
    is_time: bool = False

    @classmethod
    def of(cls, column: Column, currency: str, token: str = BAR) -> "Look":
        """The look of a column in a colour."""
        places = {CellKind.MONEY: 2, CellKind.PERCENT: 1}.get(column.kind, 0)
        words = {CellKind.MONEY: f" {currency}", CellKind.PERCENT: "%", CellKind.DAYS: " days"}
        return cls(
            token=token,
            format=f",.{places}f",
            suffix=words.get(column.kind, ""),
            is_percent=column.kind is CellKind.PERCENT,
            is_money=column.kind is CellKind.MONEY,
        )

    @property
    def short(self) -> str:
        """For numbers inside a field."""
        return ".3~s" if self.is_money else ".3~r" if self.is_percent else ",.0f"

    @property
    def signed(self) -> str:
        """With plus or minus."""
        return f"+{self.format}"


def lay_out(figure: Any, chart: Chart, look: Look, axes: Axes) -> None:
    """Axes, legend and margins of a plotly figure; colours of text and lines are the page's, put in by the script."""
    figure.update_layout(
        barmode="stack" if chart.kind == "stacked" else "group",
        bargap=0.35,
        margin={"l": 56, "r": 16, "t": 12, "b": 40},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        showlegend=len(figure.data) > 1,
        height=HEIGHT,
        hovermode="closest",
    )
    figure.update_xaxes(tickfont={"size": 11}, automargin=True, showgrid=False)
    unit = look.suffix.strip()
    if chart.kind == "heat":
        _lay_out_heat(figure, axes)
        return
    if axes.is_time:
        _lay_out_days(figure)
    elif chart.kind == "pareto":
        figure.update_xaxes(type="linear")
    else:
        figure.update_xaxes(type="category")
        _wrap_categories(figure)
    figure.update_yaxes(
        automargin=True,
        zeroline=True,
        title=_title(unit),
        tickformat="~s" if look.is_money else None,
        nticks=6,
        rangemode="tozero",
    )
    if chart.kind == "pareto":
        figure.update_xaxes(title=_title("Rank"), tickformat="d", nticks=10, zeroline=False)
        figure.update_layout(
            yaxis2={
                "overlaying": "y",
                "side": "right",
                "range": [0, 103],
                "showgrid": False,
                "tickvals": [0, 20, 40, 60, 80, 100],
                "ticktext": [f"{share}%" for share in (0, 20, 40, 60, 80, 100)],
                "tickfont": {"size": 11},
                "automargin": True,
            },
            margin={"r": 48},
        )


def _lay_out_days(figure: Any) -> None:
    """Whole months, at most eight, so that no label stands twice; a few near days stand by themselves."""
    days = sorted({date.fromisoformat(day) for trace in figure.data for day in trace.x})
    months = (days[-1] - days[0]).days / 30.4 if days else 0
    figure.update_xaxes(type="date", showgrid=False)
    if months < NEAR_MONTHS:
        written = [day.isoformat() for day in days]
        figure.update_xaxes(tickvals=written, ticktext=[formats.day(day) for day in days])
    else:
        figure.update_xaxes(tickformat="%b %Y", dtick=f"M{-(-int(months) // 8) or 1}", tick0="2000-01-01")


def _wrap_categories(figure: Any) -> None:
    """A few long names stand upright in several lines; many are thinned out and turned by plotly."""
    names = list(dict.fromkeys(name for trace in figure.data for name in trace.x))
    if 1 < len(names) <= MOST_WRAPPED:
        lines = ["<br>".join(wrap(name, LINE, break_long_words=False)) for name in names]
        figure.update_xaxes(tickvals=names, ticktext=lines, tickangle=0)


def _lay_out_heat(figure: Any, axes: Axes) -> None:
    """Rows are read to columns, as in a table: what goes down stands at the left, what goes across above."""
    rows = max((len(trace.y) for trace in figure.data), default=0)
    figure.update_layout(height=max(HEIGHT, 80 + ROW_HEIGHT * min(rows, MOST_ROWS)))
    figure.update_xaxes(type="category", side="top", title=_title(axes.across))
    figure.update_yaxes(type="category", autorange="reversed", automargin=True, showgrid=False, title=_title(axes.down))


def _title(text: str) -> dict[str, Any] | None:
    return {"text": text, "font": {"size": 11}, "standoff": 8} if text else None
