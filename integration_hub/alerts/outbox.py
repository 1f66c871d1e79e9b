"""Sends what waits in PostgreSQL: each attempt is stored before it is made, so nothing is lost, and a killed one is
made once more at most.
"""

import logging
import threading
import time
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from integration_hub import locks
from integration_hub.alerts.channels import MAIL, NotSent, NotWanted, send
from integration_hub.failpoints import reached
from integration_hub.models import AlertDelivery

log = logging.getLogger(__name__)
LOCK = "alerts:outbox"
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=7)
MOST_AT_ONCE = 200
LONGEST_ROUND = 20.0
"""Seconds, after which the rest waits for the next minute."""


def is_due(now: datetime) -> bool:
    """Whether anything waits to be sent."""
    return _due(now).exists()


def send_in_background() -> threading.Thread:
    """Send what is due beside the caller: a mail server that does not answer keeps nobody waiting."""
    thread = threading.Thread(target=_round, name="alerts", daemon=False)
    thread.start()
    return thread


def send_due(now: datetime | None = None) -> int:
    """Send what is due, way by way, those first that take what they get; how many left. Of several processes only one
    sends.
    """
    sent, ends_at, mail_is_down = 0, time.monotonic() + LONGEST_ROUND, False
    with locks.holding(LOCK) as mine:
        if not mine:
            return 0
        for channel, target in _ways(now or timezone.now()):
            if channel == MAIL and mail_is_down:
                continue
            due = _due(now or timezone.now()).filter(channel=channel, target=target).select_related("message")
            # What was not tried yet comes first: a message that is never taken keeps the others waiting for nothing.
            for delivery in due.order_by("attempts", "id")[:MOST_AT_ONCE]:
                if time.monotonic() > ends_at:
                    return sent
                try:
                    sent += _attempt(delivery, now or timezone.now())
                except NotSent as problem:
                    mail_is_down = mail_is_down or (channel == MAIL and problem.of_all)
                    break
    return sent


def _ways(now: datetime) -> list[tuple[str, str]]:
    """Every address that something is due for. One behind which much has failed comes last: it has a backlog of its
    own, and however long that is, or however slowly it refuses, the others do not wait for it.
    """
    waiting = AlertDelivery.objects.filter(sent_at=None, given_up_at=None).values_list("channel", "target")
    ways = waiting.annotate(due=Count("pk", filter=Q(not_before__lte=now)), tried=Max("attempts"), first=Min("pk"))
    return [(channel, target) for channel, target, *_ in ways.filter(due__gt=0).order_by("tried", "first")]


def _due(now: datetime) -> QuerySet[AlertDelivery]:
    return AlertDelivery.objects.filter(sent_at=None, given_up_at=None, not_before__lte=now)


def _attempt(delivery: AlertDelivery, now: datetime) -> bool:
    """One attempt; whether it left. Raises NotSent where the way is down for now."""
    delivery.attempts += 1
    delivery.not_before = now + min(FIRST_RETRY * 2 ** min(delivery.attempts - 1, 10), LONGEST_RETRY)
    delivery.save(update_fields=["attempts", "not_before"])
    reached("alerts.before_sending")
    try:
        send(delivery)
    except NotWanted as problem:
        delivery.given_up_at, delivery.error = now, str(problem)
        delivery.save(update_fields=["given_up_at", "error"])
        return False
    except NotSent as problem:
        delivery.error = str(problem)[:1000]
        if now - delivery.message.created_at > GIVEN_UP_AFTER:
            delivery.given_up_at = now
        delivery.save(update_fields=["error", "given_up_at"])
        log.warning("Message %s did not reach %s: %s", delivery.message_id, delivery.target, delivery.error)
        raise
    reached("alerts.after_sending")
    delivery.sent_at, delivery.error = timezone.now(), ""
    delivery.save(update_fields=["sent_at", "error"])
    return True


def _round() -> None:
    """In a thread of its own, with a connection of its own."""
    try:
        send_due()
    except DatabaseError:
        log.exception("Alerts could not be sent: they stay in the outbox until the database answers")
    finally:
        connection.close()
