"""Signing in at an ERP: name and password, a key, or OAuth2 client credentials, whose token is kept."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

from integration_hub.config import SourceConfig
from integration_hub.erp.http import CONNECT_SECONDS, LOOPBACK
from integration_hub.erp.http_errors import KEPT, message_of, unreachable
from integration_hub.sources import SourceProblem
from integration_hub.whole_answer import bound

SPARE_SECONDS = 60.0
"""A token is replaced this long before it runs out, so that none runs out on the way."""
USUAL_SECONDS = 600.0
"""How long a token is kept whose answer does not say how long it holds."""
LARGEST_TOKEN_ANSWER = 1024 * 1024
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REMEDY = "Check token_url, client_id, client_secret and scope in hub.toml and the environment."


@dataclass
class SignIn:
    """What to put into ReadOnlySession as `authorize` and `renew`; which way is taken follows from what is configured.

    A `token_url` means OAuth2 client credentials; else an `api_key` is sent as bearer token, or, with `client_secret`
    beside it, as "token key:secret"; else `username` and `password` are sent as basic sign-in.

    Options of the source: `authorization` = scheme of the key (default "Bearer"), `token_auth` = "basic" where the
    client is named in a header instead of the form, `certificate_id` = id of the certificate where client_secret is a
    private key (PEM), which then signs the request (RFC 7523), `algorithm` = "ES256" for one of an elliptic curve.
    """

    config: SourceConfig
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _fetched: int = 0

    def headers(self) -> Mapping[str, str]:
        """The Authorization header of the next request. Raises SourceProblem where no token is to be had."""
        config = self.config
        if config.token_url:
            if not self._token or time.monotonic() >= self._until:
                self._fetch()
            return {"Authorization": f"Bearer {self._token}"}
        if config.api_key and config.client_secret:
            return {"Authorization": f"token {config.api_key}:{config.client_secret}"}
        if config.api_key:
            return {"Authorization": f"{config.options.get('authorization', 'Bearer')} {config.api_key}"}
        if config.username or config.password:
            return {"Authorization": _basic(config.username, config.password)}
        raise SourceProblem(
            f"{config.label} has no sign-in.",
            f"An ERP's data are never open to everybody. {KEPT}",
            "Set username and password, api_key, or token_url with client_id and client_secret in hub.toml.",
        )

    def renew(self) -> bool:
        """Forget the token and get another after it was refused; False where there is no token to be had anew."""
        if not self.config.token_url:
            return False
        self._token = ""
        self._fetch()
        return True

    @property
    def calls(self) -> int:
        """Tokens asked for so far."""
        return self._fetched

    def _fetch(self) -> None:
        """The only request of a read-only adapter that goes to another host, and, for OData, the only POST."""
        config = self.config
        form, headers = self._form()
        session = requests.Session()
        session.auth = lambda request: request  # no entry of a .netrc in place of the client
        bound(session, config.answer_seconds)
        if urlsplit(config.token_url).hostname in LOOPBACK:
            session.trust_env = False
        self._fetched += 1
        try:
            with (
                session,
                session.post(
                    config.token_url,
                    data=form,
                    headers=headers,
                    timeout=(CONNECT_SECONDS, config.timeout_seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                content = b""
                for part in response.iter_content(64 * 1024):
                    content += part
                    if len(content) > LARGEST_TOKEN_ANSWER:
                        break
        except requests.RequestException as error:
            raise unreachable(config, error) from error
        self._take(response.status_code, content)

    def _form(self) -> tuple[dict[str, str], dict[str, str]]:
        config = self.config
        form = {"grant_type": "client_credentials"}
        headers = {"Accept": "application/json"}
        if config.client_secret.lstrip().startswith("-----BEGIN"):
            return {**form, "client_assertion_type": ASSERTION, "client_assertion": _assertion(config)}, headers
        if config.scope:
            form["scope"] = config.scope
        if config.options.get("token_auth") == "basic":
            return form, {**headers, "Authorization": _basic(config.client_id, config.client_secret)}
        return {**form, "client_id": config.client_id, "client_secret": config.client_secret}, headers

    def _take(self, status: int, content: bytes) -> None:
        config = self.config
        try:
            body: Any = json.loads(content)
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            body = None
        token = body.get("access_token") if isinstance(body, dict) else None
        if status == 200 and isinstance(token, str) and token:
            self._token = token
            self._until = time.monotonic() + _holds(body.get("expires_in")) - SPARE_SECONDS
            return
        busy = status == 429 or status >= 500 or (status == 200 and body is None)
        said = _said(body) if status != 200 else "no token in the answer"
        why = "The sign-in service is busy." if busy else "The client is unknown or locked, or its secret ran out."
        raise SourceProblem(
            f"{config.label} gives us no token{f': {said}' if said else ''} (status {status}).",
            f"{why} {KEPT}",
            "Nothing if it passes: it is tried again." if busy else REMEDY,
            transient=busy,
        )


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii")


def _holds(seconds: Any) -> float:
    """Seconds that a token holds; some services say it as text."""
    try:
        return max(float(seconds), 2 * SPARE_SECONDS)
    except (TypeError, ValueError):
        return USUAL_SECONDS


def _said(body: Any) -> str:
    """The service's own sentence: RFC 6749 puts it into error_description, beside a code in error."""
    if not isinstance(body, dict):
        return ""
    described = body.get("error_description")
    return message_of({"error": described if isinstance(described, str) else body.get("error", "")})


def _assertion(config: SourceConfig) -> str:
    """A client's own signed statement, valid for this one request (RFC 7523)."""
    now = int(time.time())
    claims = {
        "iss": config.client_id,
        "sub": config.client_id,
        "aud": config.token_url,
        "iat": now,
        "exp": now + 300,
        "jti": secrets.token_urlsafe(16),
        **({"scope": config.scope.split()} if config.scope else {}),
    }
    try:
        return jwt.encode(
            claims,
            config.client_secret,
            algorithm=config.options.get("algorithm", "PS256"),
            headers={"kid": config.options.get("certificate_id", "")},
        )
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise SourceProblem(
            f"The private key of {config.label} cannot be used.", KEPT, "Put a whole PEM key into client_secret."
        ) from error
