"""A read that was interrupted goes on at the page where it stopped: the same rows, and none read twice."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from integration_hub import warehouse
from integration_hub.models import ReadCheckpoint, Run, RunKind, RunStatus, SfAccount, StreamRun
from integration_hub.runs import bury_dead, request_run
from integration_hub.salesforce.errors import DailyLimitReached, OrgUnreachable
from integration_hub.sources import SourceProblem
from tests.integration_hub.salesforce.conftest import Configure
from tests.practice_org import PracticeOrg

pytestmark = pytest.mark.chaos

ROOT = Path(__file__).resolve().parents[3]
Sync = Callable[..., Run]
ROWS, PAGE = 45, 10
SCRIPT = """
import django, sys
django.setup()
from django.conf import settings
settings.PUBLISH_HOOKS = []
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from integration_hub.jobs import execute
execute(int(sys.argv[1]))
"""


class Stopped(Exception):
    """Stands for a process that is killed."""


@pytest.fixture
def seeded(sync: Sync, practice_org: PracticeOrg) -> Sync:
    """Five pages of accounts in Salesforce, either way, and an empty mirror."""
    practice_org.seed("Account", *({"Name": f"Customer {number}"} for number in range(ROWS)))
    practice_org.admin("settings", {"bulk_page_rows": PAGE, "rest_page_rows": PAGE})
    return sync


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Stop at a failpoint as a kill would, but within this process; '' stops no more."""
    places: list[str] = [""]

    def reached(name: str) -> None:
        if name == places[0]:
            raise Stopped(name)

    for module in ("integration_hub.warehouse_portions", "integration_hub.sync"):
        monkeypatch.setattr(f"{module}.reached", reached)

    def at(place: str) -> None:
        places[0] = place

    return at


def pages_read(practice_org: PracticeOrg) -> list[str]:
    """The pages of account rows that Salesforce was asked for: by locator in a Bulk job, or by place over REST."""
    paths = [call["path"] for call in practice_org.calls() if call["method"] == "GET" and call["status"] == 200]
    return [path for path in paths if "/results" in path or "FROM+Account+ORDER" in path or "/query/01g" in path]


def account_rows() -> list[Any]:
    return list(SfAccount.objects.order_by("key").values_list("key", "name", "custom_fields", "fingerprint"))


def jobs_made(practice_org: PracticeOrg) -> int:
    return sum(call["method"] == "POST" and call["path"].endswith("/jobs/query") for call in practice_org.calls())


@pytest.mark.parametrize("place", ["within_portion:Account:3", "after_portion:Account:1", "after_portion:Account:3"])
def test_a_bulk_read_goes_on_with_the_same_job_at_the_next_page(
    seeded: Sync, practice_org: PracticeOrg, stop: Callable[[str], None], place: str
) -> None:
    stop(place)
    with pytest.raises(Stopped):
        seeded(bulk_from_rows=PAGE)
    left = ReadCheckpoint.objects.get()
    assert left.rows == {"within_portion:Account:3": 10, "after_portion:Account:1": 0}.get(place, 20)
    staged = warehouse.one(sql.SQL("select count(*) from {}").format(sql.Identifier(left.stage)))
    assert staged == left.rows
    before = len([path for path in pages_read(practice_org) if "/results" in path])
    stop("")
    Run.objects.update(status=RunStatus.DEAD)
    run = seeded(bulk_from_rows=PAGE)
    assert jobs_made(practice_org) == 1
    after = [path for path in pages_read(practice_org) if "/results" in path][before:]
    assert len(after) == (ROWS - left.rows + PAGE - 1) // PAGE
    assert StreamRun.objects.get(run_ref=run, stream="salesforce.Account").inserted == ROWS
    assert SfAccount.objects.count() == ROWS
    assert not ReadCheckpoint.objects.exists()
    assert sum(call["method"] == "DELETE" for call in practice_org.calls()) == 1


