"""Turns Salesforce's values into the text that the stage reads, the same whichever API they came through."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from integration_hub.salesforce.describe import NUMBER_TYPES, FieldInfo
from integration_hub.salesforce.query import Record

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def record_rows(records: Iterator[Record], fields: Sequence[FieldInfo]) -> Iterator[list[str]]:
    """REST records as rows of text in the order of `fields`."""
    for record in records:
        yield [text_of(record.get(info.name), info) for info in fields]


def text_of(value: Any, info: FieldInfo) -> str:
    """One value as text; empty for null.

    Numbers come as doubles, such as 1.23456789E7 or 0.30000000000000004: they are written plainly at the field's
    own scale, half-up, which is the number that Salesforce holds. Instants are in UTC with a Z, booleans true or false.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if info.type in NUMBER_TYPES:
        return plain_number(value, info.scale)
    if info.type == "datetime":
        return str(value).replace("+0000", "Z").replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return f"{value.to_integral_value() if value == value.to_integral_value() else value:f}"
    return str(value)


def plain_number(value: Any, scale: int) -> str:
    """A number without exponent and with `scale` decimals; other text stays, and the row is rejected with it."""
    try:
        number = _WIDE.quantize(Decimal(str(value)), Decimal(1).scaleb(-scale))
    except InvalidOperation:
        return str(value)
    return f"{abs(number) if number.is_zero() else number:f}"
