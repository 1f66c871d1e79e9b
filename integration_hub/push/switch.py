"""The kill switch that is kept in the database, beside push.enabled in hub.toml: who stopped the push, when and why."""

from django.db import transaction

from integration_hub import audit
from integration_hub.config import hub
from integration_hub.models import PushSwitch


def stop(by: str, reason: str) -> PushSwitch:
    """Stop the push: no batch leaves any more, no call that writes is tried again, and a running Bulk job is aborted at
    its next poll.
    """
    with transaction.atomic():
        made = PushSwitch.objects.create(is_on=False, by=by, reason=reason)
        audit.record("push.stopped", "switch", "push", after={"reason": reason}, who=by)
    return made


def resume(by: str) -> PushSwitch:
    """Let values be written again. Nothing is sent by this itself: the next push plans anew."""
    with transaction.atomic():
        made = PushSwitch.objects.create(is_on=True, by=by)
        audit.record("push.resumed", "switch", "push", who=by)
    return made


def last() -> PushSwitch | None:
    """What counts: the newest row; none means that nobody ever stopped the push."""
    return PushSwitch.objects.order_by("-id").first()


def is_on(*, despite: PushSwitch | None = None) -> bool:
    """Whether values may be written, as far as this switch goes. `despite` is a stop that does not count."""
    newest = last()
    return newest is None or newest.is_on or newest == despite


def allows() -> bool:
    """Whether values may be written by both switches. hub.toml is read again when it changed."""
    return hub().push.enabled and is_on()


def words() -> str:
    """Who stopped the push and why, in words; empty while it is on."""
    newest = last()
    if newest is None or newest.is_on:
        return ""
    reason = newest.reason.rstrip(".")
    return f"Stopped by {newest.by}: {reason}." if reason else f"Stopped by {newest.by}."
