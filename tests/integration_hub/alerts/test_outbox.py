"""Messages leave through a real mail server and a real web server, each once, whatever dies in between."""

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from integration_hub.alerts import outbox
from integration_hub.alerts.channels import targets
from integration_hub.alerts.finding import Finding
from integration_hub.alerts.messages import trial_message
from integration_hub.alerts.outbox import send_due
from integration_hub.alerts.watching import tick
from integration_hub.config import ConfigurationError, hub
from integration_hub.config.checking_alerts import may_be_called
from integration_hub.models import AlertDelivery, AlertMessage
from tests.integration_hub.alerts.conftest import Told, failing
from tests.integration_hub.alerts.sinks import Mailbox, Received, mail_server

ROOT = Path(__file__).resolve().parents[3]
IT = "it@halden.example"


@pytest.mark.django_db
def test_mail_and_webhook_get_the_same_message_signed(
    told: Told, found: list[Finding], mailbox: Mailbox, receiver: Received
) -> None:
    told(mail=[IT], webhooks=[f"{receiver.url}/hook?token=secret-token"], webhook_secret="${PATH}")
    found[:] = [failing("Sync Zürich", critical=True)]
    tick(timezone.now())
    assert send_due() == 2
    assert send_due() == 0
    (mail,) = mailbox.messages
    assert mail["To"] == IT
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Old figures." in str(mail.get_payload(decode=True))
    ((path, headers, body),) = receiver.requests
    assert path == "/hook?token=secret-token"
    told_of = json.loads(body)
    assert (told_of["about"], told_of["severity"], told_of["kind"]) == ("Sync Zürich", "critical", "raised")
    written = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Customer360-Signature"])
    assert written is not None
    assert abs(time.time() - int(written[1])) < 60
    expected = hmac.new(os.environ["PATH"].encode(), f"{written[1]}.".encode() + body, hashlib.sha256).hexdigest()
    assert expected == written[2]
    # Nothing that is stored holds the address, which may hold a token.
    assert not any("secret-token" in str(row) for row in AlertDelivery.objects.values_list("target", "error"))


@pytest.mark.django_db
def test_a_mail_server_that_is_down_loses_nothing_and_keeps_nobody_else_waiting(
    told: Told, found: list[Finding], settings: Any, receiver: Received
) -> None:
    with mail_server() as box:
        port = box.port
    settings.MAIL_CONFIGURED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    told(mail=[IT, "head@halden.example"], webhooks=[receiver.url], webhook_secret="${PATH}")
    now = timezone.now()
    found[:] = [failing("Sync a"), failing("Sync b")]
    tick(now)
    assert send_due(now) == 2
    assert len(receiver.requests) == 2
    waiting = AlertDelivery.objects.filter(channel="mail", sent_at=None)
    assert waiting.count() == 4
    # One attempt tells that the server is down; the others were not even made.
    assert sorted(waiting.values_list("attempts", flat=True)) == [0, 0, 0, 1]
    assert "did not take it" in waiting.get(attempts=1).error
    for hour in range(1, 30):
        send_due(now + timedelta(hours=hour))
    assert waiting.count() == 4
    with mail_server(port) as box:
        send_due(now + timedelta(hours=31))
        assert not waiting.exists()
        assert len(box.messages) == 4
    assert len(receiver.requests) == 2


@pytest.mark.django_db
def test_a_dead_address_with_a_long_backlog_keeps_no_other_waiting(
    told: Told, found: list[Finding], mailbox: Mailbox, receiver: Received
) -> None:
    told(mail=["gone@halden.example", IT], webhooks=[receiver.url], webhook_secret="${PATH}")
    now = timezone.now()
    receiver.status = 500
    mailbox.refused = "gone@halden.example"
    message = AlertMessage.objects.create(kind="test", subject="An old one", body="Old.", created_at=now)
    webhook = next(target for channel, target in targets(hub().alerts) if channel == "webhook")
    for channel, target in (("webhook", webhook), ("mail", mailbox.refused)):
        backlog = [
            AlertDelivery(
                message=AlertMessage.objects.create(kind="test", subject=f"{number}", body=".", created_at=now),
                channel=channel,
                target=target,
                not_before=now,
            )
            for number in range(230)
        ]
        AlertDelivery.objects.bulk_create(backlog)
    # One of the backlog was tried before; what is new comes behind all of it.
    AlertDelivery.objects.filter(pk=backlog[0].pk).update(attempts=1)
    AlertDelivery.objects.create(message=message, channel="mail", target=IT, not_before=now)
    assert send_due(now) == 1
    assert [mail["To"] for mail in mailbox.messages] == [IT]
    # A dead address costs one attempt a round.
    assert len(receiver.requests) == 1
    receiver.status = 200
    assert send_due(now) == 200
    assert send_due(now) == 29
    assert send_due(now + timedelta(minutes=2)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "headers"), [(302, {"Location": "/elsewhere"}), (307, {"Location": "/elsewhere"}), (500, {}), (404, {})]
)
def test_a_webhook_that_redirects_or_refuses_is_asked_again_later(
    told: Told, receiver: Received, status: int, headers: dict[str, str]
) -> None:
    told(webhooks=[receiver.url], webhook_secret="${PATH}")
    receiver.status, receiver.headers = status, headers
    now = timezone.now()
    trial_message(now, "anna")
    assert send_due(now) == 0
    assert [path for path, _, _ in receiver.requests] == ["/"]
    assert AlertDelivery.objects.get().error == f"It answered with status {status}."
    assert send_due(now) == 0
    assert len(receiver.requests) == 1
    receiver.status = 200
    assert send_due(now + timedelta(minutes=2)) == 1
    first, second = (json.loads(body) for _, _, body in receiver.requests)
    assert first["id"] == second["id"]


