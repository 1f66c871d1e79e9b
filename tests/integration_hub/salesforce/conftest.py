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
from integration_hub.formulas import run_formulas
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.runs import start_run
from integration_hub.salesforce import polling, result_page, session
from integration_hub.salesforce.client import Org, connect
from integration_hub.sweep import run_sweep
from integration_hub.sync import run_sync
from tests.practice_org import PracticeOrg

Connect = Callable[..., Org]
Configure = Callable[..., None]
Sync = Callable[..., Run]


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


FIELDS = [
    {"name": "ERP_Number__c", "type": "string", "length": 40, "externalId": True, "unique": True},
    {"name": "ERP_Overdue_Amount__c", "type": "currency", "precision": 18, "scale": 2},
]


def settle_run(run: Run) -> None:
    """Do a run in this process; problems are raised."""
    work = {RunKind.SYNC: run_sync, RunKind.FORMULAS: run_formulas, RunKind.SWEEP: run_sweep}
    work[RunKind(run.kind)](run)


@pytest.fixture
def configure(practice_org: PracticeOrg, tmp_path: Path, settings: Settings, db: None, secret: None) -> Configure:
    """Write hub.toml for the practice org; keyword arguments change [salesforce]."""
    practice_org.admin("fields", {"sobject": "Account", "fields": FIELDS})
    settings.PUBLISH_HOOKS = []

    def written(**changes: Any) -> None:
        section = {
            "login_url": practice_org.url,
            "client_id": practice_org.client_id,
            "every_minutes": 15,
            "max_deleted_share": 1.0,
        } | changes
        path = tmp_path / f"hub-{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(
            "sources = []\n[company]\nname = 'Test'\nreporting_currency = 'EUR'\ntime_zone = 'Europe/Berlin'\n"
            "[[push.fields]]\nfield = 'ERP_Overdue_Amount__c'\nmeasure = 'overdue_amount'\n"
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


@pytest.fixture
def sync(configure: Configure) -> Sync:
    """Run the sync of Salesforce, or a run of another kind; keyword arguments change [salesforce]."""

    def ran(*, full: bool = False, kind: RunKind = RunKind.SYNC, **changes: Any) -> Run:
        configure(**changes)
        run = Run.objects.create(kind=kind, subject="salesforce", status=RunStatus.RUNNING, options={"full": full})
        settle_run(run)
        run.refresh_from_db()
        return run

    return ran


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch, practice_org: PracticeOrg) -> None:
    monkeypatch.setenv("SF_TEST_SECRET", practice_org.client_secret)


@pytest.fixture
def company(practice_org: PracticeOrg) -> dict[str, str]:
    """A small firm; ids by name."""
    head, team = practice_org.seed(
        "UserRole", {"Name": "Head", "_ref": "head"}, {"Name": "Team", "ParentRoleId": {"ref": "head"}}
    )
    (anna,) = practice_org.seed(
        "User",
        {
            "Username": "anna@x.example",
            "LastName": "Keller",
            "Email": "anna@x.example",
            "Alias": "a",
            "UserRoleId": team,
        },
    )
    group, champion, quiet = practice_org.seed(
        "Account",
        {"Name": "Group", "_ref": "group"},
        {
            "Name": "Champion", "ERP_Number__c": "0000104233", "OwnerId": anna, "ParentId": {"ref": "group"},
            "BillingStreet": "Hauptstr. 1\nHof", "ERP_Overdue_Amount__c": 12345678.9, "Industry": "Retail",
        },
        {"Name": "#N/A"},
    )  # fmt: skip
    (lee,) = practice_org.seed("Contact", {"LastName": "Lee", "AccountId": champion, "Email": "lee@x.example"})
    (won,) = practice_org.seed(
        "Opportunity",
        {"Name": "Won", "AccountId": champion, "OwnerId": anna, "StageName": "Closed Won", "CloseDate": "2026-01-31",
         "Amount": 33333333.33},
    )  # fmt: skip
    return {
        "head": head, "team": team, "anna": anna, "group": group, "champion": champion, "quiet": quiet, "lee": lee,
        "won": won,
    }  # fmt: skip
