"""Updates many records with one Bulk API 2.0 job; answers are joined by Id, because they come in any order."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from integration_hub.failpoints import reached
from integration_hub.salesforce.answers import RowAnswer, refused_row, unprocessed_row
from integration_hub.salesforce.connection import Connection
from integration_hub.salesforce.csv_upload import upload_file
from integration_hub.salesforce.errors import NotWantedAnyMore, RequestRefused, not_readable
from integration_hub.salesforce.ids import is_id, to_18
from integration_hub.salesforce.polling import ABORTED, COMPLETE, OPEN, TERMINAL, JobInfo, job_info, wait_for_end
from integration_hub.salesforce.result_page import fetch_page

ID, ERROR, UPLOADED = "Id", "sf__Error", "numberRecordsProcessed"
SUCCESSFUL, FAILED_ROWS, UNPROCESSED_ROWS = "successfulResults", "failedResults", "unprocessedrecords"


def bulk_update(
    connection: Connection,
    sobject: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    *,
    on_job: Callable[[str], None],
    job_id: str = "",
    going: Callable[[], bool] = lambda: True,
) -> Iterator[RowAnswer]:
    """Update the rows, each with its `Id`, and yield one answer per row.

    None clears a field, a missing column leaves it. `on_job` gets the job's id before anything is uploaded. With
    `job_id` that job is waited for instead, and nothing is uploaded: if its upload arrived but was never closed, it is
    closed now; if it never arrived, the job is aborted and every row is answered as unprocessed. `going` is asked
    before every try to close the job, and before every poll: once it says no, the job is aborted, and the rows it had
    not reached are answered as unprocessed. The job is not deleted afterwards: an interrupted reader may come back for
    its answers for a week, and administrators find it in the org's setup. Raises SalesforceProblem and its kinds,
    ValueError for a double Id.
    """
    ids = [to_18(str(row[ID])) for row in rows]
    if len(set(ids)) != len(ids):
        raise ValueError("the same Id stands twice in one job")
    if not rows:
        return
    path = f"jobs/ingest/{job_id}"
    if not job_id:
        connection.check_budget()
        path = _start(connection, sobject, columns, rows, on_job, going)
    else:
        _settle_open(connection, path, going)

    def polled() -> bool:
        reached("mid_poll")
        return going()

    info = wait_for_end(connection, path, going=polled)
    if info["state"] not in TERMINAL:
        _abort(connection, path)
        info = wait_for_end(connection, path)
    yield from _answers(connection, path, info, ids)


def _start(
    connection: Connection,
    sobject: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    on_job: Callable[[str], None],
    going: Callable[[], bool],
) -> str:
    """Create, upload and close a job; its path. What was stopped meanwhile is aborted instead of closed."""
    order = {
        "object": sobject,
        "operation": "update",
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    with upload_file(columns, rows) as body:
        # Asked twice it makes two jobs, of which one stays empty: no harm.
        info = connection.json("POST", "jobs/ingest", body=json.dumps(order), repeatable=True)
        if not isinstance(info, dict) or not info.get("id"):
            raise not_readable("Salesforce made a Bulk job without an id.")
        path = f"jobs/ingest/{info['id']}"
        on_job(str(info["id"]))
        connection.put_csv(f"{path}/batches", body)
    reached("before_close")
    _close_or_abort(connection, path, going)
    reached("after_close")
    return path


def _settle_open(connection: Connection, path: str, going: Callable[[], bool]) -> None:
    """Bring a job that its process left open to its end. A job that was not closed has changed nothing yet.

    Salesforce counts records only once it has the whole file: without counts there is nothing to close.
    """
    info = job_info(connection, path)
    if info["state"] != OPEN:
        return
    if UPLOADED in info:
        _close_or_abort(connection, path, going)
    else:
        _abort(connection, path)


def _abort(connection: Connection, path: str) -> None:
    try:
        connection.json("PATCH", path, body='{"state":"Aborted"}', repeatable=True)
    except RequestRefused as refused:
        # It ended by itself in the same moment, or a repeated request finds it aborted by the first one.
        if job_info(connection, path)["state"] not in TERMINAL:
            raise refused from None


def _close_or_abort(connection: Connection, path: str, going: Callable[[], bool]) -> None:
    """Let Salesforce begin, as long as nobody says stop: a close without an answer is tried for minutes."""
    with contextlib.suppress(NotWantedAnyMore):
        if going():
            _close(connection, path, going)
            return
    _abort(connection, path)


def _close(connection: Connection, path: str, going: Callable[[], bool]) -> None:
    try:
        connection.json("PATCH", path, body='{"state":"UploadComplete"}', repeatable=True, going=going)
    except RequestRefused as refused:
        # A repeated request finds the job closed by the first one, whose answer was lost.
        if job_info(connection, path)["state"] in {OPEN, ABORTED}:
            raise refused from None


def _answers(connection: Connection, path: str, info: JobInfo, ids: Sequence[str]) -> Iterator[RowAnswer]:
    """One answer per row: accepted, refused, or never reached. Ids that are not ours are left out."""
    missing = dict.fromkeys(ids)
    for record_id, _ in _result(connection, f"{path}/{SUCCESSFUL}"):
        if record_id in missing:
            del missing[record_id]
            yield RowAnswer(record_id, ok=True)
    reached("between_results")
    for record_id, error in _result(connection, f"{path}/{FAILED_ROWS}"):
        if record_id in missing:
            del missing[record_id]
            yield refused_row(record_id, error)
    if not missing:
        return
    reason = _reason(info)
    for record_id in missing:
        yield unprocessed_row(record_id, reason)


def _reason(info: JobInfo) -> str:
    if info["state"] == COMPLETE:
        return "Salesforce ended the job without a result for this row."
    said = info.get("errorMessage") or "Salesforce gives no reason"
    return f"The job ended as {info['state']}: {said}"


def _result(connection: Connection, path: str) -> Iterator[tuple[str, str]]:
    """(Id, sf__Error) per row of a result file; the columns are found by name, the Id is the one that we sent."""
    page = fetch_page(connection, path, {})
    names = [name.lower() for name in page.columns]
    if ID.lower() not in names:
        if page.rows:
            raise not_readable("A Bulk result has no column Id.")
        page.body.close()
        return
    place, error = names.index(ID.lower()), names.index(ERROR.lower()) if ERROR.lower() in names else -1
    for row in page.records():
        if len(row) != len(names) or not is_id(row[place]):
            raise not_readable("A Bulk result has a row that does not fit its columns.")
        yield to_18(row[place]), row[error] if error >= 0 else ""
