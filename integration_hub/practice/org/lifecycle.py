"""Deleting, undeleting, merging and emptying the recycle bin."""

from __future__ import annotations

from typing import Any

from .access import Caller
from .errors import RowError
from .fields import ObjectType, Record
from .identifiers import to_18
from .org import Org
from .writing import existing, stamp

OF_ACCOUNT = ("Contact", "Opportunity", "Quote", "Order", "AccountTeamMember", "AccountShare")
CASCADES = {"Account": ("AccountId", OF_ACCOUNT), "Opportunity": ("OpportunityId", ("Quote",))}
"""Children that go to the recycle bin with their parent, and the field that names it."""
NO_CHILDREN: tuple[str, tuple[str, ...]] = ("", ())


def delete(org: Org, caller: Caller, sobject: ObjectType, record_id: Any) -> str:
    """Move a record and its dependants to the recycle bin; RowError when it is not there."""
    if not sobject.deletable:
        raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", "entity type cannot be deleted", status=400)
    record = existing(org, sobject, record_id)
    _move(org, caller, sobject.name, record, {"IsDeleted": True})
    reference, children = CASCADES.get(sobject.name, NO_CHILDREN)
    for child in children:
        for each in list(org.store.rows[child].values()):
            if each.get(reference) == record["Id"] and not each.get("IsDeleted"):
                _move(org, caller, child, each, {"IsDeleted": True})
    return str(record["Id"])


def undelete(org: Org, caller: Caller, sobject: ObjectType, record_id: Any) -> str:
    """Bring a record back from the recycle bin with the dependants that went in with it."""
    record = _in_bin(org, sobject, record_id)
    went = record.get("SystemModstamp")
    _move(org, caller, sobject.name, record, {"IsDeleted": False, "MasterRecordId": None})
    reference, children = CASCADES.get(sobject.name, NO_CHILDREN)
    for child in children:
        for each in list(org.store.rows[child].values()):
            together = each.get(reference) == record["Id"] and each.get("LastModifiedDate") == went
            if together and each.get("IsDeleted"):
                _move(org, caller, child, each, {"IsDeleted": False})
    return str(record["Id"])


def merge(org: Org, caller: Caller, sobject: ObjectType, winner_id: Any, loser_id: Any) -> None:
    """Delete the loser in favour of the winner, which takes over everything that pointed at the loser."""
    winner, loser = existing(org, sobject, winner_id), existing(org, sobject, loser_id)
    if winner["Id"] == loser["Id"] or not sobject.has("MasterRecordId"):
        raise RowError("INVALID_OPERATION", "these records can not be merged")
    for child, field in org.schema.children(sobject):
        for each in list(org.store.rows[child.name].values()):
            if each.get(field.name) == loser["Id"] and field.name != "MasterRecordId":
                _move(org, caller, child.name, each, {field.name: winner["Id"]})
    _move(org, caller, sobject.name, winner, {})
    _move(org, caller, sobject.name, loser, {"IsDeleted": True, "MasterRecordId": winner["Id"]})


def hard_delete(org: Org, sobject: ObjectType, record_id: Any) -> str:
    """Remove a record for good, deleted before or not: no query will ever show it again."""
    whole = to_18(str(record_id))
    if whole is None or org.store.get(sobject.name, whole) is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
    org.store.drop(sobject.name, whole)
    return whole


def _in_bin(org: Org, sobject: ObjectType, record_id: Any) -> Record:
    record = org.store.get(sobject.name, to_18(str(record_id)) or "")
    if record is None or not record.get("IsDeleted"):
        raise RowError("UNDELETE_FAILED", "Entity is not in the recycle bin")
    return record


def _move(org: Org, caller: Caller, sobject: str, record: Record, changes: Record) -> None:
    known = org.schema.objects[sobject.lower()]
    changed = {**record, **{name: value for name, value in changes.items() if known.has(name)}}
    stamp(org, caller, changed)
    org.store.put(sobject, {name: value for name, value in changed.items() if known.has(name)})
