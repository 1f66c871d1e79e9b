"""The company of these tests after its first, good sync."""

from pathlib import Path

import pytest
from pytest_django import Settings

from integration_hub.models import RunStatus
from integration_hub.salesforce import result_page, session
from tests.bad_input.company import CUSTOMERS, ERP, FIELDS, INVOICES, NAME, ORDERS, SALESFORCE, Company
from tests.customers.pages.conftest import signed_in
from tests.integration_hub.erp.conftest import erp
from tests.integration_hub.warehouse.world import World
from tests.practice_org import PracticeOrg

__all__ = ["company", "erp"]


@pytest.fixture
def company(
    tmp_path: Path, settings: Settings, db: None, practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> Company:
    monkeypatch.setattr(session, "PAUSES", (0.01, 0.02))
    monkeypatch.setattr(result_page, "PAUSES", (0.01, 0.02))
    monkeypatch.setenv("BAD_INPUT_SECRET", practice_org.client_secret)
    practice_org.admin("fields", {"sobject": "Account", "fields": FIELDS})
    practice_org.seed("Account", {"Name": NAME, "ERP_Number__c": "7", "Website": "https://mueller.example"})
    directory = tmp_path / "erp"
    directory.mkdir()
    settings.HUB_CONFIG = str(tmp_path / "hub.toml")
    made = Company(
        World(directory, tmp_path / "hub.toml"),
        practice_org,
        analyst=signed_in("iris", "Analysts"),
        administrator=signed_in("otto", "Administrators"),
    )
    for name in ("customers", "orders", "invoices"):
        made.erp.stream(name, f"erp_{name.removesuffix('s')}")
    made.configure()
    for name, text in (("customers", CUSTOMERS), ("orders", ORDERS), ("invoices", INVOICES)):
        made.deliver(name, text)
    # What is to be seen then stands in a test of its own: test_deliveries.py.
    for source in (ERP, SALESFORCE):
        assert made.sync(source).status == RunStatus.SUCCEEDED
    return made
