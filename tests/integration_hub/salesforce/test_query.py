"""Reading over REST: every row once, whatever happens on the way."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from integration_hub.salesforce.client import Org
from integration_hub.salesforce.errors import (
    AuthenticationFailed,
    ConcurrentLimit,
    DailyLimitReached,
    OrgUnreachable,
    RequestRefused,
    SalesforceProblem,
)
from tests.integration_hub.salesforce.conftest import Connect
from tests.practice_org import PracticeOrg

NAMES = "SELECT Id, Name FROM Account"
Accounts = Callable[[int], list[str]]


def ids_of(org: Org, soql: str = NAMES) -> list[str]:
    return [record["Id"] for record in org.query(soql)]


def test_trap_13_all_rows_come_in_however_small_pages(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    expected = accounts(600)
    practice_org.fault("small_pages", rows=7)
    assert sorted(ids_of(org)) == sorted(expected)


def test_trap_1_a_session_that_ends_on_a_page_is_renewed_once_and_no_row_comes_twice(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, token_requests: Callable[[], int]
) -> None:
    expected = accounts(500)
    practice_org.fault("small_pages", rows=100)
    practice_org.fault("expire_session", after=3, count=1)
    assert sorted(ids_of(org)) == sorted(expected)
    assert token_requests() == 2


def test_a_session_that_ended_before_the_first_page_is_renewed(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, token_requests: Callable[[], int]
) -> None:
    expected = accounts(3)
    practice_org.admin("expire_sessions")
    assert sorted(ids_of(org)) == sorted(expected)
    assert token_requests() == 2


def test_trap_2_a_session_that_is_never_accepted_ends_after_two_tokens_in_words(
    org: Org, practice_org: PracticeOrg, token_requests: Callable[[], int]
) -> None:
    practice_org.fault("unauthorized")
    with pytest.raises(AuthenticationFailed, match="does not accept the session"):
        ids_of(org)
    assert token_requests() == 2


def test_trap_2_a_request_that_is_never_accepted_ends_after_two_tokens_in_words(
    org: Org, practice_org: PracticeOrg, token_requests: Callable[[], int]
) -> None:
    practice_org.fault("unauthorized")
    with pytest.raises(AuthenticationFailed, match="does not accept the session"):
        org.describe("Account")
    assert token_requests() == 2


@pytest.mark.parametrize("fault", ["unauthorized_html", "unauthorized_object"])
def test_trap_3_a_401_in_another_shape_is_a_lost_session_too(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, token_requests: Callable[[], int], fault: str
) -> None:
    expected = accounts(3)
    practice_org.fault(fault, count=1)
    assert sorted(ids_of(org)) == sorted(expected)
    assert token_requests() == 2
    practice_org.fault(fault)
    with pytest.raises(AuthenticationFailed, match="does not accept the session"):
        ids_of(org)


def test_trap_2_a_session_lost_on_every_second_page_is_given_up(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, token_requests: Callable[[], int]
) -> None:
    accounts(500)
    practice_org.fault("small_pages", rows=100)
    practice_org.fault("unauthorized", path="/query/01g")
    with pytest.raises(AuthenticationFailed):
        ids_of(org)
    assert token_requests() == 2


def test_trap_7_the_daily_limit_stops_at_once(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.fault("daily_limit")
    practice_org.forget_calls()
    with pytest.raises(DailyLimitReached) as caught:
        ids_of(org)
    assert len(practice_org.calls()) <= 2
    assert not caught.value.transient
    assert caught.value.remedy


def test_trap_8_the_concurrent_limit_is_waited_out(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    expected = accounts(3)
    practice_org.fault("concurrent_limit", count=3)
    assert sorted(ids_of(org)) == sorted(expected)


def test_trap_8_a_lasting_concurrent_limit_is_told_as_such(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.fault("concurrent_limit")
    with pytest.raises(ConcurrentLimit) as caught:
        ids_of(org)
    assert caught.value.transient


TRANSIENT = ["server_unavailable", "maintenance_page", "status_406", "status_420", "status_429", "server_error"]


@pytest.mark.parametrize("fault", [*TRANSIENT, "connection_reset", "cut_body"])
def test_trap_10_a_disturbance_is_waited_out(
    org: Org, accounts: Accounts, practice_org: PracticeOrg, fault: str
) -> None:
    expected = accounts(300)
    practice_org.fault(fault, count=2)
    assert sorted(ids_of(org)) == sorted(expected)


@pytest.mark.parametrize("fault", [*TRANSIENT, "connection_reset", "cut_body"])
def test_trap_10_a_lasting_disturbance_is_recorded_after_a_few_tries(
    org: Org, practice_org: PracticeOrg, fault: str
) -> None:
    practice_org.fault(fault)
    practice_org.forget_calls()
    with pytest.raises(OrgUnreachable) as caught:
        ids_of(org)
    assert caught.value.transient
    assert 2 <= len(practice_org.calls()) <= 5


def test_a_page_of_html_instead_of_json_is_told_in_words(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.fault("html_200")
    with pytest.raises(SalesforceProblem, match="no JSON"):
        ids_of(org)


def test_trap_11_a_hanging_server_costs_no_more_than_the_configured_patience(
    sign_in: Connect, practice_org: PracticeOrg
) -> None:
    org = sign_in(timeout_seconds=1)
    practice_org.fault("hang", seconds=600, path="/query")
    with pytest.raises(OrgUnreachable):
        ids_of(org)


def test_trap_14_a_lost_locator_starts_the_query_again(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    expected = accounts(500)
    practice_org.fault("small_pages", rows=100)
    practice_org.fault("locator_expired", after=2, count=1)
    assert sorted(ids_of(org)) == sorted(expected)


def test_trap_14_a_locator_that_is_always_lost_is_given_up(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    accounts(500)
    practice_org.fault("small_pages", rows=100)
    practice_org.fault("locator_expired")
    with pytest.raises(RequestRefused) as caught:
        ids_of(org)
    assert caught.value.code == "INVALID_QUERY_LOCATOR"


def test_trap_15_a_child_relationship_without_rows_is_null(org: Org, practice_org: PracticeOrg) -> None:
    first, second = practice_org.seed("Account", {"Name": "With"}, {"Name": "Without"})
    practice_org.seed("Contact", {"LastName": "Lee", "AccountId": first})
    found = {
        record["Id"]: record["Contacts"] for record in org.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account")
    }
    assert found[second] is None
    assert len(found[first]["records"]) == 1


def test_trap_16_a_page_that_comes_twice_brings_no_row_twice(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    expected = accounts(500)
    practice_org.fault("small_pages", rows=100)
    practice_org.fault("duplicate_page", count=1)
    reading = org.query(NAMES)
    assert sorted(record["Id"] for record in reading) == sorted(expected)
    assert (reading.rows, reading.total, reading.whole) == (500, 500, True)


def test_a_page_that_comes_for_ever_is_given_up(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    accounts(500)
    practice_org.fault("small_pages", rows=100)
    practice_org.fault("duplicate_page")
    with pytest.raises(SalesforceProblem, match="over and over"):
        ids_of(org)


def test_trap_16_a_reading_that_brought_fewer_rows_than_announced_is_not_whole(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    accounts(500)
    practice_org.fault("small_pages", rows=100)
    reading = org.query(NAMES)
    next(iter(reading))
    assert not reading.whole


def test_trap_17_many_values_are_asked_in_several_queries_and_none_in_no_query(
    org: Org, accounts: Accounts, practice_org: PracticeOrg
) -> None:
    expected = accounts(900)
    practice_org.forget_calls()
    found = [record["Id"] for record in org.query_in(["Id"], "Account", "Id", expected)]
    assert sorted(found) == sorted(expected)
    assert len(practice_org.calls()) > 1
    practice_org.forget_calls()
    assert list(org.query_in(["Id"], "Account", "Id", [])) == []
    assert practice_org.calls() == []


def test_trap_18_quotes_and_backslashes_find_the_right_row(org: Org, practice_org: PracticeOrg) -> None:
    name = "O'Brien \\ Co\\'"
    record_id, _ = practice_org.seed("Account", {"Name": name}, {"Name": "O'Brien"})
    assert [record["Id"] for record in org.query_in(["Id"], "Account", "Name", [name])] == [record_id]


def test_trap_25_numbers_are_decimals(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.seed(
        "Opportunity", {"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-01-01", "Amount": 12345678.9}
    )
    (record,) = org.query("SELECT Amount FROM Opportunity")
    assert isinstance(record["Amount"], Decimal)
    assert record["Amount"] == Decimal("12345678.9")


def test_a_count_is_one_request(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    accounts(12)
    practice_org.forget_calls()
    assert org.count("Account", "Name LIKE 'Customer 1%'") == 4
    assert len(practice_org.calls()) == 1


def test_deleted_records_come_only_when_asked_for(org: Org, accounts: Accounts, practice_org: PracticeOrg) -> None:
    kept, gone = accounts(2)
    practice_org.admin("delete", {"sobject": "Account", "ids": [gone]})
    assert ids_of(org) == [kept]
    assert {record["Id"] for record in org.query_all(NAMES)} == {kept, gone}


def test_a_field_that_does_not_exist_is_named_with_what_to_do(org: Org) -> None:
    with pytest.raises(RequestRefused, match="Nonsense__c") as caught:
        ids_of(org, "SELECT Id, Nonsense__c FROM Account")
    assert caught.value.code == "INVALID_FIELD"
    assert "permission set" in caught.value.remedy


def test_a_retired_api_version_is_a_matter_of_configuration(sign_in: Connect) -> None:
    with pytest.raises(RequestRefused, match="retired") as caught:
        ids_of(sign_in(api_version="29.0"))
    assert "api_version" in caught.value.remedy


def test_the_usage_of_the_org_is_known_after_any_call(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.admin("usage", {"max": 5000, "used": 17})
    assert org.usage().limit == 5000
    ids_of(org)
    assert org.usage().used == 19


def test_a_describe_is_asked_once_and_lists_what_the_user_may_see(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.admin("fields", {"sobject": "Account", "fields": [{"name": "X__c", "type": "currency", "scale": 2}]})
    practice_org.admin("field_access", {"sobject": "Account", "field": "Website", "readable": False, "editable": False})
    practice_org.forget_calls()
    info = org.describe("Account").fields["X__c"]
    assert (info.type, info.precision, info.scale, info.updateable, info.nillable) == ("currency", 18, 2, True, True)
    assert org.describe("Account").find("website") is None
    assert org.describe("Account").find("x__C") is info
    assert "Customer - Direct" in org.describe("Account").fields["Type"].picklist
    assert len(practice_org.calls()) == 1
