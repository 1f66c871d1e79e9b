"""The refresh token: a new one is kept before anything else is done, whatever happens then."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from integration_hub.config import SalesforceConfig
from integration_hub.models import RefreshToken
from integration_hub.salesforce.client import connect
from integration_hub.salesforce.errors import AuthenticationFailed
from tests.practice_org import PracticeOrg

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import django, json, sys
django.setup()
from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.client import connect
print(connect(SalesforceConfig(**json.load(sys.stdin))).organization_id())
"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def refreshing(config: SalesforceConfig, practice_org: PracticeOrg) -> SalesforceConfig:
    """The flow with a first refresh token, as an administrator got it."""
    first = practice_org.admin("refresh_token", {"client_id": config.client_id})["refresh_token"]
    return replace(config, flow="refresh_token", refresh_token=first)


@pytest.fixture
def rotating(practice_org: PracticeOrg) -> Iterator[None]:
    """Every answer brings a new refresh token and ends the old one."""
    practice_org.fault("rotate_refresh_token")
    yield
    practice_org.admin("faults", method="DELETE")


def connect_and_die(config: SalesforceConfig) -> int:
    """Sign in with a process of its own that dies right after the token's answer was taken in."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "FAILPOINT": "after_token_answer",
        "DATABASE_URL": urlunsplit(address),
        "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
    }
    names = ("login_url", "client_id", "client_secret", "flow", "refresh_token")
    given = json.dumps({name: getattr(config, name) for name in names})
    command = [sys.executable, "-c", SCRIPT]
    died = subprocess.run(
        command, cwd=ROOT, env=environment, input=given, text=True, capture_output=True, timeout=60, check=False
    )
    assert died.stdout == ""
    return died.returncode


def test_a_refresh_token_opens_a_session_and_one_that_stays_is_not_stored(refreshing: SalesforceConfig) -> None:
    assert connect(refreshing).organization_id().startswith("00D")
    assert not RefreshToken.objects.exists()


def test_trap_4_a_new_refresh_token_is_used_from_then_on(refreshing: SalesforceConfig, rotating: None) -> None:
    for _ in range(3):
        assert connect(refreshing).organization_id()
    assert RefreshToken.objects.count() == 1


@pytest.mark.chaos
def test_trap_4_a_new_refresh_token_survives_a_process_killed_right_after_the_answer(
    refreshing: SalesforceConfig, rotating: None
) -> None:
    assert connect_and_die(refreshing) == -signal.SIGKILL
    assert connect(refreshing).organization_id()


def test_trap_4_a_new_refresh_token_stays_when_the_runs_transaction_is_rolled_back(
    refreshing: SalesforceConfig, rotating: None
) -> None:
    with transaction.atomic():
        connect(refreshing)
        transaction.set_rollback(True)
    assert connect(refreshing).organization_id()


def test_trap_4_a_session_that_ended_is_renewed_with_the_new_token(
    refreshing: SalesforceConfig, practice_org: PracticeOrg, rotating: None
) -> None:
    org = connect(refreshing)
    practice_org.admin("expire_sessions")
    assert org.organization_id()


def test_trap_extra_refresh_while_another_worker_refreshes_loses_no_token(
    refreshing: SalesforceConfig, practice_org: PracticeOrg, rotating: None
) -> None:
    practice_org.fault("hang", seconds=0.3, path="/oauth2/token")
    with ThreadPoolExecutor(4) as workers:
        found = list(workers.map(lambda _: connect(refreshing).organization_id(), range(4)))
    assert len(set(found)) == 1
    practice_org.admin("faults", method="DELETE")
    assert connect(refreshing).organization_id()


def test_the_stored_token_is_encrypted_and_no_access_token_is_stored(
    refreshing: SalesforceConfig, practice_org: PracticeOrg, rotating: None
) -> None:
    org = connect(refreshing)
    row = RefreshToken.objects.get()
    text = " ".join(str(value) for value in vars(row).values())
    for secret in (refreshing.refresh_token, "5Aep861", refreshing.client_id, org._connection._client.session_id):
        assert secret not in text


def test_another_secret_key_is_told_with_the_way_out(
    refreshing: SalesforceConfig, settings: Settings, rotating: None
) -> None:
    connect(refreshing)
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-" + "y" * 50
    with pytest.raises(AuthenticationFailed, match="SECRET_KEY is not the one") as caught:
        connect(refreshing)
    assert "SECRET_KEY_FALLBACKS" in caught.value.remedy
    settings.SECRET_KEY_FALLBACKS = [before]
    assert connect(refreshing).organization_id()


def test_a_revoked_token_is_told_with_the_way_out_and_a_newly_configured_one_takes_over(
    refreshing: SalesforceConfig, practice_org: PracticeOrg, rotating: None
) -> None:
    connect(refreshing)
    practice_org.admin("reset")
    practice_org.admin(
        "users_app",
        {
            "client_id": refreshing.client_id,
            "client_secret": refreshing.client_secret,
            "username": practice_org.username,
        },
    )
    with pytest.raises(AuthenticationFailed, match="expired access/refresh token") as caught:
        connect(refreshing)
    assert "SALESFORCE_REFRESH_TOKEN" in caught.value.remedy
    again = practice_org.admin("refresh_token", {"client_id": refreshing.client_id})["refresh_token"]
    assert connect(replace(refreshing, refresh_token=again)).organization_id()


def test_a_missing_first_token_is_named(refreshing: SalesforceConfig) -> None:
    with pytest.raises(AuthenticationFailed, match="refresh_token"):
        connect(replace(refreshing, refresh_token=""))
