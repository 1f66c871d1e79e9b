"""JSON as Salesforce writes it: doubles as Java prints them, and the spaced-out pretty form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from .values import as_double

SCALARS = frozenset({str, int, bool, type(None), Decimal, float})
"""Looked up first: nearly every value is one, and asking an abstract class takes several times as long."""


def dumps(value: Any, *, pretty: bool = False) -> str:
    """JSON text; `pretty` has a space before each colon and lists on their parent's line."""
    return _pretty(value, "\n") if pretty else _compact(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal | float):
        return as_double(Decimal(value) if isinstance(value, Decimal) else Decimal(repr(value)))
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _compact(value: Any) -> str:
    if type(value) in SCALARS:
        return _scalar(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{encode_basestring(key)}:{_compact(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(_compact, value)) + "]"
    return _scalar(value)


def _pretty(value: Any, newline: str) -> str:
    if type(value) in SCALARS:
        return _scalar(value)
    if isinstance(value, Mapping):
        if not value:
            return "{ }"
        inner = newline + "  "
        body = f",{inner}".join(f"{encode_basestring(key)} : {_pretty(each, inner)}" for key, each in value.items())
        return "{" + inner + body + newline + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[ " + ", ".join(_pretty(each, newline) for each in value) + " ]" if value else "[ ]"
    return _scalar(value)
