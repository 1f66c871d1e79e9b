"""Ends the sessions of a login that is deactivated, so that none of them comes back to life with the login."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.db.models.signals import post_save
from django.dispatch import receiver

from integration_hub.sessions import SessionStore


@receiver(post_save, sender=User, dispatch_uid="sessions_of_deactivated")
def deactivated(instance: User, created: bool, **_more: Any) -> None:
    """Whatever browser it is signed in with. Whose session it is stands only inside each one."""
    if created or instance.is_active:
        return
    sessions = SessionStore.get_model_class().objects
    own = [
        session.session_key
        for session in sessions.filter(expire_date__gt=Now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(instance.pk)
    ]
    sessions.filter(session_key__in=own).delete()
