"""A small OpenID provider over real HTTP: discovery, rolling keys, a clock of its own; a test can spoil its answers."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

CLIENT, SECRET = "hub", "a-secret-of-the-test-" + "x" * 20


@dataclass
class Provider:
    """`person` are the claims of whoever signs in, `spoil` overrides what the id token says or how it is signed.

    Tokens are signed by `key`, which the provider publishes as `kid`, beside the `others`; `clock` is by how many
    seconds its clock is ahead of ours. `broken` are paths that answer 503. `userinfo` is what its userinfo endpoint
    says to whoever brings the access token; None for a provider without one. `instead`
    are answers that take the place of its own. `asked` are the paths that were.
    """

    url: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "p-1", "email": "anna@x.org", "email_verified": True}
    )
    spoil: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    kid: str = "1"
    others: dict[str, dict[str, Any]] = field(default_factory=dict)
    clock: float = 0
    broken: set[str] = field(default_factory=set)
    userinfo: Any = None
    instead: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_in(self, address: str) -> dict[str, str]:
        """Do what the provider's page does when somebody signs in there: the parameters of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize?")
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def answer(self, path: str, sent: dict[str, str], bearer: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path in self.broken | self.instead.keys():
            return (503, {"error": "temporarily_unavailable"}) if path in self.broken else (200, self.instead[path])
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **({} if self.userinfo is None else {"userinfo_endpoint": f"{self.url}/userinfo"}),
            } | self.described
        if path == "/userinfo":
            return (200, self.userinfo) if bearer == "Bearer a" else (401, {"error": "invalid_token"})
        if path == "/keys":
            return 200, {"keys": [*self.others.values(), public(self.key, self.kid)]}
        asked = self.codes.pop(sent.get("code", ""), None)
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if asked is None or base64.urlsafe_b64encode(verifier).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self._token(asked["nonce"])}

    def _token(self, nonce: str) -> str:
        now, spoil = int(time.time() + self.clock), dict(self.spoil)
        key, algorithm = spoil.pop("key", self.key), spoil.pop("alg", "RS256")
        kid = spoil.pop("kid", self.kid)
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce} | self.person | spoil
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


def public(key: rsa.RSAPrivateKey, kid: str, **values: str) -> dict[str, Any]:
    """The half of a key that is published."""
    published: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return published | {"kid": kid, "alg": "RS256", "use": "sig"} | values


@contextmanager
def serving() -> Iterator[Provider]:
    """The provider on a free port of this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send({name: values[0] for name, values in parse_qs(body).items()})

        def _send(self, sent: dict[str, str]) -> None:
            status, told = provider.answer(urlsplit(self.path).path, sent, self.headers.get("Authorization", ""))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def sign_on(provider: Provider, client: Client | None = None, wanted: str = "", **spoiled: str) -> tuple[Client, Any]:
    """One round to the provider and back; `spoiled` replaces parameters of the way back."""
    client = client or Client()
    sent = client.get(reverse("sign_on"), {"next": wanted} if wanted else {})
    assert sent.status_code == 302, sent.content.decode()
    return client, client.get(reverse("sign_on_back"), provider.sign_in(sent["Location"]) | spoiled)


def who(client: Client) -> str:
    user = client.session.get("_auth_user_id")
    return User.objects.get(pk=user).get_username() if user else ""
