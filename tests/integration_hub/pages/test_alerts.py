"""Alerts as a page: what is open with what to do, who takes care, whether messages arrive."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integration_hub.alerts import outbox
from integration_hub.models import Alert, AlertDelivery, AlertMessage, AuditRow, Heartbeat, Severity
from tests.integration_hub.pages.conftest import CONFIGURATION

pytestmark = pytest.mark.django_db


def an_alert(subject: str = "Sync erp", **values: Any) -> Alert:
    now = timezone.now()
    usual = {
        "condition": "run_failed",
        "severity": Severity.CRITICAL,
        "text": "3 runs in a row failed.",
        "meaning": "Figures are old.",
        "remedy": "Renew the password.",
        "first_seen_at": now,
        "last_seen_at": now,
        "raised_at": now,
    }
    return Alert.objects.create(subject=subject, **usual | values)


def text_of(client: Client) -> str:
    return client.get(reverse("alerts")).content.decode()


def test_an_open_alert_says_what_it_means_and_somebody_takes_care_of_it(admin_page: Client) -> None:
    assert "Nothing is wrong" in text_of(admin_page)
    alert = an_alert("<i>erp</i>")
    text = text_of(admin_page)
    assert "Runs fail: &lt;i&gt;erp&lt;/i&gt;" in text
    assert "Renew the password." in text
    assert 'Alerts<span class="count">1</span>' in admin_page.get(reverse("runs")).content.decode()
    url = reverse("alert_acknowledge", args=[alert.pk])
    admin_page.post(url, {"comment": "Password is on its way"})
    text = text_of(admin_page)
    assert "alice takes care" in text
    assert "Password is on its way" in text
    row = AuditRow.objects.order_by("-sequence")[0]
    assert (row.who, row.what, row.object) == ("alice", "alert.acknowledged", str(alert.pk))
    Alert.objects.update(recovered_at=timezone.now())
    assert admin_page.post(url).status_code == 404
    assert "Nothing was wrong yet" not in text_of(admin_page)


def test_who_is_told_and_how_it_went(admin_page: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "send_in_background", lambda: None)
    assert "Nobody is told" in text_of(admin_page)
    answer = admin_page.post(reverse("alerts_test"), follow=True).content.decode()
    assert "Nobody would be told" in answer
    Path(settings.HUB_CONFIG).write_text(f'{CONFIGURATION}\n[alerts]\nmail = ["it@halden.example"]', encoding="utf-8")
    assert "None yet" in text_of(admin_page)
    answer = admin_page.post(reverse("alerts_test"), follow=True).content.decode()
    assert "on its way to 1 address" in answer
    assert "On its way" in answer
    for attempts, told in ((1, "tried once"), (2, "tried 2\u00a0times")):
        AlertDelivery.objects.update(error="The mail server did not take it.", attempts=attempts)
        assert f"Not taken yet</span> {told}<" in text_of(admin_page)
    AlertDelivery.objects.update(sent_at=timezone.now())
    assert "The mail server did not take it." not in text_of(admin_page)
    assert AlertMessage.objects.count() == 1


def test_a_silent_scheduler_is_said_although_nobody_looks(admin_page: Client) -> None:
    Heartbeat.objects.create(name="scheduler", at=timezone.now() - timedelta(minutes=30))
    assert "The scheduler is silent since" in text_of(admin_page)


def test_the_page_takes_as_many_queries_for_many_alerts_as_for_one(admin_page: Client) -> None:
    an_alert()
    an_alert(recovered_at=timezone.now())
    with CaptureQueriesContext(connection) as few:
        text_of(admin_page)
    for number in range(30):
        an_alert(f"Sync s{number}")
        an_alert(f"Sync s{number}", recovered_at=timezone.now(), acknowledged_by="anna", comment="done")
    with CaptureQueriesContext(connection) as many:
        text_of(admin_page)
    assert len(many) == len(few)


def test_nobody_but_administrators_sees_or_does_anything(analyst_page: Client) -> None:
    alert = an_alert()
    assert analyst_page.get(reverse("alerts")).status_code == 404
    assert analyst_page.post(reverse("alerts_test")).status_code == 404
    assert analyst_page.post(reverse("alert_acknowledge", args=[alert.pk])).status_code == 404
    assert Alert.objects.get().acknowledged_at is None
