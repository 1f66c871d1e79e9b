"""Who looks at the administrator's pages, and what there is to see."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

CONFIGURATION = """
sources = []
[company]
name = "Test company"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[salesforce]
login_url = "https://example.my.salesforce.com"
[push]
[[push.fields]]
field = "ERP_Overdue_Amount__c"
measure = "overdue_amount"
label = "Overdue"
"""


@pytest.fixture(autouse=True)
def _configuration(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    settings.STATE_DIR = str(tmp_path)


def signed_in(name: str, group: str) -> Client:
    """A client of a new user in that group."""
    user = User.objects.create_user(name, password="a long enough password")
    if group:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin_page(db: None) -> Client:
    """Alice, an administrator."""
    return signed_in("alice", "Administrators")


@pytest.fixture
def analyst_page(db: None) -> Client:
    """Bob, who may see all customers but not run anything."""
    return signed_in("bob", "Analysts")
