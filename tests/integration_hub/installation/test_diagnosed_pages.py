"""What diagnose says of pages that do not answer, or out of another database, and of settings that do not fit."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import Error, run_checks
from django.db import connection

from integration_hub import database_limits
from integration_hub.diagnosis import Light, files, local, web
from tests.integration_hub.sign_on.provider import CLIENT, SECRET, serving

BASE = Path(__file__).resolve().parents[3]
MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
Session = Callable[..., None]


@pytest.fixture
def session() -> Iterator[Session]:
    """Open a session as the pages do."""
    opened = []

    def begin(role: str, database: str = "") -> None:
        name = database or connection.settings_dict["NAME"]
        address = os.environ["DATABASE_URL"].replace("//hub@", f"//{role}@")
        opened.append(psycopg.connect(address, dbname=name, application_name=database_limits.OF_PAGES))

    yield begin
    for each in opened:
        each.close()


@pytest.mark.django_db(transaction=True)
def test_pages_are_asked_at_their_public_address_as_a_visitor_asks(live_server: Any, settings: Any, tmp_path) -> None:
    settings.PUBLIC_URL = f"{live_server.url}/"
    assert web.check_pages().light is not Light.RED
    storages = settings.STORAGES
    settings.STORAGES = storages | {"staticfiles": {"BACKEND": MANIFEST}}
    settings.STATIC_ROOT = str(tmp_path)
    found = web.check_pages()
    assert (found.light, "/login/ answers 500" in found.finding) == (Light.RED, True)
    settings.STORAGES = storages
    settings.ALLOWED_HOSTS = ["hub.example.com"]
    found = web.check_pages()
    assert (found.light, "/readyz answers 400" in found.finding) == (Light.RED, True)
    settings.PUBLIC_URL = "http://127.0.0.1:1"
    (found,) = web.web_checks()
    assert (found.light, "ConnectionError" in found.finding) == (Light.RED, True)
    with serving() as other:
        settings.PUBLIC_URL = other.url
        assert web.check_pages().light is Light.RED


@pytest.mark.django_db(transaction=True)
def test_a_web_of_our_own_is_found_with_the_session_that_it_keeps(settings: Any) -> None:
    settings.DEMO = False
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.PUBLIC_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
    path = f"/{connection.settings_dict['NAME']}"
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=path).geturl()
    place = urlsplit(settings.PUBLIC_URL).netloc
    command = [sys.executable, "-m", "gunicorn", "integration_hub.wsgi", "--bind", place, "--threads", "2"]
    worker = ["--worker-class", "integration_hub.web_worker.PatientWorker", "--no-control-socket"]
    started = subprocess.Popen(command + worker, cwd=BASE, env=os.environ | {"DATABASE_URL": address})
    try:
        ends = time.monotonic() + 90
        while (found := list(web.web_checks()))[0].light is Light.RED and time.monotonic() < ends:
            assert started.poll() is None
            time.sleep(0.2)
    finally:
        started.terminate()
        started.wait(30)
    pages, sessions = found
    assert pages.light is not Light.RED, pages.finding
    assert (sessions.light, "role hub, which owns" in sessions.finding) == (Light.AMBER, True), sessions.finding


@pytest.mark.django_db(transaction=True)
def test_pages_of_another_database_are_found_and_so_is_a_web_that_may_change_the_audit(session, settings) -> None:
    settings.DEMO = False
    found = web.check_sessions()
    assert (found.light, "no session" in found.finding) == (Light.RED, True)
    session("postgres", "postgres")
    found = web.check_sessions()
    assert (found.light, "but of postgres" in found.finding) == (Light.RED, True)
    session("postgres")
    assert web.check_sessions().light is Light.GREEN
    session("hub")
    found = web.check_sessions()
    assert (found.light, "change the audit" in found.finding) == (Light.AMBER, True)
    settings.DEMO = True
    assert web.check_sessions().light is Light.GREEN


@pytest.mark.django_db(transaction=True)
def test_sessions_of_pages_are_called_so_whatever_the_address_calls_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "application_name", "of the address")
    database_limits.for_pages()
    connection.close()
    try:
        with connection.cursor() as cursor:
            cursor.execute("show application_name")
            assert cursor.fetchone() == (database_limits.OF_PAGES,)
    finally:
        database_limits.for_runs()
        connection.close()
    assert connection.settings_dict["OPTIONS"]["application_name"] == "of the address"


def test_a_provider_that_is_away_is_red_where_passwords_do_not_count(settings: Any) -> None:
    settings.PUBLIC_URL, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "", CLIENT, SECRET
    with serving() as provider:
        settings.OIDC_ISSUER = provider.url
        assert [check.light for check in web.web_checks()] == [Light.GREEN]
        provider.described = {"issuer": "https://evil.example"}
        assert "https://evil.example" in web.check_provider().finding
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    for passwords, light in ((True, Light.AMBER), (False, Light.RED)):
        settings.PASSWORD_LOGIN = passwords
        assert web.check_provider().light is light


def test_files_that_were_not_collected_and_a_folder_that_cannot_be_written_are_red(settings: Any, tmp_path) -> None:
    assert list(files.check_static_files()) == []
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": MANIFEST}}
    settings.STATIC_ROOT = str(tmp_path)
    (found,) = files.check_static_files()
    assert (found.light, str(tmp_path) in found.finding) == (Light.RED, True)
    wanted = {path for finder in get_finders() for path, _ in finder.list([])}
    for kept, light in ((wanted, Light.GREEN), (wanted - {"favicon.svg"}, Light.RED)):
        lines = ", ".join(f'"{path}": "{path}"' for path in kept)
        (tmp_path / "staticfiles.json").write_text(f'{{"version": "1.1", "paths": {{{lines}}}, "hash": "x"}}', "utf-8")
        (found,) = files.check_static_files()
        assert found.light is light
    further = tmp_path / "further"
    further.mkdir()
    (further / ".DS_Store").touch()
    settings.STATICFILES_DIRS = [str(further)]
    assert ".DS_Store" in {path for finder in get_finders() for path, _ in finder.list([])}
    lines = ", ".join(f'"{path}": "{path}"' for path in wanted)
    (tmp_path / "staticfiles.json").write_text(f'{{"version": "1.1", "paths": {{{lines}}}, "hash": "x"}}', "utf-8")
    (found,) = files.check_static_files()
    assert found.light is Light.GREEN, "collectstatic leaves hidden files out"
    settings.STATE_DIR = str(tmp_path)
    assert files.check_state_folder().light is Light.GREEN
    settings.STATE_DIR = str(tmp_path / "missing")
    assert files.check_state_folder().light is Light.RED


def test_alerts_that_reach_nobody_are_told(settings: Any, configured: Callable[[str], None]) -> None:
    settings.MAIL_CONFIGURED = False
    for alerts, light in (
        ("", Light.AMBER),
        ('[alerts]\nenabled = false\nmail = ["a@x.org"]', Light.AMBER),
        ('[alerts]\nmail = ["a@x.org"]', Light.RED),
        ('[alerts]\nwebhooks = ["https://x.org/hook"]\nwebhook_secret = "${SECRET_KEY}"', Light.GREEN),
    ):
        configured(alerts)
        assert local.check_alert_ways().light is light, alerts
    settings.MAIL_CONFIGURED = True
    configured('[alerts]\nmail = ["a@x.org"]')
    found = local.check_alert_ways()
    assert (found.light, found.finding) == (Light.GREEN, "1 address is told.")


@pytest.fixture
def configured(settings: Any, tmp_path: Path) -> Callable[[str], None]:
    """Put a hub.toml in force."""
    numbers = iter(range(10))

    def write(more: str) -> None:
        path = tmp_path / f"hub{next(numbers)}.toml"
        text = 'sources = []\n[company]\nname = "A"\nreporting_currency = "EUR"\ntime_zone = "Europe/Berlin"\n'
        path.write_text(text + more, "utf-8")
        settings.HUB_CONFIG = str(path)

    return write


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "every host": ({"ALLOWED_HOSTS": ["*"]}, "integration_hub.W001"),
    "another host": ({"ALLOWED_HOSTS": ["other.example.com"]}, "integration_hub.W002"),
    "no proxy": ({"TRUSTED_PROXIES": 0}, "integration_hub.W003"),
    "half a provider": ({"OIDC_ISSUER": "https://x.org"}, "integration_hub.W004"),
    "a role that is none": ({"OIDC_ROLES": {"adm": "Administratorz"}, "OIDC_ROLE_CLAIM": "groups"}, "customers.E003"),
    "no claim": ({"OIDC_ROLES": {"adm": "Administrators"}}, "customers.W001"),
}


@pytest.mark.parametrize(("wrong", "told"), WRONG.values(), ids=WRONG)
def test_settings_that_do_not_fit_together_are_told(settings: Any, wrong: dict[str, Any], told: str) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://hub.example.com", [".example.com"]
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = ("HTTP_X_FORWARDED_PROTO", "https"), 1
    own = ("integration_hub.W", "customers.")
    before = [each.id for each in run_checks(include_deployment_checks=True) if str(each.id).startswith(own)]
    assert before == []
    for name, value in wrong.items():
        setattr(settings, name, value)
    found = [each for each in run_checks(include_deployment_checks=True) if str(each.id).startswith(own)]
    assert [each.id for each in found] == [told]
    # A role that is none stops every command; the others are told where one asks.
    assert [each.id for each in run_checks() if isinstance(each, Error)] == [told] * told.endswith("E003")
