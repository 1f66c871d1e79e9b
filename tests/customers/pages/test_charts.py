"""Geometry of the drawn graphics."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.charts import compared_bar, month_chart, part_bar, share_bar

MONTHS = [date(2026, month, 1) for month in range(1, 13)]
AMOUNTS = st.lists(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False), min_size=12, max_size=12
)


def chart(current: list[Decimal], previous: list[Decimal], as_of: date = date(2026, 11, 23)):
    return month_chart(MONTHS, current, previous, as_of=as_of, currency="EUR")


@given(AMOUNTS, AMOUNTS)
def test_every_bar_and_point_lies_within_the_box(current: list[Decimal], previous: list[Decimal]) -> None:
    for bar in chart(current, previous).bars:
        if bar.current is not None:
            assert 0 <= Decimal(bar.y) <= 200
            assert Decimal(bar.y) + Decimal(bar.height) <= Decimal("200.1")
        assert 0 <= Decimal(bar.point_y) <= 200


@given(AMOUNTS, AMOUNTS)
def test_axis_labels_are_distinct(current: list[Decimal], previous: list[Decimal]) -> None:
    labels = [tick.label for tick in chart(current, previous).ticks]
    assert len(labels) == len(set(labels))
    assert 2 <= len(labels) <= 7


def test_months_to_come_have_no_bar_and_the_running_one_is_marked() -> None:
    bars = chart([Decimal(100)] * 12, [Decimal(80)] * 12).bars
    assert [bar.current is not None for bar in bars] == [True] * 11 + [False]
    assert [bar.month.month for bar in bars if bar.running] == [11]


def test_a_year_without_any_amount_still_has_an_axis() -> None:
    drawn = chart([Decimal(0)] * 12, [Decimal(0)] * 12)
    assert drawn.ticks[-1].label == "€0"
    assert all(bar.height == "0" for bar in drawn.bars)


def test_a_negative_month_hangs_below_the_zero_line() -> None:
    current = [Decimal(100), Decimal(-50), *[Decimal(0)] * 10]
    first, second = chart(current, [Decimal(0)] * 12).bars[:2]
    assert Decimal(first.y) + Decimal(first.height) == Decimal(second.y)


def test_parts_of_a_bar_fill_its_length_with_gaps_between() -> None:
    parts = share_bar([("a0", Decimal(60), ""), ("a1", Decimal(0), ""), ("a2", Decimal(40), "")], length=1000)
    assert [part.css for part in parts] == ["a0", "a2"]
    assert Decimal(parts[-1].x) + Decimal(parts[-1].width) == 1000


def test_a_bar_of_nothing_has_no_parts() -> None:
    assert share_bar([("a0", Decimal(0), "")], length=1000) == ()


@pytest.mark.parametrize(("value", "before", "end"), [(50, 100, "100"), (100, 50, "200")])
def test_a_compared_bar_is_measured_on_the_larger_of_both(value: int, before: int, end: str) -> None:
    _, bar, _ = compared_bar(Decimal(value), Decimal(before))
    assert bar.width == end


def test_a_part_larger_than_its_whole_fills_the_track() -> None:
    assert part_bar(3, 2)[1].width == "200"
