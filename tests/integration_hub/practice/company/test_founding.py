"""Founding the demo company: a real ERP database, files that the hub's own source reads, a practice org, logins."""

import os
from datetime import date
from functools import cache
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from customers.models import Login
from integration_hub.config import hub
from integration_hub.practice.company import founding, logins
from integration_hub.practice.company.founding import Place, is_there, make
from integration_hub.practice.company.generation import generate
from integration_hub.practice.company.people import EMPLOYEES
from integration_hub.practice.company.salesforce_side import PracticeAdmin
from integration_hub.sources import open_source

TODAY = date(2026, 11, 23)
# Founding writes nothing into the books but the accounts' ids, each time all of them.
generated = cache(generate)


@pytest.fixture
def place(practice_org, tmp_path):
    return Place(
        erp_admin_url=os.environ["ERP_DEMO_ADMIN_URL"],
        erp_reader_url=os.environ["ERP_DEMO_URL"],
        drop=tmp_path / "us-erp",
        org=PracticeAdmin(practice_org.url),
        client_id="demo",
        client_secret="only-for-this-test",
    )


@pytest.fixture
def demo(settings, monkeypatch, place, tmp_path):
    """The environment that the launcher gives to manage.py in the demo."""
    settings.DEMO, settings.STATE_DIR = True, str(tmp_path)
    monkeypatch.setattr(founding, "generate", generated)
    for name, value in {
        "SALESFORCE_LOGIN_URL": place.org.url,
        "SALESFORCE_CLIENT_ID": "demo",
        "SALESFORCE_CLIENT_SECRET": "only-for-this-test",
        "DEMO_PASSWORD": "only-for-this-test",
        "DEMO_SCALE": "1",
        "STATE_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    with psycopg.connect(place.erp_admin_url) as connection:
        connection.execute("drop table if exists installation")
    return place


def test_the_hubs_own_sources_read_all_of_the_company(demo):
    founded = make(demo, 360, 1, TODAY)
    read: dict[str, Any] = {}
    for name in ("erp", "us"):
        source = open_source(name)
        assert source.check().read_only_proof
        for stream in source.streams:
            with source.extract(stream, None) as extract:
                lines = b"".join(extract.chunks).count(b"\n")
                wanted = {column for each in stream.columns.values() for column in each.source}
                assert wanted <= set(extract.columns), stream.name
            assert extract.complete()
            read[name] = read.get(name, 0) + lines
    assert read == {"erp": founded.rows - 1, "us": founded.records}
    assert [config.name for config in hub().sources] == ["erp", "us"]


def test_the_company_is_there_once_made_and_made_anew_for_another_seed(demo):
    assert not is_there(demo, 360, 1)
    make(demo, 360, 1, TODAY)
    assert is_there(demo, 360, 1)
    assert not is_there(demo, 361, 1)
    demo.org.ask("reset", {})
    assert not is_there(demo, 360, 1)


@pytest.mark.django_db
def test_the_command_makes_company_and_logins_once(demo, capsys):
    call_command("demo_company")
    assert "accounts, in" in capsys.readouterr().out
    call_command("demo_company")
    assert "already there" in capsys.readouterr().out
    with pytest.raises(CommandError, match="make demo-reset"):
        call_command("demo_company", "--seed", "7")
    users = {user.username: user for user in User.objects.prefetch_related("groups")}
    assert set(users) == {login for login, _ in logins.LOGINS}
    groups = {name: [group.name for group in user.groups.all()] for name, user in users.items()}
    assert groups == {
        "anna.keller": ["Account managers"],
        "marc.oberlaender": ["Account managers"],
        "priya.nair": ["Analysts"],
        "admin": ["Administrators"],
    }
    assert all(user.check_password("only-for-this-test") for user in users.values())
    ids = demo.org.user_ids()
    assert {tie.user.username: tie.salesforce_user for tie in Login.objects.all()} == {
        login: ids[login] for login in users
    }


def test_outside_demo_mode_nothing_is_made(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="make demo"):
        call_command("demo_company")


def test_the_command_says_which_variable_is_missing(demo, monkeypatch):
    monkeypatch.delenv("SALESFORCE_LOGIN_URL")
    with pytest.raises(CommandError, match="SALESFORCE_LOGIN_URL is not set"):
        call_command("demo_company")


@pytest.mark.parametrize("url", ["https://example.my.salesforce.com", "http://10.0.0.5:8099", "ftp://127.0.0.1"])
def test_the_demo_company_never_goes_to_another_machine(url):
    with pytest.raises(ValueError, match="on this machine"):
        PracticeAdmin(url)


def test_the_org_holds_roles_people_links_and_trouble(demo, practice_org):
    make(demo, 360, 1, TODAY)
    users = {user["Username"]: user for user in practice_org.records("User")}
    roles = {role["Id"]: role for role in practice_org.records("UserRole")}
    anna = users["anna.keller@halden-components.example"]
    manager = users["marc.oberlaender@halden-components.example"]
    assert roles[anna["UserRoleId"]]["ParentRoleId"] == manager["UserRoleId"]
    assert not users["peter.vogt@halden-components.example"]["IsActive"]
    assert len(users) == len(EMPLOYEES) + 1
    accounts = practice_org.records("Account")
    deleted = [account for account in accounts if account["IsDeleted"]]
    assert len(deleted) == 2
    (merged,) = [account for account in deleted if account.get("MasterRecordId")]
    with psycopg.connect(demo.erp_reader_url) as connection:
        kept = [row[0] for row in connection.execute("select crm_id from debtor where crm_id <> ''")]
    known = {account["Id"][:15] for account in accounts}
    assert {account[:15] for account in kept} <= known
    assert {len(account) for account in kept} == {15, 18}
    assert merged["MasterRecordId"] in {account["Id"] for account in accounts}
