"""Whose login a person in Salesforce has here. None is ever made for a request from there."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from integration_hub.models import SfUser
from integration_hub.salesforce.signed_request import Envelope


class NoLoginError(Exception):
    """The person has no login that may be used; the text says why, for the log only."""


def login_of(envelope: Envelope) -> User:
    """The one active login of the person: tied to the Salesforce user, or of the same e-mail address or user name.

    A login that is tied to the Salesforce user decides alone, also where it was switched off. By address only a login
    counts that is tied to nobody else, and only where no other Salesforce user has the address. NoLoginError otherwise.
    """
    tied = User.objects.filter(login__salesforce_user=envelope.user)
    if tied.exists():
        return _only(tied.filter(is_active=True), f"that is tied to the Salesforce user {envelope.user}")
    named = Q()
    for address in _own_addresses(envelope):
        named |= Q(email__iexact=address) | Q(username__iexact=address)
    if not named:
        raise NoLoginError(f"the Salesforce user {envelope.user} has no address of its own")
    free = User.objects.filter(named, is_active=True).filter(
        Q(login__isnull=True) | Q(login__salesforce_user__in=("", envelope.user))
    )
    return _only(free, f"with an address of the Salesforce user {envelope.user}")


def _own_addresses(envelope: Envelope) -> list[str]:
    """User name, which is unique over all orgs, and e-mail address unless it is that of another user too."""
    others = SfUser.objects.live().filter(email__iexact=envelope.email, is_active=True).exclude(key=envelope.user)
    email = "" if not envelope.email or others.exists() else envelope.email
    return [address for address in (envelope.username, email) if address]


def _only(logins: QuerySet[Any], which: str) -> User:
    found: list[User] = list(logins.order_by("pk")[:2])
    if len(found) != 1:
        raise NoLoginError(f"{'several active logins' if found else 'no active login'} {which}")
    return found[0]
