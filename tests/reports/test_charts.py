"""Every chart shows its table's own numbers, named, in the currency, and leads to the rows of what is clicked."""

import json
from decimal import Decimal

import pytest

from reports.charts import figure_of
from reports.columns import CellKind, Column, Row
from reports.rows import ListedRows
from reports.shape import Chart, Table

COLUMNS = (
    Column(name="class", label="Class"),
    Column(name="standing", label="Standing"),
    Column(name="amount", label="Overdue", kind=CellKind.MONEY),
)
ROWS = (
    Row(("Large", "Overdue", Decimal("9000.25")), {"key": "a"}),
    Row(("Small", "In good standing", Decimal("100.10")), {"key": "b"}),
)


def drawn(rows=ROWS, **chart):
    table = Table(columns=COLUMNS, rows=ListedRows(rows, COLUMNS), row_url=lambda keys: f"?class={keys['key']}")
    return figure_of(table, Chart(title="T", category="class", series=("amount",), **chart), "EUR")


def test_a_column_is_a_series_with_its_name_unit_and_addresses():
    (bar,) = drawn().data
    assert (bar.name, list(bar.x), list(bar.y)) == ("Overdue", ["Large", "Small"], [9000.25, 100.1])
    assert list(bar.customdata) == ["?class=a", "?class=b"]
    assert "EUR" in bar.hovertemplate


def test_the_values_of_a_column_become_series_with_nothing_where_there_is_no_row():
    found = {bar.name: dict(zip(bar.x, bar.y, strict=True)) for bar in drawn(split="standing", kind="stacked").data}
    assert found == {"Overdue": {"Large": 9000.25, "Small": 0}, "In good standing": {"Large": 0, "Small": 100.1}}


def test_the_fields_of_a_heat_are_darker_for_more_and_lead_to_their_rows():
    overdue, good = drawn(split="standing", kind="heat").data
    assert (overdue.name, list(overdue.base), list(good.base)) == ("Overdue", [0, 0], [1, 1])
    assert list(overdue.marker.color) == ["rgba(42,91,215,0.90)", "rgba(42,91,215,0.05)"]
    assert (list(overdue.customdata), list(good.customdata)) == (["?class=a", ""], ["", "?class=b"])
    assert overdue.hovertext[0] == "9,000.25 EUR"


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines", "heat"])
@pytest.mark.parametrize("split", ["", "standing"])
def test_no_row_draws_nothing_instead_of_failing(kind, split):
    figure = drawn((), kind=kind, split=split)
    assert not any(len(series.x or ()) for series in figure.data)


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines", "heat"])
def test_the_figure_is_plain_json_without_packed_arrays(kind):
    text = drawn(kind=kind, split="standing").to_json()
    assert "bdata" not in text
    assert '"<' not in text
    assert json.loads(text)["layout"]["height"] > 0