def test_a_rest_read_goes_on_behind_the_last_id(
    seeded: Sync, practice_org: PracticeOrg, stop: Callable[[str], None]
) -> None:
    stop("after_portion:Account:2")
    with pytest.raises(Stopped):
        seeded(bulk_from_rows=1000)
    left = ReadCheckpoint.objects.get()
    practice_org.forget_calls()
    stop("")
    Run.objects.update(status=RunStatus.DEAD)
    run = seeded(bulk_from_rows=1000)
    asked = [call["path"] for call in practice_org.calls() if left.place["last"] in call["path"]]
    assert len(asked) == 1
    assert StreamRun.objects.get(run_ref=run, stream="salesforce.Account").read == ROWS
    assert SfAccount.objects.count() == ROWS


@pytest.mark.parametrize("bulk_from_rows", [PAGE, 1000])
def test_a_resumed_read_leaves_the_mirror_as_a_fresh_one_does(
    seeded: Sync, practice_org: PracticeOrg, stop: Callable[[str], None], bulk_from_rows: int
) -> None:
    stop("after_portion:Account:3")
    with pytest.raises(Stopped):
        seeded(bulk_from_rows=bulk_from_rows)
    stop("")
    Run.objects.update(status=RunStatus.DEAD)
    seeded(bulk_from_rows=bulk_from_rows)
    resumed = account_rows()
    SfAccount.objects.all().delete()
    seeded(bulk_from_rows=bulk_from_rows, full=True)
    assert account_rows() == resumed
    assert len(resumed) == ROWS


def test_a_job_that_salesforce_no_longer_has_is_made_anew(
    seeded: Sync, practice_org: PracticeOrg, stop: Callable[[str], None]
) -> None:
    stop("after_portion:Account:3")
    with pytest.raises(Stopped):
        seeded(bulk_from_rows=PAGE)
    left = ReadCheckpoint.objects.get()
    ReadCheckpoint.objects.update(place=left.place | {"job": "750000000000001AAA"})
    stop("")
    Run.objects.update(status=RunStatus.DEAD)
    seeded(bulk_from_rows=PAGE)
    assert jobs_made(practice_org) == 2
    assert SfAccount.objects.count() == ROWS


def test_a_place_in_a_job_that_salesforce_forgot_is_left_for_a_new_job(
    seeded: Sync, practice_org: PracticeOrg, stop: Callable[[str], None]
) -> None:
    stop("after_portion:Account:3")
    with pytest.raises(Stopped):
        seeded(bulk_from_rows=PAGE)
    old = ReadCheckpoint.objects.get().place["job"]
    stop("")
    Run.objects.update(status=RunStatus.DEAD)
    practice_org.fault("locator_expired", path=f"{old}/results")
    seeded(bulk_from_rows=PAGE)
    assert jobs_made(practice_org) == 2
    assert SfAccount.objects.count() == ROWS
    assert not ReadCheckpoint.objects.exists()


@pytest.mark.parametrize("change", ["age", "question", "published", "database crash"])
def test_a_beginning_that_no_longer_fits_is_dropped_with_its_stage(
    seeded: Sync, practice_org: PracticeOrg, stop: Callable[[str], None], change: str
) -> None:
    stop("after_portion:Account:3")
    with pytest.raises(Stopped):
        seeded(bulk_from_rows=PAGE)
    left = ReadCheckpoint.objects.get()
    changes: dict[str, Any] = {}
    if change == "age":
        ReadCheckpoint.objects.update(began_at=timezone.now() - timedelta(days=1, minutes=1))
    elif change == "question":
        changes = {"account_fields": ["Fax"]}
    elif change == "published":
        ReadCheckpoint.objects.update(identity="of another state of the mirror")
    else:
        warehouse.execute(sql.SQL("truncate {}").format(sql.Identifier(left.stage)))
    stop("")
    Run.objects.update(status=RunStatus.DEAD)
    seeded(bulk_from_rows=PAGE, **changes)
    assert jobs_made(practice_org) == 2
    assert SfAccount.objects.count() == ROWS
    gone = sql.SQL("select to_regclass(quote_ident({})) is null").format(sql.Literal(left.stage))
    assert warehouse.one(gone)


def test_purging_stages_spares_one_that_a_read_can_go_on_with(seeded: Sync, stop: Callable[[str], None]) -> None:
    stop("after_portion:Account:3")
    with pytest.raises(Stopped):
        seeded(bulk_from_rows=PAGE)
    Run.objects.update(status=RunStatus.DEAD)
    left = ReadCheckpoint.objects.get()
    assert left.stage not in warehouse.purge_stages()
    ReadCheckpoint.objects.all().delete()
    assert left.stage in warehouse.purge_stages()


