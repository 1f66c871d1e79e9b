"""Checks that ask only our own machines: configuration, database, Redis, workers, scheduler, freshness, disks."""

from collections.abc import Iterator
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from integration_hub.config import ConfigurationError, hub, kept_because
from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.production import production_checks
from integration_hub.freshness import freshness
from integration_hub.installation.disks import disks
from integration_hub.models import Notice, RejectedRow, Run, RunStatus
from integration_hub.status.pulse import last_pulse
from integration_hub.status.workers import alive
from integration_hub.timing.items import EXPORTS, of_run
from integration_hub.timing.pauses import holding, standing

ANSWER_SECONDS = 2.0
AHEAD = timedelta(minutes=2)
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
    yield from check_disks(ask_database=database.light is not Light.RED)
    if database.light is Light.RED:
        return
    yield check_scheduler()
    yield from production_checks()
    yield check_waiting_runs()
    yield check_rejected_rows()
    yield from check_notices()
    if configuration.light is not Light.RED:
        yield from check_freshness()
        yield check_push_switch()
        if not settings.DEMO:
            yield check_alert_ways()


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
        workers = alive(client)
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
    for queue, number in workers.by_queue.items():
        name = f"Worker: {queue}"
        if number:
            yield Check(name, Light.GREEN, f"{number} worker{'s' if number > 1 else ''} alive.")
            continue
        waits = "exports that are made in the background wait" if queue == EXPORTS else "requested runs wait"
        start = f"Start one: manage.py rqworker {queue} --serializer rq.serializers.JSONSerializer"
        yield Check(name, Light.RED, f"No worker is alive: {waits}.", start)


def check_scheduler() -> Check:
    """Whether the scheduler ticks; alone, nothing but this and `manage.py alerts --check` tells that it does not."""
    seen = last_pulse()
    remedy = "Start it: manage.py scheduler. If it runs, it hangs: restart it and read its log."
    if seen.at is None:
        return Check("Scheduler", Light.RED, "It has never ticked: nothing starts by itself.", remedy)
    age = timezone.now() - seen.at
    minutes = round(age.total_seconds() / 60)
    if not seen.alive:
        found = f"It has not ticked for {minutes} minutes: nothing starts by itself, and no alert is raised."
        return Check("Scheduler", Light.RED, found, remedy)
    if age < -AHEAD:
        found = f"Its last tick is {-minutes} minutes ahead of this clock."
        return Check("Scheduler", Light.AMBER, found, "Set the clocks of all machines by NTP.")
    return Check("Scheduler", Light.GREEN, f"It ticked {max(0, round(age.total_seconds()))} seconds ago.")


def check_disks(*, ask_database: bool) -> Iterator[Check]:
    """Whether there is room on each disk that something of the hub lies on."""
    for name, usage in disks(ask_database=ask_database).items():
        share = usage.free / usage.total if usage.total else 1.0
        light = Light.RED if share < DISK_RED else Light.AMBER if share < DISK_AMBER else Light.GREEN
        remedy = "" if light is Light.GREEN else "Free some space; syncs and exports stop when the disk is full."
        found = f"{usage.free / 1e9:,.1f} GB free of {usage.total / 1e9:,.1f} GB ({share:.0%})."
        yield Check(f"{name[0].upper()}{name[1:]}", light, found, remedy)


def check_waiting_runs() -> Check:
    """Whether requested runs are started."""
    now = timezone.now()
    waiting = Run.objects.filter(status=RunStatus.QUEUED, requested_at__lt=now - LATE_START)
    pauses = standing(now)
    due = waiting.exclude(not_before__gt=now - LATE_START)
    late = sum(holding(of_run(run), pauses) is None for run in due)
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
            f"{read}, read {source.when}. {source.told}".strip(),
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


def check_alert_ways() -> Check:
    """Whether an alert reaches anybody who does not look at the page by chance."""
    alerts = hub().alerts
    if not alerts.enabled or not (alerts.mail or alerts.webhooks):
        found = "Alerts are switched off." if not alerts.enabled else "Alerts stand on their page, and nobody is told."
        return Check("Alerts", Light.AMBER, found, "Name addresses under [alerts] in hub.toml.")
    if alerts.mail and not settings.MAIL_CONFIGURED:
        found = "Alerts should go out by mail, and EMAIL_URL names no server."
        return Check("Alerts", Light.RED, found, "Set EMAIL_URL, then try it with: manage.py alerts --test")
    told = len(alerts.mail) + len(alerts.webhooks)
    return Check("Alerts", Light.GREEN, "1 address is told." if told == 1 else f"{told} addresses are told.")
