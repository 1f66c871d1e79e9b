"""Every chart shows its table's own numbers, named, in the currency, and leads to the rows of what is clicked."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from reports.charts import figure_of
from reports.columns import CellKind, Column, Row, Total
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


BRIDGE = (
    Column(name="class", label="Class"),
    Column(name="now", label="Now", kind=CellKind.MONEY, total=Total(""), total_url="?class="),
    Column(name="before", label="Before", kind=CellKind.MONEY, total=Total(""), total_url="?class="),
    Column(name="change", label="Change", kind=CellKind.MONEY, total=Total("")),
)


def test_a_bridge_leads_from_one_total_to_the_other_and_leaves_out_what_did_not_change():
    rows = (
        Row(("New", Decimal(70), Decimal(0), Decimal(70)), {"key": "new"}),
        Row(("Same", Decimal(5), Decimal(5), Decimal(0)), {"key": "same"}),
        Row(("Lost", Decimal(0), Decimal(30), Decimal(-30)), {"key": "lost"}),
    )
    table = Table(columns=BRIDGE, rows=ListedRows(rows, BRIDGE), row_url=lambda keys: f"?class={keys['key']}")
    chart = Chart(title="T", category="class", series=("change",), kind="bridge", ends=("before", "now"))
    (steps,) = figure_of(table, chart, "EUR").data
    assert (list(steps.x), list(steps.y)) == (["Before", "New", "Lost", "Now"], [35.0, 70.0, -30.0, 75.0])
    assert list(steps.measure) == ["absolute", "relative", "relative", "total"]
    assert list(steps.customdata) == ["?class=", "?class=new", "?class=lost", "?class="]
    assert not figure_of(Table(columns=BRIDGE, rows=ListedRows((), BRIDGE)), chart, "EUR").data


def test_a_pareto_draws_customers_of_the_same_name_apart_by_rank_with_their_share():
    columns = (
        Column(name="name", label="Customer"),
        Column(name="amount", label="Revenue", kind=CellKind.MONEY),
        Column(name="cumulative", label="Cumulative share", kind=CellKind.PERCENT),
    )
    rows = (Row(("Twin", Decimal(6), Decimal(60)), {"key": 1}), Row(("Twin", Decimal(4), Decimal(100)), {"key": 2}))
    table = Table(columns=columns, rows=ListedRows(rows, columns), row_url=lambda keys: f"/{keys['key']}/")
    chart = Chart(title="T", category="name", series=("amount", "cumulative"), kind="pareto")
    figure = figure_of(table, chart, "EUR")
    bars, line = figure.data
    assert (list(bars.x), list(bars.y), list(bars.text)) == ([1, 2], [6.0, 4.0], ["Twin", "Twin"])
    assert (list(line.y), line.yaxis, list(line.customdata)) == ([60.0, 100.0], "y2", ["/1/", "/2/"])
    assert next(iter(figure.layout.yaxis2.range)) == 0


def of_year(number):
    return lambda row: f"?y={row.cells[0]}.{number}"


def test_a_heat_map_has_the_numbers_and_addresses_of_its_cells_and_nothing_where_there_is_no_cell():
    columns = (
        Column(name="cohort", label="First order in"),
        *(Column(name=f"y{n}", label=f"Year {n}", kind=CellKind.COUNT, url=of_year(n)) for n in (1, 2)),
    )
    rows = (Row(("2024", 5, 3), {}), Row(("2025", 7, None), {}))
    table = Table(columns=columns, rows=ListedRows(rows, columns))
    chart = Chart(title="T", category="cohort", series=("y1", "y2"), kind="heat")
    (heat,) = figure_of(table, chart, "EUR").data
    assert [list(line) for line in heat.z] == [[5.0, 3.0], [7.0, None]]
    assert [list(line) for line in heat.customdata] == [["?y=2024.1", "?y=2024.2"], ["?y=2025.1", ""]]
    assert (list(heat.y), list(heat.x)) == (["2024", "2025"], ["Year 1", "Year 2"])


def test_a_heat_map_is_read_from_row_to_column_in_the_given_order():
    columns = (
        Column(name="was", label="From"),
        Column(name="is", label="To"),
        Column(name="customers", label="Customers", kind=CellKind.COUNT),
    )
    rows = (Row(("Loyal", "Best", 13), {}), Row(("Best", "Loyal", 14), {}))
    chart = Chart(title="T", category="was", split="is", series=("customers",), kind="heat", order=("Best", "Loyal"))
    figure = figure_of(Table(columns=columns, rows=ListedRows(rows, columns)), chart, "EUR")
    (heat,) = figure.data
    assert (list(heat.y), list(heat.x)) == (["Best", "Loyal"], ["Best", "Loyal"])
    assert [list(line) for line in heat.z] == [[0.0, 14.0], [13.0, 0.0]]
    assert (figure.layout.yaxis.title.text, figure.layout.xaxis.title.text) == ("From", "To")


@pytest.mark.parametrize("count", [1, 2, 250, 251, 1000])
def test_a_pareto_reaches_the_last_customer_and_draws_the_cut_offs(count):
    columns = (
        Column(name="name", label="Customer"),
        Column(name="amount", label="Revenue", kind=CellKind.MONEY),
        Column(name="cumulative", label="Cumulative share", kind=CellKind.PERCENT),
    )
    rows = tuple(Row((str(n), Decimal(1), Decimal(100 * (n + 1)) / count), {}) for n in range(count))
    table = Table(columns=columns, rows=ListedRows((*rows, Row(("None", Decimal(0), Decimal(100)), {})), columns))
    marks = (("A up to", Decimal(80)), ("B up to", Decimal(95)))
    chart = Chart(title="T", category="name", series=("amount", "cumulative"), kind="pareto", marks=marks)
    bars, line, first, second = figure_of(table, chart, "EUR").data
    assert sum(round(wide / 0.8) for wide in bars.width) == count
    assert sum(y * round(wide / 0.8) for y, wide in zip(bars.y, bars.width, strict=True)) == pytest.approx(count)
    assert (line.y[-1], len(bars.x) <= 300, bars.x[-1] + bars.width[-1] / 1.6) == (100.0, True, count + 0.5)
    assert (first.name, list(first.y), second.name) == ("A up to 80%", [80.0, 80.0], "B up to 95%")


@pytest.mark.parametrize(("days", "labels"), [(1, ["10 Feb 2026"]), (2, ["10 Feb 2026", "12 Mar 2026"]), (12, None)])
def test_days_stand_where_they_are_in_time_and_no_label_stands_twice(days, labels):
    columns = (Column(name="day", label="Day", kind=CellKind.DATE), Column(name="a", label="A", kind=CellKind.MONEY))
    rows = tuple(Row((date(2026, 2, 10) + timedelta(days=30 * n), Decimal(1)), {}) for n in range(days))
    chart = Chart(title="T", category="day", series=("a",), kind="lines")
    figure = figure_of(Table(columns=columns, rows=ListedRows(rows, columns)), chart, "EUR")
    axis = figure.layout.xaxis
    assert (axis.type, figure.data[0].x[0]) == ("date", "2026-02-10")
    assert [text.replace("\u00a0", " ") for text in axis.ticktext or ()] == (labels or [])
    assert axis.dtick == (None if labels else "M2")


STRANGE = [Decimal(10) ** 12, Decimal("-9000.25"), Decimal("0.01"), Decimal(0)]


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines", "heat"])
@pytest.mark.parametrize("amount", STRANGE)
def test_w5_one_row_of_any_amount_and_text_is_drawn_as_it_is(kind, amount):
    name = 'Zoë 🚀 "A" </script>\u202e'
    figure = drawn((Row((name, "Overdue", amount), {"key": "a"}),), kind=kind)
    text = figure.to_json()
    values = json.loads(text)["data"][0]
    numbers = values["z"][0] if "z" in values else values["y"]
    assert [float(amount)] == [float(each) for each in numbers]
    assert "</script>" not in text
    assert "🚀" in str(values["y"] if "z" in values else values["x"])
