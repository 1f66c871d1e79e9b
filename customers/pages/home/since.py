"""Since when a page tells the news: the last visit, or so many days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from customers import formats
from customers.access import User
from customers.visits import previous_visit
from integration_hub.config import hub

VISIT = "visit"
DAYS = {"yesterday": 1, "7-days": 7, "30-days": 30}
LABELS = {VISIT: "Last visit", "yesterday": "Yesterday", "7-days": "7 days", "30-days": "30 days"}
FIRST_VISIT = "7-days"
FIRST_VISIT_DAYS = DAYS[FIRST_VISIT]
# After a long absence news of a quarter is no news any more, and a year of them is no page.
MOST_DAYS = 92


@dataclass(frozen=True)
class Since:
    """An instant (UTC) and its day at the company; `words` say it, `note` says why where it is not what was asked."""

    name: str
    at: datetime
    day: date
    words: str
    note: str = ""


def read_since(user: User, as_of: date, name: str) -> Since:
    """What the URL asks for; anything unknown is the last visit. Days count back from the day of the figures."""
    if name in DAYS:
        day = as_of - timedelta(days=DAYS[name])
        return Since(name, _midnight(day), day, f"since {formats.day_short(day, as_of)}")
    return _last_visit(user, as_of)


def _last_visit(user: User, as_of: date) -> Since:
    zone, at = hub().company.time_zone, previous_visit(user)
    if at is None:
        note = f"This is your first visit, so it tells of the last {FIRST_VISIT_DAYS} days."
        return _days(as_of, FIRST_VISIT_DAYS, note, FIRST_VISIT)
    day = at.astimezone(ZoneInfo(zone)).date()
    if (as_of - day).days > MOST_DAYS:
        note = f"Your last visit was on {formats.day(day)}; it tells of the last {MOST_DAYS} days."
        return _days(as_of, MOST_DAYS, note)
    return Since(VISIT, at, day, f"since your last visit on {formats.instant(at, zone)}")


def _days(as_of: date, days: int, note: str, name: str = VISIT) -> Since:
    day = as_of - timedelta(days=days)
    return Since(name, _midnight(day), day, f"since {formats.day_short(day, as_of)}", note)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(hub().company.time_zone))
