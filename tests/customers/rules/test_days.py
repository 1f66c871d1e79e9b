"""The last N days and longer ago than N days have every day between them, by the same count as the scales of RFM."""

from datetime import date, timedelta

import pytest

from customers.rules.dates import longer_ago, within_last

DAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("values", "edge"),
    [
        (("30", "days"), DAY - timedelta(days=30)),
        (("2", "weeks"), DAY - timedelta(days=14)),
        (("1", "months"), date(2026, 2, 28)),
    ],
)
def test_the_day_so_long_ago_is_the_first_of_the_last_ones(values: tuple[str, ...], edge: date) -> None:
    recent, earlier = within_last(values, DAY), longer_ago(values, DAY)
    assert (recent.low, recent.high) == (edge, DAY)
    assert (earlier.low, earlier.high) == (None, edge - timedelta(days=1))
