"""Applying the rows of an ingest job."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from ..context import Context
from ..endpoints.collections import upsert_row
from ..errors import RowError
from ..fields import ObjectType
from ..lifecycle import delete, hard_delete
from ..row_faults import row_check
from ..values import keep
from ..writing import create, update
from . import info
from .board import Job
from .upload import BadUpload, Row, read

CLEAR = "#N/A"
INTERNAL_BATCH = 10_000
"""Rows that count as one batch of the daily allowance."""
Values = dict[str, Any]
Apply = Callable[[Values], tuple[str, bool]]


def process(context: Context, job: Job) -> None:
    """Fill the job's results; a file that can not be processed makes the outcome Failed."""
    delimiter = info.DELIMITERS[job.delimiter]
    sobject = context.sobject(job.object)
    upload, job.upload = job.upload, ""
    try:
        header, rows = read(upload, delimiter, job.line_ending)
        job.header = header.raw
        _check_header(context, job, sobject, header.values)
    except BadUpload as error:
        _fail(job, str(error))
        return
    context.org.usage.bulk_batches += -(-len(rows) // INTERNAL_BATCH) or 1
    rows = rows[: _break(context, job, rows)]
    locked = row_check(context)
    apply = _apply(context, job, sobject)
    lines = [
        _one(context, job, sobject, header.values, row, lambda values: _unlocked(apply, locked, values)) for row in rows
    ]
    good = [line for line in lines if line is not None]
    chance = random.Random(job.id)  # noqa: S311 - an order, no secret
    chance.shuffle(good)
    chance.shuffle(job.failed)
    job.results = good


def _fail(job: Job, message: str | None) -> None:
    job.outcome, job.error_message = "Failed", message


def _break(context: Context, job: Job, rows: list[Row]) -> int:
    """How many rows get processed before a fault ends the job."""
    with_message, without = context.fault("job_failed"), context.fault("job_failed_without_message")
    half = context.fault("job_half_processed")
    switch = with_message or without or half
    if switch is None:
        return len(rows)
    _fail(job, None if without else str(switch.option("message", "InternalServerError : TooManyLockFailure")))
    reached = int(switch.option("rows", len(rows) // 2)) if half else 0
    job.unprocessed = [row.raw for row in rows[reached:]]
    return reached


def _check_header(context: Context, job: Job, sobject: ObjectType, names: list[str]) -> None:
    for name in names:
        if _target(context, sobject, name) is None:
            raise BadUpload(f"InvalidBatch : Field name not found : {name}")
    key = {"insert": "", "upsert": job.external_id}.get(job.operation, "Id")
    if key and key.lower() not in [name.lower() for name in names]:
        raise BadUpload(f"InvalidBatch : Field name not found : {key}")


def _target(context: Context, sobject: ObjectType, name: str) -> str | None:
    """The field a column fills: its own, or for `Parent.Key__c` the reference behind it."""
    relationship, _, key = name.partition(".")
    if not key:
        field = context.caller.field(sobject, name)
        return field.name if field else None
    reference = sobject.parent(relationship)
    if reference is None or context.caller.field(sobject, reference.name) is None:
        return None
    parent = context.sobject(reference.reference_to[0])
    field = context.caller.field(parent, key)
    return reference.name if field and (field.external_id or field.id_lookup) else None


def _one(context: Context, job: Job, sobject: ObjectType, names: list[str], row: Row, apply: Apply) -> str | None:
    """The line that tells of a row done; None when it failed, which the job then tells."""
    delimiter = info.DELIMITERS[job.delimiter]
    mark = context.org.store.mark()
    try:
        record_id, created = apply(_values(context, sobject, names, row))
    except RowError as error:
        context.org.store.roll_back(mark)
        where = ",".join(error.fields) + " " if error.fields else ""
        text = f"{error.code}:{error.message}:{where}--"
        job.failed.append(delimiter.join(['""', info.csv_line([text], delimiter), row.raw]))
        return None
    told = info.csv_line([record_id, "true" if created else "false"], delimiter)
    return delimiter.join([told, row.raw])


def _values(context: Context, sobject: ObjectType, names: list[str], row: Row) -> Values:
    if row.error or len(row.values) != len(names):
        reason = row.error or f"{len(row.values)} values for {len(names)} columns"
        raise RowError("ClientInputError", f"Failed to parse the record: {reason}")
    values: Values = {}
    for name, text in zip(names, row.values, strict=True):
        if text == "":
            continue
        target = str(_target(context, sobject, name))
        value = None if text == CLEAR else text
        values[target] = _referred(context, sobject, name, value) if "." in name and value else value
    return values


def _referred(context: Context, sobject: ObjectType, name: str, text: str) -> str:
    """The id of the parent whose key has this value."""
    _, _, key = name.partition(".")
    reference = sobject.by_name[str(_target(context, sobject, name)).lower()]
    parent = context.sobject(reference.reference_to[0])
    field = parent.by_name[key.lower()]
    found = context.org.store.with_key(parent.name, field.name, keep(field, text))
    if len(found) != 1:
        raise RowError(
            "INVALID_FIELD", f"Foreign key external ID: {text} not found for field {field.name} in entity {parent.name}"
        )
    return str(found[0]["Id"])


def _unlocked(apply: Apply, locked: Callable[[str], None], values: Values) -> tuple[str, bool]:
    locked(str(values.get("Id", "")))
    return apply(values)


def _apply(context: Context, job: Job, sobject: ObjectType) -> Apply:
    org, caller = context.org, context.caller

    def insert_row(values: Values) -> tuple[str, bool]:
        return create(org, caller, sobject, values), True

    def update_row(values: Values) -> tuple[str, bool]:
        return update(org, caller, sobject, values.pop("Id", None), values), False

    def upsert_one(values: Values) -> tuple[str, bool]:
        result = upsert_row(context, sobject, job.external_id, values)
        return str(result["id"]), bool(result["created"])

    def delete_row(values: Values) -> tuple[str, bool]:
        return delete(org, caller, sobject, values.get("Id")), False

    def hard_delete_row(values: Values) -> tuple[str, bool]:
        return hard_delete(org, sobject, values.get("Id")), False

    return {
        "insert": insert_row, "update": update_row, "upsert": upsert_one,
        "delete": delete_row, "hardDelete": hard_delete_row,
    }[job.operation]  # fmt: skip
