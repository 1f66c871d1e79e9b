"""Signing in: both flows, and every refusal in words that help."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.client import connect
from integration_hub.salesforce.errors import AuthenticationFailed, OrgUnreachable
from tests.practice_org import PracticeOrg


@pytest.fixture
def key_file(practice_org: PracticeOrg, tmp_path: Path) -> Path:
    """The private key of an app that is registered with its public key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    practice_org.admin(
        "users_app", {"client_id": "jwt-app", "username": practice_org.username, "public_key": public.decode()}
    )
    path = tmp_path / "key.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def jwt_config(config: SalesforceConfig, practice_org: PracticeOrg, key_file: Path) -> SalesforceConfig:
    return replace(
        config,
        flow="jwt_bearer",
        client_id="jwt-app",
        client_secret="",
        username=practice_org.username,
        private_key_file=str(key_file),
    )


def test_client_credentials_open_a_session(config: SalesforceConfig) -> None:
    assert connect(config).organization_id().startswith("00D")


def test_a_signed_assertion_opens_a_session(
    config: SalesforceConfig, practice_org: PracticeOrg, key_file: Path
) -> None:
    assert connect(jwt_config(config, practice_org, key_file)).organization_id().startswith("00D")


def test_an_assertion_signed_with_another_key_is_refused_with_a_remedy(
    config: SalesforceConfig, practice_org: PracticeOrg, key_file: Path
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_file.write_bytes(
        other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with pytest.raises(AuthenticationFailed) as caught:
        connect(jwt_config(config, practice_org, key_file))
    assert "invalid assertion" in caught.value.problem
    assert "private_key_file" in caught.value.remedy


@pytest.mark.parametrize("content", [None, b"no key at all"])
def test_a_private_key_that_cannot_be_used_is_named(
    config: SalesforceConfig, practice_org: PracticeOrg, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "broken.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AuthenticationFailed, match=r"broken\.pem"):
        connect(jwt_config(config, practice_org, path))


def test_trap_extra_host_clock_that_is_ten_minutes_off_is_named_when_the_sign_in_fails(
    config: SalesforceConfig, practice_org: PracticeOrg, key_file: Path
) -> None:
    practice_org.admin("clock", {"offset_seconds": 600})
    with pytest.raises(AuthenticationFailed) as caught:
        connect(jwt_config(config, practice_org, key_file))
    assert "Set the clock of this machine: it differs by 10 minutes" in caught.value.remedy


def test_trap_5_client_credentials_at_the_login_host_tell_to_use_my_domain(
    config: SalesforceConfig, practice_org: PracticeOrg
) -> None:
    practice_org.fault("login_host")
    with pytest.raises(AuthenticationFailed) as caught:
        connect(config)
    assert "request not supported on this domain" in caught.value.problem
    assert "My Domain" in caught.value.remedy


def test_trap_6_a_refusal_without_description_is_still_readable(
    config: SalesforceConfig, practice_org: PracticeOrg
) -> None:
    practice_org.fault("token_error_without_description")
    with pytest.raises(AuthenticationFailed) as caught:
        connect(config)
    assert "invalid_grant" in caught.value.problem
    assert caught.value.meaning
    assert caught.value.remedy


def test_an_app_without_run_as_user_tells_to_set_one(config: SalesforceConfig, practice_org: PracticeOrg) -> None:
    practice_org.admin("users_app", {"client_id": "nobody", "client_secret": "s"})
    with pytest.raises(AuthenticationFailed) as caught:
        connect(replace(config, client_id="nobody", client_secret="s"))
    assert "Run As user" in caught.value.remedy


def test_a_wrong_secret_is_refused_once_and_never_shown(
    config: SalesforceConfig, token_requests: Callable[[], int]
) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        connect(replace(config, client_secret="wrong-secret-4711"))
    assert "4711" not in str(caught.value)
    assert "client_secret" in caught.value.remedy
    assert token_requests() == 1


def test_a_maintenance_page_instead_of_a_token_is_no_refusal(
    config: SalesforceConfig, practice_org: PracticeOrg
) -> None:
    practice_org.fault("token_html")
    with pytest.raises(OrgUnreachable, match="status 503"):
        connect(config)


def test_a_short_maintenance_is_waited_for(config: SalesforceConfig, practice_org: PracticeOrg) -> None:
    practice_org.fault("token_html", count=2)
    assert connect(config).organization_id()


def test_nobody_listening_is_told_in_words(config: SalesforceConfig) -> None:
    with pytest.raises(OrgUnreachable, match="did not answer") as caught:
        connect(replace(config, login_url="http://127.0.0.1:9"))
    assert caught.value.transient


@pytest.mark.parametrize("address", ["http://acme.my.salesforce.com", "http://10.0.0.7:8080", "ftp://x", "acme"])
def test_a_token_is_never_sent_in_the_clear_beyond_this_machine(config: SalesforceConfig, address: str) -> None:
    with pytest.raises(AuthenticationFailed, match="no address a token may be sent to"):
        connect(replace(config, login_url=address))


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_a_missing_setting_is_named(config: SalesforceConfig, missing: str) -> None:
    without = replace(config, client_id="") if missing == "client_id" else replace(config, client_secret="")
    with pytest.raises(AuthenticationFailed, match=missing):
        connect(without)
