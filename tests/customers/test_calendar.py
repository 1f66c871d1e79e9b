"""Periods: fiscal years, same days last year, twelve months; leap days and month ends."""

from datetime import date, timedelta

import pytest

from customers.calendar import Period, fiscal_year, last_12_months, periods, same_days_last_year, year_earlier

D = date.fromisoformat


@pytest.mark.parametrize(
    ("day", "first_month", "start", "end"),
    [
        ("2026-02-10", 1, "2026-01-01", "2026-12-31"),
        ("2026-02-10", 4, "2025-04-01", "2026-03-31"),
        ("2026-04-01", 4, "2026-04-01", "2027-03-31"),
        ("2026-03-31", 4, "2025-04-01", "2026-03-31"),
        ("2024-02-29", 3, "2023-03-01", "2024-02-29"),
        ("2025-12-31", 12, "2025-12-01", "2026-11-30"),
    ],
)
def test_a_day_lies_in_the_fiscal_year_that_began_last(day, first_month, start, end):
    assert fiscal_year(D(day), first_month) == Period(D(start), D(end))


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2026-02-10", "2025-02-10"),
        ("2024-02-29", "2023-02-28"),
        ("2025-02-28", "2024-02-29"),  # the whole of February against the whole of February
        ("2024-02-28", "2023-02-28"),
        ("2025-04-30", "2024-04-30"),
    ],
)
def test_a_day_is_compared_with_the_same_day_and_a_month_end_with_the_month_end(day, before):
    assert year_earlier(D(day)) == D(before)


def test_same_days_last_year_begin_with_the_fiscal_year_before():
    assert same_days_last_year(D("2026-02-10"), 4) == Period(D("2024-04-01"), D("2025-02-10"))
    assert same_days_last_year(D("2024-02-29"), 1) == Period(D("2023-01-01"), D("2023-02-28"))


@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("2026-02-10", "2025-02-11"),
        ("2025-02-28", "2024-03-01"),
        ("2024-02-29", "2023-03-01"),
        ("2024-02-28", "2023-03-01"),
        ("2024-03-31", "2023-04-01"),
    ],
)
def test_twelve_months_end_with_the_day(day, start):
    assert last_12_months(D(day)) == Period(D(start), D(day))


@pytest.mark.parametrize("first_month", range(1, 13))
def test_on_every_day_of_five_years_the_periods_meet_without_gap_or_overlap(first_month):
    day = D("2023-01-01")
    while day < D("2028-01-01"):
        known = periods(day, first_month)
        this, last, before = known["year_to_date"], known["last_year"], known["year_before_last"]
        assert day in this
        assert last.end + timedelta(days=1) == this.start
        assert before.end + timedelta(days=1) == last.start
        assert known["same_days_last_year"].start == last.start
        assert known["same_days_last_year"].end <= last.end
        assert 365 <= (day - known["last_12_months"].start).days + 1 <= 366
        day += timedelta(days=1)
