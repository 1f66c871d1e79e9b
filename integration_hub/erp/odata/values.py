"""Values of OData: from JSON to the text that the mirror takes, and from text to what stands in a $filter."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from integration_hub.erp.odata.metadata import Property

V2_INSTANT = re.compile(r"/Date\((-?\d+)([+-]\d{1,4})?\)/")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = "0001-01-01"
"""How Business Central writes that there is no date."""
NO_GUID = "00000000-0000-0000-0000-000000000000"
Read = Callable[[Any], str | None]


def reader(described: Property) -> Read:
    """The function that turns a JSON value of this property into text; None where it is empty."""
    if described.type in {"Edm.DateTime", "Edm.DateTimeOffset", "Edm.Date"}:
        return _day if described.day else _instant
    if described.type == "Edm.Guid":
        return _guid
    # Names of enumerations are written as identifiers: "In_x0020_Review".
    return _plain if described.type.startswith("Edm.") else _enumeration


def _plain(value: Any) -> str | None:
    if value.__class__ is str:
        return value or None
    if value is True or value is False:
        return "true" if value else "false"
    return None


def _enumeration(value: Any) -> str | None:
    text = _plain(value)
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).strip() or None if text else None


def _guid(value: Any) -> str | None:
    return None if value == NO_GUID else _plain(value)


def _instant(value: Any) -> str | None:
    """ISO 8601 in UTC; what is no instant stays as it is, so that the row is refused and shown."""
    text = _plain(value)
    if text is None or text.startswith(FIRST_DAY):
        return None
    if text.endswith("Z") and len(text) >= 20:
        return text
    found = V2_INSTANT.fullmatch(text)
    try:
        if found:
            # An offset names the place of the clock; the number is UTC all the same.
            stamp = EPOCH + timedelta(milliseconds=int(found[1]))
        else:
            stamp = datetime.fromisoformat(text)
            stamp = stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return text
    return stamp.isoformat().replace("+00:00", "Z")


def _day(value: Any) -> str | None:
    text = _instant(value)
    return text[:10] if text and text[10:11] in {"", "T"} else text


def literal(text: str, described: Property, version: str) -> str:
    """A value as it stands in a $filter."""
    kind = described.type
    if kind in {"Edm.String", "Edm.Time"} or not kind.startswith("Edm."):
        return "'" + text.replace("'", "''") + "'"
    if version == "v4" or kind in {"Edm.Boolean", "Edm.Int16", "Edm.Int32", "Edm.Byte"}:
        return text
    if kind in {"Edm.Decimal", "Edm.Int64"}:
        return text + {"Edm.Decimal": "M", "Edm.Int64": "L"}[kind]
    return f"{ {'Edm.Guid': 'guid', 'Edm.DateTimeOffset': 'datetimeoffset'}.get(kind, 'datetime') }'{text}'"


def stamp(since: datetime, described: Property, version: str) -> str:
    """An instant as the least change mark in a $filter: the whole day where the mark is a day, else whole seconds."""
    at = since.astimezone(UTC)
    if described.type == "Edm.Date":
        return at.strftime("%Y-%m-%d")
    text = at.strftime("%Y-%m-%dT00:00:00" if described.day else "%Y-%m-%dT%H:%M:%S")
    return literal(text if described.type == "Edm.DateTime" else text + "Z", described, version)


def divided(above: str | None, below: str | None) -> str | None:
    """A quotient as text; None where there is none."""
    try:
        quotient = Decimal(above or "") / Decimal(below or "")
    except (InvalidOperation, ZeroDivisionError):
        return None
    return format(quotient.quantize(Decimal("1E-12")).normalize(), "f")
