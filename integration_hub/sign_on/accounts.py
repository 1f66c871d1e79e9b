"""Which login a person from the provider is, and which roles the provider gives it."""

from collections.abc import Set

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from integration_hub.models import SignOnIdentity
from integration_hub.sign_on.claims import Person
from integration_hub.sign_on.refusal import SignOnRefused

LONGEST_NAME = 150


@transaction.atomic
def login_of(person: Person) -> User:
    """The login of a person, made or tied where the settings allow it, with the roles that the provider gives.

    It is found by the provider's own name for the person; the first time by a verified e-mail address that exactly one
    login has. Raises SignOnRefused with the reason.
    """
    if not person.subject:
        raise SignOnRefused("the provider does not say who it is")
    identities = SignOnIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
    known = identities.select_related("user").first()
    user = known.user if known else _first_time(person)
    if not user.is_active:
        raise SignOnRefused(f"the login {user.get_username()} is deactivated")
    if settings.OIDC_ROLE_CLAIM:
        _give_roles(user, person.roles)
    return user


def _first_time(person: Person) -> User:
    email = person.email
    if not email:
        raise SignOnRefused("the provider names no e-mail address")
    if not person.email_verified and not settings.OIDC_TRUST_EMAIL:
        raise SignOnRefused(f"the provider has not verified the e-mail address {email}")
    alike = User.objects.select_for_update().filter(email__iexact=email)
    # PostgreSQL compares capitals, and those of two letters may be the same: of i and of i without its dot.
    found = [user for user in alike if user.email.casefold() == email.casefold()]
    if len(found) > 1:
        raise SignOnRefused(f"several logins have the e-mail address {email}")
    if not found and not settings.OIDC_CREATE_USERS:
        raise SignOnRefused(f"no login has the e-mail address {email}")
    user = found[0] if found else _made(email)
    if SignOnIdentity.objects.filter(user=user).exists():
        raise SignOnRefused(f"the login {user.get_username()} belongs to somebody else at the provider")
    SignOnIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)
    return user


def _made(email: str) -> User:
    try:
        validate_email(email)
    except ValidationError as error:
        raise SignOnRefused(f"{email} is no e-mail address to make a login of") from error
    if len(email) > LONGEST_NAME:
        raise SignOnRefused(f"the e-mail address has more than {LONGEST_NAME} letters, too many for a login's name")
    if User.objects.filter(username__iexact=email).exists():
        raise SignOnRefused(f"a login is called {email} and has another e-mail address")
    user = User.objects.create_user(username=email, email=email)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return user


def _give_roles(user: User, values: Set[str]) -> None:
    """Put the login into exactly those groups that OIDC_ROLES gives for the claim's values; other groups stay."""
    given = {group for value, group in settings.OIDC_ROLES.items() if value in values}
    managed = set(settings.OIDC_ROLES.values())
    user.groups.remove(*Group.objects.filter(name__in=managed - given))
    user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in given))
