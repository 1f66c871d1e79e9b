"""From findings to state: raised, kept and recovered with two thresholds, a shortest duration and a quiet time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from integration_hub.alerts import of_data, of_machine, of_runs
from integration_hub.alerts.finding import Finding
from integration_hub.config.alerts import AlertsConfig, Threshold
from integration_hub.models import Alert, MessageKind, Severity

Look = Callable[[datetime], Iterable[Finding]]
LOOKS: tuple[Look, ...] = (
    *(of_runs.run_failed, of_runs.source_stale, of_runs.api_quota, of_runs.worker_silent, of_runs.scheduler_silent),
    *(of_data.difference, of_data.sum_drift, of_data.rejected_share, of_data.dead_letters),
    *(of_machine.push_stopped, of_machine.disk_low, of_machine.backup_old),
)
DAY = timedelta(hours=24)
LONGEST_QUIET = timedelta(hours=8)
MOST_DOUBLED = 8
LONGEST_SUBJECT = 100


@dataclass(frozen=True)
class Change:
    """Somebody has to be told of this."""

    kind: MessageKind
    alert: Alert


def findings(now: datetime) -> Iterator[Finding]:
    """What every condition finds now, also those of the layers above."""
    for look in (*LOOKS, *(cast("Look", import_string(name)) for name in settings.ALERT_CONDITIONS)):
        yield from look(now)


def settle(found: Iterable[Finding], now: datetime, config: AlertsConfig) -> list[Change]:
    """Bring the stored state up to date. What is not found any more, such as a source that was taken out, is over;
    what is switched off ends without a word.
    """
    standing = {(alert.condition, alert.subject): alert for alert in Alert.objects.filter(recovered_at=None)}
    changes: list[Change | None] = []
    for finding in found:
        threshold = config.threshold(finding.condition)
        if threshold is None:
            continue
        alert = standing.pop((finding.condition, finding.subject[:LONGEST_SUBJECT]), None)
        if _is_wrong(finding, threshold, alert):
            changes.append(_wrong(finding, alert, threshold, now))
        elif alert is not None:
            changes.append(_right(alert, now, config))
    for alert in standing.values():
        if config.threshold(alert.condition) is None:
            _end(alert, now)
        else:
            changes.append(_right(alert, now, config))
    return [change for change in changes if change is not None]


def _is_wrong(finding: Finding, threshold: Threshold, alert: Alert | None) -> bool:
    """Between the two thresholds it is as it was; what was not raised yet has to stay above the upper one."""
    value = Decimal(finding.value)
    if value >= Decimal(str(threshold.raise_at)):
        return True
    stands = alert is not None and alert.raised_at is not None and alert.clear_since is None
    return stands and value > Decimal(str(threshold.recover_at))


def _wrong(finding: Finding, alert: Alert | None, threshold: Threshold, now: datetime) -> Change | None:
    alert = alert or Alert(condition=finding.condition, subject=finding.subject[:LONGEST_SUBJECT], first_seen_at=now)
    worse = _worsened(alert, finding)
    alert.text, alert.meaning, alert.remedy = finding.text, finding.meaning, finding.remedy
    alert.last_seen_at, alert.clear_since = now, None
    raised = alert.raised_at is None and now - alert.first_seen_at >= timedelta(minutes=threshold.after_minutes)
    if raised:
        alert.raised_at = now
    if raised or worse:
        alert.told_at = now
    alert.save()
    return Change(MessageKind.RAISED, alert) if raised or worse else None


def _worsened(alert: Alert, finding: Finding) -> bool:
    """Set the severity; whether what was told as a warning has become critical. Whoever took care of a warning did not
    know that, so it is open again. It stays critical to its end: what goes up and down at the limit is told once.
    """
    before, is_raised = alert.severity, alert.raised_at is not None
    if is_raised and before == Severity.CRITICAL:
        return False
    alert.severity = Severity.CRITICAL if finding.critical else Severity.WARNING
    if not is_raised or not finding.critical:
        return False
    alert.acknowledged_by, alert.acknowledged_at = "", None
    return True


def _right(alert: Alert, now: datetime, config: AlertsConfig) -> Change | None:
    """It looks right. What nobody was told of is forgotten; the rest is over once it stayed right for long enough."""
    if alert.raised_at is None:
        alert.delete()
        return None
    if alert.clear_since is None:
        alert.clear_since = now
        alert.save(update_fields=["clear_since"])
    if now - alert.clear_since < _quiet(alert, now, config):
        return None
    _end(alert, now)
    return Change(MessageKind.RECOVERED, alert)


def _quiet(alert: Alert, now: datetime, config: AlertsConfig) -> timedelta:
    """What comes and goes is believed to be gone later each time."""
    again = Alert.objects.filter(
        condition=alert.condition, subject=alert.subject, raised_at__gt=now - DAY, pk__lt=alert.pk
    ).count()
    minutes: int = config.quiet_minutes * 2 ** min(again, MOST_DOUBLED)
    return min(timedelta(minutes=minutes), LONGEST_QUIET)


def _end(alert: Alert, now: datetime) -> None:
    if alert.raised_at is None:
        alert.delete()
        return
    alert.recovered_at = now
    alert.save(update_fields=["recovered_at"])
