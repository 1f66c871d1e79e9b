"""Looking up the names of a query: which columns it reads, for this user, in this org."""

from __future__ import annotations

from typing import Any

from ..access import Caller
from ..derived import address
from ..errors import ApiError
from ..fields import ANY_TYPE, COMPOUND_TYPES, Field, ObjectType, Record
from ..org import Org
from .lexer import caret
from .plan import Children, Column, Getter, Plan, Step
from .syntax import Name, Query, Selected

MAX_PARENTS = 5
LONG_TEXT = 255


class Binder:
    """Resolves names against the schema as one user sees it."""

    def __init__(self, org: Org, caller: Caller, query: Query, sobject: ObjectType) -> None:
        self.org, self.caller, self.query, self.sobject = org, caller, query, sobject

    def column(self, name: Name) -> Column:
        """The column a field path names; ApiError 400 INVALID_FIELD with a caret when there is none."""
        current = self.sobject
        steps: list[Step] = []
        targets: list[ObjectType] = []
        spelled: list[str] = []
        *parents, last = name.parts
        if parents and parents[0].lower() == self.sobject.name.lower():
            parents = parents[1:]
        if len(parents) > MAX_PARENTS:
            raise self._refuse(name, f"Relationship path is too deep: {name.text}")
        for part in parents:
            reference = current.parent(part)
            if reference is None or self.caller.field(current, reference.name) is None:
                raise self._refuse(
                    name,
                    f"Didn't understand relationship '{part}' in field path. If you are attempting to use a custom "
                    "relationship, be sure to append the '__r' after the custom relationship name. Please reference "
                    "your WSDL or the describe call for the appropriate names.",
                )
            target = self.org.schema.objects[reference.reference_to[0].lower()]
            steps.append((reference, self.org.store.rows[target.name]))
            targets.append(target)
            spelled.append(str(reference.relationship))
            current = target
        found = self.caller.field(current, last)
        if found is None:
            raise self.no_such_column(name, last, current)
        getter = _getter(found, tuple(steps))
        return Column((*spelled, found.name), found, tuple(steps), getter, tuple(targets))

    def usable(self, name: Name, use: str) -> Column:
        """The column, refused when its type can not be `use`d: filtered, grouped, sorted, aggregated."""
        column = self.column(name)
        kind = column.field.type
        if kind in COMPOUND_TYPES | {ANY_TYPE} or (kind == "textarea" and column.field.length > LONG_TEXT):
            raise self._refuse(name, f"field '{column.field.name}' can not be {use} in a query call")
        return column

    def no_such_column(self, name: Name, part: str, sobject: ObjectType) -> ApiError:
        """The refusal for an unknown or hidden column."""
        return self._refuse(
            name,
            f"No such column '{part}' on entity '{sobject.name}'. If you are attempting to use a custom field, be sure "
            "to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        )

    def _refuse(self, name: Name, message: str) -> ApiError:
        return ApiError(400, "INVALID_FIELD", caret(self.query.text, name.position) + message)


def _getter(found: Field, steps: tuple[Step, ...]) -> Getter:
    key = found.name

    def plain(row: Record) -> Any:
        return row.get(key)

    def compound(row: Record) -> Any:
        return address(found, row)

    read: Getter = compound if found.type in COMPOUND_TYPES else plain
    if not steps:
        return read

    def through(row: Record) -> Any:
        current = row
        for reference, rows in steps:
            found_row = rows.get(str(current.get(reference.name)))
            if found_row is None:
                return None
            current = found_row
        return read(current)

    return through


def bind(org: Org, caller: Caller, query: Query) -> Plan:
    """Resolve a query over an object of the org; ApiError for unknown objects, fields and relationships."""
    sobject = org.schema.get(query.source.text)
    if sobject is None:
        raise ApiError(
            400,
            "INVALID_TYPE",
            caret(query.text, query.source.position)
            + f"sObject type '{query.source.text}' is not supported. If you are attempting to use a custom object, be "
            "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        )
    return _plan(org, caller, query, sobject)


def _plan(org: Org, caller: Caller, query: Query, sobject: ObjectType) -> Plan:
    if query.aggregates:
        return Plan(query, sobject)
    binder = Binder(org, caller, query, sobject)
    columns: list[Column | Children] = []
    seen: set[str] = set()
    for each in query.select:
        if isinstance(each, Selected):
            column = binder.column(each.name)
            if each.alias is not None:
                raise ApiError(400, "MALFORMED_QUERY", f"only aggregate expressions use field aliasing: {each.alias}")
            if column.header in seen:
                raise ApiError(400, "INVALID_FIELD", f"duplicate field selected: {each.name.text}")
            seen.add(column.header)
            columns.append(column)
        elif isinstance(each, Query):
            columns.append(_children(org, caller, each, sobject))
    return Plan(query, sobject, tuple(columns))


def _children(org: Org, caller: Caller, query: Query, parent: ObjectType) -> Children:
    found = org.schema.child_relationship(parent, query.source.text)
    if found is None:
        raise ApiError(
            400,
            "INVALID_TYPE",
            caret(query.text, query.source.position)
            + f"Didn't understand relationship '{query.source.text}' in FROM part of query call.",
        )
    child, reference = found
    if query.aggregates or any(isinstance(each, Query) for each in query.select):
        raise ApiError(400, "MALFORMED_QUERY", "Only plain fields can be selected in a subquery")
    return Children(str(reference.children), reference, _plan(org, caller, query, child))
