"""What people do is recorded with who, from where, and what it changed; secrets are not."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub.audit.configuration import note_configuration
from integration_hub.audit.recording import FLOOD
from integration_hub.audit.signing_in import UNKNOWN
from integration_hub.audit.verifying import verify
from integration_hub.audit.watching import tick
from integration_hub.config import hub
from integration_hub.models import AuditRow
from integration_hub.push import switch
from tests.integration_hub.config.test_in_force import write
from tests.integration_hub.pages.conftest import CONFIGURATION, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


@pytest.fixture
def configuration(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "hub.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    return path


@pytest.fixture
def admin(configuration: Path) -> Client:
    return signed_in("alice", "Administrators")


def acts(*verbs: str) -> list[Any]:
    return list(AuditRow.objects.filter(what__in=verbs).order_by("sequence"))


def told(row: AuditRow) -> tuple[Any, ...]:
    return (row.who, row.what, row.object, row.before, row.after, row.result)


def test_signing_in_and_out_is_recorded_and_what_was_typed_is_not(client: Client, configuration: Path) -> None:
    User.objects.create_user("anna", password=PASSWORD)
    for name, password in (("anna", "wrong"), (PASSWORD, "anna"), ("anna", PASSWORD)):
        client.post(reverse("login"), {"username": name, "password": password}, REMOTE_ADDR="203.0.113.7")
    client.post(reverse("logout"), REMOTE_ADDR="203.0.113.7")
    found = acts("login.failed", "login.ok", "logout.ok")
    assert [(row.who, row.what, row.object, row.ip) for row in found] == [
        ("", "login.failed", "anna", "203.0.113.7"),
        ("", "login.failed", UNKNOWN, "203.0.113.7"),
        ("anna", "login.ok", "anna", "203.0.113.7"),
        ("anna", "logout.ok", "anna", "203.0.113.7"),
    ]
    assert not any(PASSWORD in str(row.__dict__) or "wrong" in str(row.__dict__) for row in AuditRow.objects.all())


def test_a_flood_of_refusals_is_written_down_only_so_far(client: Client, configuration: Path, settings: Any) -> None:
    settings.AXES_ENABLED = False
    for _ in range(FLOOD + 10):
        client.post(reverse("login"), {"username": "x", "password": "y"})
    found = acts("login.failed")
    assert len(found) == FLOOD + 1
    assert "not written down" in found[-1].after["note"]


def test_behind_proxies_only_their_own_words_are_believed(client: Client, settings: Any, configuration: Path) -> None:
    settings.TRUSTED_PROXIES = 2
    forwarded = "10.9.9.9, 198.51.100.4, 10.0.0.1"
    client.post(
        reverse("login"), {"username": "x", "password": "y"}, REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR=forwarded
    )
    client.post(reverse("login"), {"username": "x", "password": "y"}, REMOTE_ADDR="10.0.0.2")
    assert [row.ip for row in acts("login.failed")] == ["198.51.100.4", "10.0.0.2"]


def test_a_page_that_somebody_may_not_see_is_recorded(configuration: Path) -> None:
    client = signed_in("ben", "Analysts")
    assert client.get(reverse("runs"), {"secret": "not for the audit"}).status_code == 404
    assert client.get("/no/such/page/").status_code == 404
    (row,) = acts("access.refused")
    assert told(row)[:3] == ("ben", "access.refused", "runs")
    assert row.after == {"method": "GET", "path": "/runs/", "status": 404}


def test_rights_are_recorded_from_both_sides() -> None:
    anna, group = User.objects.create_user("anna", password=PASSWORD), Group.objects.create(name="Deciders")
    anna.groups.add(group)
    group.user_set.remove(anna)
    anna.groups.set([group])
    anna.groups.clear()
    anna.is_superuser = True
    anna.save()
    anna.set_password("another long password")
    anna.save()
    anna.delete()
    right = {"group": "Deciders"}
    assert [told(row)[1:5] for row in acts("rights.given", "rights.taken")] == [
        ("rights.given", "anna", None, right),
        ("rights.taken", "anna", right, None),
        ("rights.given", "anna", None, right),
        ("rights.taken", "anna", right, None),
    ]
    changed = acts("login.changed", "login.deleted")
    assert [(row.what, row.before, row.after) for row in changed] == [
        ("login.changed", {"is_superuser": False}, {"is_superuser": True}),
        ("login.changed", {"password": "not shown"}, {"password": "not shown"}),
        ("login.deleted", None, None),
    ]


def test_the_switch_and_runs_started_by_hand_are_recorded_with_their_run(admin: Client) -> None:
    admin.post(reverse("push_stop"), {"reason": "Year end"})
    admin.post(reverse("push_resume"))
    admin.post(reverse("sync_now"), {"source": "salesforce"})
    admin.post(reverse("sync_now"), {"source": "salesforce"})  # waits already: nothing new was done
    switch.stop("command line", "by hand")
    found = acts("push.stopped", "push.resumed", "sync.requested")
    assert [(row.who, row.what, row.after) for row in found] == [
        ("alice", "push.stopped", {"reason": "Year end"}),
        ("alice", "push.resumed", None),
        ("alice", "sync.requested", None),
        ("command line", "push.stopped", {"reason": "by hand"}),
    ]
    assert found[2].run is not None


def test_a_changed_configuration_is_recorded_by_key_without_secrets(
    configuration: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("C360_SECRET", "first secret")
    with_secret = CONFIGURATION.replace("[push]", 'client_secret = "${C360_SECRET}"\n[push]')
    write(configuration, with_secret)
    now = timezone.now()
    tick(now)
    assert not note_configuration(now)
    changed = with_secret.replace("Test company", "Other company").replace('"Overdue"', '"Too late"')
    write(configuration, changed)
    assert note_configuration(now)
    monkeypatch.setenv("C360_SECRET", "second secret")
    assert hub().salesforce is not None
    assert note_configuration(now)
    first, secret = acts("configuration.changed")
    assert {name: first.after[name] for name in first.after if name != "sha256"} == {
        "company.name": "Other company",
        "push.fields[ERP_Overdue_Amount__c].label": "Too late",
    }
    assert first.before["company.name"] == "Test company"
    assert list(secret.after) == ["sha256", "salesforce.client_secret"]
    assert "not shown" in secret.after["salesforce.client_secret"]
    assert "second" not in str(secret.after)
    # What cannot be used is not in force.
    write(configuration, "not toml")
    assert not note_configuration(now)
    assert verify().is_whole
