"""Start-up check: hub.toml can be used. It stops every command that would read it, and the web server.

What `check --deploy` says beside Django's own: addresses and proxies that do not fit together.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.checks import Warning as Warned
from django.http.request import validate_host

from integration_hub.config import ConfigurationError, hub

CONFIGURATION = "configuration"  # the tag of every check of hub.toml, also those of the layers above


@register(CONFIGURATION)
def check_configuration(**_asked: Any) -> list[CheckMessage]:
    """An Error with place, problem and fix when hub.toml cannot be used."""
    try:
        hub()
    except ConfigurationError as error:
        return [Error(f"{error.where}: {error.problem}", hint=error.fix, id="integration_hub.E001")]
    return []


def configuration_errors() -> list[str]:
    """What every layer has to say against hub.toml, a sentence with the fix for each; empty when it can be used."""
    found = run_checks(tags=[CONFIGURATION])
    return [f"{message.msg} {message.hint or ''}".strip() for message in found if message.is_serious()]


@register(Tags.security, deploy=True)
def check_addresses(**_asked: Any) -> list[CheckMessage]:
    """A Warning for each setting about addresses that makes another one worthless."""
    found: list[CheckMessage] = []
    host = urlsplit(settings.PUBLIC_URL).hostname
    if "*" in settings.ALLOWED_HOSTS:
        told = "ALLOWED_HOSTS allows every host: whoever asks decides which address the pages take for their own."
        found.append(Warned(told, hint="Name the hosts.", id="integration_hub.W001"))
    elif host and not validate_host(host, settings.ALLOWED_HOSTS):
        told = f"PUBLIC_URL names {host}, which ALLOWED_HOSTS does not allow: every page there is refused."
        found.append(Warned(told, hint="Add it to ALLOWED_HOSTS.", id="integration_hub.W002"))
    if settings.SECURE_PROXY_SSL_HEADER and settings.TRUSTED_PROXIES < 1:
        told = (
            "TRUSTED_PROXIES is 0 behind a proxy: all visitors have its address and lock each other out of signing in."
        )
        found.append(Warned(told, hint="Say how many proxies there are.", id="integration_hub.W003"))
    if settings.OIDC_ISSUER and not (settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET and settings.PUBLIC_URL):
        told = "OIDC_ISSUER alone signs nobody in: OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and PUBLIC_URL belong to it."
        found.append(Warned(told, hint="Set all of them.", id="integration_hub.W004"))
    return found
