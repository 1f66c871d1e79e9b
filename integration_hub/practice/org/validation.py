"""Validation rules: what this org's administrator refuses on top of types, lengths and picklists."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .errors import RowError
from .fields import ObjectType, Record, Value
from .values import keep

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
EMPTY, FILLED = "empty", "filled"
OPERATORS = (*COMPARISONS, EMPTY, FILLED)


@dataclass(frozen=True)
class Rule:
    """A record is refused with `message` when `field operator value` holds and, if `needs` is named, that is empty."""

    name: str
    sobject: str
    field: str
    operator: str
    message: str
    value: Value = None
    needs: str = ""

    def breaks(self, record: Record) -> bool:
        """Whether the record is refused. An empty field fits no comparison but `!=`."""
        if self.needs and record.get(self.needs) is not None:
            return False
        found = record.get(self.field)
        if self.operator in {EMPTY, FILLED}:
            return (found is None) is (self.operator == EMPTY)
        if found is None:
            return self.operator == "!="
        return COMPARISONS[self.operator](found, self.value)


class Rules:
    """The active rules by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Rule] = {}

    def add(self, sobject: ObjectType, spec: Mapping[str, Any]) -> Rule:
        """Add or replace a rule; ValueError names what is wrong with it."""
        names = {part: _field_name(sobject, spec.get(part)) for part in ("field", "needs")}
        kind = str(spec.get("operator") or (FILLED if names["needs"] else "="))
        if kind not in OPERATORS:
            raise ValueError(f"there is no operator {kind!r}; known are {', '.join(OPERATORS)}")
        if not names["field"]:
            raise ValueError("a rule needs a field")
        value = None if kind in {EMPTY, FILLED} else keep(sobject.by_name[names["field"].lower()], spec.get("value"))
        if value is None and kind in COMPARISONS:
            raise ValueError(f"the operator {kind} needs a value")
        rule = Rule(
            str(spec.get("name") or f"Rule_{len(self.by_name) + 1}"), sobject.name, names["field"], kind,
            str(spec.get("message") or "The record breaks a validation rule."), value, names["needs"],
        )  # fmt: skip
        self.by_name[rule.name] = rule
        return rule

    def drop(self, name: str) -> None:
        """Switch a rule off; LookupError when there is none of this name."""
        if name not in self.by_name:
            raise LookupError(f"there is no validation rule {name!r}")
        del self.by_name[name]

    def check(self, sobject: ObjectType, record: Record) -> None:
        """RowError with the administrator's own text when a rule refuses the record."""
        for rule in self.by_name.values():
            if rule.sobject == sobject.name and rule.breaks(record):
                raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [rule.field])

    def dump(self) -> list[dict[str, Any]]:
        """The rules for the journal and for GET /practice/validation_rules."""
        return [asdict(rule) for rule in self.by_name.values()]

    def load(self, specs: list[dict[str, Any]], schema: Mapping[str, ObjectType]) -> None:
        """Take over the rules of a journal."""
        self.by_name = {}
        for spec in specs:
            self.add(schema[spec["sobject"].lower()], spec)


def _field_name(sobject: ObjectType, name: Any) -> str:
    if not name:
        return ""
    field = sobject.get(str(name))
    if field is None:
        raise ValueError(f"{sobject.name} has no field {name!r}")
    return field.name
