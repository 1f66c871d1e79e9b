"""jobs/ingest: create, upload, close and read the results."""

from __future__ import annotations

from ..context import Context
from ..errors import ApiError
from ..message import Response
from . import info
from .board import INGEST, Job
from .processing import process

OPERATIONS = frozenset({"insert", "update", "upsert", "delete", "hardDelete"})
LARGEST_UPLOAD = 150_000_000


def create(context: Context) -> Response:
    """POST jobs/ingest."""
    spec = context.request.json
    operation = str(spec.get("operation"))
    if operation not in OPERATIONS:
        raise ApiError(400, "INVALID_INPUT", f"Unsupported operation: {operation}")
    info.check_bulk_limit(context)
    sobject = context.org.schema.get(str(spec.get("object", "")))
    if sobject is None or not sobject.updateable or context.fault("invalid_entity") is not None:
        raise info.not_supported(str(spec.get("object")))
    key = str(spec.get("externalIdFieldName") or "")
    if operation == "upsert":
        field = context.caller.field(sobject, key)
        if field is None or not (field.external_id or field.id_lookup):
            raise ApiError(
                400,
                "INVALIDJOB",
                f"InvalidJob : Field name provided, {key} is not an External ID or indexed field for {sobject.name}",
            )
        key = field.name
    job = info.new_job(context, INGEST, spec, "Open")
    job.object, job.external_id = sobject.name, key
    context.org.jobs.put(job)
    return Response(200, info.show(job))


def upload(context: Context) -> Response:
    """PUT the CSV: 201 without a body. A job takes one file."""
    job = info.job_of(context, INGEST)
    if job.state != "Open":
        raise ApiError(400, "INVALIDJOBSTATE", f"Uploading data is not allowed, the job is {job.state}")
    if job.uploaded:
        raise ApiError(400, "INVALIDJOBSTATE", "Data was already uploaded to this job")
    if not context.request.headers.get("content-type", "").lower().startswith("text/csv"):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type of an upload must be text/csv")
    if len(context.request.body) > LARGEST_UPLOAD:
        raise ApiError(413, "REQUEST_TOO_LARGE", "The uploaded data is larger than 150 MB")
    try:
        job.upload = context.request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ApiError(400, "ClientInputError", f"The data is not UTF-8: {error.reason}") from error
    job.uploaded = True
    context.org.jobs.put(job)
    return Response(201, "")


def change_state(context: Context) -> Response:
    """PATCH {"state": "UploadComplete"} starts the job, {"state": "Aborted"} stops it."""
    state = context.request.json.get("state")
    if state == "Aborted":
        return info.abort(context, INGEST)
    job = info.job_of(context, INGEST)
    if state != "UploadComplete" or job.state != "Open":
        raise ApiError(400, "INVALIDJOBSTATE", f"Moving the job from {job.state} to {state} is not allowed")
    job.state = "UploadComplete"
    process(context, job)
    context.org.jobs.put(job)
    return Response(200, info.show(job, counts=False))


def successful(context: Context) -> Response:
    """GET successfulResults."""
    job = _finished(context)
    return _csv(context, job, '"sf__Id","sf__Created"', job.results)


def failed(context: Context) -> Response:
    """GET failedResults."""
    job = _finished(context)
    return _csv(context, job, '"sf__Id","sf__Error"', job.failed)


def unprocessed(context: Context) -> Response:
    """GET unprocessedrecords: the columns as they were sent."""
    job = _finished(context)
    return _csv(context, job, "", job.unprocessed)


def _finished(context: Context) -> Job:
    job = info.job_of(context, INGEST)
    info.check_readable(context, job)
    return job


def _csv(context: Context, job: Job, added: str, lines: list[str]) -> Response:
    delimiter = info.DELIMITERS[job.delimiter]
    head = delimiter.join(part for part in (added.replace(",", delimiter), job.header) if part)
    text = "".join(line + job.end_of_line for line in [head, *lines])
    return Response(200, text, content_type=_content_type(context, job))


def _content_type(context: Context, job: Job) -> str:
    """Half of the jobs leave the charset out, as the only known recording does: clients must not need it."""
    bare = context.fault("no_charset") is not None or sum(job.id.encode()) % 2 == 0
    return "text/csv" if bare else "text/csv; charset=UTF-8"
