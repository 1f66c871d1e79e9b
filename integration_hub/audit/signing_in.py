"""Records who signed in or out, and who tried to."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from integration_hub.audit.recording import record, record_refusal

UNKNOWN = "a name that is no login"
"""What was typed may be a password in the wrong field: only names of logins are written down."""


@receiver(user_logged_in, dispatch_uid="audit_signed_in")
def signed_in(user: User, **_more: Any) -> None:
    """Signed in."""
    record("login.ok", "login", user.get_username(), who=user.get_username())


@receiver(user_logged_out, dispatch_uid="audit_signed_out")
def signed_out(user: User | None, **_more: Any) -> None:
    """Signed out; without a user when the session was over already."""
    if user is not None:
        record("logout.ok", "login", user.get_username(), who=user.get_username())


@receiver(user_login_failed, dispatch_uid="audit_refused")
def refused(credentials: dict[str, Any], **_more: Any) -> None:
    """A wrong name or password, or too many of them."""
    name = str(credentials.get("username") or "")
    known = User.objects.filter(username=name).exists() if "\x00" not in name else False
    record_refusal("login.failed", "login", name if known else UNKNOWN)
