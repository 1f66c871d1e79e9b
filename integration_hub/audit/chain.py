"""How a row of the audit is sealed: sha256 over its canonical JSON, in which the hash of the row before it stands."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

GENESIS = "0" * 64
"""What stands before the first row."""
FIELDS = ("sequence", "at", "who", "ip", "what", "kind", "object", "before", "after", "result", "run", "previous")
"""What is hashed, in this order."""
CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
LONGEST_TEXT = 500
MOST_ITEMS = 100


def seal(values: tuple[Any, ...]) -> str:
    """The hash of a row, from its values in the order of FIELDS: a JSON list without spaces, keys sorted, UTF-8."""
    sequence, at, *others = values
    written = [sequence, at.astimezone(UTC).isoformat(timespec="microseconds"), *others]
    return hashlib.sha256(CANONICAL.encode(written).encode()).hexdigest()


def plain(value: Any) -> Any:
    """A value as it comes back from jsonb unchanged: texts without NUL and at most 500 characters long, whole numbers,
    lists and mappings of up to a hundred of them; amounts, days and instants as texts. TypeError for anything else.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Decimal | UUID | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {text(str(key)): plain(item) for key, item in list(value.items())[:MOST_ITEMS]}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        return [plain(item) for item in items[:MOST_ITEMS]]
    raise TypeError(f"the audit does not know how to write {type(value).__name__}")


def text(value: str, longest: int = LONGEST_TEXT) -> str:
    """A text that PostgreSQL can hold and that is hashed the same when it comes back."""
    cut = value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return cut if len(cut) <= longest else f"{cut[: longest - 1]}…"


def instant(value: datetime) -> datetime:
    """UTC, as exact as PostgreSQL keeps it."""
    return value.astimezone(UTC)
