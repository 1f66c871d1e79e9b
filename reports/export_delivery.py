"""Where an export goes when it has ended: into the folder of a schedule, by mail, and into the notice in the app."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from customers.formats import instant
from integration_hub.config import hub
from reports.export_files import NotDelivered, copy_to_folder, finished
from reports.models import Delivery, ExportJob, ExportState
from reports.offered import offered_report

log = logging.getLogger(__name__)
MOST_MAILED = 8_000_000
"""Bytes: mail servers refuse larger attachments; then the mail only says where the file is."""


def deliver(job: ExportJob) -> None:
    """Tell whoever asked. What cannot be delivered is kept in the app, with the reason beside it."""
    delivery = job.schedule.delivery if job.schedule else Delivery.APP
    try:
        if delivery == Delivery.FOLDER and job.state == ExportState.DONE:
            copy_to_folder(job)
        if settings.MAIL_CONFIGURED:
            _mail(job, attached=delivery == Delivery.MAIL)
        elif delivery == Delivery.MAIL:
            raise NotDelivered("Mail is not configured (EMAIL_URL), so the file is only kept here.")
    except NotDelivered as problem:
        log.warning("%s was not delivered: %s", job, problem)
        job.error = f"{job.error} {problem}".strip()
        job.save(update_fields=["error"])


def _mail(job: ExportJob, *, attached: bool) -> None:
    if job.user is None or not job.user.email or not job.user.is_active:
        if attached:
            raise NotDelivered("Its owner has no e-mail address, so the file is only kept here.")
        return
    report = offered_report(job.report, job.user)
    title = report.title if report else job.report
    path = finished(job) if job.state == ExportState.DONE else None
    mail = EmailMessage(f"{title}: {job.get_state_display().lower()}", _words(job, title), to=[job.user.email])
    if attached and path is not None and job.size <= MOST_MAILED:
        mail.attach(job.file_name, path.read_bytes(), None)
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        raise NotDelivered(f"The mail to {job.user.email} could not be sent: {error}.") from error


def _words(job: ExportJob, title: str) -> str:
    if job.state != ExportState.DONE or job.expires_at is None:
        return f"{title}, figures of {job.as_of.isoformat()}: there is no file.\n\n{job.error}\n"
    until = instant(job.expires_at, hub().company.time_zone)
    return (
        f"{title}, figures of {job.as_of.isoformat()}: {job.rows_done:,} rows.\n\n"
        f"Download, until {until}:\n{settings.PUBLIC_URL}{reverse('reports:export_job', args=[job.pk])}\n\n"
        f"Control sum: {job.control_sum}\n"
    )
