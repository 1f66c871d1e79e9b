"""After a restored backup nothing is pushed before everything was read anew, and the first plan waits for a person."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from psycopg import sql

from integration_hub.installation import backup, restored
from integration_hub.local.place import _programs
from integration_hub.models import (
    ChangeStatus,
    Installation,
    Notice,
    PlanStatus,
    PushedValue,
    PushPlan,
    Run,
    RunKind,
    RunStatus,
)
from integration_hub.push.brake import PushRefused
from tests.integration_hub.push.conftest import AMOUNT, World

pytestmark = pytest.mark.django_db(transaction=True)
"""Restores are told by what PostgreSQL does to a database, so commits are real."""


def read_whole() -> None:
    """As if the syncs that were asked for had been done."""
    for run in Run.objects.filter(kind=RunKind.SYNC, requested_by="restore"):
        Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCEEDED, started_at=timezone.now())


def test_a_restored_database_pushes_nothing_until_all_was_read_and_a_person_approved(world: World) -> None:
    (account,) = world.accounts(1)
    world.push()
    # The backup is older than the push that wrote 300: it believes that 100 stands there, and wants 100 again.
    world.org.seed("Account", {"Id": account, AMOUNT: 300})
    assert restored.look() == []
    Installation.objects.update(identity="another database")
    world.org.forget_calls()
    with pytest.raises(PushRefused, match="not yet read whole since then: salesforce") as refused:
        world.push()
    assert world.writes() == []
    assert "older than what stands in Salesforce" in refused.value.meaning
    assert Notice.objects.get(cleared_at=None).subject == "installation"
    asked = Run.objects.get(kind=RunKind.SYNC, requested_by="restore")
    assert (asked.subject, asked.options) == ("salesforce", {"full": True})
    read_whole()
    _, waiting = world.push()
    assert (waiting.status, world.writes()) == (PlanStatus.WAITING, [])
    change = waiting.changes.get(field=AMOUNT)
    assert (change.before, change.after, change.drift) == ("300.00", "100.00", False)
    assert PushedValue.objects.get(account=account, field=AMOUNT).value == "300.00"
    _, sent = world.push(approve=waiting.pk, approved_by="alice")
    assert (sent.status, world.stored(account)[AMOUNT]) == (PlanStatus.DONE, 100)
    assert sent.changes.get(field=AMOUNT).status == ChangeStatus.DONE
    assert (restored.is_open(), Notice.objects.filter(cleared_at=None).exists()) == (False, False)
    world.want(account, overdue_amount="101.00")
    assert world.push()[1].status == PlanStatus.DONE


def test_where_nothing_differs_after_a_restore_the_push_is_as_it_was(world: World) -> None:
    world.accounts(1)
    world.push()
    restored.mark("It was put back.", timezone.now())
    read_whole()
    assert world.push()[1].status == PlanStatus.DONE
    assert not restored.is_open()


def test_a_dry_run_shows_the_plan_while_the_push_is_held(world: World) -> None:
    world.accounts(1)
    restored.mark("It was put back.", timezone.now())
    assert world.push(dry_run=True)[1].status == PlanStatus.DRY
    assert restored.unread() == ["salesforce"]


def test_a_whole_read_from_before_the_restore_does_not_count(world: World) -> None:
    now = timezone.now()
    restored.mark("It was put back.", now)
    run = Run.objects.get(requested_by="restore")
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCEEDED, started_at=now - timedelta(seconds=1))
    assert restored.unread() == ["salesforce"]
    Run.objects.filter(pk=run.pk).update(started_at=now + timedelta(seconds=1), status=RunStatus.FAILED)
    assert restored.unread() == ["salesforce"]


def test_redis_remembers_a_run_that_the_database_does_not_know(world: World) -> None:
    Run.objects.create(kind=RunKind.CHECK)
    assert restored.look() == []
    client = redis.from_url(settings.REDIS_URL)
    (name,) = client.keys("customer360:last-run:*")
    client.incr(name, restored.CRASH)
    assert restored.look() == []
    client.incr(name, restored.CRASH + 1)
    assert restored.look() == ["salesforce"]
    assert "was done here: it was put back" in Installation.objects.get().reason
    assert restored.look() == []
    client.flushdb()
    assert restored.look() == []
    client.close()


def test_the_command_says_where_things_stand(world: World, capsys: Any) -> None:
    call_command("restored", "--look")
    call_command("restored")
    call_command("restored", "--look")
    read_whole()
    call_command("restored", "--look")
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "The database is where it was left.",
        "Whole reading asked for: salesforce. Until then nothing is pushed.",
        "The database was put back. These are still to be read whole: salesforce.",
        "The database was put back. The first plan waits for an approval.",
    ]


def test_a_backup_is_complete_and_a_database_made_from_it_is_known_as_restored(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("PATH", f"{_programs(None).postgres}{os.pathsep}{os.environ['PATH']}")
    world.accounts(1)
    world.push()
    restored.look()
    for _ in range(2):
        call_command("backup", "--to", str(tmp_path), "--keep", "1")
    (made,) = backup.existing(tmp_path)
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert (datetime.now(UTC) - made.made_at) < timedelta(minutes=1)
    name = f"{connection.settings_dict['NAME']}_restored"
    about = connection.get_connection_params()
    where = {key: about[key] for key in ("host", "port", "user", "password") if about.get(key)}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            with monkeypatch.context() as context:
                context.setitem(connection.settings_dict, "NAME", name)
                backup._run("pg_restore", "--exit-on-error", f"--dbname={name}", str(made.path))
            with psycopg.connect(**where, dbname=name) as other:
                ((known, plans),) = other.execute(
                    "select identity, (select count(*) from hub_push_plan) from hub_installation"
                ).fetchall()
                assert (known, plans) == (Installation.objects.get().identity, PushPlan.objects.count())
                ((found,),) = other.execute(restored.IDENTITY).fetchall()
                assert found != known
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_a_backup_that_fails_leaves_nothing_behind_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="pg_dump is not on this machine"):
        call_command("backup", "--to", str(tmp_path / "backups"))
    monkeypatch.setenv("PATH", str(_programs(None).postgres))
    monkeypatch.setenv("PGSSLMODE", "nonsense")
    with pytest.raises(CommandError, match="pg_dump ended with 1"):
        call_command("backup", "--to", str(tmp_path / "backups"))
    assert list((tmp_path / "backups").iterdir()) == []


def test_what_a_killed_backup_left_goes_before_the_next_one_needs_the_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, at_work, foreign = (
        tmp_path / name for name in ("customer360-20260101T000000Z.part", "customer360-x.part", "other.part")
    )
    for path in (left, at_work, foreign):
        path.write_bytes(b"half")
    long_ago = time.time() - 2 * backup.ABANDONED_SECONDS
    for path in (left, foreign):
        os.utime(path, (long_ago, long_ago))
    seen: list[bool] = []
    monkeypatch.setattr(backup, "_run", lambda *_: seen.append(left.exists()))
    made = backup.make(tmp_path, datetime.now(UTC))
    assert seen == [False, False], "its room is there when the dump is written"
    assert set(tmp_path.iterdir()) == {made.path, at_work, foreign}
