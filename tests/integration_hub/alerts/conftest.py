"""Who is told in these tests, and findings that a test says itself."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from integration_hub.alerts import outbox, watching
from integration_hub.alerts.finding import Finding
from tests.integration_hub.alerts.sinks import Mailbox, Received, mail_server, web_server
from tests.integration_hub.pages.conftest import CONFIGURATION

Told = Callable[..., Path]


@pytest.fixture
def told(tmp_path: Path, settings: Any) -> Told:
    """Writes hub.toml with what stands under [alerts], such as mail=["a@b.example"]."""

    def write(text: str = "", **values: Any) -> Path:
        lines = [
            f"{name} = {str(value).lower() if isinstance(value, bool) else value!r}" for name, value in values.items()
        ]
        path = tmp_path / "hub.toml"
        path.write_text("\n".join([CONFIGURATION, "[alerts]", *lines, text]).replace("'", '"'), encoding="utf-8")
        settings.HUB_CONFIG = str(path)
        return path

    settings.STATE_DIR = str(tmp_path)
    settings.PUBLIC_URL = "https://hub.example.com"
    write()
    return write


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the next looks find, instead of what is in the database; nothing is sent by itself."""
    findings: list[Finding] = []
    monkeypatch.setattr(watching, "findings", lambda _now: iter(findings))
    monkeypatch.setattr(outbox, "send_in_background", lambda: None)
    return findings


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that is configured."""
    with mail_server() as box:
        settings.MAIL_CONFIGURED = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


@pytest.fixture
def receiver(settings: Any) -> Iterator[Received]:
    """A web server of this machine, which only the demo may call."""
    settings.DEMO = True
    with web_server() as received:
        yield received


def failing(subject: str = "Sync erp", number: int = 3, **changes: Any) -> Finding:
    """A condition that is raised at 3 and over at 0."""
    return Finding("run_failed", subject, number, f"{subject}: {number} failed.", "Old figures.", "Look.", **changes)


AT = datetime.fromisoformat("2026-11-27T08:00:00+00:00")
