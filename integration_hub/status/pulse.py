"""The scheduler's pulse: at each tick it notes what only a machine can see, so that pages ask PostgreSQL alone."""

import shutil
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from integration_hub.models import Pulse
from integration_hub.run_lists import forget_old_lists
from integration_hub.status.workers import QUEUES, Alive, alive

SCHEDULER = "scheduler"
ANSWER_SECONDS = 2.0
ALIVE = timedelta(minutes=3)
"""A scheduler that has not ticked for so long is dead, or waits for a database that is away."""


@dataclass(frozen=True)
class Facts:
    """What was seen. `queued` are entries and `serving` workers by queue; they and `workers` are None where Redis did
    not answer. Bytes of the disk that holds STATE_DIR. `skew_seconds` is the database's clock less the scheduler's.
    """

    redis: bool
    workers: int | None
    queued: dict[str, int] | None
    disk_free: int
    disk_total: int
    skew_seconds: float
    serving: dict[str, int] | None = None


@dataclass(frozen=True)
class Seen:
    """The last pulse: `at` is when (None: never), `alive` whether that is recent, `facts` what was seen then."""

    at: datetime | None
    alive: bool
    facts: Facts | None = field(default=None)


def beat(now: datetime) -> list[str]:
    """A hook of the tick: note what is seen now. Requests nothing."""
    answers, workers, queued = _redis()
    serving = workers.by_queue if workers else None
    facts = Facts(answers, workers.number if workers else None, queued, *_disk(), _skew(), serving)
    Pulse.objects.update_or_create(name=SCHEDULER, defaults={"at": now, "facts": asdict(facts)})
    forget_old_lists(now)
    return []


def last_pulse(now: datetime | None = None) -> Seen:
    """What the scheduler saw last. One query."""
    found = Pulse.objects.filter(pk=SCHEDULER).first()
    if found is None:
        return Seen(None, alive=False)
    return Seen(found.at, (now or timezone.now()) - found.at <= ALIVE, Facts(**found.facts))


def _redis() -> tuple[bool, Alive | None, dict[str, int] | None]:
    client = redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
    try:
        return True, alive(client), {name: int(client.llen(f"rq:queue:{name}")) for name in QUEUES}
    except redis.RedisError:
        return False, None, None
    finally:
        client.close()


def _disk() -> tuple[int, int]:
    place = Path(settings.STATE_DIR)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    return usage.free, usage.total


def _skew() -> float:
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    middle = before + (timezone.now() - before) / 2
    return round((theirs - middle) / timedelta(seconds=1), 3)
