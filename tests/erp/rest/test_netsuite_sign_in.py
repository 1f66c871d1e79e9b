"""Signing in at NetSuite: a token of a certificate, its renewal, and signatures of token-based authentication."""

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qs, quote, unquote

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from integration_hub.erp.netsuite.sign_in import realm_of
from integration_hub.erp.netsuite.source import NetSuiteAdapter
from integration_hub.erp.rest import rest_adapter
from integration_hub.sources import SourceProblem
from tests.erp.rest.conftest import Configure
from tests.erp.rest.netsuite_account import NetSuiteAccount
from tests.erp.rest.read import Read, opened

TOKENS = """
client_id = "integration"
client_secret = "${ERP_SECRET}"
password = "${ERP_KEY}"
[sources.options]
token_id = "t-1"
account = "1234567-sb1"
"""


def by_certificate(url: str, algorithm: str) -> str:
    return f"""
token_url = "{url}/token"
client_id = "integration"
client_secret = "${{ERP_PEM}}"
[sources.options]
certificate_id = "cert-1"
algorithm = "{algorithm}"
"""


@pytest.mark.parametrize("algorithm", ["PS256", "ES256"])
def test_a_certificate_gets_a_token_and_another_when_it_expires(
    configure: Configure, account: NetSuiteAccount, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = (
        rsa.generate_private_key(65537, 2048) if algorithm == "PS256" else ec.generate_private_key(ec.SECP256R1())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    monkeypatch.setenv("ERP_PEM", pem)
    account.token = "Bearer fresh"
    config = configure("netsuite", account.url, by_certificate(account.url, algorithm))
    adapter = opened(rest_adapter(config), NetSuiteAdapter)
    assert set(Read(adapter).all("contacts")) == {"70"}
    form = parse_qs(next(asked.body for asked in account.asked if asked.path == "/token"))
    claims = jwt.decode(form["client_assertion"][0], key.public_key(), [algorithm], audience=config.token_url)
    assert (claims["iss"], claims["scope"]) == ("integration", ["rest_webservices"])
    account.misbehave("status", path=r'"q"', status=401)
    assert set(Read(adapter).all("contacts")) == {"70"}
    assert sum(asked.path == "/token" for asked in account.asked) == 2


def test_each_request_is_signed_anew(configure: Configure, account: NetSuiteAccount) -> None:
    account.token = "OAuth "
    adapter = opened(rest_adapter(configure("netsuite", account.url, TOKENS + "\n")), NetSuiteAdapter)
    Read(adapter).all("contacts")
    adapter.check()
    headers = [asked.headers["Authorization"] for asked in account.asked]
    assert len(set(headers)) == len(headers) == 2
    named = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', headers[0])}
    assert named.pop("realm") == "1234567_SB1"
    signature = named.pop("oauth_signature")
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted({**named, "limit": "1000"}.items()))
    address = f"{account.url}/services/rest/query/v1/suiteql"
    base = "&".join(quote(part, safe="") for part in ("POST", address, pairs))
    wanted = hmac.new(b"secret&key", base.encode(), hashlib.sha256).digest()
    assert signature == base64.b64encode(wanted).decode()


def test_a_refused_token_is_not_tried_for_ever(configure: Configure, account: NetSuiteAccount) -> None:
    account.token = "Bearer other"
    config = configure("netsuite", account.url, TOKENS)
    adapter = opened(rest_adapter(config), NetSuiteAdapter)
    with pytest.raises(SourceProblem, match="refuses our sign-in: Unauthorized") as caught:
        Read(adapter).all("contacts")
    assert (adapter.calls, "secret" in str(caught.value)) == (1, False)


def test_the_realm_is_the_account_of_the_address(configure: Configure) -> None:
    config = configure("netsuite", "https://1234567-sb1.suitetalk.api.netsuite.com", TOKENS.replace("account =", "a ="))
    assert realm_of(config) == "1234567_SB1"
