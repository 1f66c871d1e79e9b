"""Gets access tokens: client credentials and JWT bearer. Tokens are never logged, stored or shown."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.errors import TRANSIENT_STATUSES, AuthenticationFailed, read_error, unreachable
from integration_hub.salesforce.ids import is_id, to_18
from integration_hub.salesforce.session import OrgSession

PATH = "/services/oauth2/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 180
CLOCK_TOLERANCE_SECONDS = 120

# Part of the description (or the error where there is none) -> what to do.
REMEDIES: Mapping[str, str] = {
    "request not supported on this domain": (
        "Use your My Domain URL (https://<your domain>.my.salesforce.com) as login_url; "
        "login.salesforce.com does not serve client credentials."
    ),
    "no client credentials user enabled": "Enable client credentials in the External Client App, with a Run As user.",
    "hasn't approved this consumer": (
        "Pre-authorise the app for the integration user: policies of the External Client App, "
        '"Admin approved users are pre-authorized", then add its permission set.'
    ),
    "inactive user": "Activate the integration user, or name another one.",
    "invalid assertion": "Check that the app's certificate belongs to private_key_file, and client_id to the app.",
    "expired authorization code": "Set the clock of this machine.",
    "audience is invalid": "Use https://login.salesforce.com, https://test.salesforce.com or My Domain as login_url.",
    "client identifier invalid": "Check client_id (environment: SALESFORCE_CLIENT_ID) against the app's consumer key.",
    "invalid client credentials": "Check client_secret (environment: SALESFORCE_CLIENT_SECRET): was it rotated?",
    "invalid_client": "Check client_id and client_secret against the External Client App.",
    "unsupported_grant_type": "Enable this flow in the External Client App, or choose the other flow in hub.toml.",
}
_GENERAL_REMEDY = (
    "Check [salesforce] in hub.toml and the External Client App; the user's login history names the reason."
)
_NO_SESSION = "The hub cannot sign in, so nothing was read or written. The pages keep the last good data."


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the address it is for. It ends when Salesforce says 401; no answer tells when.

    `user_id` is the 18-character id of the user behind it, empty where the answer does not name one.
    """

    access_token: str = field(repr=False)
    instance_url: str
    user_id: str = ""


def fetch_token(config: SalesforceConfig, session: OrgSession) -> Token:
    """Ask for a token with the configured flow. Raises AuthenticationFailed, or OrgUnreachable when nobody answers."""
    session.trust(config.login_url)
    options = _client_credentials(config) if config.flow == "client_credentials" else _jwt_bearer(config)
    try:
        response = session.request("POST", config.login_url.rstrip("/") + PATH, repeatable=True, **options)
    except requests.RequestException as error:
        host = urlsplit(config.login_url).hostname
        raise unreachable(f"The login at {host} did not answer ({type(error).__name__}).") from None
    return _token(response, session)


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
            _NO_SESSION,
            "Point private_key_file at the RSA key in PEM form, readable by the hub and without a passphrase.",
        ) from None
    return {"data": {"grant_type": JWT_GRANT, "assertion": assertion}}


def _need(config: SalesforceConfig, *names: str) -> None:
    missing = [name for name in names if not getattr(config, name)]
    if missing:
        raise AuthenticationFailed(
            f"[salesforce] in hub.toml has no {' and no '.join(missing)}.",
            f"The flow {config.flow} needs it. {_NO_SESSION}",
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
    user = str(body.get("id") or "").rpartition("/")[2]
    return Token(str(body["access_token"]), str(body["instance_url"]), to_18(user) if is_id(user) else "")


def _refused(body: Any, response: requests.Response) -> AuthenticationFailed:
    error, description = read_error(body)
    said = f"{error}: {description}" if description else error or f"status {response.status_code}"
    remedy = next((text for part, text in REMEDIES.items() if part in said), _GENERAL_REMEDY)
    off = _clock_difference(response)
    if abs(off) > CLOCK_TOLERANCE_SECONDS:
        remedy = f"Set the clock of this machine: it differs by {abs(off) // 60} minutes from Salesforce's. {remedy}"
    return AuthenticationFailed(f"Salesforce refused the sign-in: {said}.", _NO_SESSION, remedy)


def _clock_difference(response: requests.Response) -> int:
    """Seconds that our clock is ahead of the server's; 0 when the server does not tell."""
    try:
        theirs = parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return 0
    if theirs.tzinfo is None:
        return 0
    return int((datetime.now(UTC) - theirs).total_seconds())
