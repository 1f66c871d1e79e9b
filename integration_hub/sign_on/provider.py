"""The conversation with the provider: Authlib's client, with the limits that it leaves to its user.

Authlib checks state, nonce, PKCE, signature, audience and expiry. What stands here: every request has an end, the
description of the provider must be of the issuer that was configured, and only signatures by its public keys count.
"""

from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from joserfc.errors import JoseError
from requests import RequestException

from integration_hub.sign_on.claims import Claims, Person, is_silent, person
from integration_hub.sign_on.refusal import SignOnRefused

NAME = "provider"
TIMEOUT_SECONDS = 10
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
"""Signatures that only the provider can make; HS256 could be made with our own secret."""

UNFIT = (OAuthError, JoseError, RequestException, ValueError, RuntimeError, KeyError, TypeError, AttributeError)
"""What Authlib raises; the last three where an answer or a part of it has not the shape that it takes for granted."""


def is_configured() -> bool:
    """Whether the environment names a provider."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def to_provider(request: HttpRequest, back: str) -> HttpResponseRedirect:
    """Send the browser to the provider, which sends it to the address `back`. Raises SignOnRefused."""
    client = introduced()
    try:
        answer: HttpResponseRedirect = client.authorize_redirect(request, back)
    except UNFIT as error:
        raise SignOnRefused(f"the provider cannot be asked: {type(error).__name__}: {error}") from error
    return answer


def from_provider(request: HttpRequest) -> Person:
    """Whom the provider sent back. Raises SignOnRefused when that cannot be believed."""
    client = introduced()
    try:
        token = client.authorize_access_token(request, claims_options=_wanted(client))
        claims: Claims | None = token.get("userinfo")  # the id token's own, by Authlib's name for them
        if not claims:
            raise SignOnRefused("the provider sent no id token")
        asked = is_silent(claims) and "userinfo_endpoint" in client.server_metadata
        return person(claims, client.userinfo(token=token) if asked else {})
    except UNFIT as error:
        raise SignOnRefused(f"{type(error).__name__}: {error}") from error


def _wanted(client: Any) -> dict[str, dict[str, Any]]:
    """What the id token must say. Authlib, left to itself, takes one for another client that names us as its azp."""
    return {
        "iss": {"essential": True, "values": [client.server_metadata["issuer"]]},
        "aud": {"essential": True, "values": [settings.OIDC_CLIENT_ID]},
    }


def introduced() -> Any:
    """A client that the provider has described itself to. Raises SignOnRefused.

    It is made from the settings each time; what it learned is not kept, so that new keys count at once.
    """
    registry = OAuth()
    client = registry.register(
        NAME,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.OIDC_SCOPES,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
    try:
        told = client.load_server_metadata()
        offered = set(told.get("id_token_signing_alg_values_supported", ALGORITHMS))
    except UNFIT as error:
        raise SignOnRefused(f"the provider does not describe itself: {type(error).__name__}: {error}") from error
    if str(told.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
        raise SignOnRefused(f"the provider calls itself {told.get('issuer')!r}, not {settings.OIDC_ISSUER!r}")
    told["id_token_signing_alg_values_supported"] = [name for name in ALGORITHMS if name in offered]
    return client
