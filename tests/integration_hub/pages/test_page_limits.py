"""Sessions of our own wait only so long, and pages say so in words."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, connections
from django.test import Client

from integration_hub import database_limits
from integration_hub.trouble import explain

BASE = Path(__file__).resolve().parents[3]
TOLD = """
import json
{first}
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("select current_setting('lock_timeout'), current_setting('statement_timeout')")
    print(json.dumps(cursor.fetchone()))
"""
LIMITS = {"LOCK_SECONDS": "7", "STATEMENT_SECONDS": "500", "PAGE_LOCK_SECONDS": "3", "PAGE_SECONDS": "20"}


def told(first: str) -> list[str]:
    """lock_timeout and statement_timeout of a new process."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD.format(first=first)],
        cwd=BASE,
        env=os.environ | LIMITS | {"DJANGO_SETTINGS_MODULE": "integration_hub.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_p12_runs_and_w2_pages_get_the_limits_that_are_configured() -> None:
    assert told("import django; django.setup()") == ["7s", "500s"]
    assert told("import integration_hub.wsgi") == ["3s", "20s"]


@pytest.fixture
def impatient(settings: Any) -> Iterator[None]:
    """This process serves pages that wait half a second for locks, and a second for a statement."""
    settings.PAGE_LOCK_SECONDS, settings.PAGE_SECONDS = 0.5, 1.0
    database_limits.for_pages()
    connection.close()
    yield
    database_limits.for_runs()
    connection.close()


@pytest.fixture
def analyst(transactional_db: None) -> Client:
    user = User.objects.create_user("patience")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def other_session() -> psycopg.Connection:
    given = connections["default"].get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{name: given[name] for name in names if given.get(name)})


def test_w2_a_page_that_wants_too_much_is_given_up_and_says_what_to_do(
    analyst: Client, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integration_hub.pages import health

    def slow() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(30)")
        return True

    monkeypatch.setattr(health, "_redis_answers", slow)
    answer = analyst.get("/readyz")
    assert answer.status_code == 503
    words = answer.content.decode()
    assert "not done after 1 seconds" in words or "not done after 1 second" in words
    assert "start an export" in words
    assert analyst.get("/customers/").status_code == 200


def test_p12_a_page_does_not_wait_for_what_others_have_locked(analyst: Client, impatient: None) -> None:
    with other_session() as holder:
        holder.execute("lock table django_session in access exclusive mode")
        answer = analyst.get("/customers/")
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert "gave up waiting" in answer.content.decode()
        holder.rollback()
    assert analyst.get("/customers/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_p12_a_run_that_waited_too_long_for_a_lock_is_tried_again(settings: Any) -> None:
    with other_session() as holder:
        holder.execute("lock table erp_invoice in share mode")
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '200ms'")
            with pytest.raises(Exception, match="lock timeout") as caught:
                cursor.execute("update erp_invoice set number = number")
        problem = explain(caught.value)
        assert problem.transient
        assert "kept this run waiting too long" in problem.problem
        holder.rollback()
    connection.close()
