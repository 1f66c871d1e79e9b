"""Gets access tokens: client credentials, JWT bearer and refresh token. They are never logged, stored or shown.

SOAP login and username with password are not offered: Salesforce ends the one in Summer '27 and blocks the other in
new orgs, and both would need the password of a user. The configuration refuses them with the way out.
"""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

from integration_hub.config import SalesforceConfig
from integration_hub.failpoints import reached
from integration_hub.salesforce.errors import TRANSIENT_STATUSES, AuthenticationFailed, read_error, unreachable
from integration_hub.salesforce.ids import is_id, to_18
from integration_hub.salesforce.session import OrgSession
from integration_hub.salesforce.sign_in_errors import NO_SESSION, explain_refusal
from integration_hub.salesforce.token_store import held_tokens

PATH = "/services/oauth2/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 180
CLOCK_TOLERANCE_SECONDS = 120
_ORGANIZATION = re.compile(r"/id/(00D\w{12,15})/")


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, the address it is for, and the ids of the org and of the user behind it.

    It ends when Salesforce says 401; no one says when.
    """

    access_token: str = field(repr=False)
    instance_url: str
    organization: str = ""
    user_id: str = ""


def fetch_token(config: SalesforceConfig, session: OrgSession) -> Token:
    """Ask for a token with the configured flow. Raises AuthenticationFailed, or OrgUnreachable when nobody answers."""
    session.trust(config.login_url)
    if config.flow == "refresh_token":
        return _refreshed(config, session)
    options = _client_credentials(config) if config.flow == "client_credentials" else _jwt_bearer(config)
    return _token(_ask(config, session, options), session)


def _ask(config: SalesforceConfig, session: OrgSession, options: dict[str, Any]) -> requests.Response:
    try:
        return session.request("POST", config.login_url.rstrip("/") + PATH, repeatable=True, **options)
    except requests.RequestException as error:
        host = urlsplit(config.login_url).hostname
        raise unreachable(f"The login at {host} did not answer ({type(error).__name__}).") from None


def _refreshed(config: SalesforceConfig, session: OrgSession) -> Token:
    """A token for the refresh token. A new refresh token that comes with it is stored before anything else is done.

    Salesforce has ended the old one by then. Two workers take turns: the second one uses what the first one stored.
    """
    _need(config, "client_id", "refresh_token")
    with held_tokens(config) as tokens:
        held = tokens.current()
        body = {"grant_type": "refresh_token", "client_id": config.client_id, "refresh_token": held}
        if config.client_secret:
            body["client_secret"] = config.client_secret
        response = _ask(config, session, {"data": body})
        rotated = _rotated(response)
        if rotated and rotated != held:
            tokens.keep(rotated)
        reached("after_token_answer")
        return _token(response, session)


def _rotated(response: requests.Response) -> str:
    """The new refresh token of an answer; empty when the old one stays."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return ""
    return str(body.get("refresh_token") or "") if response.status_code == 200 and isinstance(body, dict) else ""


def _client_credentials(config: SalesforceConfig) -> dict[str, Any]:
    _need(config, "client_id", "client_secret")
    body = {
        "grant_type": "client_credentials",
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    return {"data": body}


def _jwt_bearer(config: SalesforceConfig) -> dict[str, Any]:
    _need(config, "client_id", "username", "private_key_file")
    claims = {
        "iss": config.client_id,
        "sub": config.username,
        "aud": _audience(config.login_url),
        "exp": int(time.time()) + ASSERTION_SECONDS,
    }
    try:
        key = Path(config.private_key_file).read_bytes()
        assertion = jwt.encode(claims, key, algorithm="RS256")
    except (OSError, ValueError, TypeError, jwt.PyJWTError) as error:
        raise AuthenticationFailed(
            f'The private key "{config.private_key_file}" cannot be used ({type(error).__name__}).',
            NO_SESSION,
            "Point private_key_file at the RSA key in PEM form, readable by the hub and without a passphrase.",
        ) from None
    return {"data": {"grant_type": JWT_GRANT, "assertion": assertion}}


def _need(config: SalesforceConfig, *names: str) -> None:
    missing = [name for name in names if not getattr(config, name)]
    if missing:
        raise AuthenticationFailed(
            f"[salesforce] in hub.toml has no {' and no '.join(missing)}.",
            f"The flow {config.flow} needs it. {NO_SESSION}",
            f"Set {' and '.join(missing)}, secrets through the environment.",
        )


def _audience(login_url: str) -> str:
    """What the assertion is for: Salesforce's login host, also for an org's own domain; else the address itself."""
    parts = urlsplit(login_url)
    host = parts.hostname or ""
    if not host.endswith(".salesforce.com"):
        return f"{parts.scheme}://{parts.netloc}"
    is_sandbox = host == "test.salesforce.com" or host.endswith(".sandbox.my.salesforce.com")
    return f"https://{'test' if is_sandbox else 'login'}.salesforce.com"


def _token(response: requests.Response, session: OrgSession) -> Token:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    if body is None or response.status_code in TRANSIENT_STATUSES:
        raise unreachable(f"The login answered with status {response.status_code} and no token.")
    if response.status_code != 200:
        raise _refused(body, response)
    if not isinstance(body, dict) or not body.get("access_token") or not body.get("instance_url"):
        raise unreachable("The login answered without a token or without the address of the org.")
    session.trust(str(body["instance_url"]))
    identity = str(body.get("id") or "")
    organization, user = _ORGANIZATION.search(identity), identity.rpartition("/")[2]
    return Token(
        str(body["access_token"]),
        str(body["instance_url"]),
        organization[1] if organization else "",
        to_18(user) if is_id(user) else "",
    )


def _refused(body: Any, response: requests.Response) -> AuthenticationFailed:
    error, description = read_error(body)
    said = f"{error}: {description}" if description else error or f"status {response.status_code}"
    known = explain_refusal(said)
    remedy = known.remedy
    off = _clock_difference(response)
    if abs(off) > CLOCK_TOLERANCE_SECONDS:
        remedy = (
            f"Set the clock of this machine: it differs by {round(abs(off) / 60)} minutes from Salesforce's. {remedy}"
        )
    said = f"Salesforce refused the sign-in: {said}."
    return AuthenticationFailed(said, known.cause, remedy, transient=known.is_retried)


def _clock_difference(response: requests.Response) -> int:
    """Seconds that our clock is ahead of the server's; 0 when the server does not tell."""
    try:
        theirs = parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return 0
    if theirs.tzinfo is None:
        return 0
    return int((datetime.now(UTC) - theirs).total_seconds())
