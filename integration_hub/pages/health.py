"""Answers for load balancers and monitoring: alive, and ready."""

import logging

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, ProgrammingError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from integration_hub.freshness import freshness

ANSWER_SECONDS = 2.0
log = logging.getLogger(__name__)


@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nothing else."""
    return JsonResponse({"alive": True})


@login_not_required
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when database and Redis answer and no source is out of date, else 503; the body says which it is."""
    database = _database_answers()
    parts = {"database": database, "redis": _redis_answers(), "fresh": database and _is_fresh()}
    ready = all(parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    client = redis.from_url(settings.REDIS_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _is_fresh() -> bool:
    """False too where the pages' role may not read it, as after a restore without its rights; the log says so."""
    try:
        return all(source.state != "red" for source in freshness())
    except ProgrammingError:
        log.exception("How fresh the sources are cannot be read.")
        return False
