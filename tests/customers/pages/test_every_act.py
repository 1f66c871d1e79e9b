"""Whatever can be sent to a page is in the audit afterwards, or it is said why not; and all that the web does can be
done by the database role that a real installation and the demo give it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from psycopg import sql

from integration_hub.alerts import outbox
from integration_hub.audit.roles import web_role
from integration_hub.audit.verbs import WORDS
from integration_hub.audit.verifying import verify
from integration_hub.models import AuditRow
from reports.catalogue import reports
from tests.customers.pages.acts import ACTS, NOT_AUDITED
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.test_every_url import address, every_url
from tests.customers.pages.url_table import ROLES, TABLE

ROOT = Path(__file__).resolve().parents[3]
# Of some acts, what the audit has of before and after.
TOLD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "customers:change_view": ({"shared": False}, {"shared": True}),
    "segments:edit": ({"name": "Late payers", "version": 1}, {"name": "Very late", "version": 2}),
    "segments:send": ({"sent": False}, {"sent": True}),
    "schedule_resume": ({"reason": "Stocktaking", "by": "otto"}, {}),
    "customers:handover_decision": ({}, {"order": "erp:SO-1", "verdict": "confirm"}),
    "reports:rfm_calibrate": ({}, {"reason": "Orders come monthly", "method": "absolute"}),
    "customers:differences_act": ({}, {"reason": "In talks"}),
    "parked_act": ({"001000000000001AAA": ""}, {"to": "otto"}),
}


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's configuration, with somebody who is told of alerts."""
    path = tmp_path / "hub.toml"
    text = (ROOT / "hub.toml").read_text(encoding="utf-8")
    assert "\nmail = []" in text
    path.write_text(text.replace("\nmail = []", '\nmail = ["it@northgate.example"]'), encoding="utf-8")
    settings.HUB_CONFIG, settings.STATE_DIR = str(path), str(tmp_path)
    monkeypatch.setattr(outbox, "send_in_background", lambda: None)


@pytest.fixture
def as_web(django_db_setup: None, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Requests are answered by the role of the web; what a test prepares is made by the owner of the tables."""
    database = connection.settings_dict["NAME"]
    role = re.sub("[^a-z0-9_]", "_", f"web_of_{database}".lower())[:63]
    superuser = os.environ["DATABASE_URL"].replace("//hub@", "//postgres@")
    request = Client.request

    def by_web(client: Client, **environ: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(f"set local role {role}")
        answer = request(client, **environ)
        with connection.cursor() as cursor:
            cursor.execute("select current_user")
            assert cursor.fetchone() == (role,), "the request was answered by the role"
            cursor.execute("reset role")
        return answer

    with psycopg.connect(superuser, dbname=database, autocommit=True) as admin:
        for statement in (*web_role(role, database, "hub"), f"grant {role} to hub"):
            admin.execute(sql.SQL(statement))
        monkeypatch.setattr(Client, "request", by_web)
        with connection.cursor() as cursor:
            # What earlier work of this session left belongs to the owner.
            cursor.execute("discard temp")
        yield
        monkeypatch.undo()
        for statement in ("drop owned by {}", "drop role {}"):
            admin.execute(sql.SQL(statement).format(sql.Identifier(role)))


def everybody_of(cast: Cast) -> None:
    """Sign everybody in before anything is tried and taken back."""
    for name in ("owner", "manager", "outsider", "analyst", "administrator", "untied"):
        getattr(cast, name).get("/healthz")


def test_every_url_that_takes_something_has_an_act_or_a_reason(world: World, cast: Cast) -> None:
    takes = set()
    for name in every_url():
        # Who is signed in is sent on by the page of signing in.
        for client in (cast.administrator, cast.anonymous):
            answer: Any = client.generic("PROPFIND", address(world, name))
            if "POST" in answer.get("Allow", ""):
                takes.add(name)
    assert takes ^ (set(ACTS) | set(NOT_AUDITED)) == set()
    assert not set(ACTS) & set(NOT_AUDITED)


def test_each_act_is_done_by_the_role_of_the_web_and_is_in_the_audit(as_web: None, world: World, cast: Cast) -> None:
    everybody_of(cast)
    wrong = []
    for name, (verb, act) in ACTS.items():
        with transaction.atomic():
            last = AuditRow.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
            try:
                answer = act(world, cast)
            except Exception as error:  # noqa: BLE001 - the others are tried all the same
                wrong.append(f"{name}: {type(error).__name__}: {error}")
                transaction.set_rollback(True)
                continue
            found = list(AuditRow.objects.filter(sequence__gt=last).order_by("sequence"))
            row = next((each for each in reversed(found) if each.what == verb), None)
            before, after = TOLD.get(name, ({}, {}))
            if row is None or row.result != "ok" or row.who in {"", "command line"}:
                status, told = getattr(answer, "status_code", ""), [(each.what, each.who) for each in found]
                wrong.append(f"{name}: answered {status}; the audit has {told}, not {verb}")
            elif not before.items() <= (row.before or {}).items() or not after.items() <= (row.after or {}).items():
                wrong.append(f"{name}: the audit has {row.before} before and {row.after} after")
            elif not verify().is_whole:
                wrong.append(f"{name}: the chain is broken")
            transaction.set_rollback(True)
        if verb not in WORDS:
            wrong.append(f"{verb} has no words on the page of the audit")
    assert not wrong, "\n".join(wrong)


def test_each_page_is_answered_by_the_role_of_the_web(as_web: None, world: World, cast: Cast) -> None:
    everybody_of(cast)
    place = ROLES.index("administrator")
    urls = {name: (address(world, name), row[place]) for name, row in TABLE.items() if name not in {"logout", "readyz"}}
    urls |= {name: (reverse("reports:report", args=[name]), 200) for name in reports()}
    wrong = []
    for name, (url, status) in urls.items():
        answer: Any = cast.administrator.get(url)
        if answer.streaming:
            b"".join(answer)
        if answer.status_code != status:
            wrong.append(f"{name}: {answer.status_code}")
    assert not wrong, wrong
