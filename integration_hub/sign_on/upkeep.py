"""What the scheduler forgets: sessions that are over, and logins that the throttle does not ask for any more."""

from datetime import datetime, timedelta

from axes.helpers import get_cool_off
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.db.models.functions import Now

from integration_hub.sessions import SessionStore

EVERY = timedelta(hours=1)
_done: dict[str, datetime] = {}


def tick(now: datetime) -> list[str]:
    """Scheduler hook: once an hour."""
    last = _done.get("forgotten")
    if last is None or now - last >= EVERY or now < last:
        forget()
        _done["forgotten"] = now
    return []


def forget() -> None:
    """Delete what is over by the database's clock: by that of a machine which is a day ahead, everybody would be signed
    out. Axes itself forgets attempts only when somebody signs in, and its log never.
    """
    SessionStore.get_model_class().objects.filter(expire_date__lt=Now()).delete()
    AccessLog.objects.filter(attempt_time__lt=Now() - timedelta(days=settings.LOGIN_KNOWN_DAYS)).delete()
    AccessAttempt.objects.filter(attempt_time__lt=Now() - (get_cool_off() or timedelta())).delete()
