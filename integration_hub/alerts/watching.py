"""What the scheduler does every minute for alerts: look, bring the state up to date, write messages, let them leave."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from integration_hub.alerts import messages, outbox
from integration_hub.alerts.of_runs import SCHEDULER
from integration_hub.alerts.states import findings, settle
from integration_hub.config import hub
from integration_hub.config.alerts import CONDITIONS
from integration_hub.models import Alert, AlertMessage, Heartbeat

log = logging.getLogger(__name__)
KEPT = timedelta(days=400)


def tick(now: datetime) -> list[str]:
    """Look once. State and messages are stored together, so that nobody is told twice and nothing is left untold."""
    _beat(now)
    config = hub().alerts
    found = list(findings(now)) if config.enabled else []
    with transaction.atomic():
        changes = settle(found, now, config)
        messages.tell(changes, now, config)
        messages.tell_rest(now, config)
    for change in changes:
        log.warning("Alert %s: %s %s", change.kind, change.alert.condition, change.alert.subject)
    if changes:
        _forget(now)
    if outbox.is_due(now):
        outbox.send_in_background()
    return []


def _beat(now: datetime) -> None:
    known = Heartbeat.objects.filter(name=SCHEDULER).first()
    before = known.at if known else None
    Heartbeat.objects.update_or_create(name=SCHEDULER, defaults={"at": now, "before": before})


def silent_since(now: datetime | None = None) -> datetime | None:
    """Since when the scheduler has been silent for longer than it may; None while it ticks, or never did."""
    threshold = hub().alerts.threshold("scheduler_silent")
    minutes = (threshold or CONDITIONS["scheduler_silent"]).raise_at
    beat = Heartbeat.objects.filter(name=SCHEDULER).first()
    late = beat is not None and (now or timezone.now()) - beat.at > timedelta(minutes=minutes)
    return beat.at if beat is not None and late else None


def has_ticked() -> bool:
    """Whether the scheduler has ever run here."""
    return Heartbeat.objects.filter(name=SCHEDULER).exists()


def _forget(now: datetime) -> None:
    Alert.objects.filter(recovered_at__lt=now - KEPT).delete()
    AlertMessage.objects.filter(created_at__lt=now - KEPT).delete()
