"""Messages about alerts: one per change, so many an hour and the rest as one digest, a reminder a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from integration_hub.alerts.channels import targets
from integration_hub.alerts.states import Change
from integration_hub.audit.verifying import head
from integration_hub.config import hub
from integration_hub.config.alerts import CONDITIONS, AlertsConfig
from integration_hub.models import Alert, AlertDelivery, AlertMessage, MessageKind, Severity

HOUR = timedelta(hours=1)
LIMITED = (MessageKind.RAISED, MessageKind.RECOVERED)
MOST_LISTED = 50
LONGEST_SUBJECT = 180
BADGE = {
    MessageKind.RAISED: "Alert",
    MessageKind.RECOVERED: "Recovered",
    MessageKind.REMINDER: "Still open",
    MessageKind.DIGEST: "Several alerts",
    MessageKind.TEST: "Test",
}


def tell(changes: Sequence[Change], now: datetime, config: AlertsConfig) -> None:
    """Write a message for each change, within the hour's limit; what is over it waits for a digest. Critical ones have
    a limit of their own, so that warnings do not hold them up.
    """
    if not changes:
        return
    told = AlertMessage.objects.filter(kind__in=LIMITED, held=False, created_at__gt=now - HOUR)
    critical = told.filter(kind=MessageKind.RAISED, payload__severity=Severity.CRITICAL)
    since = {True: critical.count(), False: told.difference(critical).count()}
    for change in changes:
        apart = change.kind == MessageKind.RAISED and change.alert.severity == Severity.CRITICAL
        message = _about(change, now)
        message.held = since[apart] >= config.most_per_hour
        _store(message, config)
        since[apart] += not message.held


def tell_rest(now: datetime, config: AlertsConfig) -> None:
    """The digest of what was over the limit, once an hour; and the reminder of what nobody acknowledged."""
    held = AlertMessage.objects.filter(held=True, digest=None).select_related("alert")
    last = AlertMessage.objects.filter(kind=MessageKind.DIGEST, created_at__gt=now - HOUR)
    if held.exists() and not last.exists():
        _digest(list(held.order_by("id")), now, config)
    if config.remind_after_hours:
        _remind(now, config)


def trial_message(now: datetime, by: str) -> AlertMessage:
    """A message to every address that changes nothing."""
    text = f"{by} sends this to see whether messages of Customer 360 arrive. Nothing is wrong."
    message = AlertMessage(kind=MessageKind.TEST, subject=_subject(MessageKind.TEST, "messages arrive"), created_at=now)
    message.body = _body([text])
    message.payload = _payload(message, {"text": text})
    _store(message, hub().alerts)
    return message


def _about(change: Change, now: datetime) -> AlertMessage:
    alert, kind = change.alert, change.kind
    label = CONDITIONS[alert.condition].label
    message = AlertMessage(kind=kind, alert=alert, created_at=now)
    message.subject = _subject(kind, f"{label}: {alert.subject}", alert)
    began = f"Since {_clock(alert.first_seen_at)}."
    if kind == MessageKind.RECOVERED:
        message.body = _body(
            [f"{label}, {alert.subject}: it is over.", f"{began} Until {_clock(now)}. It was:", alert.text]
        )
    else:
        message.body = _body([alert.text, alert.meaning, alert.remedy, began])
    message.payload = _payload(message, _facts(alert))
    return message


def _digest(held: Sequence[AlertMessage], now: datetime, config: AlertsConfig) -> None:
    """Of each alert only how it is by now: in between it may have come and gone many times."""
    newest = {message.alert_id: message for message in held}
    lines = [message.subject.partition("] ")[2] or message.subject for message in newest.values()]
    message = AlertMessage(kind=MessageKind.DIGEST, created_at=now)
    message.subject = _subject(MessageKind.DIGEST, f"{len(lines)} more within the hour")
    more = [f"And {len(lines) - MOST_LISTED} more."] if len(lines) > MOST_LISTED else []
    message.body = _body([*lines[:MOST_LISTED], *more])
    message.payload = _payload(message, {"text": message.subject, "alerts": lines[:MOST_LISTED]})
    _store(message, config)
    AlertMessage.objects.filter(pk__in=[each.pk for each in held]).update(digest=message)


def _remind(now: datetime, config: AlertsConfig) -> None:
    before = now - timedelta(hours=config.remind_after_hours)
    old = Alert.objects.filter(recovered_at=None, acknowledged_at=None, told_at__lte=before).order_by("id")
    alerts = list(old[:MOST_LISTED])
    if not alerts:
        return
    lines = [f"{alert.text} Since {_clock(alert.first_seen_at)}." for alert in alerts]
    message = AlertMessage(kind=MessageKind.REMINDER, created_at=now)
    what = (
        f"{CONDITIONS[alerts[0].condition].label}: {alerts[0].subject}" if len(alerts) == 1 else f"{len(alerts)} alerts"
    )
    message.subject = _subject(MessageKind.REMINDER, what)
    message.body = _body([*lines, "Whoever takes care of one acknowledges it; then it is not told again."])
    message.payload = _payload(message, {"text": message.subject, "alerts": [_facts(alert) for alert in alerts]})
    _store(message, config)
    old.filter(pk__in=[alert.pk for alert in alerts]).update(told_at=now)


def _store(message: AlertMessage, config: AlertsConfig) -> None:
    """The message with its ways; a held one goes nowhere by itself."""
    message.save()
    if message.held:
        return
    ways = [
        AlertDelivery(message=message, channel=channel, target=target, not_before=message.created_at)
        for channel, target in targets(config)
    ]
    AlertDelivery.objects.bulk_create(ways)


def _subject(kind: MessageKind, what: str, alert: Alert | None = None) -> str:
    badge = BADGE[kind]
    if kind == MessageKind.RAISED and alert is not None and alert.severity == Severity.CRITICAL:
        badge = "Critical"
    # A line break in a subject would begin another header.
    return " ".join(f"[{hub().company.name}] {badge}: {what}".split())[:LONGEST_SUBJECT]


def _body(paragraphs: Sequence[str]) -> str:
    address = f"{settings.PUBLIC_URL}{reverse('alerts')}" if settings.PUBLIC_URL else ""
    return "\n\n".join(filter(None, (*paragraphs, address))) + "\n"


def _facts(alert: Alert) -> dict[str, Any]:
    return {
        "condition": alert.condition,
        "about": alert.subject,
        "severity": alert.severity,
        "text": alert.text,
        "meaning": alert.meaning,
        "remedy": alert.remedy,
        "since": alert.first_seen_at.isoformat(),
        "recovered": alert.recovered_at.isoformat() if alert.recovered_at else None,
    }


def _payload(message: AlertMessage, facts: dict[str, Any]) -> dict[str, Any]:
    """What a webhook gets; with the head of the audit, which is thus noted outside of the database."""
    newest = head()
    return {
        "kind": message.kind,
        "subject": message.subject,
        "at": message.created_at.isoformat(),
        "site": settings.PUBLIC_URL,
        "audit_head": str(newest) if newest else None,
        **facts,
    }


def _clock(at: datetime) -> str:
    local = at.astimezone(ZoneInfo(hub().company.time_zone))
    return f"{local:%H:%M} on {local.day} {local:%B %Y}"
