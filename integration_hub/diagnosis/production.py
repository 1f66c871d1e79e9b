"""Checks of what makes an installation last: settings, PostgreSQL, Redis, release, backups, a restore."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.core import checks
from django.db import connection
from django.utils import timezone

from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.files import check_state_folder, check_static_files
from integration_hub.installation import backup, release, restored

ANSWER_SECONDS = 2.0
OLDEST_BACKUP, NO_BACKUP = timedelta(hours=36), timedelta(days=5)
CONNECTIONS_AMBER = 0.8


def production_checks() -> Iterator[Check]:
    """One check after the other; all need the database. The demo is not asked about safe addresses and backups."""
    yield check_release()
    yield check_restored()
    yield check_database_settings()
    yield from check_redis_settings()
    if not settings.DEMO:
        yield check_settings()
        yield check_backup()
        yield check_state_folder()
        yield from check_static_files()


def check_release() -> Check:
    """Whether this code and the database are of one release."""
    differs = release.difference()
    remedy = "Restart all processes with the release that the database has, or run: manage.py migrate"
    return Check(
        "Release", Light.RED if differs else Light.GREEN, differs or "Code and tables agree.", remedy * bool(differs)
    )


def check_restored() -> Check:
    """Whether the push waits because the database was put back."""
    if not restored.is_open():
        return Check("Restore", Light.GREEN, "The database is where it was left.")
    if unread := restored.unread():
        found = f"The database was put back; still to be read whole: {', '.join(unread)}. Nothing is pushed until then."
        return Check("Restore", Light.AMBER, found, "Wait for the syncs, or run: manage.py sync --full")
    found = "The database was put back. All was read since; the first plan waits for an approval."
    return Check("Restore", Light.AMBER, found, "Look at the newest plan on the page Pushes and approve it.")


LEAST_LOCKS = 128
"""A publish holds some hundred locks: on its temporary tables, and on what it writes with every index."""


def check_database_settings() -> Check:
    """Whether PostgreSQL keeps what it says it kept, lets go of a killed client's locks, has connections left."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select current_setting('fsync'), current_setting('full_page_writes'),
                current_setting('client_connection_check_interval'), current_setting('max_connections')::int,
                current_setting('max_locks_per_transaction')::int,
                (select count(*) from pg_stat_activity where backend_type = 'client backend')
            """
        )
        fsync, whole_pages, looks, most, locks, used = cursor.fetchone()
    wrong = []
    if "off" in {fsync, whole_pages}:
        wrong.append("fsync or full_page_writes is off: a power cut can destroy the warehouse")
    if looks == "0":
        wrong.append("client_connection_check_interval is 0: a killed worker's locks stay until its statement ends")
    if locks < LEAST_LOCKS:
        wrong.append(f"max_locks_per_transaction is {locks}: a publish beside others can run out of locks")
    if used > most * CONNECTIONS_AMBER:
        wrong.append(f"{used} of {most} connections are in use")
    if wrong:
        remedy = "Correct postgresql.conf; integration_hub/production/postgresql.conf shows the settings."
        return Check("Database settings", Light.AMBER, f"{'; '.join(wrong)}.", remedy)
    return Check("Database settings", Light.GREEN, f"Safe; {used} of {most} connections in use.")


def check_redis_settings() -> Iterator[Check]:
    """Whether a full Redis refuses instead of forgetting; nothing where Redis does not answer or does not tell."""
    client = redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "")
    except redis.ResponseError:
        yield Check("Redis settings", Light.GREEN, "This Redis does not tell its settings (a managed service).")
    except redis.RedisError:
        return  # the check of Redis itself says so
    else:
        if policy in {"noeviction", ""}:
            yield Check("Redis settings", Light.GREEN, "A full Redis refuses new entries instead of forgetting others.")
        else:
            found = f"maxmemory-policy is {policy}: a full Redis forgets waiting runs, which then start a minute later."
            yield Check("Redis settings", Light.AMBER, found, "Set maxmemory-policy noeviction in redis.conf.")
    finally:
        client.close()


def check_settings() -> Check:
    """What `manage.py check --deploy` says, and the public address."""
    told = [f"{message.msg} ({message.id})" for message in checks.run_checks(include_deployment_checks=True)]
    if not settings.PUBLIC_URL.startswith("https://"):
        told.append("PUBLIC_URL names no https address: links in mails and in Salesforce lead nowhere")
    if told:
        return Check("Settings", Light.AMBER, " ".join(told), "Correct the environment file; customer360.env shows it.")
    return Check("Settings", Light.GREEN, "manage.py check --deploy has nothing to say.")


def check_backup() -> Check:
    """How old the newest complete backup is."""
    remedy = "Run manage.py backup every night (customer360-backup.timer), and try a restore once in a while."
    if not settings.BACKUP_DIR:
        return Check("Backup", Light.AMBER, "BACKUP_DIR is not set: no backup is known here.", remedy)
    newest = next(iter(backup.existing(Path(settings.BACKUP_DIR))), None)
    if newest is None:
        return Check("Backup", Light.RED, f"There is none in {settings.BACKUP_DIR}.", remedy)
    age = timezone.now() - newest.made_at
    light = Light.RED if age > NO_BACKUP else Light.AMBER if age > OLDEST_BACKUP else Light.GREEN
    found = f"The newest is of {newest.made_at:%Y-%m-%d %H:%M} UTC, {newest.size / 1e6:,.1f} MB."
    return Check("Backup", light, found, remedy * bool(light))
