"""Putting records straight into the org, as an import or history would have left them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .derived import derive
from .errors import RowError
from .fields import Field, ObjectType, Record, Value
from .identifiers import to_18
from .org import Org
from .persons import give_contact
from .selling import follow
from .values import keep
from .writing import blank, stamp

REF = "_ref"


def seed(org: Org, sobject: ObjectType, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Store rows and return their ids; a row with a known Id changes that record.

    Values are checked by type and length; audit fields, computed fields and IsDeleted may be set too. A reference
    may be `{"ref": name}`, naming a record that came with `"_ref": name`, now or earlier. RowError says which row.
    """
    ids = []
    for place, raw in enumerate(rows):
        try:
            ids.append(_one(org, sobject, raw))
        except RowError as error:
            raise RowError(error.code, f"record {place}: {error.message}", error.fields) from error
    return ids


def _one(org: Org, sobject: ObjectType, raw: Mapping[str, Any]) -> str:
    values: Record = {}
    for name, value in raw.items():
        if name not in (REF, "Id", "attributes"):
            field = _field(sobject, name)
            values[field.name] = _value(org, field, value)
    record = _base(org, sobject, raw.get("Id"))
    record.update(values)
    derive(sobject, record, values)
    follow(org, sobject, record)
    record.update(values)
    _default_stamps(sobject, record, values)
    if record.get("IsPersonAccount") and sobject.name == "Account":
        give_contact(org, record)
    org.store.put(sobject.name, record)
    if REF in raw:
        org.name_record(str(raw[REF]), str(record["Id"]))
    return str(record["Id"])


def _field(sobject: ObjectType, name: str) -> Field:
    field = sobject.get(name)
    if field is None:
        raise RowError("INVALID_FIELD", f"{sobject.name} has no field {name!r}", [name])
    return field


def _value(org: Org, field: Field, value: Any) -> Value:
    if isinstance(value, Mapping) and "ref" in value:
        if value["ref"] not in org.refs:
            raise RowError("INVALID_CROSS_REFERENCE_KEY", f"no record was named {value['ref']!r}", [field.name])
        return org.refs[value["ref"]]
    return keep(field, value)


def _base(org: Org, sobject: ObjectType, given: Any) -> Record:
    caller = org.default_caller()
    if given is None:
        return blank(org, caller, sobject)
    whole = to_18(str(given))
    if whole is None or whole[:3] != sobject.prefix:
        raise RowError("MALFORMED_ID", f"{given!r} is not an id of {sobject.name}", ["Id"])
    known = org.store.get(sobject.name, whole)
    if known is None:
        return {**blank(org, caller, sobject), "Id": whole}
    record = dict(known)
    stamp(org, caller, record)
    return {name: value for name, value in record.items() if sobject.has(name)}


def _default_stamps(sobject: ObjectType, record: Record, values: Record) -> None:
    """A given creation date without stamps is also the last modification; one given stamp serves for both."""
    moment = values.get("SystemModstamp") or values.get("LastModifiedDate") or values.get("CreatedDate")
    if moment is None:
        return
    for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        if sobject.has(name) and name not in values and (name != "CreatedDate" or str(record.get(name)) > str(moment)):
            record[name] = moment
