"""Records what changes the rights of a login: its groups and permissions, its switches, that it is made or removed."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_init, post_save
from django.dispatch import receiver

from integration_hub.audit.recording import record

SWITCHES = ("is_active", "is_superuser")
CHANGED = {"post_add": "given", "post_remove": "taken", "pre_clear": "taken"}
# Of the objects read back for a message about many logins.
MOST_NAMED = 100


@receiver(post_init, sender=User, dispatch_uid="audit_rights_known")
def remember(instance: User, **_more: Any) -> None:
    """What its switches were when the login was read."""
    instance.__dict__["_rights"] = _rights(instance)


@receiver(post_save, sender=User, dispatch_uid="audit_rights_saved")
def saved(instance: User, created: bool, **_more: Any) -> None:
    """A new login, one that was switched on or off, and a new password of one (never the password)."""
    known, now = instance.__dict__.get("_rights", {}), _rights(instance)
    instance.__dict__["_rights"] = now
    if created:
        record(
            "login.created",
            "login",
            instance.get_username(),
            after=_told({name: now[name] for name in now if now[name]}),
        )
    elif known != now:
        changed = {name for name in now if now[name] != known.get(name)}
        before, after = ({name: each[name] for name in changed if name in each} for each in (known, now))
        record("login.changed", "login", instance.get_username(), before=_told(before), after=_told(after))


@receiver(post_delete, sender=User, dispatch_uid="audit_rights_deleted")
def deleted(instance: User, **_more: Any) -> None:
    """A login that was removed."""
    record("login.deleted", "login", instance.get_username())


@receiver(m2m_changed, sender=User.groups.through, dispatch_uid="audit_groups")
@receiver(m2m_changed, sender=User.user_permissions.through, dispatch_uid="audit_permissions")
def moved(
    sender: Any, *, instance: Any, action: str, reverse: bool, model: Any, pk_set: set[int] | None, **_more: Any
) -> None:
    """Groups or permissions of a login were given or taken, from either side."""
    change = CHANGED.get(action)
    if change is None or (pk_set is not None and not pk_set):
        return
    others = model.objects.filter(pk__in=pk_set) if pk_set is not None else _all_of(sender, instance, reverse=reverse)
    kind = "group" if sender is User.groups.through else "permission"
    with transaction.atomic():
        for login, right in _pairs(instance, list(others[:MOST_NAMED]), reverse=reverse):
            before, after = ({kind: right}, None) if change == "taken" else (None, {kind: right})
            record(f"rights.{change}", "login", login, before=before, after=after)


def _all_of(through: Any, instance: Any, *, reverse: bool) -> Any:
    if reverse:
        return instance.user_set.all()
    return instance.groups.all() if through is User.groups.through else instance.user_permissions.all()


def _pairs(instance: Any, others: list[Any], *, reverse: bool) -> list[tuple[str, str]]:
    """The login and the right of every pair."""
    if reverse:
        return [(user.get_username(), _name(instance)) for user in others]
    return [(instance.get_username(), _name(other)) for other in others]


def _name(right: Any) -> str:
    return right.name if isinstance(right, Group) else f"{right.content_type.app_label}.{right.codename}"


def _rights(user: User) -> dict[str, Any]:
    """Only what was read: a deferred field is not asked for."""
    names = (*SWITCHES, "username", "email", "password")
    return {name: user.__dict__[name] for name in names if name in user.__dict__}


def _told(rights: dict[str, Any]) -> dict[str, Any]:
    return {name: "not shown" if name == "password" else value for name, value in rights.items()}
