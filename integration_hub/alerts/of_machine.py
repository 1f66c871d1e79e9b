"""Conditions around the data: pushes that are stopped, disks that fill up, backups that were not made."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from integration_hub.alerts.finding import Finding, clock_words
from integration_hub.config import hub
from integration_hub.installation import backup
from integration_hub.installation.disks import disks
from integration_hub.models import Run
from integration_hub.push import switch

CRITICAL_FROM = Decimal("0.97")


def push_stopped(now: datetime) -> Iterator[Finding]:
    """Since how many hours somebody has stopped the push. One that hub.toml switches off is meant to be off."""
    configuration = hub()
    if configuration.salesforce is None or not configuration.push.fields or not configuration.push.enabled:
        return
    last = switch.last()
    if last is None or last.is_on:
        yield Finding("push_stopped", "push", 0)
        return
    hours = Decimal(round((now - last.at).total_seconds())) / 3600
    yield Finding(
        "push_stopped",
        "push",
        hours,
        f"Pushes are stopped for {clock_words(float(hours) * 60)}. {switch.words()}",
        "Salesforce keeps showing the figures of the last push.",
        "Resume on the page Pushes once the reason is gone, or acknowledge if it is to last.",
    )


def disk_low(_now: datetime) -> Iterator[Finding]:
    """How full each disk is that something of the hub lies on and that this machine sees."""
    for subject, usage in disks().items():
        used = Decimal(usage.total - usage.free) / usage.total if usage.total else Decimal(0)
        yield Finding(
            "disk_low",
            subject,
            used,
            f"The {subject} is {used:.0%} full: {usage.free / 1e9:,.1f} GB of {usage.total / 1e9:,.1f} GB are free.",
            "Syncs and exports stop when it is full; what is stored stays as it is.",
            "Free some space, or enlarge the disk.",
            critical=used >= CRITICAL_FROM,
        )


def backup_old(now: datetime) -> Iterator[Finding]:
    """Hours since the newest complete backup, where BACKUP_DIR is set; without any, since the hub first ran."""
    if not settings.BACKUP_DIR:
        return
    newest, why = None, f"There is none in {settings.BACKUP_DIR}."
    try:
        newest = next(iter(backup.existing(Path(settings.BACKUP_DIR))), None)
    except OSError as error:
        why = f"{settings.BACKUP_DIR} cannot be read: {error.strerror}."
    since = newest.made_at if newest else Run.objects.order_by("id").values_list("requested_at", flat=True).first()
    hours = Decimal(round((now - since).total_seconds())) / 3600 if since else Decimal(0)
    told = f"The newest is of {newest.made_at:%Y-%m-%d %H:%M} UTC." if newest else why
    yield Finding(
        "backup_old",
        "backup",
        hours,
        f"There is no backup of the last {clock_words(float(hours) * 60)}. {told}",
        "What happened since then is lost if this database is.",
        "Run manage.py backup and read what it says; see that customer360-backup.timer starts it every night.",
    )
