"""composite/sobjects: up to 200 records in one call, answered row by row in request order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..context import Context
from ..errors import ApiError, BadType, RowError, UnknownField
from ..fields import ObjectType
from ..identifiers import to_18
from ..lifecycle import delete as remove
from ..message import Response
from ..row_faults import row_check
from ..values import keep
from ..writing import create as insert
from ..writing import update as change
from .records import key_field

MOST_RECORDS = 200
MOST_CHUNKS = 10
Row = dict[str, Any]
Write = Callable[[ObjectType, Row], Row]


def create(context: Context) -> Response:
    """POST composite/sobjects."""
    return _each(context, lambda sobject, row: _ok(insert(context.org, context.caller, sobject, row)))


def update(context: Context) -> Response:
    """PATCH composite/sobjects: each record carries `id` or `Id`."""

    def write(sobject: ObjectType, row: Row) -> Row:
        record_id = row.pop("id", None) or row.pop("Id", None)
        whole = to_18(str(record_id))
        if whole in seen:
            raise RowError("DUPLICATE_VALUE", f"duplicate id in list: {whole}", ["Id"])
        seen.add(whole)
        locked(str(record_id))
        return _ok(change(context.org, context.caller, sobject, record_id, row))

    locked = row_check(context)
    seen: set[str | None] = set()
    return _each(context, write)


def upsert(context: Context) -> Response:
    """PATCH composite/sobjects/X/field: rows say whether they were created."""
    expected, name = context.sobject(), context.parts["field"]
    key = key_field(context, expected, name)
    locked = row_check(context)

    def write(sobject: ObjectType, row: Row) -> Row:
        if sobject is not expected:
            raise RowError("INVALID_TYPE", f"sObject type '{sobject.name}' is not the type of this upsert")
        locked(str(row.get(key.name, "")))
        return upsert_row(context, sobject, key.name, row)

    return _each(context, write)


def upsert_row(context: Context, sobject: ObjectType, key: str, row: Row) -> Row:
    """Create or change the record whose key field has the row's value; RowError when several have it."""
    named = next((name for name in row if name.lower() == key.lower()), None)
    value = keep(sobject.by_name[key.lower()], row[named]) if named else None
    if value is None and key == "Id":
        return {**_ok(insert(context.org, context.caller, sobject, row)), "created": True}
    if value is None:
        raise RowError("MISSING_ARGUMENT", f"{key} not specified")
    if key == "Id":
        row.pop(str(named))
        return {**_ok(change(context.org, context.caller, sobject, value, row)), "created": False}
    found = context.org.store.with_key(sobject.name, key, value)
    if len(found) > 1:
        ids = ", ".join(str(record["Id"]) for record in found)
        raise RowError(
            "DUPLICATE_EXTERNAL_ID", f"{key}: more than one record found for external id field: [{ids}]", [key]
        )
    if found:
        row.pop(str(named))
        return {**_ok(change(context.org, context.caller, sobject, found[0]["Id"], row)), "created": False}
    return {**_ok(insert(context.org, context.caller, sobject, row)), "created": True}


def delete(context: Context) -> Response:
    """DELETE composite/sobjects?ids=a,b&allOrNone=false."""
    ids = [each for each in context.request.query.get("ids", "").split(",") if each]
    _check_size(ids)

    def one(record_id: str) -> Row:
        sobject = context.org.schema.by_prefix(to_18(record_id) or record_id)
        if sobject is None:
            raise RowError("MALFORMED_ID", f"bad id {record_id}")
        return _ok(remove(context.org, context.caller, sobject, record_id))

    return _answer(context, [partial(one, each) for each in ids], context.request.query.get("allOrNone") == "true")


def _ok(record_id: str) -> Row:
    return {"id": record_id, "success": True, "errors": []}


def _each(context: Context, write: Write) -> Response:
    body = context.request.json
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ApiError(400, "JSON_PARSER_ERROR", "The request needs a list of records")
    _check_size(records)
    rows = [(_type_of(context, record), _fields_of(record)) for record in records]
    _check_chunks([sobject.name for sobject, _ in rows])
    steps = [partial(write, sobject, row) for sobject, row in rows]
    return _answer(context, steps, body.get("allOrNone") is True)


def _answer(context: Context, steps: Sequence[Callable[[], Row]], all_or_none: bool) -> Response:
    store = context.org.store
    start = store.mark()
    results: list[Row] = []
    for step in steps:
        before = store.mark()
        try:
            results.append(step())
        except (UnknownField, BadType) as error:
            store.roll_back(start)
            raise _unreadable(error) from error
        except RowError as error:
            store.roll_back(before)
            results.append(_failed(error))
    if all_or_none and any(not result["success"] for result in results):
        store.roll_back(start)
        results = [result if not result["success"] else _bystander() for result in results]
    return Response(200, results)


def _unreadable(error: RowError) -> ApiError:
    if isinstance(error, UnknownField):
        return error.as_request_error()
    return ApiError(
        400, "JSON_PARSER_ERROR", f"Cannot deserialize a value: {error.message} at [line:1, column:1]", error.fields
    )


def _failed(error: RowError) -> Row:
    return {
        "success": False,
        "errors": [{"statusCode": error.code, "message": error.message, "fields": list(error.fields)}],
    }


def _bystander() -> Row:
    return _failed(
        RowError(
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "Record rolled back because not all records were valid and the request was using AllOrNone header",
        )
    )


def _type_of(context: Context, record: Row) -> ObjectType:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not name:
        raise ApiError(400, "INVALID_INPUT", "Every record needs attributes with its type")
    return context.sobject(str(name))


def _fields_of(record: Row) -> Row:
    return {name: value for name, value in record.items() if name != "attributes"}


def _check_size(rows: list[Any]) -> None:
    if not rows or len(rows) > MOST_RECORDS:
        raise ApiError(
            400,
            "EXCEEDED_MAX_SIZE_REQUEST" if rows else "INVALID_INPUT",
            f"record limit reached: {len(rows)} of {MOST_RECORDS}",
        )


def _check_chunks(names: list[str]) -> None:
    chunks = sum(1 for place, name in enumerate(names) if place == 0 or names[place - 1] != name)
    if chunks > MOST_CHUNKS:
        raise ApiError(400, "INVALID_INPUT", f"too many chunks of different types: {chunks} of {MOST_CHUNKS}")
