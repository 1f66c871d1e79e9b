"""Conditions around the data: pushes that are stopped, a disk that fills up."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from integration_hub.alerts.finding import Finding, clock_words
from integration_hub.config import hub
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
    """How full the disk is on which the hub keeps its files."""
    place = Path(settings.STATE_DIR)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    used = Decimal(usage.total - usage.free) / usage.total if usage.total else Decimal(0)
    yield Finding(
        "disk_low",
        "disk",
        used,
        f"The disk is {used:.0%} full: {usage.free / 1e9:,.1f} GB of {usage.total / 1e9:,.1f} GB are free.",
        "Syncs and exports stop when it is full; what is stored stays as it is.",
        "Free some space, or enlarge the disk.",
        critical=used >= CRITICAL_FROM,
    )
