"""One record: create, read, change, delete, and the same by external id."""

from __future__ import annotations

from typing import Any

from ..context import Context
from ..derived import address
from ..errors import ApiError, RowError, not_found
from ..fields import COMPOUND_TYPES, Field, ObjectType, Record
from ..lifecycle import delete as remove
from ..message import Response
from ..row_faults import row_check
from ..values import for_json, keep
from ..writing import create as insert
from ..writing import existing
from ..writing import update as change


def create(context: Context) -> Response:
    """POST sobjects/X."""
    try:
        record_id = insert(context.org, context.caller, context.sobject(), _values(context))
    except RowError as error:
        raise error.as_request_error() from error
    return Response(201, {"id": record_id, "success": True, "errors": []})


def read(context: Context) -> Response:
    """GET sobjects/X/id, all fields or those of ?fields=."""
    return Response(200, _shown(context, _by_id(context)))


def update(context: Context) -> Response:
    """PATCH sobjects/X/id: 204 without a body."""
    try:
        row_check(context)(context.parts["id"])
        change(context.org, context.caller, context.sobject(), context.parts["id"], _values(context))
    except RowError as error:
        raise error.as_request_error() from error
    return Response(204)


def delete(context: Context) -> Response:
    """DELETE sobjects/X/id: into the recycle bin."""
    try:
        remove(context.org, context.caller, context.sobject(), context.parts["id"])
    except RowError as error:
        raise error.as_request_error() from error
    return Response(204)


def read_by_key(context: Context) -> Response:
    """GET sobjects/X/field/value."""
    found = _matches(context)
    return Response(200, _shown(context, found[0])) if len(found) == 1 else _none_or_many(context, found)


def upsert(context: Context) -> Response:
    """PATCH sobjects/X/field/value: 201 when created, 200 when changed, 300 when several match."""
    sobject, values = context.sobject(), _values(context)
    found = _matches(context)
    if len(found) > 1:
        return _none_or_many(context, found)
    try:
        if found:
            record_id = change(context.org, context.caller, sobject, found[0]["Id"], values)
        else:
            values[_key_field(context, sobject).name] = context.parts["value"]
            record_id = insert(context.org, context.caller, sobject, values)
    except RowError as error:
        raise error.as_request_error() from error
    body = {"id": record_id, "success": True, "errors": [], "created": not found}
    return Response(200 if found else 201, body)


def _values(context: Context) -> dict[str, Any]:
    values = dict(context.request.json)
    values.pop("attributes", None)
    return values


def _by_id(context: Context) -> Record:
    try:
        return existing(context.org, context.sobject(), context.parts["id"])
    except RowError as error:
        if error.code == "ENTITY_IS_DELETED":
            raise error.as_request_error() from error
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist") from error


def key_field(context: Context, sobject: ObjectType, name: str) -> Field:
    """The external id field of this name; ApiError 404 when the object has no such key for this user."""
    field = context.caller.field(sobject, name)
    if field is None or not (field.id_lookup or field.external_id):
        raise ApiError(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def _key_field(context: Context, sobject: ObjectType) -> Field:
    return key_field(context, sobject, context.parts["field"])


def _matches(context: Context) -> list[Record]:
    sobject = context.sobject()
    field = _key_field(context, sobject)
    try:
        value = keep(field, context.parts["value"])
    except RowError as error:
        raise error.as_request_error() from error
    if field.name == "Id":
        found = context.org.store.get(sobject.name, str(value))
        return [found] if found and not found.get("IsDeleted") else []
    return context.org.store.with_key(sobject.name, field.name, value)


def _none_or_many(context: Context, found: list[Record]) -> Response:
    if not found:
        raise not_found()
    name = context.sobject().name
    return Response(300, [context.data_url(f"sobjects/{name}/{record['Id']}") for record in found])


def _shown(context: Context, record: Record) -> dict[str, Any]:
    sobject = context.sobject()
    asked = context.request.query.get("fields")
    fields = context.caller.fields(sobject) if asked is None else _asked(context, sobject, asked)
    attributes = {"type": sobject.name, "url": context.data_url(f"sobjects/{sobject.name}/{record['Id']}")}
    return {
        "attributes": attributes,
        **{
            field.name: address(field, record)
            if field.type in COMPOUND_TYPES
            else for_json(field, record.get(field.name))
            for field in fields
        },
    }


def _asked(context: Context, sobject: ObjectType, names: str) -> list[Field]:
    found = []
    for name in names.split(","):
        field = context.caller.field(sobject, name.strip())
        if field is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name.strip()}' on sobject of type {sobject.name}")
        found.append(field)
    return found
