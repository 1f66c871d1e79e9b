"""The files for a real installation name only what exists: commands, queues, variables, folders, checks."""

import json
import re
import shlex
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.test import Client
from django.urls import reverse

from integration_hub import web_worker
from integration_hub.installation import patience
from reports import export_uploads

BASE = Path(settings.BASE_DIR)
FILES = BASE / "integration_hub" / "production"
UNITS = sorted((FILES / "systemd").iterdir())
NOT_IN_PRODUCTION = {"DEBUG", "DEMO", "STATICFILES_BACKEND", "PREPARED_STATEMENTS"}
FROM_HUB_TOML = {"SALESFORCE_LOGIN_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"}


def unit(path: Path) -> dict[str, list[str]]:
    """Section.Key -> values of a unit file."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(f"{section}.{key}", []).append(value)
    return found


def managed(words: list[str]) -> list[str]:
    """What stands behind manage.py."""
    return words[words.index("manage.py") + 1 :] if "manage.py" in words else []


@pytest.mark.parametrize("path", [each for each in UNITS if each.suffix == ".service"], ids=lambda path: path.name)
def test_services_start_what_there_is_as_a_user_without_rights_and_come_back(path: Path) -> None:
    told = unit(path)
    own_commands = [each for each in told.get("Service.ExecStartPre", []) if not each.startswith("+")]
    for command in told["Service.ExecStart"] + own_commands:
        words = shlex.split(command)
        assert words[0].startswith("/opt/customer360/.venv/bin/")
        assert not managed(words) or managed(words)[0] in get_commands()
    assert told["Service.User"] == ["customer360"]
    # What only the web is given comes after what all have, and may be missing.
    own = ["-/etc/customer360/environment.web"] if path.name == "customer360-web.service" else []
    assert told["Service.EnvironmentFile"] == ["/etc/customer360/environment", *own]
    assert told["Service.ProtectSystem"] == ["strict"]
    # A folder that may be written to has to be there, or systemd starts nothing: it is made, or may be missing.
    assert all(each.startswith("-") for each in told.get("Service.ReadWritePaths", []))
    as_root = [shlex.split(each[1:]) for each in told.get("Service.ExecStartPre", []) if each.startswith("+")]
    assert [words[0] for words in as_root] == ["/usr/bin/install"] * (path.name == "customer360-backup.service")
    lasting = told.get("Service.Type") != ["oneshot"]
    assert told.get("Service.Restart") == (["always"] if lasting else None)


def test_what_fails_forever_does_not_hammer_and_what_was_killed_is_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lasting = [path for path in UNITS if "Service.Restart" in unit(path)]
    assert len(lasting) == 3
    for path in lasting:
        told = unit(path)
        assert told["Unit.StartLimitIntervalSec"] == ["0"], "it is never given up"
        assert told["Service.RestartSec"] == ["1"]
        # Nothing else stands before the start: what loads the whole application takes seconds from every restart.
        (first,) = told["Service.ExecStartPre"]
        assert first.endswith("python -m integration_hub.installation.patience %n")
        assert float(told["Service.TimeoutStartSec"][0]) > 2 * patience.LONGEST_SECONDS
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setattr("time.sleep", lambda _: None)
    unit_name, now, waited = ["customer360-worker@default.service"], 1000.0, []
    for _ in range(20):
        waited.append(patience.main(unit_name, now=now))
        now += waited[-1] + 2
    assert waited[:9] == [0, 0, 0, 2, 4, 8, 16, 32, 60]
    # Never more than once a minute and a bit, and no less often: it goes on trying.
    assert set(waited[9:]) == {60}
    assert patience.main(["customer360-web.service"], now=now) == 0, "each unit counts for itself"
    assert patience.main(unit_name, now=now + patience.WINDOW_SECONDS) == 0, "what failed long ago is forgiven"
    assert patience.main(unit_name, now=5.0) == 0, "the machine was started anew"
    (tmp_path / "starts-customer360-web.service").write_text("[nonsense", encoding="ascii")
    assert patience.main(["customer360-web.service"], now=now) == 0
    assert "counted anew" in capsys.readouterr().err
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "missing"))
    assert patience.main(unit_name, now=now) == patience.UNCOUNTED_SECONDS


def test_readers_of_workbooks_fit_beside_the_pages() -> None:
    told = unit(FILES / "systemd" / "customer360-web.service")
    (processes,) = re.findall(r"--workers (\d+)", told["Service.ExecStart"][0])
    readers = int(processes) * export_uploads.LIMITS.megabytes * export_uploads.AT_ONCE._initial_value  # type: ignore[attr-defined]
    assert told["Service.MemoryMax"] == ["3G"]
    assert readers + int(processes) * 250 < 3000
    assert told["Service.OOMPolicy"] == ["continue"], "one process is ended, not all"


def test_the_target_starts_the_web_a_worker_for_each_queue_the_scheduler_and_the_backup() -> None:
    wanted = " ".join(unit(FILES / "systemd" / "customer360.target")["Unit.Wants"]).split()
    queues = [f"customer360-worker@{queue}.service" for queue in settings.RQ_QUEUES]
    expected = ["customer360-web.service", *queues, "customer360-scheduler.service", "customer360-backup.timer"]
    assert sorted(wanted) == sorted(expected)
    there = {path.name for path in UNITS}
    assert {re.sub(r"@\w+", "@", name) for name in wanted} <= there


def test_the_environment_file_names_every_setting_and_nothing_else() -> None:
    lines = (FILES / "customer360.env").read_text("utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (BASE / "integration_hub" / "settings.py").read_text("utf-8")))
    assert named - FROM_HUB_TOML == read - NOT_IN_PRODUCTION
    assert f"${{{'}${'.join(sorted(FROM_HUB_TOML))}}}".count("$") == len(FROM_HUB_TOML)
    assert all(f"${{{name}" in (BASE / "hub.toml").read_text("utf-8") for name in FROM_HUB_TOML)


def test_the_containerfile_copies_the_whole_application_and_runs_without_rights() -> None:
    text = (FILES / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    copied = {source for step, rest in steps if step == "COPY" for source in rest.split()[:-1]}
    packages = {path.parent.name for path in BASE.glob("*/__init__.py")} - {"tests"}
    assert copied == packages | {"templates", "manage.py", "requirements.txt", "hub.toml"}
    assert all((BASE / each).exists() for each in copied)
    names = [step for step, _ in steps]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in {"RUN", "COPY"})
    (base,) = [rest for step, rest in steps if step == "FROM"]
    assert re.fullmatch(r"python:3\.1[1-9]-[\w-]+", base)
    (command,) = [json.loads(rest) for step, rest in steps if step == "CMD"]
    assert command[:2] == ["gunicorn", "integration_hub.wsgi:application"]


def test_compose_runs_the_same_processes_on_settings_that_lose_nothing() -> None:
    told: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text("utf-8"))
    services = told["services"]
    commands = [managed(services[name].get("command", [])) for name in services]
    assert sorted(words[1] for words in commands if words[:1] == ["rqworker"]) == sorted(settings.RQ_QUEUES)
    assert ["scheduler"] in commands
    assert all(not words or words[0] in get_commands() for words in commands)
    own = [service for service in services.values() if service.get("image") == "customer360"]
    assert len(own) == 5
    assert all(service["read_only"] and service["cap_drop"] == ["ALL"] for service in own)
    assert [service["restart"] for service in own if "profiles" not in service] == ["always"] * 4
    assert "client_connection_check_interval=1s" in services["postgres"]["command"]
    assert "--maxmemory-policy noeviction" in services["redis"]["command"][-1]
    assert "client_connection_check_interval = 1s" in (FILES / "postgresql.conf").read_text("utf-8")
    assert "maxmemory-policy noeviction" in (FILES / "redis.conf").read_text("utf-8")
    named = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert set(told["volumes"]) == {name for name in named if not name.startswith(".")}


def test_the_container_of_the_web_is_found_healthy(
    settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    settings.ALLOWED_HOSTS = ["hub.example.com"]
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    told: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text("utf-8"))
    *_, code = told["services"]["web"]["healthcheck"]["test"]
    asked: list[int] = []

    def answered(request: urllib.request.Request, timeout: float) -> None:
        asked.append(Client().get(request.selector, headers=dict(request.header_items())).status_code)

    monkeypatch.setenv("ALLOWED_HOSTS", "hub.example.com,other.example.com")
    monkeypatch.setattr(urllib.request, "urlopen", answered)
    exec(code, {})  # noqa: S102 - what the container runs
    assert asked == [200]


def test_the_proxy_cuts_off_slow_clients_and_sets_the_headers_itself() -> None:
    site = (FILES / "nginx.conf").read_text("utf-8")
    assert "client_header_timeout 5s" in site
    # All but /static/, and the words about what is too large or too often.
    assert (
        site.count("include /etc/nginx/customer360_proxy.conf;")
        == len(re.findall(r"^ +location ", site, re.MULTILINE)) - 3
    )
    handed_on = (FILES / "nginx_proxy.conf").read_text("utf-8")
    assert "X-Forwarded-Proto https" in handed_on
    assert "X-Forwarded-For $remote_addr" in handed_on


def test_page_web_server_and_proxy_take_files_of_one_size_to_be_checked() -> None:
    site = (FILES / "nginx.conf").read_text("utf-8")
    larger = re.findall(r"location = (\S+) \{\s+client_max_body_size (\d+)m;", site)
    assert {path: int(most) * web_worker.MEGABYTE for path, most in larger} == settings.LARGE_BODIES
    (elsewhere,) = re.findall(r"^    client_max_body_size (\d+)m;", site, re.MULTILINE)
    assert int(elsewhere) * web_worker.MEGABYTE == web_worker.LARGEST_BODY
    assert f"may have {larger[0][1]} MB, anything else {elsewhere} MB." in site
    assert list(settings.LARGE_BODIES) == [reverse("reports:check")]
    # The form around the file takes some room as well.
    assert (
        0 < settings.LARGE_BODIES[reverse("reports:check")] - export_uploads.LARGEST - 1_000_000 < web_worker.MEGABYTE
    )
    for path, most in (
        (reverse("reports:check"), 30),
        (reverse("reports:check") + "?a=1", 30),
        ("/login/", 2),
        ("", 2),
    ):
        assert web_worker.largest_body(f"POST {path} HTTP/1.1\r\n".encode()) == most * web_worker.MEGABYTE, path
