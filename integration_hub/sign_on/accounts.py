"""Which login a person from the provider is, and which roles the provider gives it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction

from integration_hub.models import SignOnIdentity
from integration_hub.sign_on.provider import SignOnRefused


@transaction.atomic
def login_of(claims: Mapping[str, Any]) -> User:
    """The login of a person, made or tied where the settings allow it, with the roles that the claims give.

    It is found by the provider's own name for the person; the first time by a verified e-mail address that exactly one
    login has. Raises SignOnRefused with the reason.
    """
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if not subject:
        raise SignOnRefused("the provider does not say who it is")
    known = SignOnIdentity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
    user = known.user if known else _first_time(issuer, subject, claims)
    if not user.is_active:
        raise SignOnRefused(f"the login {user.get_username()} is deactivated")
    if settings.OIDC_ROLE_CLAIM:
        _give_roles(user, claims.get(settings.OIDC_ROLE_CLAIM))
    return user


def _first_time(issuer: str, subject: str, claims: Mapping[str, Any]) -> User:
    email = str(claims.get("email") or "").strip()
    if not email:
        raise SignOnRefused("the provider names no e-mail address")
    if claims.get("email_verified") is not True and not settings.OIDC_TRUST_EMAIL:
        raise SignOnRefused(f"the provider has not verified the e-mail address {email}")
    found = list(User.objects.select_for_update().filter(email__iexact=email)[:2])
    if len(found) > 1:
        raise SignOnRefused(f"several logins have the e-mail address {email}")
    if not found and not settings.OIDC_CREATE_USERS:
        raise SignOnRefused(f"no login has the e-mail address {email}")
    user = found[0] if found else _made(email)
    if SignOnIdentity.objects.filter(user=user).exists():
        raise SignOnRefused(f"the login {user.get_username()} belongs to somebody else at the provider")
    SignOnIdentity.objects.create(user=user, issuer=issuer, subject=subject)
    return user


def _made(email: str) -> User:
    if User.objects.filter(username__iexact=email).exists():
        raise SignOnRefused(f"a login is called {email} and has another e-mail address")
    user = User.objects.create_user(username=email, email=email)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return user


def _give_roles(user: User, told: Any) -> None:
    """Put the login into exactly those groups that OIDC_ROLES gives for the claim's values; other groups stay."""
    values = told if isinstance(told, Sequence) and not isinstance(told, str) else [told]
    given = {settings.OIDC_ROLES[str(value)] for value in values if str(value) in settings.OIDC_ROLES}
    managed = set(settings.OIDC_ROLES.values())
    user.groups.remove(*Group.objects.filter(name__in=managed - given))
    user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in given))
