"""How often something runs, as hub.toml says it: every so many minutes, or at a wall-clock time of certain days.

Wall-clock times are those of a time zone. One that does not exist on a day (clocks go forward) comes at the next
instant that does; one that exists twice (clocks go back) comes once, the first time.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY_DAY = frozenset(range(7))
WORKING_DAYS = frozenset(range(5))
LAST = 31
"""Day of the month that stands for the last one; a shorter month takes its last day for every later one."""
UNITS = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}
UNITS_OF_WAITING = (("day", 1440, 48 * 60), ("hour", 60, 120), ("minute", 1, 1))
"""Unit, its minutes, and from how many minutes on it is used."""
SHORTEST_MONTH = 28
"""Days that every month has."""
LONGEST_MINUTES = 31 * 24 * 60
INTERVAL = re.compile(r"(?:(\d{1,5}) )?(minute|hour|day|week)(s?)")
AT = re.compile(r"(\w+)(?: on (\d{1,2}|last))? at (\d{1,2}):(\d{2})")
EXAMPLES = (
    'Write one such as "5 minutes", "hour", "day at 02:30", "weekday at 06:00", "monday at 07:15", "month on 1 at '
    '03:00" or "month on last at 22:00".'
)


class RhythmError(ValueError):
    """A text that is no rhythm; the message says why, in a sentence."""


@dataclass(frozen=True)
class Rhythm:
    """Either `minutes` between two runs, or a wall-clock time `at` on `weekdays` (0 is Monday), or on a day of each
    month (`month_day`, 1 to 31; 0: by weekdays).
    """

    minutes: int = 0
    weekdays: frozenset[int] = EVERY_DAY
    month_day: int = 0
    at: time = time(0)

    @property
    def is_interval(self) -> bool:
        """Whether it counts from the last run instead of following the clock."""
        return self.minutes > 0

    @property
    def is_daily(self) -> bool:
        """Whether it comes at a time of every day."""
        return not self.is_interval and not self.month_day and self.weekdays == EVERY_DAY

    @property
    def longest(self) -> timedelta:
        """The longest time between two runs, without changes of the clock."""
        if self.is_interval:
            return timedelta(minutes=self.minutes)
        if self.month_day:
            return timedelta(days=31)
        return timedelta(days=max(self._gaps()))

    @property
    def shortest(self) -> timedelta:
        """The shortest time between two runs, without changes of the clock."""
        if self.is_interval:
            return timedelta(minutes=self.minutes)
        if self.month_day:
            return timedelta(days=28)
        return timedelta(days=min(self._gaps()))

    def _gaps(self) -> list[int]:
        """The days from each weekday to the next."""
        days = sorted(self.weekdays)
        return [(after - day) % 7 or 7 for day, after in zip(days, [*days[1:], days[0]], strict=True)]

    def next_after(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The first time after an instant, in UTC; of an interval the instant at which it has passed."""
        if self.is_interval:
            return (instant + timedelta(minutes=self.minutes)).astimezone(UTC)
        day = instant.astimezone(zone).date() - timedelta(days=1)
        while True:
            if self._falls_on(day) and (found := instant_of(day, self.at, zone)) > instant:
                return found
            day += timedelta(days=1)

    def latest_at(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The last time up to an instant, in UTC. Not for intervals: they count from a run."""
        if self.is_interval:
            raise ValueError("an interval has no times of its own")
        day = instant.astimezone(zone).date() + timedelta(days=1)
        while True:
            if self._falls_on(day) and (found := instant_of(day, self.at, zone)) <= instant:
                return found
            day -= timedelta(days=1)

    def _falls_on(self, day: date) -> bool:
        if self.month_day:
            return day.day == min(self.month_day, monthrange(day.year, day.month)[1])
        return day.weekday() in self.weekdays

    @property
    def mark(self) -> str:
        """What is stored beside a time that was asked for, to tell a changed rhythm. Never worded anew: a text that
        differs from the stored one would let a time be missed at an upgrade.
        """
        if self.is_interval:
            return f"every {_span(self.minutes)}"
        clock = f"at {self.at:%H:%M}"
        if self.month_day:
            which = "last day" if self.month_day == LAST else f"{_ordinal(self.month_day)}"
            return f"on the {which} of the month {clock}"
        if self.weekdays == EVERY_DAY:
            return f"every day {clock}"
        if self.weekdays == WORKING_DAYS:
            return f"Monday to Friday {clock}"
        return f"on {' and '.join(f'{WEEKDAYS[day].capitalize()}s' for day in sorted(self.weekdays))} {clock}"

    @property
    def words(self) -> str:
        """How people say it: "every 5 minutes", "every Monday at 07:15", "on the last day of every month at 22:00"."""
        if self.is_interval:
            # "Every day" would be taken for a time of each day.
            return "every 24 hours" if self.minutes == UNITS["day"] else f"every {_span(self.minutes)}"
        clock = f"at {self.at:%H:%M}"
        if self.month_day == LAST:
            return f"on the last day of every month {clock}"
        if self.month_day:
            shorter = ", or on its last day if it is shorter" if self.month_day > SHORTEST_MONTH else ""
            return f"on the {_ordinal(self.month_day)} of every month {clock}{shorter}"
        if self.weekdays == EVERY_DAY:
            return f"every day {clock}"
        if self.weekdays == WORKING_DAYS:
            return f"Monday to Friday {clock}"
        *others, last = (WEEKDAYS[day].capitalize() for day in sorted(self.weekdays))
        return f"every {', '.join(others)}{' and ' if others else ''}{last} {clock}"


def interval(minutes: int) -> Rhythm:
    """Every so many minutes."""
    return Rhythm(minutes=minutes)


@lru_cache(maxsize=256)
def parse(text: str) -> Rhythm:
    """A rhythm as hub.toml writes it. Raises RhythmError."""
    written = " ".join(text.lower().split())
    if match := INTERVAL.fullmatch(written):
        number, unit, plural = match.groups()
        if bool(plural) != (number is not None and int(number) != 1):
            raise RhythmError(f'"{text}" is not a number of minutes, hours, days or weeks.')
        minutes = int(number or 1) * UNITS[unit]
        if not 1 <= minutes <= LONGEST_MINUTES:
            raise RhythmError(f'"{text}" is not between a minute and a month.')
        return interval(minutes)
    match = AT.fullmatch(written)
    if match is None:
        raise RhythmError(f'"{text}" is not a rhythm.')
    day, of_month, hour, minute = match.groups()
    if int(hour) > 23 or int(minute) > 59:
        raise RhythmError(f"{hour}:{minute} is not a time of day.")
    at = time(int(hour), int(minute))
    if (day == "month") != (of_month is not None):
        raise RhythmError('Only "month" takes a day, and it needs one.')
    if day == "month":
        number_of_day = LAST if of_month == "last" else int(of_month)
        if not 1 <= number_of_day <= LAST:
            raise RhythmError(f"{of_month} is not a day of the month.")
        return Rhythm(month_day=number_of_day, at=at)
    named = {"day": EVERY_DAY, "weekday": WORKING_DAYS} | {name: frozenset({i}) for i, name in enumerate(WEEKDAYS)}
    if day not in named:
        raise RhythmError(f'"{day}" is not a day.')
    return Rhythm(weekdays=named[day], at=at)


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the clock of a zone shows this time of a day, or a later one."""
    local = datetime.combine(day, at, tzinfo=zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # In a gap: with fold=0 the instant lies behind the change, with fold=1 before it.
    low, high = local.replace(fold=1).astimezone(UTC), found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def from_now(instant: datetime, now: datetime) -> str:
    """ "in 12 minutes", "in 3 hours", "5 minutes ago", "now": rounded, for people."""
    minutes = round((instant - now) / timedelta(minutes=1))
    size = abs(minutes)
    for unit, length, least in UNITS_OF_WAITING:
        if size >= least:
            count = round(size / length)
            words = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
            return f"in {words}" if minutes > 0 else f"{words} ago"
    return "now"


def _span(minutes: int) -> str:
    for unit, length in (("week", 7 * 1440), ("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes % length == 0:
            count = minutes // length
            return unit if count == 1 else f"{count} {unit}s"
    raise ValueError(f"{minutes} is no whole number of minutes")


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
