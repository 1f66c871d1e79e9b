"""What the provider says of a person, from the id token and where that is silent from the userinfo endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from integration_hub.sign_on.refusal import SignOnRefused

Claims = Mapping[str, Any]
LONGEST, LONGEST_EMAIL = 255, 254


@dataclass(frozen=True)
class Person:
    """Who signs in, in the provider's words. `email` is empty where none was told; `roles` are values of the claim."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    roles: frozenset[str]


def is_silent(claims: Claims) -> bool:
    """Whether the id token leaves out what is needed here: a provider may tell it at its userinfo endpoint only."""
    wanted = [claims.get("email"), settings.OIDC_TRUST_EMAIL or claims.get("email_verified")]
    if settings.OIDC_ROLE_CLAIM:
        wanted.append(_at(claims, settings.OIDC_ROLE_CLAIM))
    return None in wanted


def person(claims: Claims, more: Claims) -> Person:
    """The person of an id token and of what the userinfo endpoint said `more`.

    An address counts as verified only by a word about this very address. Raises SignOnRefused for what is no text.
    """
    if more and more.get("sub") != claims.get("sub"):
        raise SignOnRefused("the userinfo endpoint tells of somebody else")
    email = _text(claims, "email", LONGEST_EMAIL) or _text(more, "email", LONGEST_EMAIL)
    words = [told.get("email_verified") for told in (claims, more) if email and told.get("email") == email]
    return Person(
        issuer=_text(claims, "iss"),
        subject=_text(claims, "sub"),
        email=email,
        email_verified=next((word for word in words if word is not None), False) is True,
        roles=_roles(claims, more),
    )


def _text(claims: Claims, name: str, longest: int = LONGEST) -> str:
    value = claims.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise SignOnRefused(f"what the provider sent as {name} is no text of at most {longest} letters")
    return value


def _roles(claims: Claims, more: Claims) -> frozenset[str]:
    if not settings.OIDC_ROLE_CLAIM:
        return frozenset()
    found = [_at(told, settings.OIDC_ROLE_CLAIM) for told in (claims, more)]
    told = next((each for each in found if each is not None), ())
    return (
        frozenset(map(str, told))
        if isinstance(told, Sequence) and not isinstance(told, str)
        else frozenset([str(told)])
    )


def _at(claims: Claims, name: str) -> Any:
    """A claim by its name, which may itself have dots (an address); else by the way to it, as realm_access.roles."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