def test_after_a_disturbance_in_a_later_stream_the_accounts_are_not_read_again(
    seeded: Sync, practice_org: PracticeOrg
) -> None:
    practice_org.fault("server_unavailable", path="FROM+Contact")
    with pytest.raises(OrgUnreachable):
        seeded(bulk_from_rows=PAGE)
    assert ReadCheckpoint.objects.get(pk="salesforce.Account").rows == ROWS
    practice_org.admin("faults", method="DELETE")
    practice_org.forget_calls()
    seeded(bulk_from_rows=PAGE)
    assert not [path for path in pages_read(practice_org) if "/results" in path]
    assert SfAccount.objects.count() == ROWS
    assert not ReadCheckpoint.objects.exists()


def test_a_read_that_stopped_at_its_share_of_the_days_requests_goes_on_when_they_are_free(
    seeded: Sync, practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    def used_up(name: str) -> None:
        if name == "after_portion:Account:2":
            practice_org.admin("usage", {"max": 1000, "used": 900})

    monkeypatch.setattr("integration_hub.warehouse_portions.reached", used_up)
    with pytest.raises(DailyLimitReached):
        seeded(bulk_from_rows=PAGE)
    assert ReadCheckpoint.objects.get().rows in {PAGE, 2 * PAGE}
    practice_org.admin("usage", {"max": 1000, "used": 0})
    monkeypatch.undo()
    monkeypatch.setenv("SF_TEST_SECRET", practice_org.client_secret)
    seeded(bulk_from_rows=PAGE)
    assert jobs_made(practice_org) == 1
    assert SfAccount.objects.count() == ROWS


def test_what_was_rejected_is_read_again_and_not_taken_from_what_was_staged(
    seeded: Sync, practice_org: PracticeOrg
) -> None:
    (bad,) = practice_org.seed("Account", {"Name": "Bad", "Phone": "1"})
    practice_org.admin(
        "fields", {"sobject": "Account", "fields": [{"name": "Industry", "type": "textarea", "length": 500}]}
    )
    practice_org.seed("Account", {"Id": bad, "Industry": "x" * 300})
    with pytest.raises(SourceProblem, match="could not be read"):
        seeded(bulk_from_rows=PAGE, max_rejected_share=0.0)
    assert not ReadCheckpoint.objects.exists()
    practice_org.seed("Account", {"Id": bad, "Industry": "Steel"})
    seeded(bulk_from_rows=PAGE, max_rejected_share=0.0)
    assert SfAccount.objects.get(key=bad).industry == "Steel"


def work(run: Run, failpoint: str) -> int:
    """Do a run in a process of its own; its exit code."""
    environment = os.environ | {
        "FAILPOINT": failpoint,
        "HUB_CONFIG": str(django_settings.HUB_CONFIG),
        "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
    }
    command = [sys.executable, "-c", SCRIPT, str(run.pk), connection.settings_dict["NAME"]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=60).returncode


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("bulk_from_rows", [PAGE, 1000])
def test_kill_9_at_page_borders_loses_nothing_and_reads_no_page_twice(
    transactional_db: None, seeded: Sync, configure: Configure, practice_org: PracticeOrg, bulk_from_rows: int
) -> None:
    configure(bulk_from_rows=bulk_from_rows)
    run = request_run(RunKind.SYNC, "salesforce")
    for place in ("after_portion:Account:3", "within_portion:Account:2", "after_portion:Account:1"):
        assert work(run, place) == -9
        assert SfAccount.objects.count() == 0
        bury_dead()
        run = Run.objects.get(status=RunStatus.QUEUED)
        Run.objects.filter(pk=run.pk).update(not_before=None)
    assert work(run, "") == 0
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert SfAccount.objects.count() == ROWS
    assert jobs_made(practice_org) == (1 if bulk_from_rows == PAGE else 0)
    # The page that was under way at the second kill came twice; every committed one only once.
    pages = [path for path in pages_read(practice_org) if "/results" in path]
    assert len(pages) == (6 if bulk_from_rows == PAGE else 0)
    assert warehouse.purge_stages() == []
