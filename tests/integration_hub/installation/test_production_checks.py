"""What diagnose says of an installation, and whose address a login is counted for."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as current
from django.test import RequestFactory
from django.utils import timezone

from integration_hub.client_address import client_address
from integration_hub.diagnosis import Light, local
from integration_hub.diagnosis import production as checks
from integration_hub.installation import backup, restored
from integration_hub.models import Pulse
from integration_hub.status import measured, pulse
from integration_hub.status.pulse import SCHEDULER

pytestmark = pytest.mark.django_db
FACTS = {"redis": True, "workers": 1, "queued": {}, "disk_free": 1, "disk_total": 2, "skew_seconds": 0.0}


def test_backups_are_green_while_the_newest_is_young(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_DIR = ""
    assert "BACKUP_DIR is not set" in checks.check_backup().finding
    settings.BACKUP_DIR = str(tmp_path)
    assert checks.check_backup().light == Light.RED
    for hours, light in ((150, Light.RED), (50, Light.AMBER), (2, Light.GREEN)):
        at = timezone.now() - timedelta(hours=hours)
        (tmp_path / f"{backup.PREFIX}{at:{backup.STAMP}}{backup.SUFFIX}").write_bytes(b"x")
        assert checks.check_backup().light == light
    (tmp_path / "customer360-mine.dump").write_bytes(b"x")
    assert len(backup.existing(tmp_path)) == 3


def test_a_restore_is_amber_until_a_plan_was_approved(settings: Any, tmp_path: Path) -> None:
    settings.HUB_CONFIG = str(tmp_path / "hub.toml")
    sources = 'sources = []\n[company]\nname = "A"\nreporting_currency = "EUR"\ntime_zone = "Europe/Berlin"\n'
    Path(settings.HUB_CONFIG).write_text(sources, "utf-8")
    assert checks.check_restored().light == Light.GREEN
    restored.mark("Put back.", timezone.now())
    found = checks.check_restored()
    assert (found.light, "the first plan waits" in found.finding) == (Light.AMBER, True)
    restored.close()
    assert checks.check_restored().light == Light.GREEN


def test_the_forgetful_servers_of_the_tests_are_told_from_safe_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    found = checks.check_database_settings()
    assert (found.light, "fsync" in found.finding) == (Light.AMBER, True)
    assert "max_locks_per_transaction" not in found.finding
    monkeypatch.setattr(checks, "LEAST_LOCKS", 1000)
    assert "run out of locks" in checks.check_database_settings().finding
    client = redis.from_url(current.REDIS_URL)
    before = str(client.config_get("maxmemory-policy")["maxmemory-policy"])
    try:
        client.config_set("maxmemory-policy", "allkeys-lru")
        (told,) = checks.check_redis_settings()
        assert (told.light, told.remedy) == (Light.AMBER, "Set maxmemory-policy noeviction in redis.conf.")
    finally:
        client.config_set("maxmemory-policy", before)
        client.close()
    (told,) = checks.check_redis_settings()
    assert told.light == Light.GREEN


def test_a_scheduler_that_does_not_tick_is_red_and_so_is_a_queue_without_a_worker() -> None:
    assert (local.check_scheduler().light, "never ticked" in local.check_scheduler().finding) == (Light.RED, True)
    for minutes, light in ((1, Light.GREEN), (5, Light.RED), (-10, Light.AMBER)):
        at = timezone.now() - timedelta(minutes=minutes)
        Pulse.objects.update_or_create(name=SCHEDULER, defaults={"at": at, "facts": FACTS})
        assert local.check_scheduler().light == light, minutes
    client = redis.from_url(current.REDIS_URL)
    name = "rq:worker:of-a-test"
    try:
        client.sadd("rq:workers", name)
        client.hset(name, "queues", "default")
        found = {check.name: check for check in local.check_redis()}
        assert (found["Worker: default"].light, found["Worker: exports"].light) == (Light.GREEN, Light.RED)
        pulse.beat(timezone.now())
        samples = {name: told for name, _, told in measured.of_machine(timezone.now())}
        assert samples["queue_workers"] == [({"queue": "default"}, 1.0), ({"queue": "exports"}, 0.0)]
    finally:
        client.srem("rq:workers", name)
        client.delete(name)
        client.close()


def test_settings_of_the_environment_file_leave_nothing_to_say(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Browser tests of the same process set it.
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    assert "SECURE" in checks.check_settings().finding
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://hub.example.com", ["hub.example.com"]
    for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_PRELOAD"):
        setattr(settings, name, True)
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    assert checks.check_settings().finding == "manage.py check --deploy has nothing to say."


def test_behind_the_proxy_a_login_is_counted_for_the_browser_that_the_proxy_saw(settings: Any) -> None:
    def ask(forwarded: str, remote: str = "10.0.0.9") -> str:
        return client_address(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR=remote))

    settings.TRUSTED_PROXIES = 0
    assert ask("203.0.113.5") == "10.0.0.9"
    settings.TRUSTED_PROXIES = 1
    assert ask("1.1.1.1, 203.0.113.5") == "203.0.113.5"
    assert ask("2001:db8::7", "") == "2001:db8::7"
    assert (ask("<script>"), ask("", "")) == ("10.0.0.9", "")
