"""How figures, days and instants are written for people: pure functions, rounded half-up once, at the end."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

UNKNOWN = "–"
MINUS = "\u2212"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
COMPACT_STEPS = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"), (Decimal(1000), "k"))


def symbol(currency: str) -> str:
    """What stands before an amount: a sign where there is an unmistakable one, else the ISO code and a space."""
    return SYMBOLS.get(currency, f"{currency}\u00a0" if currency else "")


def money(value: Decimal | int | None, currency: str = "", *, places: int = 2) -> str:
    """An exact amount such as €1,234.56; without a currency for tables that name it in the column head."""
    if value is None:
        return UNKNOWN
    rounded = half_up(value, places)
    return f"{_sign(rounded)}{symbol(currency)}{abs(rounded):,.{places}f}"


def money_compact(value: Decimal | int | None, currency: str = "") -> str:
    """An amount of three or four digits for a tile: €1.84M, €86.4k, €640."""
    if value is None:
        return UNKNOWN
    whole = half_up(value, 0)
    sign, size = _sign(whole), abs(whole)
    for step, letter in COMPACT_STEPS:
        if size >= step:
            scaled = half_up(size / step, 2 if size < step * 10 and step > 1000 else 1)
            return f"{sign}{symbol(currency)}{_trim(scaled)}{letter}"
    return f"{sign}{symbol(currency)}{size:,.0f}"


def number(value: Decimal | int | None) -> str:
    """A count with thousands separators."""
    return UNKNOWN if value is None else f"{_sign(value)}{abs(value):,}"


def quantity(value: Decimal | None, unit: str = "") -> str:
    """A quantity without meaningless zeros, with its unit where there is one."""
    if value is None:
        return UNKNOWN
    text = f"{_sign(value)}{_trim(abs(value), separators=True)}"
    return f"{text}\u00a0{unit}" if unit else text


def days(value: Decimal | int | None) -> str:
    """A number of days in words: 1 day, 74 days, 32.5 days."""
    if value is None:
        return UNKNOWN
    text = quantity(Decimal(value))
    return f"{text}\u00a0day" if abs(value) == 1 else f"{text}\u00a0days"


def lateness(value: Decimal | int | None) -> str:
    """How long after a due date, in words: 9 days late, 2 days early, on time; nothing where it is unknown."""
    if value is None:
        return ""
    if value == 0:
        return "on time"
    size = days(-value if value < 0 else value)
    return f"{size}\u00a0{'late' if value > 0 else 'early'}"


def percent(value: Decimal | None, *, places: int = 1) -> str:
    """A share (1 = all) as per cent, without its sign where it stands beside an arrow."""
    return UNKNOWN if value is None else f"{half_up(value * 100, places):,.{places}f}%".replace("-", MINUS)


def day(value: date | None) -> str:
    """A day with its year: 10 Sep 2026."""
    return UNKNOWN if value is None else f"{value.day}\u00a0{value:%b}\u00a0{value.year}"


def day_short(value: date | None, as_of: date | None = None) -> str:
    """A day without its year where that is the year of `as_of`."""
    if value is None or as_of is None or value.year != as_of.year:
        return day(value)
    return f"{value.day}\u00a0{value:%b}"


def month(value: date | None) -> str:
    """A month: September 2026."""
    return UNKNOWN if value is None else f"{value:%B}\u00a0{value.year}"


def instant(value: datetime | None, zone: str) -> str:
    """A UTC instant at the company's wall clock: 23 Nov 2026 06:02. It may break before the time, but not within."""
    if value is None:
        return UNKNOWN
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())} {local:%H:%M}"


def clock(value: datetime | None, now: datetime, zone: str) -> str:
    """The time of day of a UTC instant on the company's clock, with its day unless that is today."""
    if value is None:
        return UNKNOWN
    local, today = value.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{day_short(local.date(), today)} {local:%H:%M}"


def plural(count: int, singular: str, plural_form: str = "") -> str:
    """A count with its noun: 1 invoice, 7 invoices."""
    return f"{number(count)}\u00a0{singular if count == 1 else plural_form or singular + 's'}"


def initials(name: str) -> str:
    """Two letters that stand for a name."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def half_up(value: Decimal | int, places: int) -> Decimal:
    """Round the way people do by hand: halves away from zero."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _sign(value: Decimal | int) -> str:
    return MINUS if value < 0 else ""


def _trim(value: Decimal, *, separators: bool = False) -> str:
    text = f"{value:,f}" if separators else f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
