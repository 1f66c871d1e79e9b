"""Exports made in the background: asked for, made by a worker, told. The row in PostgreSQL is the truth at every
moment; a worker that is killed leaves it "running" with a free lock, and another one starts anew.
"""

import logging
import time
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, cast

import psycopg
from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, DatabaseError, close_old_connections, connection, connections, transaction
from django.utils import timezone

from customers.view_log import note_export
from integration_hub import audit, locks
from integration_hub.config import hub
from integration_hub.failpoints import reached
from integration_hub.jobs import EXPORTS, bound_memory, call_soon, is_of_another_release
from integration_hub.timing.pauses import exports_held
from integration_hub.urgency import NOT_URGENT, yield_to_pages
from reports import exporting
from reports.asking import read_question
from reports.export_csv import csv_blocks
from reports.export_delivery import deliver
from reports.export_files import finished, put_in_place, remove, unfinished
from reports.export_seal import CSV_RULE, SHEET_RULE, Seal, about
from reports.export_seen import seen_by
from reports.export_xlsx import write_xlsx
from reports.exports import Export, NotExported
from reports.models import UNFINISHED, ExportJob, ExportSchedule, ExportState
from reports.offered import offered_report
from reports.parameters import BadParameter

log = logging.getLogger(__name__)
WORK = "reports.export_jobs.work"
# Where priorities do not reach beyond a container, pauses do.
WORKED_SECONDS, PAUSE = 0.02, 0.25
"""After so many seconds of work a job pauses, for this part of what it worked."""
ATTEMPTS = 3
TOLD_SECONDS = 1.0
NO_RIGHT = "Your login may not export any more. Ask an administrator for the right."
NO_REPORT = "This report is not there any more for your login."


UNFORESEEN = (
    "The file could not be made: something happened that was not foreseen, and it would happen again. Ask an "
    "administrator: the log has the reason under “Export {}”. The figures are not affected."
)


class NotAllowed(Exception):
    """Whoever asked has no right to the export any more; the text says so."""


def request_export(
    user: Any,
    *,
    report: str,
    question: Mapping[str, str],
    as_of: date,
    form: str,
    rows: int | None = None,
    schedule: ExportSchedule | None = None,
) -> ExportJob:
    """Ask for an export, and ring for a worker after commit. The same one that waits or runs already is returned."""
    wanted = {"user": user, "report": report, "question": dict(question), "as_of": as_of, "format": form}
    job = ExportJob.objects.filter(**wanted, schedule=schedule, state__in=UNFINISHED).first()
    if job is None:
        with transaction.atomic():
            job = ExportJob.objects.create(
                **wanted, user_name=user.get_username(), rows_total=rows, schedule=schedule, told=False
            )
            told = {"report": report, "format": form, "as_of": as_of, "filter": job.question}
            by = "schedule" if schedule is not None else user.get_username()
            audit.record("export.requested", "export", job.pk, after=told, who=by)
    transaction.on_commit(partial(ring, job.pk))
    return job


def ring(number: int) -> bool:
    """Tell a worker; the scheduler rings again every minute."""
    attempt = ExportJob.objects.filter(pk=number).values_list("attempt", flat=True).first() or 0
    return call_soon(EXPORTS, WORK, number, attempt=attempt)


def lock_name(number: int) -> str:
    """The lock that whoever makes an export holds."""
    return f"export:{number}"


def work(number: int) -> None:
    """What the worker of the queue calls: pages that people wait for come before a file that nobody waits for."""
    bound_memory()
    yield_to_pages(NOT_URGENT)
    if not is_of_another_release(f"export {number}"):
        execute(number)


def execute(number: int) -> None:
    """Make a waiting export in this process. One that somebody else makes is left alone, and so is a scheduled one
    while scheduled exports are paused.
    """
    if not connection.in_atomic_block:
        close_old_connections()
    if exports_held(timezone.now()) and ExportJob.objects.filter(pk=number).exclude(schedule=None).exists():
        return
    with locks.holding(lock_name(number)) as free:
        waiting = ExportJob.objects.filter(pk=number, state=ExportState.WAITING)
        if free and waiting.update(state=ExportState.RUNNING, started_at=timezone.now(), rows_done=0):
            _make(ExportJob.objects.select_related("user", "schedule").get(pk=number))


