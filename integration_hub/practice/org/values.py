"""Values in and out: what JSON and CSV hold, what a field keeps, what answers show."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from .clock import from_text, to_stored
from .errors import BadType, RowError
from .fields import ID_TYPES, NUMBER_TYPES, TEXT_TYPES, Field, Value
from .identifiers import to_18

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZONED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})")


def keep(field: Field, raw: Any) -> Value:
    """The stored form of a raw JSON or CSV value, checked by type, length, precision and picklist.

    None and empty text are stored as None. BadType for a value of another type, RowError for one that breaks a rule.
    """
    if raw is None or raw == "":
        return _empty(field)
    if field.type in TEXT_TYPES:
        return _text(field, raw)
    if field.type in NUMBER_TYPES:
        return _number(field, raw)
    readers: dict[str, Callable[[Field, Any], Value]] = {
        "boolean": _boolean,
        "int": _whole,
        "date": _date,
        "datetime": _instant,
    }
    if field.type in ID_TYPES:
        return _reference(field, raw)
    if field.type not in readers:
        raise _not_writable(field)
    return readers[field.type](field, raw)


def _empty(field: Field) -> Value:
    if field.type == "boolean":
        raise _wrong_type(field, "null")
    return None


def _wrong_type(field: Field, raw: Any) -> BadType:
    return BadType("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: value not of required type: {raw}", [field.name])


def _not_writable(field: Field) -> RowError:
    return RowError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {field.name}. Please check the security settings of this field and verify "
        "that it is read/write for your profile or permission set.",
        [field.name],
    )


def _text(field: Field, raw: Any) -> str:
    if isinstance(raw, bool | dict | list):
        raise _wrong_type(field, raw)
    text = str(raw)
    if len(text) > field.length:
        raise RowError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            [field.name],
        )
    if field.type == "email":
        if not _EMAIL.fullmatch(text):
            raise RowError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name])
        return text.lower()
    if field.restricted and field.picklist:
        chosen = text.split(";") if field.type == "multipicklist" else [text]
        if not set(chosen) <= set(field.picklist):
            raise RowError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label}: bad value for restricted picklist field: {text}",
                [field.name],
            )
    return text


def _number(field: Field, raw: Any) -> Decimal:
    if isinstance(raw, bool | dict | list):
        raise _wrong_type(field, raw)
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation as error:
        raise _wrong_type(field, raw) from error
    if not number.is_finite():
        raise _wrong_type(field, raw)
    if abs(number) >= Decimal(10) ** (field.precision - field.scale):
        raise RowError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {as_double(number)}",
            [field.name],
        )
    return number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)


def _boolean(field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in {"true", "false", "1", "0"}:
        return raw.lower() in {"true", "1"}
    raise _wrong_type(field, raw)


def _whole(field: Field, raw: Any) -> int:
    number = _number(Field(field.name, field.label, "double", precision=10), raw)
    if number != number.to_integral_value() or abs(number) > 2**31:
        raise _wrong_type(field, raw)
    return int(number)


def _date(field: Field, raw: Any) -> str:
    text = str(raw)
    try:
        if not _DATE.match(text):
            raise ValueError(text)
        return date.fromisoformat(text[:10]).isoformat() if len(text) == 10 else to_stored(from_text(text))[:10]
    except ValueError as error:
        raise _wrong_type(field, raw) from error


def _instant(field: Field, raw: Any) -> str:
    text = str(raw)
    try:
        if not _ZONED.fullmatch(text) and not _DATE.fullmatch(text):
            raise ValueError(text)
        return to_stored(from_text(text))
    except ValueError as error:
        raise _wrong_type(field, raw) from error


def _reference(field: Field, raw: Any) -> str:
    record_id = to_18(str(raw))
    if record_id is None:
        raise RowError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {raw}", [field.name])
    return record_id


def as_double(number: Decimal) -> str:
    """A number as a Java double prints: `12.5`, `100.0`, and from ten million on `1.23456789E7`."""
    value = float(number) if abs(number) < Decimal("1E300") else math.inf
    if math.isinf(value):
        return f"{number:E}".replace("+", "")
    if value == 0:
        return "0.0"
    if 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, exponent = f"{Decimal(repr(value)).normalize():E}".split("E")
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"


def for_csv(field: Field, value: Value) -> str:
    """A stored value as Bulk API 2.0 writes it; None and empty text look alike."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return as_double(value)
    if field.type == "datetime":
        return f"{value}.000Z"
    return str(value)


def for_json(field: Field, value: Value) -> Value:
    """A stored value as REST shows it; Decimals stay Decimals for the JSON writer."""
    return f"{value}.000+0000" if field.type == "datetime" and value is not None else value
