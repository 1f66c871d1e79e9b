"""What the scheduler forgets: sessions that are over, and logins that the throttle does not ask for any more."""

from datetime import datetime, timedelta

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings

from integration_hub.sessions import SessionStore

EVERY = timedelta(hours=1)
_done: dict[str, datetime] = {}


def tick(now: datetime) -> list[str]:
    """Scheduler hook: once an hour."""
    last = _done.get("forgotten")
    if last is None or now - last >= EVERY or now < last:
        forget(now)
        _done["forgotten"] = now
    return []


def forget(now: datetime) -> None:
    """Delete what is over at an instant. Axes itself forgets attempts only when somebody signs in."""
    SessionStore.clear_expired()
    AxesProxyHandler.reset_logs(age_days=settings.LOGIN_KNOWN_DAYS)
    AccessAttempt.objects.filter(attempt_time__lt=now - (get_cool_off() or timedelta())).delete()