@pytest.mark.django_db
def test_only_addresses_of_the_configuration_are_called(told: Told, receiver: Received, settings: Any) -> None:
    told(webhooks=[receiver.url], webhook_secret="${PATH}")
    now = timezone.now()
    trial_message(now, "anna")
    settings.DEMO = False
    assert send_due(now) == 0
    assert "Only https" in AlertDelivery.objects.get().error
    told(mail=[IT])
    assert send_due(now + timedelta(hours=1)) == 0
    gone = AlertDelivery.objects.get()
    assert (gone.given_up_at is not None, receiver.requests) == (True, [])
    refused = (
        "http://example.com/x ftp://example.com https:// https://name:word@example.com https://a.example\\@b.example"
    )
    assert not any(
        may_be_called(each) for each in [*refused.split(), "https://a.example/ x", "http://127.0.0.1.example"]
    )
    assert may_be_called("https://hooks.example.com/services/T1")


@pytest.mark.parametrize(
    ("text", "values", "problem"),
    [
        ("", {"mail": ["nobody"]}, "no mail address"),
        ("", {"webhooks": ["http://example.com"]}, "no https address"),
        ("", {"webhooks": ["https://example.com"]}, "no secret to sign with"),
        ("", {"webhooks": ["https://example.com"], "webhook_secret": "plain"}, "secret stands in the file"),
        ("", {"most_per_hour": 0}, "0 is too small"),
        ("[alerts.conditions.run_faild]\noff = true", {}, 'no condition "run_faild"'),
        ("[alerts.conditions.run_failed]\nrecover_at = 9", {}, "recover at 9 before it is raised at 3"),
        ("[alerts.conditions.run_failed]\nraise = 9", {}, "Unknown key"),
    ],
)
def test_what_cannot_be_told_is_refused_at_the_start(
    told: Told, text: str, values: dict[str, Any], problem: str
) -> None:
    told(text, **values)
    with pytest.raises(ConfigurationError, match=problem):
        hub()


@pytest.mark.django_db
def test_the_command_says_how_the_test_message_went(
    told: Told, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="Nobody would be told"):
        call_command("alerts", "--test")
    told(mail=[IT])
    call_command("alerts", "--test")
    assert f"mail {IT}: sent" in capsys.readouterr().out
    mailbox.answer = "550 no such person"
    with pytest.raises(SystemExit):
        call_command("alerts", "--test")
    assert "no such person" in capsys.readouterr().out
    with pytest.raises(SystemExit) as never:
        call_command("alerts", "--check")
    assert (never.value.code, "has never run" in capsys.readouterr().out) == (2, True)
    tick(timezone.now())
    call_command("alerts", "--check")
    assert "Nothing is open" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_the_tick_sends_beside_itself(told: Told, mailbox: Mailbox) -> None:
    told(mail=[IT])
    trial_message(timezone.now(), "anna")
    thread = outbox.send_in_background()
    thread.join(30)
    assert AlertDelivery.objects.get().sent_at is not None
    assert len(mailbox.messages) == 1


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("failpoint", "copies"), [("alerts.before_sending", 1), ("alerts.after_sending", 2)])
def test_a_process_killed_around_sending_loses_nothing_and_sends_once_more_at_most(
    told: Told, mailbox: Mailbox, settings: Any, failpoint: str, copies: int
) -> None:
    path = told(mail=[IT])
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "FAILPOINT": failpoint,
        "DATABASE_URL": urlunsplit(address),
        "HUB_CONFIG": str(path),
        "PUBLIC_URL": settings.PUBLIC_URL,
        "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
    }
    command = [sys.executable, "manage.py", "alerts", "--test"]
    died = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    now = timezone.now()
    send_due(now)  # not at once: who was killed may have sent it
    assert len(mailbox.messages) == copies - 1
    for minutes in range(2, 60, 2):
        send_due(now + timedelta(minutes=minutes))
    assert len(mailbox.messages) == copies
    assert len({mail["Message-ID"] for mail in mailbox.messages}) == 1
    assert AlertMessage.objects.count() == 1
