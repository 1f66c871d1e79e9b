"""POST /services/oauth2/token: client credentials, JWT bearer and refresh token."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from typing import Any

import jwt

from ..faults import HTML, MAINTENANCE
from ..founding import add_user
from ..message import Request, Response
from ..org import Org
from ..sessions import ClientApp

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_ASSERTION = 330
"""Seconds an assertion may live: five minutes and some clock difference."""
LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")


class _Refused(Exception):
    def __init__(self, error: str, description: str | None, status: int = 400) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error} if description is None else {"error": error, "error_description": description}


def issue(org: Org, request: Request) -> Response:
    """Answer a token request; refusals are a JSON object, not a list as elsewhere."""
    grants = {"client_credentials": _client_credentials, JWT_GRANT: _jwt_bearer, "refresh_token": _refresh}
    try:
        _strike(org, request)
        grant = grants.get(request.form.get("grant_type", ""))
        if grant is None:
            raise _Refused("unsupported_grant_type", "grant type not supported")
        return Response(200, grant(org, request))
    except _Refused as refusal:
        return Response(refusal.status, refusal.body)


def _strike(org: Org, request: Request) -> None:
    switch = org.faults.strike("token_error", request)
    if switch is not None:
        raise _Refused(
            str(switch.option("error", "invalid_grant")), str(switch.option("description", "authentication failure"))
        )
    if org.faults.strike("token_error_without_description", request) is not None:
        raise _Refused("invalid_grant", None)
    if org.faults.strike("login_host", request) is not None:
        raise _Refused("invalid_grant", "request not supported on this domain")


def broken(org: Org, request: Request) -> Response | None:
    """An HTML page instead of a token, when that fault strikes."""
    if org.faults.strike("token_html", request) is not None:
        return Response(503, MAINTENANCE, content_type=HTML)
    return None


def _client_credentials(org: Org, request: Request) -> dict[str, str]:
    app = _authenticated_app(org, request)
    if not app.username:
        raise _Refused("invalid_grant", "no client credentials user enabled")
    return _granted(org, request, add_user(org, app.username))


def _authenticated_app(org: Org, request: Request) -> ClientApp:
    client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _Refused("invalid_client", "invalid client credentials") from error
    app = _app(org, client_id)
    if not app.client_secret or not hmac.compare_digest(app.client_secret.encode(), secret.encode()):
        raise _Refused("invalid_client", "invalid client credentials")
    return app


def _app(org: Org, client_id: str) -> ClientApp:
    if client_id not in org.sessions.apps:
        raise _Refused("invalid_client_id", "client identifier invalid")
    return org.sessions.apps[client_id]


def _jwt_bearer(org: Org, request: Request) -> dict[str, str]:
    assertion = request.form.get("assertion", "")
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
        app = _app(org, str(claims.get("iss")))
        if not app.public_key:
            raise _Refused("invalid_grant", "user hasn't approved this consumer")
        jwt.decode(assertion, app.public_key, algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False})
    except jwt.PyJWTError as error:
        raise _Refused("invalid_grant", "invalid assertion") from error
    _check_claims(org, claims, request)
    username = str(claims.get("sub"))
    users = org.store.with_key("User", "Username", username)
    if not users or username.lower() != app.username.lower() or not users[0].get("IsActive"):
        raise _Refused("invalid_grant", "user hasn't approved this consumer")
    return _granted(org, request, str(users[0]["Id"]))


def _check_claims(org: Org, claims: dict[str, Any], request: Request) -> None:
    if str(claims.get("aud")).rstrip("/") not in (*LOGIN_HOSTS, request.base_url()):
        raise _Refused("invalid_grant", "audience is invalid")
    try:
        # A clock that runs off counts, one that was stopped does not: assertions are signed in real time.
        left = float(claims["exp"]) - time.time() - org.clock.offset.total_seconds()
    except (KeyError, ValueError, TypeError) as error:
        raise _Refused("invalid_grant", "invalid assertion") from error
    if left < 0:
        raise _Refused("invalid_grant", "expired authorization code")
    if left > LONGEST_ASSERTION:
        raise _Refused("invalid_grant", "invalid assertion")


def _refresh(org: Org, request: Request) -> dict[str, str]:
    app = _app(org, request.form.get("client_id", ""))
    token = request.form.get("refresh_token", "")
    client_id, user_id = org.sessions.refresh.get(token, ("", ""))
    if client_id != app.client_id:
        raise _Refused("invalid_grant", "expired access/refresh token")
    if app.client_secret and request.form.get("client_secret", app.client_secret) != app.client_secret:
        raise _Refused("invalid_client", "invalid client credentials")
    answer = _granted(org, request, user_id)
    if org.faults.strike("rotate_refresh_token", request) is not None:
        del org.sessions.refresh[token]
        answer["refresh_token"] = org.sessions.new_refresh_token(client_id, user_id)
    return answer


def _granted(org: Org, request: Request, user_id: str) -> dict[str, str]:
    user = org.store.get("User", user_id)
    if user is None or not user.get("IsActive"):
        raise _Refused("invalid_grant", "inactive user")
    token = org.sessions.open(org.organization_id, user_id)
    org.save("sessions")
    return {
        "access_token": token,
        "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
        "scope": "api refresh_token",
        "instance_url": request.base_url(),
        "id": f"https://login.salesforce.com/id/{org.organization_id}/{user_id}",
        "token_type": "Bearer",
        "issued_at": str(int(time.time() * 1000)),
    }
