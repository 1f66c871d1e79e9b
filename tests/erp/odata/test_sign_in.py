"""Signing in: which header goes out, how a token is fetched, kept and renewed, and what is said when there is none."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from integration_hub.config import SourceConfig
from integration_hub.erp.sign_in import SignIn
from integration_hub.sources import SourceProblem
from tests.erp.standin import Asked, Reply, Standin

SECRET = "very-secret-7"


class Tokens(Standin):
    """A token service: knows one client, gives numbered tokens that hold `seconds`."""

    seconds: object = 3600
    given = 0

    def answer(self, asked: Asked) -> Reply:
        """A token, or invalid_client."""
        form = {name: values[0] for name, values in parse_qs(str(asked.body)).items()}
        basic = "Basic " + base64.b64encode(f"client:{SECRET}".encode()).decode()
        known = form.get("client_secret") == SECRET or asked.headers.get("Authorization") == basic
        if form.get("client_assertion") or known:
            self.given += 1
            return Reply({"access_token": f"token-{self.given}", "token_type": "Bearer", "expires_in": self.seconds})
        return Reply({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}, 401)


@pytest.fixture
def tokens() -> Iterator[Tokens]:
    """A token service of its own for each test."""
    with Tokens() as standin:
        assert isinstance(standin, Tokens)
        yield standin


def source(**options: Any) -> SourceConfig:
    """A source that signs in so."""
    return SourceConfig(
        name="bc", label="Business Central", kind="odata", streams=(), url="http://127.0.0.1:1", **options
    )


def client(tokens: Tokens, **options: Any) -> SourceConfig:
    """A source that signs in with client credentials."""
    return source(**{"token_url": f"{tokens.url}/token", "client_id": "client", "client_secret": SECRET} | options)


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"username": "u", "password": "pä"}, "Basic " + base64.b64encode("u:pä".encode()).decode()),
        ({"api_key": "k"}, "Bearer k"),
        ({"api_key": "k", "options": {"authorization": "APIKey"}}, "APIKey k"),
        ({"api_key": "k", "client_secret": "s"}, "token k:s"),
    ],
)
def test_the_header_follows_from_what_is_configured(options: dict[str, Any], header: str) -> None:
    assert SignIn(source(**options)).headers() == {"Authorization": header}


def test_a_source_without_any_sign_in_says_what_to_set() -> None:
    with pytest.raises(SourceProblem, match="no sign-in"):
        SignIn(source()).headers()


def test_a_token_is_fetched_once_and_kept(tokens: Tokens) -> None:
    sign_in = SignIn(client(tokens, scope="https://api.businesscentral.dynamics.com/.default"))
    assert [sign_in.headers()["Authorization"] for _ in range(3)] == ["Bearer token-1"] * 3
    assert "scope=https%3A%2F%2Fapi.businesscentral.dynamics.com%2F.default" in str(tokens.asked[0].body)
    assert len(tokens.asked) == sign_in.calls == 1


def test_a_token_that_ran_out_is_replaced_before_it_is_sent(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens.seconds = "3600"
    sign_in = SignIn(client(tokens))
    sign_in.headers()
    monkeypatch.setattr(sign_in, "_until", 0.0)
    assert sign_in.headers() == {"Authorization": "Bearer token-2"}


def test_a_refused_token_is_renewed_and_a_refused_password_is_not(tokens: Tokens) -> None:
    sign_in = SignIn(client(tokens))
    sign_in.headers()
    assert sign_in.renew()
    assert sign_in.headers() == {"Authorization": "Bearer token-2"}
    assert not SignIn(source(username="u", password="p")).renew()


def test_the_client_can_be_named_in_a_header(tokens: Tokens) -> None:
    SignIn(client(tokens, options={"token_auth": "basic"})).headers()
    assert SECRET not in str(tokens.asked[0].body)


def test_a_private_key_signs_the_request_instead_of_being_sent(tokens: Tokens) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    SignIn(client(tokens, client_secret=pem, scope="rest_webservices", options={"certificate_id": "abc"})).headers()
    (assertion,) = parse_qs(str(tokens.asked[0].body))["client_assertion"]
    claims = jwt.decode(assertion, key.public_key(), algorithms=["PS256"], audience=f"{tokens.url}/token")
    assert (claims["iss"], claims["scope"]) == ("client", ["rest_webservices"])
    assert jwt.get_unverified_header(assertion)["kid"] == "abc"
    assert "PRIVATE" not in str(tokens.asked[0].body)


def test_a_wrong_secret_is_told_in_the_services_words_and_never_shown(tokens: Tokens) -> None:
    sign_in = SignIn(client(tokens, client_secret="wrong-secret"))
    with pytest.raises(SourceProblem, match="Invalid client secret") as problem:
        sign_in.headers()
    assert not problem.value.transient
    assert "wrong-secret" not in str(problem.value) + repr(sign_in)


@pytest.mark.parametrize(("kind", "transient"), [("html", True), ("status", True), ("drop", True), ("cut_json", True)])
def test_a_disturbed_token_service_is_tried_again(tokens: Tokens, kind: str, transient: bool) -> None:
    tokens.misbehave(kind)
    with pytest.raises(SourceProblem) as problem:
        SignIn(client(tokens)).headers()
    assert problem.value.transient is transient
    assert SECRET not in str(problem.value)
