"""A client of the practice org, with short waits."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integration_hub import jobs
from integration_hub.config import SalesforceConfig
from integration_hub.models import Run, RunKind
from integration_hub.runs import start_run
from integration_hub.salesforce import polling, result_page, session
from integration_hub.salesforce.client import Org, connect
from tests.practice_org import PracticeOrg

Connect = Callable[..., Org]
Configure = Callable[..., None]
Sync = Callable[..., Run]
ERP_NUMBER = {"name": "ERP_Number__c", "type": "string", "length": 40, "externalId": True, "unique": True}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses keep their number and become short."""
    monkeypatch.setattr(session, "PAUSES", (0.01, 0.02, 0.03, 0.04))
    monkeypatch.setattr(result_page, "PAUSES", (0.01, 0.02, 0.03))
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)


@pytest.fixture
def config(practice_org: PracticeOrg) -> SalesforceConfig:
    return SalesforceConfig(
        login_url=practice_org.url,
        client_id=practice_org.client_id,
        client_secret=practice_org.client_secret,
        timeout_seconds=20,
    )


@pytest.fixture
def sign_in(config: SalesforceConfig) -> Connect:
    """Connect with some settings changed."""

    def connected(**changes: Any) -> Org:
        return connect(replace(config, **changes))

    return connected


@pytest.fixture
def org(sign_in: Connect) -> Org:
    return sign_in()


@pytest.fixture
def accounts(practice_org: PracticeOrg) -> Callable[[int], list[str]]:
    """Store that many accounts named "Customer 1" on; returns their ids."""

    def seed(number: int) -> list[str]:
        return practice_org.seed("Account", *({"Name": f"Customer {place}"} for place in range(1, number + 1)))

    return seed


@pytest.fixture
def token_requests(practice_org: PracticeOrg) -> Callable[[], int]:
    """How many tokens were asked for since the test began."""
    return lambda: sum("/oauth2/token" in call["path"] for call in practice_org.calls())


@pytest.fixture
def configure(
    practice_org: PracticeOrg, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Configure:
    """Write hub.toml anew, with some of [salesforce] changed; the org has the field for the ERP number."""
    practice_org.admin("fields", {"sobject": "Account", "fields": [ERP_NUMBER]})
    monkeypatch.setenv("SF_TEST_SECRET", practice_org.client_secret)
    settings.PUBLISH_HOOKS = []

    def written(**changes: Any) -> None:
        section = {"login_url": practice_org.url, "client_id": practice_org.client_id, "every_minutes": 15} | changes
        path = tmp_path / f"hub-{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(
            "sources = []\n[company]\nname = 'Test'\nreporting_currency = 'EUR'\ntime_zone = 'Europe/Berlin'\n"
            "[salesforce]\nclient_secret = '${SF_TEST_SECRET}'\n"
            + "".join(f"{name} = {json.dumps(value)}\n" for name, value in section.items()),
            encoding="utf-8",
        )
        settings.HUB_CONFIG = str(path)

    written()
    return written


@pytest.fixture
def work(configure: Configure) -> Sync:
    """Run the sync as the worker does; keyword arguments change [salesforce]. Whatever happens is in the run."""

    def ran(**changes: Any) -> Run:
        if changes:
            configure(**changes)
        return jobs.finish(start_run(RunKind.SYNC, "salesforce"))

    return ran
