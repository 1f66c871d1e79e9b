"""Reading through a Bulk job: every page whole before its first byte is used, and the sum of them as announced."""

from collections.abc import Callable

import pytest

from integration_hub.salesforce import polling
from integration_hub.salesforce.bulk_query import BulkResult
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.errors import OrgUnreachable, RequestRefused, SalesforceProblem
from tests.integration_hub.salesforce.conftest import Connect
from tests.practice_org import PracticeOrg

NAMES = "SELECT Id, Name FROM Account"
Accounts = Callable[[int], list[str]]


def rows_of(org: Org, soql: str = NAMES, *, include_deleted: bool = False) -> list[list[str]]:
    with org.bulk_query(soql, include_deleted=include_deleted) as result:
        return list(result.records())


def job_calls(practice_org: PracticeOrg, method: str) -> list[str]:
    return [call["path"] for call in practice_org.calls() if call["method"] == method and "/jobs/" in call["path"]]


def test_all_pages_come_without_their_headers_and_the_job_is_deleted(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    expected = accounts(25)
    practice_org.admin("settings", {"bulk_page_rows": 10})
    with org.bulk_query(NAMES, include_deleted=False) as result:
        assert result.columns == ("Id", "Name")
        text = b"".join(result.chunks).decode()
        assert result.expected_rows() == 25
    assert "Id" not in text
    assert sorted(line.split('"')[1] for line in text.splitlines()) == sorted(expected)
    assert len(job_calls(practice_org, "DELETE")) == 1


def test_trap_27_every_kind_of_character_comes_through(org: Org, practice_org: PracticeOrg) -> None:
    names = ['a\nb,c"d', "U+2028\u2028end", "🚀 Müller", "\\N", "  spaces  x", "\ttab", '"']
    practice_org.seed("Account", *({"Name": name} for name in names))
    assert sorted(row[1] for row in rows_of(org)) == sorted(names)


def test_trap_27_a_nul_character_is_left_out(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.seed("Account", {"Name": "a\0b"})
    assert [row[1] for row in rows_of(org)] == ["ab"]


def test_trap_28_umlauts_survive_an_answer_without_charset(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.seed("Account", {"Name": "Müller"})
    practice_org.fault("no_charset")
    assert [row[1] for row in rows_of(org)] == ["Müller"]


def test_trap_29_an_empty_result_has_columns_and_no_rows(org: Org) -> None:
    with org.bulk_query(NAMES, include_deleted=False) as result:
        assert result.columns == ("Id", "Name")
        assert b"".join(result.chunks) == b""
        assert result.expected_rows() == 0


def test_trap_29_a_missing_locator_header_is_an_error_and_not_the_end(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    accounts(25)
    practice_org.admin("settings", {"bulk_page_rows": 10})
    practice_org.fault("missing_headers")
    with pytest.raises(OrgUnreachable, match="names the next page is missing"):
        rows_of(org)


@pytest.mark.parametrize(
    "fault", ["cut_body", "truncated_gzip", "missing_headers", "duplicate_page", "results_not_ready"]
)
def test_trap_12_a_page_that_comes_broken_is_read_again(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, fault: str
) -> None:
    expected = accounts(45)
    practice_org.admin("settings", {"bulk_page_rows": 20})
    practice_org.fault(
        fault, count=2, path="/results?maxRecords=50000&locator" if fault != "results_not_ready" else "/results"
    )
    assert sorted(row[0] for row in rows_of(org)) == sorted(expected)


@pytest.mark.parametrize("fault", ["cut_body", "truncated_gzip"])
def test_trap_12_nothing_of_a_page_is_used_that_stays_broken(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, fault: str
) -> None:
    accounts(45)
    practice_org.admin("settings", {"bulk_page_rows": 20})
    practice_org.fault(fault, path="&locator")
    came: list[list[str]] = []

    def take() -> None:
        with org.bulk_query(NAMES, include_deleted=False) as result:
            came.extend(result.records())

    with pytest.raises(OrgUnreachable, match="in 4 tries"):
        take()
    assert len(came) <= 20
    assert len(job_calls(practice_org, "DELETE")) == 1


def test_a_session_that_ends_between_pages_is_renewed_and_the_job_goes_on(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, token_requests: Callable[[], int]
) -> None:
    expected = accounts(45)
    practice_org.admin("settings", {"bulk_page_rows": 20})
    practice_org.fault("expire_session", count=1, path="&locator")
    assert sorted(row[0] for row in rows_of(org)) == sorted(expected)
    assert token_requests() == 2
    assert sum(call["method"] == "POST" and call["path"].endswith("jobs/query") for call in practice_org.calls()) == 1


def test_a_job_that_fails_is_told_with_its_reason_and_deleted(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    accounts(3)
    practice_org.fault("job_failed", message="InternalServerError : Retried more than fifteen times")
    with pytest.raises(SalesforceProblem, match="Retried more than fifteen times"):
        rows_of(org)
    assert len(job_calls(practice_org, "DELETE")) == 1


def test_a_job_that_fails_without_a_reason_is_told_too(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.fault("job_failed_without_message")
    with pytest.raises(SalesforceProblem, match="gives no reason"):
        rows_of(org)


def test_a_job_that_does_not_end_in_time_is_aborted_and_deleted(
    org: Org, practice_org: PracticeOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice_org.fault("slow_job", polls=1000)
    monkeypatch.setattr(polling, "DEADLINE_SECONDS", 0.2)
    with pytest.raises(SalesforceProblem, match="has not ended") as caught:
        rows_of(org)
    assert caught.value.transient
    assert len(job_calls(practice_org, "PATCH")) == 1
    assert len(job_calls(practice_org, "DELETE")) == 1


def test_a_slow_job_is_waited_for(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    expected = accounts(3)
    practice_org.fault("slow_job", polls=4)
    assert sorted(row[0] for row in rows_of(org)) == sorted(expected)


def test_deleted_records_come_when_asked_for(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    kept, gone = accounts(2)
    practice_org.admin("delete", {"sobject": "Account", "ids": [gone]})
    soql = "SELECT Id, IsDeleted FROM Account"
    assert rows_of(org, soql) == [[kept, "false"]]
    assert sorted(rows_of(org, soql, include_deleted=True)) == sorted([[kept, "false"], [gone, "true"]])


def test_a_query_that_the_bulk_api_refuses_is_told_with_its_code(org: Org) -> None:
    with pytest.raises(RequestRefused) as caught:
        rows_of(org, "SELECT Name, COUNT(Id) FROM Account GROUP BY Name")
    assert caught.value.code == "FUNCTIONALITY_NOT_ENABLED"


def test_a_reader_that_stops_early_leaves_no_job_behind(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    accounts(45)
    practice_org.admin("settings", {"bulk_page_rows": 20})
    result: BulkResult
    with org.bulk_query(NAMES, include_deleted=False) as result:
        next(result.chunks)
    assert len(job_calls(practice_org, "DELETE")) == 1


def test_parent_columns_come_under_their_dotted_names(org: Org, practice_org: PracticeOrg) -> None:
    (parent,) = practice_org.seed("Account", {"Name": "Parent"})
    practice_org.seed("Account", {"Name": "Child", "ParentId": parent})
    with org.bulk_query(
        "SELECT Name, Parent.Name FROM Account WHERE ParentId != null", include_deleted=False
    ) as result:
        assert result.columns == ("Name", "Parent.Name")
        assert list(result.records()) == [["Child", "Parent"]]


def test_a_bulk_read_costs_few_requests(sign_in: Connect, accounts: Accounts, practice_org: PracticeOrg) -> None:
    accounts(50)
    org = sign_in()
    before = org.calls
    rows_of(org)
    # Create, some polls, one page, delete.
    assert 4 <= org.calls - before <= 8
