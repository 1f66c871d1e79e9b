"""Creating and changing one record: rights, types, references, uniqueness, required fields, derived values."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from .access import Caller
from .derived import derive
from .errors import RowError, UnknownField
from .fields import COMPOUND_TYPES, Field, ObjectType, Record, Value
from .history import note_changes, note_creation
from .identifiers import to_18
from .org import ACTIVE_OWNERS, Org
from .persons import forbidden, give_contact, is_person
from .selling import changed, follow, number
from .values import keep


def create(org: Org, caller: Caller, sobject: ObjectType, raw: Mapping[str, Any]) -> str:
    """Insert a record from raw values and return its id; RowError when it breaks a rule."""
    if not sobject.createable:
        raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", status=403)
    person = is_person(org, sobject, {}, raw)
    values = _accept(org, caller, sobject, raw, creating=True, person=person)
    record = blank(org, caller, sobject)
    record.update(values, **({"IsPersonAccount": True} if person else {}))
    derive(sobject, record, values)
    follow(org, sobject, record)
    _check_required(sobject, record)
    _check_unique(org, sobject, record, values)
    org.rules.check(sobject, record)
    if person:
        give_contact(org, record)
    org.store.put(sobject.name, record)
    note_creation(org, caller, sobject, record)
    return str(record["Id"])


def update(org: Org, caller: Caller, sobject: ObjectType, record_id: Any, raw: Mapping[str, Any]) -> str:
    """Change a record from raw values and return its 18-character id; RowError when it breaks a rule."""
    old = existing(org, sobject, record_id)
    person = is_person(org, sobject, old, raw)
    values = _accept(org, caller, sobject, raw, creating=False, person=person)
    _check_owner(org, sobject, {**old, **values})
    record = {**old, **values}
    if None in values.values():
        _check_required(sobject, record, values)
    _check_unique(org, sobject, record, values)
    quotes = changed(org, sobject, record, values)
    derive(sobject, record, values)
    org.rules.check(sobject, record)
    for quote in quotes:
        stamp(org, caller, quote)
        org.store.put("Quote", quote)
    stamp(org, caller, record)
    if person:
        give_contact(org, record)
    org.store.put(sobject.name, record)
    note_changes(org, caller, sobject, old, record)
    return str(record["Id"])


def existing(org: Org, sobject: ObjectType, record_id: Any) -> Record:
    """The live record of an id given as 15 or 18 characters; RowError when there is none."""
    if not record_id:
        raise RowError("MISSING_ARGUMENT", "Id not specified in an update call")
    whole = to_18(str(record_id))
    if whole is None or whole[:3] != sobject.prefix:
        raise RowError("MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {record_id}", ["Id"])
    record = org.store.get(sobject.name, whole)
    if record is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
    if record.get("IsDeleted"):
        raise RowError("ENTITY_IS_DELETED", "entity is deleted", status=404)
    return record


def blank(org: Org, caller: Caller, sobject: ObjectType) -> Record:
    """A new record with its id, defaults and audit fields."""
    record: Record = {"Id": org.mint.new(sobject.prefix)}
    for field in sobject:
        if field.type == "boolean":
            record[field.name] = field.default == "true"
        elif field.default is not None:
            record[field.name] = keep(field, field.default)
    if sobject.has("OwnerId"):
        record["OwnerId"] = caller.user_id
    if sobject.has("CreatedDate"):
        record["CreatedDate"], record["CreatedById"] = org.clock.stamp(), caller.user_id
    stamp(org, caller, record)
    number(sobject, record)
    return {name: value for name, value in record.items() if sobject.has(name)}


def stamp(org: Org, caller: Caller, record: Record) -> None:
    """Move the modification stamps to now."""
    record["LastModifiedDate"] = record["SystemModstamp"] = org.clock.stamp()
    record["LastModifiedById"] = caller.user_id


def _accept(
    org: Org, caller: Caller, sobject: ObjectType, raw: Mapping[str, Any], *, creating: bool, person: bool
) -> Record:
    """The stored values of the fields sent, by canonical name."""
    accepted: Record = {}
    refused: list[str] = []
    barred = forbidden(org, sobject, person=person)
    for name, value in raw.items():
        field = caller.field(sobject, name)
        if field is None:
            raise UnknownField(name, sobject.name)
        writable = (field.createable if creating else field.updateable) and caller.editable(sobject, name)
        if not writable or field.name in barred:
            refused.append(field.name)
            continue
        accepted[field.name] = keep(field, value)
        _check_reference(org, field, accepted[field.name])
    if refused:
        raise RowError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set.",
            refused,
        )
    return accepted


def _check_reference(org: Org, field: Field, value: Value) -> None:
    if value is None or not field.reference_to:
        return
    for target in field.reference_to:
        found = org.store.get(target, str(value))
        if found and not found.get("IsDeleted"):
            if field.name == "OwnerId" and found.get("IsActive") is False:
                raise _inactive(str(value), " as owner")
            return
    raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name])


def _check_owner(org: Org, sobject: ObjectType, record: Record) -> None:
    """Where the org asks for it, a record whose owner has left can not be changed."""
    owner = org.store.get("User", str(record.get("OwnerId"))) if ACTIVE_OWNERS in org.features else None
    if owner is not None and owner.get("IsActive") is False:
        raise _inactive(f"{record['OwnerId']}", f" as owner of {sobject.label.lower()}")


def _inactive(user_id: str, role: str) -> RowError:
    return RowError("INACTIVE_OWNER_OR_USER", f"operation performed with inactive user [{user_id}]{role}", ["OwnerId"])


def _check_required(sobject: ObjectType, record: Record, names: Container[str] | None = None) -> None:
    missing = [
        field.name
        for field in sobject
        if (names is None or field.name in names)
        and not field.nillable
        and field.createable
        and field.type not in COMPOUND_TYPES
        and record.get(field.name) is None
    ]
    if missing:
        raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)


def _check_unique(org: Org, sobject: ObjectType, record: Record, changed: Record) -> None:
    for name, value in changed.items():
        field = sobject.get(name)
        if field is None or not field.unique or value is None:
            continue
        for other in org.store.with_key(sobject.name, name, value):
            if other["Id"] != record["Id"] and (not field.case_sensitive or other[name] == value):
                raise RowError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {name} duplicates value on record with id: {other['Id']}",
                    [name],
                )
