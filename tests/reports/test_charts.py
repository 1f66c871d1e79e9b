"""The chart shows the segments' own numbers: one bar per class and standing."""

from decimal import Decimal

from reports.charts import segmentation_figure
from reports.segmentation import Segment

SEGMENTS = [
    Segment("large", "overdue", 2, Decimal("300000.50"), Decimal("9000.25"), Decimal(0), 0),
    Segment("small", "good", 5, Decimal("100.10"), Decimal(0), Decimal(0), 0),
]


def bars(figure):
    return {(bar.name, bar.yaxis or "y"): dict(zip(bar.x, bar.y, strict=True)) for bar in figure.data}


def test_each_panel_has_a_bar_per_class_and_standing():
    found = bars(segmentation_figure(SEGMENTS, "EUR"))
    assert found[("Overdue", "y")] == {"Large": 300000.5, "Medium": 0, "Small": 0, "None": 0}
    assert found[("In good standing", "y")]["Small"] == 100.1
    assert found[("Overdue", "y2")]["Large"] == 9000.25


def test_no_segment_draws_empty_bars_instead_of_failing():
    assert all(set(values.values()) == {0} for values in bars(segmentation_figure([], "EUR")).values())


def test_the_figure_is_plain_json_without_packed_arrays():
    text = segmentation_figure(SEGMENTS, "EUR").to_json()
    assert "bdata" not in text
    assert '"<' not in text
