"""WHERE clauses as functions over rows."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..clock import from_text, to_stored
from ..errors import ApiError
from ..fields import ID_TYPES, NUMBER_TYPES, TEXT_TYPES, Record
from ..identifiers import to_18
from .binding import Binder
from .lexer import caret
from .plan import Column, Getter
from .syntax import Among, Both, Compare, Condition, Either, Literal, Name, Negation

Test = Callable[[Record], bool]
ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def test_of(condition: Condition, binder: Binder) -> Test:
    """The predicate a condition stands for; ApiError 400 when a value does not fit its field."""
    match condition:
        case Both(parts):
            tests = [test_of(part, binder) for part in parts]
            return lambda row: all(test(row) for test in tests)
        case Either(parts):
            tests = [test_of(part, binder) for part in parts]
            return lambda row: any(test(row) for test in tests)
        case Negation(part):
            inner = test_of(part, binder)
            return lambda row: not inner(row)
        case Among():
            return _among(condition, binder)
        case Compare():
            return _compare(condition, binder)


def _among(condition: Among, binder: Binder) -> Test:
    column = binder.usable(condition.name, "filtered")
    get, negated = _comparing(column), condition.negated
    wanted = {_comparable(column, value, binder) for value in condition.values}
    return lambda row: (get(row) in wanted) is not negated


def _compare(condition: Compare, binder: Binder) -> Test:
    column = binder.usable(condition.name, "filtered")
    get = _comparing(column)
    if condition.operator == "LIKE":
        return _like(column, condition, binder)
    wanted = _comparable(column, condition.value, binder)
    if condition.operator == "=":
        return lambda row: get(row) == wanted
    if condition.operator == "!=":
        return lambda row: get(row) != wanted
    if wanted is None or isinstance(wanted, bool):
        raise _refuse(binder, condition.name, f"{condition.operator} operator not valid for this value")
    compare = ORDERED[condition.operator]

    def ordered(row: Record) -> bool:
        value = get(row)
        return value is not None and bool(compare(value, wanted))

    return ordered


def _like(column: Column, condition: Compare, binder: Binder) -> Test:
    if column.field.type not in TEXT_TYPES or condition.value.kind != "string":
        raise _refuse(binder, condition.name, "Invalid operator LIKE on a field that is not text")
    pattern = "".join(
        {"%": ".*", "_": "."}.get(piece, re.escape(piece.removeprefix("\\") if piece in {"\\%", "\\_"} else piece))
        for piece in re.findall(r"\\[%_]|.", condition.value.text, re.DOTALL)
    )
    matches = re.compile(pattern, re.IGNORECASE | re.DOTALL).fullmatch
    get = column.get
    return lambda row: bool(matches(str(get(row) or "")))


def _comparing(column: Column) -> Getter:
    """How a column's values are read for comparing: text without letter case, everything else as it is."""
    get = column.get
    if column.field.type not in TEXT_TYPES:
        return get

    def folded(row: Record) -> Any:
        value = get(row)
        return None if value is None else value.casefold()

    return folded


def _comparable(column: Column, literal: Literal, binder: Binder) -> Any:
    """The literal in the form in which `_comparing` reads stored values."""
    kind, name = column.field.type, column.field.name
    if literal.kind == "null":
        return None
    if kind in ID_TYPES and literal.kind == "string":
        whole = to_18(literal.text)
        if whole is None:
            message = f"invalid ID field: {literal.text}"
            raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", caret(binder.query.text, literal.position) + message)
        return whole
    fits = {
        "boolean": "boolean", "date": "date", "datetime": "datetime", "int": "number",
        **dict.fromkeys(NUMBER_TYPES, "number"),
    }.get(kind, "string")  # fmt: skip
    if literal.kind != fits:
        quoted = "should be enclosed in quotes" if kind in TEXT_TYPES | ID_TYPES else "should not be enclosed in quotes"
        typed = {"datetime": "dateTime", **dict.fromkeys(TEXT_TYPES, "string")}.get(kind, kind)
        message = f"value of filter criterion for field '{name}' must be of type {typed} and {quoted}"
        raise ApiError(400, "INVALID_FIELD", caret(binder.query.text, literal.position) + message)
    if literal.kind == "datetime":
        return to_stored(from_text(literal.text))
    if literal.kind == "number":
        return Decimal(literal.text)
    if literal.kind == "boolean":
        return literal.text == "true"
    return literal.text.casefold() if kind in TEXT_TYPES else literal.text


def _refuse(binder: Binder, name: Name, message: str) -> ApiError:
    return ApiError(400, "INVALID_FIELD", caret(binder.query.text, name.position) + message)
