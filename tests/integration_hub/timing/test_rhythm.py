"""Rhythms: what hub.toml may write, and when they come, also where clocks are put forward or back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration_hub.timing.rhythm import LAST, Rhythm, RhythmError, instant_of, parse

ZONES = ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")
FIRST, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@cache
def changes_of(zone: ZoneInfo) -> list[datetime]:
    """The hours in which the clocks of a zone change, 2024 to 2030."""
    hours = (END - FIRST) // timedelta(hours=1)
    found = [FIRST + timedelta(hours=number) for number in range(hours)]
    return [
        at for at in found if at.astimezone(zone).utcoffset() != (at + timedelta(hours=1)).astimezone(zone).utcoffset()
    ]


def wanted_days(rhythm: Rhythm, first: date, days: int) -> Iterator[date]:
    """Days on which it falls, said in another way than the product does."""
    for number in range(days):
        day = first + timedelta(days=number)
        last_of_month = (day + timedelta(days=1)).day == 1
        if rhythm.month_day:
            if day.day == rhythm.month_day or (last_of_month and day.day < rhythm.month_day):
                yield day
        elif day.weekday() in rhythm.weekdays:
            yield day


def walked(rhythm: Rhythm, start: datetime, zone: ZoneInfo, days: int) -> list[datetime]:
    """The times after `start`, found by looking at each minute: the first one whose clock shows the time or a later one
    of a day on which it falls.
    """
    local = start.astimezone(zone).date()
    open_days = list(wanted_days(rhythm, local - timedelta(days=2), days + 4))
    at = (start - timedelta(days=3)).replace(second=0, microsecond=0)
    found = []
    while open_days and at < start + timedelta(days=days):
        clock = at.astimezone(zone).replace(tzinfo=None)
        while open_days and clock >= datetime.combine(open_days[0], rhythm.at):
            found.append(at)
            open_days.pop(0)
        at += MINUTE
    return [each for each in found if each > start]


times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
# Most changes of clocks lie there.
early = st.builds(time, st.integers(0, 4), st.integers(0, 59))
rhythms = st.one_of(
    st.builds(Rhythm, weekdays=st.frozensets(st.integers(0, 6), min_size=1), at=early | times),
    st.builds(Rhythm, month_day=st.integers(1, LAST), at=early | times),
    st.builds(Rhythm, at=early),
)


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone, and an instant within days of a change of its clocks."""
    name = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(changes_of(ZoneInfo(name))))
    return ZoneInfo(name), change - timedelta(minutes=draw(st.integers(-1440, 2880)))


@given(rhythms, near_changes())
@settings(max_examples=50, deadline=None)
def test_next_and_latest_are_what_a_walk_over_every_minute_finds(
    rhythm: Rhythm, near: tuple[ZoneInfo, datetime]
) -> None:
    zone, start = near
    found, at = [], start
    expected = walked(rhythm, start, zone, 4)
    for _ in expected:
        at = rhythm.next_after(at, zone)
        found.append(at)
    assert found == expected
    assert all(rhythm.latest_at(each, zone) == each for each in found)
    if found:
        assert rhythm.latest_at(found[0] - MINUTE, zone) < found[0]
        assert rhythm.next_after(rhythm.latest_at(found[0] - MINUTE, zone), zone) == found[0]
    else:
        assert rhythm.next_after(start, zone) > start + timedelta(days=3)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("at", [time(0), time(1, 45), time(2, 15), time(2, 30), time(3)])
def test_a_daily_time_comes_once_on_every_day_of_seven_years(name: str, at: time) -> None:
    zone, rhythm = ZoneInfo(name), Rhythm(at=at)
    instant, days = FIRST, []
    while (instant := rhythm.next_after(instant, zone)) < END:
        days.append(instant.astimezone(zone).date())
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) >= 2556


def test_an_hour_that_is_missing_or_there_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert instant_of(date(2026, 3, 29), time(2, 30), berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert instant_of(date(2026, 10, 25), time(2, 30), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    # Half an hour forward only.
    assert instant_of(date(2026, 10, 4), time(2, 15), ZoneInfo("Australia/Lord_Howe")) == datetime(
        2026, 10, 3, 15, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("minute", "every minute"),
        ("5 minutes", "every 5 minutes"),
        ("90 minutes", "every 90 minutes"),
        ("hour", "every hour"),
        ("1 day", "every 24 hours"),
        ("2 weeks", "every 2 weeks"),
        ("day at 02:30", "every day at 02:30"),
        ("Weekday  at 6:00", "Monday to Friday at 06:00"),
        ("monday at 07:15", "every Monday at 07:15"),
        ("month on 1 at 03:00", "on the 1st of every month at 03:00"),
        ("month on 22 at 03:00", "on the 22nd of every month at 03:00"),
        ("month on 30 at 3:00", "on the 30th of every month at 03:00, or on its last day if it is shorter"),
        ("month on last at 22:00", "on the last day of every month at 22:00"),
    ],
)
def test_every_way_to_write_one_is_read_and_said_in_words(text: str, words: str) -> None:
    assert parse(text).words == words


def test_several_days_are_told_one_after_the_other() -> None:
    assert Rhythm(weekdays=frozenset({0, 2, 4}), at=time(7, 15)).words == "every Monday, Wednesday and Friday at 07:15"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1 day", "every day"),
        ("day at 02:30", "every day at 02:30"),
        ("weekday at 6:00", "Monday to Friday at 06:00"),
        ("monday at 07:15", "on Mondays at 07:15"),
        ("month on 30 at 03:00", "on the 30th of the month at 03:00"),
        ("month on last at 22:00", "on the last day of the month at 22:00"),
    ],
)
def test_what_is_stored_of_a_rhythm_stays_as_older_versions_wrote_it(text: str, mark: str) -> None:
    assert parse(text).mark == mark


@pytest.mark.parametrize(
    "text",
    [
        "",
        "often",
        "0 minutes",
        "5 minute",
        "minutes",
        "-5 minutes",
        "99999 days",
        "day at 24:00",
        "day at 2:5",
        "month at 3:00",
        "day on 1 at 03:00",
        "month on 0 at 03:00",
        "month on 32 at 03:00",
        "mondays at 07:15",
        "* * * * *",
    ],
)
def test_whatever_else_is_written_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(RhythmError, match=r"\.$"):
        parse(text)


def test_the_longest_time_between_two_runs() -> None:
    longest = {
        text: parse(text).longest.days
        for text in ("weekday at 06:00", "day at 02:30", "monday at 01:00", "month on 1 at 00:00")
    }
    assert list(longest.values()) == [3, 1, 7, 31]
