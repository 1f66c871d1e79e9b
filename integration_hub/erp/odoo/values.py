"""Odoo's values as the exact text the warehouse takes: False is empty, instants are UTC, doubles get their decimals."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

RATE_PLACES = 10
QUANTITY_PLACES = 6
LINE_TEXT = 500
"""Longest line text that is delivered; what is behind it is no use on a page of documents."""


def plain(value: Any) -> str | None:
    """Text of a name, note, number or selection. Numbers arrive as the text they were."""
    if value is False or value is None:
        return None
    if value is True:
        return "true"
    return value if isinstance(value, str) else str(value)


def boolean(value: Any) -> str:
    """true or false."""
    return "true" if value else "false"


def reference(value: Any) -> str | None:
    """The id of a many2one, whether it came alone or with its label."""
    if value is False or value is None:
        return None
    return str(value[0]) if isinstance(value, list) else str(value)


def several(value: Any) -> str | None:
    """Ids of an x2many, comma-separated."""
    return ",".join(str(each) for each in value) if value else None


def instant(value: Any) -> str | None:
    """Odoo's naive UTC, "2026-02-03 10:11:12", as ISO 8601."""
    return value.replace(" ", "T") + "Z" if value else None


@lru_cache(maxsize=65_536)
def local_day(value: str | bool, zone: str) -> str | None:
    """The day that an instant fell on, in the company's time zone."""
    if not isinstance(value, str):
        return None
    return datetime.fromisoformat(value).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def exact(value: Any, places: int) -> str | None:
    """A double as the decimal it stands for: 33.330000000000005 is 33.33. Half-up, at `places` decimals."""
    if value is False or value is None:
        return None
    text = str(value)
    if "e" not in text and len(text) - text.find(".") - 1 <= places:
        return text
    if "." not in text and "e" not in text:
        return text
    with localcontext(prec=60):
        return format(Decimal(text).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")


def negated(text: str | None) -> str | None:
    """The same amount with the other sign; zero stays without one."""
    if text is None or not text.strip("-0."):
        return text
    return text[1:] if text[0] == "-" else "-" + text


def signed(text: str | None, *, negative: bool) -> str | None:
    """An amount that Odoo gives without a sign, negative where the document is a credit."""
    return negated(text) if negative else text


def less(first: str | None, second: str | None) -> str | None:
    """first - second; None where one is empty."""
    return None if first is None or second is None else format(Decimal(first) - Decimal(second), "f")


def ratio(numerator: Any, denominator: Any) -> str | None:
    """numerator / denominator without sign, at ten decimals half-up; None where it cannot be told."""
    below = Decimal(denominator or 0)
    above = Decimal(numerator or 0)
    if not below or not above:
        return None
    with localcontext(prec=60):
        return format(abs(above / below).quantize(Decimal(1).scaleb(-RATE_PLACES), ROUND_HALF_UP).normalize(), "f")


def _double(value: Any) -> str | None:
    return exact(value, QUANTITY_PLACES)


CONVERT: Mapping[str, Callable[[Any], str | None]] = {
    "boolean": boolean,
    "many2one": reference,
    "one2many": several,
    "many2many": several,
    "datetime": instant,
    "float": _double,
    "monetary": _double,
}
"""Field type -> how its value is read; all others are plain text."""
NEVER_READ = frozenset({"binary", "image", "html", "serialized", "json", "properties", "properties_definition"})
"""Types that hold pictures, pages and structures: not asked for."""
