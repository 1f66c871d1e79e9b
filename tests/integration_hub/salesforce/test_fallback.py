"""REST or Bulk by volume, and the other way where one is closed: always the same rows, with a note."""

from collections.abc import Callable
from typing import Any

import pytest

from integration_hub.models import Run, RunStatus, SfAccount
from integration_hub.salesforce import extraction, soql
from integration_hub.salesforce.errors import DailyLimitReached, RequestRefused, SalesforceProblem
from tests.practice_org import PracticeOrg

pytestmark = pytest.mark.chaos

Sync = Callable[..., Run]


def state() -> list[dict[str, Any]]:
    """What the mirror holds, whichever way it came."""
    return list(SfAccount.objects.order_by("key").exclude(key="").values("key", "name", "custom_fields", "fingerprint"))


def note(run: Run) -> str:
    return str(run.streams.get(stream="salesforce.Account").note)


@pytest.fixture
def plain(sync: Sync, company: dict[str, str]) -> list[dict[str, Any]]:
    """The mirror as REST fills it; then it is emptied."""
    sync(bulk_from_rows=1000)
    found = state()
    SfAccount.objects.all().delete()
    return found


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("bulk_limit", {}),
        ("invalid_entity", {}),
        ("implementation_restriction", {}),
        ("job_failed", {"message": "InternalServerError : Retried more than fifteen times"}),
        ("job_failed_without_message", {}),
    ],
)
def test_where_no_bulk_job_can_be_had_the_same_rows_come_over_rest(
    sync: Sync, plain: list[dict[str, Any]], practice_org: PracticeOrg, fault: str, options: dict[str, str]
) -> None:
    practice_org.fault(fault, **options)
    run = sync(bulk_from_rows=1, full=True)
    assert run.status == RunStatus.SUCCEEDED
    assert "Account was read over REST: " in note(run)
    assert options.get("message", "") in note(run)
    assert state() == plain
    assert not [call for call in practice_org.calls() if "/results" in call["path"]]


@pytest.mark.parametrize("fault", ["query_timeout"])
def test_a_query_that_runs_too_long_over_rest_is_asked_through_a_bulk_job(
    sync: Sync, plain: list[dict[str, Any]], practice_org: PracticeOrg, fault: str
) -> None:
    practice_org.fault(fault, path="ORDER+BY+Id")
    practice_org.fault(fault, path="ORDER%20BY%20Id")
    run = sync(bulk_from_rows=1000, full=True)
    assert run.status == RunStatus.SUCCEEDED
    assert "Account was read through a Bulk job: A query ran too long" in note(run)
    assert state() == plain


def test_a_query_that_is_too_long_for_an_address_goes_through_a_bulk_job(
    sync: Sync, plain: list[dict[str, Any]], practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soql, "LONGEST_QUERY", 300)
    practice_org.forget_calls()
    assert sync(bulk_from_rows=1000, full=True).status == RunStatus.SUCCEEDED
    asked = [call for call in practice_org.calls() if call["method"] == "POST" and call["path"].endswith("/jobs/query")]
    assert asked
    assert state() == plain


def test_a_long_query_whose_job_is_refused_is_told_as_it_is(
    sync: Sync, plain: list[dict[str, Any]], practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soql, "LONGEST_QUERY", 300)
    practice_org.fault("invalid_entity")
    with pytest.raises(RequestRefused, match="does not serve this object"):
        sync(bulk_from_rows=1000, full=True)


def test_where_both_ways_are_closed_the_second_reason_is_told(
    sync: Sync, plain: list[dict[str, Any]], practice_org: PracticeOrg
) -> None:
    practice_org.fault("bulk_limit")
    practice_org.fault("query_timeout", path="ORDER")
    with pytest.raises(SalesforceProblem, match="ran too long"):
        sync(bulk_from_rows=1, full=True)


def test_trap_7_the_daily_limit_of_all_requests_is_no_reason_to_ask_on_and_on(
    sync: Sync, plain: list[dict[str, Any]], practice_org: PracticeOrg
) -> None:
    practice_org.forget_calls()
    practice_org.fault("daily_limit", path="/jobs/query")
    practice_org.fault("daily_limit", path="ORDER")
    with pytest.raises(DailyLimitReached):
        sync(bulk_from_rows=1, full=True)
    refused = [call for call in practice_org.calls() if "/jobs/query" in call["path"] or "ORDER" in call["path"]]
    assert len(refused) <= 2


@pytest.mark.parametrize("code", ["MALFORMED_QUERY", "INVALID_FIELD"])
def test_a_wrong_question_is_not_asked_a_second_time(
    sync: Sync, plain: list[dict[str, Any]], practice_org: PracticeOrg, code: str
) -> None:
    assert code not in extraction.NO_BULK | extraction.NO_REST
    practice_org.fault("refuse", status=400, code=code, message="No.", path="/jobs/query")
    with pytest.raises(RequestRefused) as caught:
        sync(bulk_from_rows=1, full=True)
    assert caught.value.code == code