def _make(job: ExportJob) -> None:
    job.attempt += 1
    job.save(update_fields=["attempt"])
    try:
        seal, export = _written(job)
    except NotAllowed as refused:
        _end(job, ExportState.REFUSED, str(refused))
    except (BadParameter, NotExported) as problem:
        _end(job, ExportState.FAILED, str(problem))
    except OSError as error:
        log.exception("%s could not be written", job)
        _end(job, ExportState.FAILED, f"The file could not be written: {error.strerror}. Nothing of it is offered.")
    except (DatabaseError, psycopg.Error):
        log.exception("%s met the database in trouble", job)
        if connection.errors_occurred and not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        again(job)
    except Exception:
        # Whatever it is would be met again: whoever waits is told at once, and the log has all of it.
        log.exception("%s met what nobody had foreseen", job)
        _end(job, ExportState.FAILED, UNFORESEEN.format(job.pk))
    else:
        _done(job, seal, export)


def again(job: ExportJob) -> None:
    """Let another worker start anew; after some attempts it is over."""
    remove(job)
    if job.attempt < ATTEMPTS:
        ExportJob.objects.filter(pk=job.pk).update(state=ExportState.WAITING, rows_done=0)
        transaction.on_commit(partial(ring, job.pk))
    else:
        _end(job, ExportState.FAILED, f"It was interrupted {job.attempt} times. Ask an administrator, or try again.")


def allowed(job: ExportJob) -> Export:
    """What is to be written, for whoever asked, with the rights of this moment. Raises NotAllowed and BadParameter."""
    user = User.objects.filter(pk=job.user_id).first() if job.user_id is not None else None
    if user is None or not user.is_active:
        raise NotAllowed("The login that asked for this export is not active any more.")
    if not exporting.may_export(user):
        raise NotAllowed(NO_RIGHT)
    report = offered_report(job.report, user)
    if report is None:
        raise NotAllowed(NO_REPORT)
    question = read_question(report, job.question, user=user, as_of=job.as_of)
    return exporting.prepare(report, question, number=job.pk)


def _written(job: ExportJob) -> tuple[Seal, Export]:
    export, seal, path = allowed(job), Seal(), unfinished(job)
    # Before the first row is read: what is taken away while it is written counts as seen, and is refused later.
    job.seen = seen_by(cast("User", export.user))
    total = export.rows.count()
    ExportJob.objects.filter(pk=job.pk).update(rows_total=total)
    with _Progress(job.pk) as progress:
        if job.format == "csv":
            with path.open("wb") as file:
                file.writelines(csv_blocks(export, seal, progress.tell))
        else:
            write_xlsx(export, path, seal, progress.tell)
    reached("export_written")
    job.file = put_in_place(job)
    reached("export_in_place")
    return seal, export


def _done(job: ExportJob, seal: Seal, export: Export) -> None:
    path = finished(job)
    seal_into(job, seal, export)
    job.size = path.stat().st_size if path else 0
    job.expires_at = timezone.now() + timedelta(hours=hub().exports.keep_hours)
    _end(job, ExportState.DONE)


def seal_into(job: ExportJob, seal: Seal, export: Export) -> None:
    """Keep what proves the file."""
    job.rows_done = job.rows_total = seal.rows
    job.control_sum, job.sums = seal.digest, dict(seal.sums)
    job.frame = {**seal.frame, "sheets": seal.sheets}
    job.facts = [list(line) for line in about(export, seal, CSV_RULE if job.format == "csv" else SHEET_RULE)]
    if export.answer.customers:
        note_export(export.user, export.answer.customers())


def _end(job: ExportJob, state: ExportState, error: str = "") -> None:
    if state != ExportState.DONE:
        remove(job)
    job.state, job.error, job.finished_at = state, error, timezone.now()
    job.save()
    deliver(job)


class _Progress:
    """Writes how far a job is, on a connection of its own: the job's sees one instant and may not write."""

    def __init__(self, number: int) -> None:
        self._number, self._told = number, time.monotonic()
        self._paused = self._told
        self._connection = connections.create_connection(DEFAULT_DB_ALIAS)

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def tell(self, rows: int) -> None:
        """Called often; writes once a second, and leaves the processor to others now and then."""
        reached("export_rows")
        worked = time.monotonic() - self._paused
        if worked > WORKED_SECONDS:
            time.sleep(min(worked, TOLD_SECONDS) * PAUSE)
            self._paused = time.monotonic()
        if time.monotonic() - self._told < TOLD_SECONDS:
            return
        self._told = time.monotonic()
        with self._connection.cursor() as cursor:
            cursor.execute("update export_job set rows_done = %s where id = %s", [rows, self._number])
