"""README's chapter about a real installation: its commands name what there is, and those of the database, run as they
are written, do what it says.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.db import connection
from psycopg import sql

from integration_hub.installation import backup
from integration_hub.local.place import _programs
from tests.integration_hub.push.conftest import World

BASE = Path(settings.BASE_DIR)
FILES = BASE / "integration_hub" / "production"
CHAPTER = (BASE / "README.md").read_text("utf-8").partition("## Run it for real")[2].partition("\n## ")[0]
OWNER, NAMED = "chapter", re.compile(r"(?<![\w/.@-])customer360(?!\w*[/.])(?!_web)")
"""The names of README belong to other databases of these servers, and a role without rights to the chapter."""


def block(word: str) -> list[str]:
    """The lines of the one block of commands that has the word."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```", CHAPTER, re.MULTILINE | re.DOTALL)
    (found,) = [each for each in blocks if word in each]
    return [line.strip() for line in found.splitlines()]


def commands() -> list[list[str]]:
    """All commands of the installation and the restore, a pipe as two."""
    told = ("useradd", "createuser", "customer360 check", "/dev/null", "pg_restore")
    lines = [line for word in told for line in block(word)]
    return [shlex.split(each) for line in lines for each in line.split(" | ")]


def test_commands_name_what_there_is() -> None:
    ours = [words for words in commands() if words[0] == "customer360"]
    assert {words[1] for words in ours} <= set(get_commands())
    assert {"migrate", "collectstatic", "createsuperuser", "check", "database_roles"} <= {words[1] for words in ours}
    copied = [words[-2] for words in commands() if words[0] == "install" and "-d" not in words]
    assert all((BASE / name).exists() for name in copied)
    (made,) = [words for words in commands() if words[0] == "useradd"]
    units = [path.read_text("utf-8") for path in (FILES / "systemd").glob("*.service")]
    assert all(f"User={made[-1]}" in unit and f"StateDirectory={made[-1]}" in unit for unit in units)
    assert made[made.index("--home-dir") + 1] == f"/var/lib/{made[-1]}"


