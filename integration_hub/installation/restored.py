"""After a restored backup nothing is pushed before the sources and Salesforce's live values were read anew.

A backup holds yesterday's figures and yesterday's knowledge of Salesforce: sent as they are, old figures would replace
newer ones, and every value written since would look like an edit by hand. So a restore is noticed, all sources are read
whole, the live values count as known, and the first plan waits for a person.

How it is noticed: PostgreSQL gives a table another number when pg_restore makes it, a database or cluster another one
when it is copied, and a timeline another one when a base backup is recovered. Where the machine's disk was put back
as a whole none of that changes; then Redis still knows a later run than the database does, or somebody says so with
`manage.py restored`.
"""

import logging
from datetime import datetime

import redis
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from integration_hub.config import Hub, hub
from integration_hub.models import Installation, LiveRead, Run, RunKind, RunStatus
from integration_hub.notices import clear_notices, raise_notice
from integration_hub.push.brake import PushRefused
from integration_hub.runs import request_run
from integration_hub.sources import SALESFORCE

log = logging.getLogger(__name__)
SUBJECT, CODE = "installation", "restored"
ANSWER_SECONDS = 2.0
CRASH = 64
"""A crash of PostgreSQL may take back numbers that were given out and not used: at most 32 by its documentation."""
IDENTITY = """
    select concat_ws(' ', (select system_identifier from pg_control_system()),
                     (select timeline_id from pg_control_checkpoint()),
                     (select oid from pg_database where datname = current_database()),
                     'hub_installation'::regclass::oid)
"""


def tick(now: datetime) -> list[str]:
    """Look for a restore, for the scheduler; the names of the syncs that were asked for."""
    return [f"{RunKind.SYNC} {name}" for name in look(now)]


def look(now: datetime | None = None) -> list[str]:
    """Notice a restore, if there was one since the last look; the sources whose whole reading was asked for."""
    here, at = _identity(), now or timezone.now()
    known = Installation.objects.first()
    if known is None:
        Installation.objects.create(identity=here)
        _witness()
        return []
    if known.identity != here:
        reason = "The database is a copy: it was restored from a backup, or moved."
    elif (later := _witness()) is not None:
        reason = f"The database ends at run {_last_run()}, but run {later} was done here: it was put back."
    else:
        return []
    return mark(reason, at)


def mark(reason: str, at: datetime) -> list[str]:
    """Hold the push back until everything was read anew; the sources whose whole reading was asked for."""
    log.error("%s Nothing is pushed until all sources were read whole and a person approved the first plan.", reason)
    with transaction.atomic():
        here = Installation.objects.first() or Installation()
        here.identity, here.restored_at, here.reason = _identity(), at, reason
        here.save()
        LiveRead.objects.all().delete()
        raise_notice(
            SUBJECT,
            CODE,
            f"{reason} Noticed at {at:%Y-%m-%d %H:%M} UTC. Nothing is pushed until all sources were read whole.",
            "Wait for the syncs that were asked for, then look at the waiting plan on the page Pushes and approve it.",
        )
        asked = _sources(hub())
        for name in asked:
            request_run(RunKind.SYNC, name, by="restore", options={"full": True})
    return asked


def is_open() -> bool:
    """Whether a restore was noticed after which no plan was approved yet."""
    return Installation.objects.exclude(restored_at=None).exists()


def unread() -> list[str]:
    """The sources that were not read whole since the restore; empty when there was none."""
    here = Installation.objects.exclude(restored_at=None).first()
    if here is None:
        return []
    read = Run.objects.filter(
        kind=RunKind.SYNC,
        options__full=True,
        started_at__gte=here.restored_at,
        status__in=(RunStatus.SUCCEEDED, RunStatus.PARTIAL),
    ).values_list("subject", flat=True)
    return [name for name in _sources(hub()) if name not in set(read)]


def check() -> None:
    """Raise PushRefused while sources are unread after a restore."""
    look()
    waiting = unread()
    if waiting:
        raise PushRefused(
            f"The database was restored from a backup; not yet read whole since then: {', '.join(waiting)}.",
            "Nothing was sent: the backup's figures are older than what stands in Salesforce.",
            "Wait for these syncs, or run: manage.py sync --full. The first plan after that waits for an approval.",
        )


def adopt(organization: str) -> int:
    """After a restore, take what stands in Salesforce as what we last wrote: the backup cannot know better.

    Without it every value written since the backup would count as an edit by hand. Returns how many values changed.
    """
    if not is_open():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update hub_pushed_value as p set value = l.values ->> p.field
            from hub_live_account as l
            where l.account = p.account and l.organization = %s and l.values ? p.field
                and p.value is distinct from l.values ->> p.field
            """,
            [organization],
        )
        return int(cursor.rowcount)


def close() -> None:
    """A person approved the first plan, or there was nothing to send: the push is as it was."""
    if Installation.objects.exclude(restored_at=None).update(restored_at=None, reason=""):
        clear_notices(SUBJECT, only_kind=CODE)


def _sources(configuration: Hub) -> list[str]:
    names = [source.name for source in configuration.sources]
    return [*names, SALESFORCE] if configuration.salesforce else names


def _identity() -> str:
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        return str(cursor.fetchone()[0])


def _last_run() -> int:
    """The number of the newest run that was ever begun here; deleting runs does not lower it."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(pg_sequence_last_value(pg_get_serial_sequence('hub_run', 'id')::regclass), 0)")
        return int(cursor.fetchone()[0])


def _witness() -> int | None:
    """The newest run that Redis remembers, where the database does not know it; else None, and Redis is told ours."""
    name, ours = f"customer360:last-run:{_identity()}", _last_run()
    client = redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
    try:
        told = client.get(name)
        if told is not None and int(told) > ours + CRASH:
            client.set(name, ours)
            return int(told)
        client.set(name, ours)
    except redis.RedisError as error:
        log.warning("Redis does not answer (%s): whether the database was put back is looked at without it", error)
    finally:
        client.close()
    return None
