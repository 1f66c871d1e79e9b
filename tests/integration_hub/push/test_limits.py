"""A push at the daily limit: what was written stays written, the rest goes out by itself later."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integration_hub import jobs
from integration_hub.models import ChangeStatus, PushChange, Run, RunKind, RunStatus
from integration_hub.runs import start_run
from tests.integration_hub.push.conftest import AMOUNT, World

pytestmark = pytest.mark.django_db


def push() -> Run:
    return jobs.finish(start_run(RunKind.PUSH, "salesforce"))


def written(world: World) -> set[str]:
    """The accounts that hold a figure."""
    return {record["Id"] for record in world.org.records("Account") if record.get(AMOUNT) is not None}


def test_trap_7_a_push_stopped_at_the_daily_limit_ends_in_part_and_goes_on_by_itself(world: World) -> None:
    accounts = world.accounts(450)
    world.org.fault("daily_limit", path="/composite/sobjects", method="PATCH", after=1)
    run = push()
    assert run.status == RunStatus.PARTIAL
    assert run.problem.startswith("Stopped at the limit, goes on at ")
    calls = world.org.calls()
    refused = next(place for place, call in enumerate(calls) if call["status"] == 403)
    assert len(calls) - refused - 1 <= 2
    assert len(written(world)) == 200
    later = Run.objects.get(status=RunStatus.QUEUED, kind=RunKind.PUSH)
    assert later.not_before is not None
    assert later.not_before > timezone.now() + timedelta(hours=1)
    assert later.attempt == 1

    world.org.admin("faults", method="DELETE")
    world.org.forget_calls()
    Run.objects.filter(pk=later.pk).update(not_before=timezone.now())
    jobs.execute(later.pk)
    later.refresh_from_db()
    assert later.status == RunStatus.SUCCEEDED
    assert len([call for call in world.writes() if call["method"] == "PATCH"]) == 2
    assert written(world) == set(accounts)
    done = PushChange.objects.filter(field=AMOUNT, status=ChangeStatus.DONE)
    assert done.values("account").distinct().count() == 450


def test_trap_9_a_push_stops_at_its_share_before_it_writes_anything(world: World) -> None:
    world.accounts(3)
    world.org.admin("usage", {"max": 1000, "used": 850})
    run = push()
    assert run.status == RunStatus.FAILED
    assert world.writes() == []
    assert Run.objects.filter(status=RunStatus.QUEUED, not_before__gt=timezone.now()).count() == 1


def test_an_unknown_row_error_is_shown_as_received_and_sent_once(world: World) -> None:
    world.accounts(1)
    world.org.fault("reject_rows", code="BRAND_NEW_CODE", message="Something of next year.")
    _, plan = world.push()
    assert len(world.writes()) == 1
    change = plan.changes.filter(field=AMOUNT).get()
    assert (change.status, change.error_code, change.error_text) == (
        ChangeStatus.FAILED,
        "BRAND_NEW_CODE",
        "Something of next year.",
    )
