"""Values of both sides in one form."""

from decimal import Decimal, InvalidOperation
from typing import Any


def plain(value: Any) -> str | None:
    """A value as text that can be compared: numbers without trailing zeros."""
    if value is None or value == "":
        return None
    try:
        return f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return str(value)
