"""Periods: fiscal years of months and of weeks, same days last year, twelve months; leap days, month ends, 53 weeks."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from customers.calendar import calendar_of
from customers.fiscal_months import MonthYears
from customers.fiscal_weeks import WeekYears
from customers.period import Period, last_12_months, year_earlier
from integration_hub.config import Company

D = date.fromisoformat
DAY = timedelta(days=1)
NRF = WeekYears(2, weeks=(4, 5, 4), last_day=5, nearest=True)
RETAIL = Company(
    name="Shop",
    reporting_currency="USD",
    time_zone="UTC",
    fiscal_year_start=2,
    calendar="4-5-4",
    week_ends="saturday",
    year_end="nearest",
)
EVERY = [
    *(MonthYears(month) for month in (1, 3, 4, 12)),
    NRF,
    WeekYears(1, weeks=(4, 4, 5), last_day=5, nearest=False),
    WeekYears(10, weeks=(5, 4, 4), last_day=6, nearest=True),
]


@pytest.mark.parametrize(
    ("day", "first_month", "start", "end", "label"),
    [
        ("2026-02-10", 1, "2026-01-01", "2026-12-31", "2026"),
        ("2026-02-10", 4, "2025-04-01", "2026-03-31", "2025/26"),
        ("2026-04-01", 4, "2026-04-01", "2027-03-31", "2026/27"),
        ("2026-03-31", 4, "2025-04-01", "2026-03-31", "2025/26"),
        ("2024-02-29", 3, "2023-03-01", "2024-02-29", "2023/24"),
        ("2025-12-31", 12, "2025-12-01", "2026-11-30", "2025/26"),
    ],
)
def test_a_day_lies_in_the_fiscal_year_that_began_last(day, first_month, start, end, label):
    year = MonthYears(first_month).fiscal_year(D(day))
    assert (year, year.label) == (Period(D(start), D(end)), label)


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
    assert MonthYears(4).same_days_last_year(D("2026-02-10")) == Period(D("2024-04-01"), D("2025-02-10"))
    assert MonthYears(1).same_days_last_year(D("2024-02-29")) == Period(D("2023-01-01"), D("2023-02-28"))


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


def test_the_retail_calendar_is_the_one_the_national_retail_federation_publishes():
    """First days of the fiscal years 2017 to 2027 of its 4-5-4 calendars; 2017 and 2023 have 53 weeks."""
    starts = (
        "2017-01-29 2018-02-04 2019-02-03 2020-02-02 2021-01-31 2022-01-30 2023-01-29 2024-02-04 2025-02-02 2026-02-01"
    )
    years = [NRF.year(number) for number in range(2017, 2027)]
    assert [year.start for year in years] == [D(start) for start in starts.split()]
    assert years[-1].end == D("2027-01-30")
    assert {year.label for year in years if year.note == "53 weeks"} == {"2017/18", "2023/24"}
    assert {year.days for year in years} == {364, 371}
    months = [(month.start.isoformat(), month.days // 7) for month in NRF.months(2023)]
    assert months[:3] == [("2023-01-29", 4), ("2023-02-26", 5), ("2023-04-02", 4)]
    assert months[-1] == ("2023-12-31", 5)
    assert calendar_of(RETAIL) == NRF


def test_years_that_end_on_the_last_saturday_of_a_month_are_those_that_companies_reported():
    """Apple: last Saturday of September, 53 weeks in 2017 and 2023. Intel: last Saturday of December, 2016 and 2022."""
    apple, intel = (WeekYears(month, weeks=(4, 4, 5), last_day=5, nearest=False) for month in (10, 1))
    ends = "2017-09-30 2018-09-29 2019-09-28 2020-09-26 2021-09-25 2022-09-24 2023-09-30 2024-09-28 2025-09-27"
    assert [apple.year(number).end for number in range(2016, 2025)] == [D(end) for end in ends.split()]
    assert [number + 1 for number in range(2016, 2025) if apple.year(number).note == "53 weeks"] == [2017, 2023]
    ends = "2016-12-31 2017-12-30 2018-12-29 2019-12-28 2020-12-26 2021-12-25 2022-12-31 2023-12-30"
    assert [intel.year(number).end for number in range(2016, 2024)] == [D(end) for end in ends.split()]
    assert [number for number in range(2016, 2024) if intel.year(number).note == "53 weeks"] == [2016, 2022]
    assert intel.fiscal_year(D("2023-12-31")).label == "2024"


def test_weeks_are_compared_week_by_week_and_day_by_day():
    known = NRF.periods(D("2025-03-19"))
    assert known["year_to_date"] == Period(D("2025-02-02"), D("2025-03-19"))
    assert known["same_days_last_year"] == Period(D("2024-02-04"), D("2024-03-20"))
    assert {known[name].note for name in ("year_to_date", "same_days_last_year")} == {"6 weeks and 4 days"}


def test_a_53rd_week_has_nothing_to_stand_against_and_the_words_say_so():
    known = NRF.periods(D("2024-01-31"))
    assert known["year_to_date"].note == "52 weeks and 4 days"
    same = known["same_days_last_year"]
    assert (same, same.note) == (known["last_year"], "52 weeks, as that year had no week 53")
    # The year after is compared with the first 52 weeks, and the whole years say how long they are.
    later = NRF.periods(D("2025-02-01"))
    assert later["same_days_last_year"] == Period(D("2023-01-29"), D("2024-01-27"))
    assert (later["last_year"].note, later["year_before_last"].note) == ("53 weeks", "52 weeks")


def test_months_and_quarters_have_names():
    assert NRF.fiscal_month(D("2023-03-01")).label == "P2 2023/24"
    assert NRF.fiscal_quarter(D("2024-01-31")).label == "Q4 2023/24"
    april = MonthYears(4)
    assert april.fiscal_month(D("2024-02-29")) == Period(D("2024-02-01"), D("2024-02-29"))
    assert april.fiscal_month(D("2024-02-29")).label == "February 2024"
    quarter = april.fiscal_quarter(D("2024-02-29"))
    assert (quarter, quarter.label) == (Period(D("2024-01-01"), D("2024-03-31")), "Q4 2023/24")


@pytest.mark.parametrize("calendar", EVERY, ids=str)
def test_on_every_day_of_five_years_the_periods_meet_without_gap_or_overlap(calendar):
    day = D("2023-01-01")
    while day < D("2028-01-01"):
        known = calendar.periods(day)
        this, last, before = known["year_to_date"], known["last_year"], known["year_before_last"]
        assert day in this
        assert this.end == day
        assert last.end + DAY == this.start
        assert before.end + DAY == last.start
        assert known["same_days_last_year"].start == last.start
        assert known["same_days_last_year"].end <= last.end
        assert 365 <= known["last_12_months"].days <= 366
        for part in (calendar.fiscal_month(day), calendar.fiscal_quarter(day)):
            assert day in part
            assert part.start >= this.start
        day += DAY
    for number in range(2023, 2028):
        months, quarters, year = calendar.months(number), calendar.quarters(number), calendar.year(number)
        for parts in (months, quarters):
            assert (parts[0].start, parts[-1].end) == (year.start, year.end)
            assert all(after.start == part.end + DAY for part, after in pairwise(parts))