def test_the_command_runs_manage_with_whole_paths_and_what_the_services_have(tmp_path: Path) -> None:
    script = FILES / "customer360"
    assert os.access(script, os.X_OK)
    told = tmp_path / "systemd-run"
    told.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    told.chmod(0o755)
    done = subprocess.run(
        [str(script), "audit", "--export", "a b.csv"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    given = done.stdout.splitlines()
    assert given[-5:] == ["/opt/customer360/.venv/bin/python", "manage.py", "audit", "--export", "a b.csv"]
    unit = (FILES / "systemd" / "customer360-worker@.service").read_text("utf-8")
    for key in ("EnvironmentFile", "StateDirectory", "WorkingDirectory", "User", "Group"):
        (value,) = re.findall(rf"^{key}=(.+)$", unit, re.MULTILINE)
        option = {"WorkingDirectory": "--working-directory", "User": "--uid", "Group": "--gid"}.get(key)
        assert (f"{option}={value}" if option else f"--property={key}={value}") in given
    # Static files have to be readable for the proxy.
    assert "UMask" not in done.stdout


def test_containers_have_a_proxy_that_finds_them_and_backups_that_can_be_written() -> None:
    head = (FILES / "compose.yaml").read_text("utf-8").partition("x-application")[0]
    told: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text("utf-8"))
    (address,) = told["services"]["web"]["ports"]
    site = (FILES / "nginx.conf").read_text("utf-8")
    assert f"# With compose.yaml instead: server {address.rpartition(':')[0]} fail_timeout=0;" in site
    before, _, _ = site.partition("location /static/ {")
    assert before.rstrip().endswith("the application serves them from its image.")
    assert any("whitenoise" in name for name in settings.MIDDLEWARE)
    (number,) = re.findall(r"--uid (\d+)", (FILES / "Containerfile").read_text("utf-8"))
    assert f"install -d -m 0700 -o {number} backups" in head
    asked = set(re.findall(r"(\w+)=", head)) & {"POSTGRES_USER", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert len(asked) == 3
    # By the owner of the tables, which the web is not.
    inside = re.findall(r"run --rm worker python manage.py (\w+)", head)
    assert inside == ["migrate", "createsuperuser", "database_roles"]
    own = {name: one["env_file"] for name, one in told["services"].items() if one.get("image") == "customer360"}
    assert own.pop("web") == ["customer360.env", "web.env"]
    assert set(own.values()) == {"customer360.env"}
    assert "postgresql://customer360_web:...@postgres/customer360 into web.env" in head


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[tuple[dict[str, str], Any]]:
    """A shell's environment in which the commands of README meet these servers, and an administrator's connection."""
    about = connection.get_connection_params()
    programs, where = _programs(None).postgres, {"host": about["host"]}
    for name, body in {
        "sudo": f'user="$2"; shift 2\n[ "$user" = postgres ] || user={OWNER}\nPGUSER="$user" exec "$@"',
        "systemctl": f'echo "$@" >> {tmp_path}/told',
        "customer360": f'[ "$1" = database_roles ] || exit 0\ncd {BASE}\nexec {sys.executable} manage.py "$@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{programs}:{os.environ['PATH']}",
        "PGHOST": str(about["host"]),
        "DATABASE_URL": f"postgresql://{OWNER}@/{OWNER}?host={about['host']}",
    }
    with psycopg.connect(**where, user="postgres", dbname="postgres", autocommit=True) as admin:
        _forget(admin)
        yield environment, admin
        _forget(admin)


def _forget(admin: psycopg.Connection[Any]) -> None:
    for name in (OWNER, f"{OWNER}_new", f"{OWNER}_old"):
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
    for name in ("customer360_web", OWNER):
        if admin.execute("select from pg_roles where rolname = %s", [name]).fetchone():
            admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def run(lines: list[str], environment: dict[str, str], **replaced: str) -> None:
    """Run lines of README with other names; the command customer360 keeps its own."""
    text = "\n".join(re.sub(r"^chapter ", "customer360 ", NAMED.sub(OWNER, line)) for line in lines)
    for old, new in replaced.items():
        text = re.sub(rf"^{old}=.*$", f"{old}={new}", text, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


@pytest.mark.django_db(transaction=True)
def test_a_backup_comes_back_by_the_commands_of_readme_with_the_rights_of_the_web(
    world: World, bench: tuple[dict[str, str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, admin = bench
    monkeypatch.setenv("PATH", environment["PATH"])
    world.accounts(1)
    world.push()
    made = backup.make(tmp_path / "backups", datetime.now(UTC))
    run(block("createuser"), environment)
    ((may_make_databases, is_superuser),) = admin.execute(
        "select rolcreatedb, rolsuper from pg_roles where rolname = %s", [OWNER]
    ).fetchall()
    assert (may_make_databases, is_superuser) == (False, False)
    run(block("pg_restore"), environment, FILE=str(made.path))
    assert (tmp_path / "told").read_text().splitlines() == ["stop customer360.target", "start customer360.target"]
    host: dict[str, Any] = {"host": environment["PGHOST"], "dbname": OWNER}
    with psycopg.connect(**host, user=OWNER) as owner:
        ((tables, plans),) = owner.execute(
            "select array(select distinct tableowner::text from pg_tables where schemaname = 'public'),"
            " (select count(*) from hub_push_plan)"
        ).fetchall()
        assert (tables, plans) == ([OWNER], 1)
    with psycopg.connect(**host, user="customer360_web", autocommit=True) as web:
        assert web.execute("select count(*) from hub_run").fetchone() is not None
        web.execute("update hub_run set problem = problem")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("update hub_audit set who = 'x'")
    known = {name for (name,) in admin.execute("select datname from pg_database").fetchall()}
    assert {OWNER, f"{OWNER}_old"} <= known
    assert f"{OWNER}_new" not in known
