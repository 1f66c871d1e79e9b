"""The token endpoint: three grants and their refusals."""

import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def ask(org, **form):
    return requests.post(f"{org.url}/services/oauth2/token", data=form, timeout=10)


def key_pair():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture(scope="module")
def keys():
    return key_pair()


def assertion(org, private, **claims):
    standard = {
        "iss": "jwt-app", "sub": org.username, "aud": "https://login.salesforce.com", "exp": int(time.time()) + 180,
    }  # fmt: skip
    return jwt.encode(standard | claims, private, algorithm="RS256")


@pytest.fixture
def jwt_org(practice_org, keys):
    practice_org.admin("users_app", {"client_id": "jwt-app", "username": practice_org.username, "public_key": keys[1]})
    return practice_org


def test_client_credentials_in_the_body_give_a_token_without_expiry(practice_org):
    answer = ask(
        practice_org,
        grant_type="client_credentials",
        client_id=practice_org.client_id,
        client_secret=practice_org.client_secret,
    )
    body = answer.json()
    assert answer.status_code == 200
    assert body["instance_url"] == practice_org.url
    assert body["token_type"] == "Bearer"
    assert body["access_token"].startswith("00D")
    assert "expires_in" not in body


def test_a_wrong_secret_is_refused_as_an_object_and_not_a_list(practice_org):
    answer = ask(practice_org, grant_type="client_credentials", client_id=practice_org.client_id, client_secret="wrong")
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_client", "error_description": "invalid client credentials"}


def test_an_unknown_key_and_an_unknown_grant_are_refused(practice_org):
    assert ask(practice_org, grant_type="client_credentials", client_id="x").json()["error"] == "invalid_client_id"
    assert ask(practice_org, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_client_credentials_need_a_user_to_run_as(practice_org):
    practice_org.admin("users_app", {"client_id": "bare", "client_secret": "s"})
    answer = ask(practice_org, grant_type="client_credentials", client_id="bare", client_secret="s")
    assert answer.json()["error_description"] == "no client credentials user enabled"


def test_a_signed_assertion_gives_a_token(jwt_org, keys):
    answer = ask(jwt_org, grant_type=GRANT, assertion=assertion(jwt_org, keys[0]))
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()


def test_the_own_address_is_an_accepted_audience(jwt_org, keys):
    signed = assertion(jwt_org, keys[0], aud=jwt_org.url)
    assert ask(jwt_org, grant_type=GRANT, assertion=signed).status_code == 200


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"exp": 1}, "expired authorization code"),
        ({"exp": int(time.time()) + 3600}, "invalid assertion"),
        ({"sub": "nobody@practice.example"}, "user hasn't approved this consumer"),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(jwt_org, keys, claims, description):
    answer = ask(jwt_org, grant_type=GRANT, assertion=assertion(jwt_org, keys[0], **claims))
    assert (answer.status_code, answer.json()["error_description"]) == (400, description)


def test_an_assertion_is_refused_by_an_org_whose_clock_runs_ten_minutes_off(jwt_org, keys):
    for seconds in (600, -600):
        jwt_org.admin("clock", {"offset_seconds": seconds})
        answer = ask(jwt_org, grant_type=GRANT, assertion=assertion(jwt_org, keys[0]))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    jwt_org.admin("clock", {"real": True})
    assert ask(jwt_org, grant_type=GRANT, assertion=assertion(jwt_org, keys[0])).status_code == 200


def test_an_assertion_signed_with_another_key_is_refused(jwt_org):
    answer = ask(jwt_org, grant_type=GRANT, assertion=assertion(jwt_org, key_pair()[0]))
    assert answer.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_a_refresh_token_gives_a_token_and_rotates_when_told_to(practice_org):
    spec = {"client_id": practice_org.client_id, "username": practice_org.username}
    first = practice_org.admin("refresh_token", spec)["refresh_token"]
    form = {
        "grant_type": "refresh_token",
        "client_id": practice_org.client_id,
        "client_secret": practice_org.client_secret,
    }
    assert "refresh_token" not in ask(practice_org, refresh_token=first, **form).json()
    practice_org.fault("rotate_refresh_token", count=1)
    second = ask(practice_org, refresh_token=first, **form).json()["refresh_token"]
    assert ask(practice_org, refresh_token=first, **form).json()["error_description"] == "expired access/refresh token"
    assert ask(practice_org, refresh_token=second, **form).status_code == 200


def test_an_inactive_user_gets_no_token(practice_org):
    user = next(each for each in practice_org.records("User") if each["Username"] == practice_org.username)
    practice_org.seed("User", {"Id": user["Id"], "IsActive": False})
    answer = ask(
        practice_org,
        grant_type="client_credentials",
        client_id=practice_org.client_id,
        client_secret=practice_org.client_secret,
    )
    assert answer.json()["error_description"] == "inactive user"


def test_token_faults_have_the_wording_of_a_login_host_and_a_missing_description(practice_org):
    practice_org.fault("login_host", count=1)
    practice_org.fault("token_error_without_description", count=1)
    assert ask(practice_org, grant_type="client_credentials").json() == {"error": "invalid_grant"}
    refused = ask(practice_org, grant_type="client_credentials").json()
    assert refused["error_description"] == "request not supported on this domain"


def test_api_faults_leave_the_token_endpoint_alone_unless_named(practice_org, api):
    practice_org.fault("unauthorized")
    api.sign_in()
    practice_org.fault("maintenance_page", path="oauth2", count=1)
    assert ask(practice_org, grant_type="client_credentials").status_code == 503
