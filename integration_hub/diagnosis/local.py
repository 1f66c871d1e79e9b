"""Checks that ask only our own machines: configuration, database, Redis, worker, freshness, rejected rows, disk."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from integration_hub.config import ConfigurationError, hub, kept_because
from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.production import production_checks
from integration_hub.freshness import freshness
from integration_hub.models import Notice, RejectedRow, Run, RunStatus

ANSWER_SECONDS = 2.0
LATE_START = timedelta(minutes=10)
DISK_AMBER, DISK_RED = 0.10, 0.03
LIGHTS = {"green": Light.GREEN, "amber": Light.AMBER, "red": Light.RED}


def local_checks() -> Iterator[Check]:
    """One check after the other; those that need the database are left out when it does not answer."""
    configuration = check_configuration()
    yield configuration
    database = check_database()
    yield database
    yield from check_redis()
    yield check_disk()
    if database.light is Light.RED:
        return
    yield from production_checks()
    yield check_waiting_runs()
    yield check_rejected_rows()
    yield from check_notices()
    if configuration.light is not Light.RED:
        yield from check_freshness()
        yield check_push_switch()


def check_configuration() -> Check:
    """Whether hub.toml can be read."""
    try:
        configuration = hub()
    except ConfigurationError as error:
        return Check("Configuration", Light.RED, f"{error.where}: {error.problem}", error.fix)
    if (kept := kept_because()) is not None:
        found = f"hub.toml was changed and cannot be used; the one before is in force. {kept.where}: {kept.problem}"
        return Check("Configuration", Light.AMBER, found, kept.fix)
    sources = len(configuration.sources) + (configuration.salesforce is not None)
    return Check(
        "Configuration",
        Light.GREEN,
        f"{settings.HUB_CONFIG}: {sources} sources, {len(configuration.push.fields)} push fields.",
    )


def check_database() -> Check:
    """Whether PostgreSQL answers and has all tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("show server_version")
            version = cursor.fetchone()[0]
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        return Check(
            "Database",
            Light.RED,
            f"PostgreSQL does not answer: {error}".strip(),
            "Start PostgreSQL, or correct DATABASE_URL.",
        )
    if waiting:
        return Check("Database", Light.RED, f"{waiting} migrations are not applied.", "Run: manage.py migrate")
    return Check("Database", Light.GREEN, f"PostgreSQL {version}, all migrations applied.")


def check_redis() -> Iterator[Check]:
    """Whether Redis answers, and whether a worker listens to it."""
    client = redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS)
    try:
        client.ping()
        # The registry of the queue's library; a worker's own key expires when it no longer beats.
        workers = sum(client.exists(name) for name in client.smembers("rq:workers"))
    except redis.RedisError as error:
        yield Check(
            "Redis",
            Light.RED,
            f"Redis does not answer: {error}. Pages work, but a requested run waits.",
            "Start Redis, or correct REDIS_URL. Waiting runs then start by themselves.",
        )
        return
    finally:
        client.close()
    yield Check("Redis", Light.GREEN, "Redis answers.")
    if workers:
        yield Check("Worker", Light.GREEN, f"{workers} worker{'s' if workers > 1 else ''} alive.")
    else:
        yield Check(
            "Worker",
            Light.RED,
            "No worker is alive: requested runs wait.",
            "Start one: manage.py rqworker default --serializer rq.serializers.JSONSerializer",
        )


def check_disk() -> Check:
    """Whether there is room where the hub keeps its files."""
    place = Path(settings.STATE_DIR)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total
    light = Light.RED if share < DISK_RED else Light.AMBER if share < DISK_AMBER else Light.GREEN
    remedy = "" if light is Light.GREEN else "Free some space; syncs and exports stop when the disk is full."
    return Check(
        "Disk", light, f"{usage.free / 1e9:,.1f} GB free of {usage.total / 1e9:,.1f} GB ({share:.0%}).", remedy
    )


def check_waiting_runs() -> Check:
    """Whether requested runs are started."""
    late = Run.objects.filter(
        status=RunStatus.QUEUED, requested_at__lt=timezone.now() - LATE_START, not_before=None
    ).count()
    if late:
        return Check(
            "Queue",
            Light.AMBER,
            f"{late} requested run{'s have' if late > 1 else ' has'} waited for more than ten minutes.",
            "See that a worker and the scheduler (manage.py scheduler) are running.",
        )
    return Check("Queue", Light.GREEN, "No run waits for long.")


def check_rejected_rows() -> Check:
    """Whether rows were rejected that have not loaded since."""
    count = RejectedRow.objects.filter(resolved_at=None).count()
    if count:
        return Check(
            "Rejected rows",
            Light.AMBER,
            f"{count:,} row{'s are' if count > 1 else ' is'} rejected and not in the figures.",
            "Open the run on the page Runs: each row is shown with its reason. Correct it at the source.",
        )
    return Check("Rejected rows", Light.GREEN, "None is open.")


def check_notices() -> Iterator[Check]:
    """Every open notice as it stands."""
    for notice in Notice.objects.filter(cleared_at=None).order_by("subject", "code"):
        yield Check(f"Notice: {notice.subject}", Light.AMBER, notice.text, notice.remedy)


def check_freshness() -> Iterator[Check]:
    """How old each source's content is."""
    for source in freshness():
        light = LIGHTS[source.state]
        read = "Never read" if source.as_of is None else f"Content known up to {source.as_of:%Y-%m-%d %H:%M} UTC"
        remedy = (
            "" if light is Light.GREEN else "Open the last run of this source on the page Runs; it says what to do."
        )
        yield Check(
            f"Freshness: {source.label}",
            light,
            f"{read}, read {source.when}. {source.problem}".strip(),
            remedy,
        )


def check_push_switch() -> Check:
    """Whether values may be written to Salesforce."""
    push = hub().push
    if push.fields and not push.enabled:
        return Check(
            "Push",
            Light.AMBER,
            "The push is switched off.",
            "Set enabled = true under [push] in hub.toml to write again.",
        )
    return Check("Push", Light.GREEN, "Switched on." if push.fields else "No push fields are configured.")
