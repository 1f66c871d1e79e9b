"""Field history: who changed a tracked field of an account, when, from what to what."""

from __future__ import annotations

from .access import Caller
from .fields import NUMBER_TYPES, Field, ObjectType, Record
from .org import Org

HISTORIES = {"Account": ("AccountHistory", "AccountId")}
"""Tracked object -> its history object and the field that leads back."""
CREATED = "created"
DATA_TYPES = {
    "boolean": "Boolean", "date": "DateOnly", "datetime": "DateTime", "reference": "EntityId", "double": "Double",
    "currency": "Currency", "percent": "Percent", "picklist": "DynamicEnum", "phone": "Phone", "url": "Url",
}  # fmt: skip
NUMBERS = frozenset(DATA_TYPES[kind] for kind in NUMBER_TYPES)


def track(org: Org, sobject: ObjectType, names: list[str]) -> None:
    """Track these fields of an object from now on; with no names end tracking. ValueError when that can not be."""
    if sobject.name not in HISTORIES:
        raise ValueError(f"the practice org keeps no history of {sobject.name}")
    unknown = [name for name in names if not sobject.has(name)]
    if unknown:
        raise ValueError(f"{sobject.name} has no field {unknown[0]!r}")
    org.tracked[sobject.name] = sorted({sobject.by_name[name.lower()].name for name in names})
    org.save("tracked")


def note_creation(org: Org, caller: Caller, sobject: ObjectType, record: Record) -> None:
    """The first line of a new record's history."""
    if org.tracked.get(sobject.name):
        _write(org, caller, HISTORIES[sobject.name], record, None, {})


def note_changes(org: Org, caller: Caller, sobject: ObjectType, old: Record, new: Record) -> None:
    """One line for each tracked field whose value differs. Long text is told as changed, without its values."""
    for name in org.tracked.get(sobject.name, ()):
        if old.get(name) != new.get(name):
            field = sobject.by_name[name.lower()]
            values = {"OldValue": old.get(name), "NewValue": new.get(name)} if field.length <= 255 else {}
            _write(org, caller, HISTORIES[sobject.name], new, field, values)


def _write(
    org: Org, caller: Caller, target: tuple[str, str], record: Record, field: Field | None, values: Record
) -> None:
    history, back = target
    line: Record = {
        "Id": org.mint.new(org.schema.objects[history.lower()].prefix),
        "IsDeleted": False,
        back: record["Id"],
        "Field": field.name if field else CREATED,
        "DataType": DATA_TYPES.get(field.type, "Text") if field else "Text",
        "CreatedById": caller.user_id,
        "CreatedDate": org.clock.stamp(),
        "OldValue": None,
        "NewValue": None,
    }
    org.store.put(history, {**line, **values})
