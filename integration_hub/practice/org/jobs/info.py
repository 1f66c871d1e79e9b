"""Finding a job, showing it, and the moves that query and ingest jobs share."""

from __future__ import annotations

from typing import Any

from ..context import Context
from ..errors import ApiError, not_found
from ..identifiers import to_18
from ..message import Response
from .board import INGEST, QUERY, RUNNING, TERMINAL, Job

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}


def job_of(context: Context, kind: str) -> Job:
    """The job named in the path; ApiError 404 when there is none of this kind."""
    job = context.org.jobs.get(to_18(context.parts["id"]) or "")
    if job is None or job.kind != kind:
        raise not_found()
    return job


def check_bulk_limit(context: Context) -> None:
    """ApiError 400 LIMIT_EXCEEDED when no more Bulk jobs are to be had today."""
    if context.fault("bulk_limit") is not None or not context.org.usage.bulk_left():
        raise ApiError(400, "LIMIT_EXCEEDED", "Max bulk API jobs per 24 hours limit exceeded.")


def not_supported(sobject: str) -> ApiError:
    """The refusal of an object that Bulk does not know."""
    return ApiError(400, "INVALIDENTITY", f"Entity '{sobject}' is not supported by the Bulk API.")


def new_job(context: Context, kind: str, spec: dict[str, Any], state: str) -> Job:
    """A job with the settings of a create request; ApiError 400 for settings no org knows."""
    if spec.get("contentType", "CSV") != "CSV":
        raise ApiError(400, "INVALID_INPUT", f"Unsupported content type: {spec['contentType']}")
    delimiter, line_ending = str(spec.get("columnDelimiter", "COMMA")), str(spec.get("lineEnding", "LF"))
    if delimiter not in DELIMITERS or line_ending not in {"LF", "CRLF"}:
        raise ApiError(400, "INVALID_INPUT", f"Unknown columnDelimiter or lineEnding: {delimiter}, {line_ending}")
    slow = context.fault("slow_job")
    return Job(
        context.org.mint.new("750"),
        kind,
        str(spec.get("operation")),
        str(spec.get("object", "")),
        context.caller.user_id,
        context.org.clock.stamp(),
        context.version,
        state,
        line_ending=line_ending,
        delimiter=delimiter,
        polls_left=context.org.settings.job_polls + (int(slow.option("polls", 20)) if slow else 0),
    )


def show(job: Job, *, counts: bool = True) -> dict[str, Any]:
    """What the org tells about a job; counts come only after something was uploaded or processed."""
    shown: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.created_by,
        "createdDate": f"{job.created}.000+0000",
        "systemModstamp": f"{job.created}.000+0000",
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }
    if job.kind == INGEST:
        shown |= {"externalIdFieldName": job.external_id} if job.external_id else {}
        shown |= (
            {"contentUrl": f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"} if job.state == "Open" else {}
        )
    return shown | (_counts(job) if counts else {})


def _counts(job: Job) -> dict[str, Any]:
    if job.kind == QUERY:
        done = len(job.results) if job.state in TERMINAL else 0
        return {
            "jobType": "V2Query", "numberRecordsProcessed": done, "retries": 0, "totalProcessingTime": 249,
            "isPkChunkingSupported": True, **_error(job),
        }  # fmt: skip
    if not job.uploaded:
        return {}
    ready = job.state in TERMINAL | {"InProgress"}
    times = dict.fromkeys(("retries", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"), 0)
    return {
        "jobType": "V2Ingest",
        "numberRecordsProcessed": len(job.results) + len(job.failed) if ready else 0,
        "numberRecordsFailed": len(job.failed) if ready else 0,
        **times,
        **_error(job),
    }


def _error(job: Job) -> dict[str, str]:
    return {"errorMessage": job.error_message} if job.state == "Failed" and job.error_message else {}


def get_info(context: Context, kind: str) -> Response:
    """GET a job; each look moves it on."""
    job = job_of(context, kind)
    job.poll()
    context.org.jobs.moved(job)
    return Response(200, show(job))


def abort(context: Context, kind: str) -> Response:
    """Stop a job that is not at its end."""
    job = job_of(context, kind)
    if job.state not in RUNNING | {"Open"}:
        raise ApiError(400, "INVALIDJOBSTATE", f"Aborting already {_spoken(job)} Job not allowed")
    job.state = "Aborted"
    context.org.jobs.moved(job)
    return Response(200, show(job, counts=False))


def _spoken(job: Job) -> str:
    return {"JobComplete": "Completed"}.get(job.state, job.state)


def delete(context: Context, kind: str) -> Response:
    """Forget a job that is at its end; ingest jobs also before they run."""
    job = job_of(context, kind)
    if job.state not in TERMINAL and not (kind == INGEST and job.state == "UploadComplete"):
        raise ApiError(400, "API_ERROR", "Error encountered when deleting the job because the job is not terminated")
    context.org.jobs.drop(job.id)
    return Response(204)


def list_jobs(context: Context, kind: str) -> Response:
    """GET all jobs of a kind."""
    found = [show(job, counts=False) for job in context.org.jobs if job.kind == kind]
    return Response(200, {"done": True, "records": found, "nextRecordsUrl": None})


def check_readable(context: Context, job: Job) -> None:
    """Results are read with the API version of the job (409) and after its end (412)."""
    if context.version != job.version:
        raise ApiError(
            409,
            "API_VERSION_MISMATCH",
            f"The job was created with API version {job.version}, read with {context.version}",
        )
    if job.state not in TERMINAL or context.fault("results_not_ready") is not None:
        raise ApiError(412, "JOB_NOT_COMPLETE", "The job is not complete yet")


def csv_line(values: list[str], delimiter: str) -> str:
    """One record with every value in double quotes."""
    return delimiter.join('"' + value.replace('"', '""') + '"' for value in values)
