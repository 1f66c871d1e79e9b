"""Every error code is declared once, and told right when the practice org, or Salesforce's own text, brings it up."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from integration_hub.push.errors import explain
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.collections import _answer
from integration_hub.salesforce.error_codes import DESCRIPTIONS, REGISTRY, STATUSES, find
from integration_hub.salesforce.error_kinds import Action, Who
from integration_hub.salesforce.errors import (
    AuthenticationFailed,
    ConcurrentLimit,
    DailyLimitReached,
    OrgUnreachable,
    RequestRefused,
    SalesforceProblem,
    SessionLost,
    refusal,
)
from integration_hub.salesforce.sign_in_errors import SIGN_IN
from tests.integration_hub.salesforce.conftest import Connect
from tests.practice_org import PracticeOrg

NOW, LATER, STOP = Action.RETRY_NOW, Action.RETRY_LATER, Action.STOP_FOR_NOW
DATA, PERMISSION, CONFIGURATION = Action.FIX_DATA, Action.FIX_PERMISSION, Action.FIX_CONFIGURATION
DOCUMENTED: Mapping[str, Action] = {
    "INVALID_SESSION_ID": Action.SIGN_IN_AGAIN, "REQUEST_LIMIT_EXCEEDED": STOP, "SERVER_UNAVAILABLE": NOW,
    "QUERY_TIMEOUT": CONFIGURATION, "INVALID_QUERY_LOCATOR": NOW, "MALFORMED_QUERY": CONFIGURATION,
    "INVALID_FIELD": PERMISSION, "INVALID_TYPE": PERMISSION, "NOT_FOUND": CONFIGURATION,
    "INVALID_FIELD_FOR_INSERT_UPDATE": PERMISSION, "STRING_TOO_LONG": CONFIGURATION,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": DATA, "FIELD_INTEGRITY_EXCEPTION": DATA, "REQUIRED_FIELD_MISSING": DATA,
    "DUPLICATE_VALUE": DATA, "DUPLICATES_DETECTED": DATA, "ENTITY_IS_DELETED": DATA,
    "INVALID_CROSS_REFERENCE_KEY": CONFIGURATION, "UNABLE_TO_LOCK_ROW": NOW, "TooManyLockFailure": LATER,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": NOW, "PROCESSING_HALTED": NOW, "INVALIDENTITY": CONFIGURATION,
    "API_ERROR": CONFIGURATION, "LIMIT_EXCEEDED": STOP, "INVALIDJOBSTATE": CONFIGURATION,
    "TXN_SECURITY_METERING_ERROR": LATER, "EXCEEDED_ID_LIMIT": CONFIGURATION,
    "INVALID_REPLICATION_DATE": CONFIGURATION, "invalid_grant": CONFIGURATION, "invalid_client": CONFIGURATION,
    "invalid_client_id": CONFIGURATION, "unsupported_grant_type": PERMISSION, "UNKNOWN_EXCEPTION": NOW,
    "UNSUPPORTED_API_VERSION": CONFIGURATION, "InvalidVersion": CONFIGURATION, "InvalidSessionId": Action.SIGN_IN_AGAIN,
    "JOB_NOT_COMPLETE": NOW, "INSUFFICIENT_ACCESS_OR_READONLY": PERMISSION, "NUMBER_OUTSIDE_VALID_RANGE": CONFIGURATION,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": CONFIGURATION, "INACTIVE_OWNER_OR_USER": DATA,
    "ENTITY_IS_LOCKED": DATA, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": DATA, "STORAGE_LIMIT_EXCEEDED": CONFIGURATION,
}  # fmt: skip
STATUS_LIST = (300, 400, 401, 403, 404, 405, 406, 409, 410, 412, 414, 415, 420, 429, 431, 500, 502, 503, 504)
FIELDS = [
    {"name": "ERP_Number__c", "type": "string", "length": 10, "externalId": True, "unique": True},
    {"name": "ERP_Amount__c", "type": "currency", "precision": 6, "scale": 2},
    {"name": "ERP_Mail__c", "type": "email", "length": 80},
    {"name": "ERP_Class__c", "type": "picklist", "values": ["A", "B"], "restricted": True},
]
OURS = {
    "UNPROCESSED", "CURRENCY_DIFFERS", "NO_ANSWER", "READ_BACK_DIFFERS", "CHANGED_SINCE", "ACCOUNT_GONE",
    "BACK_ALREADY", "CONCURRENT_LIMIT", "API_VERSION_MISMATCH",
}  # fmt: skip


@pytest.mark.parametrize(("code", "action"), DOCUMENTED.items(), ids=DOCUMENTED)
def test_every_documented_code_has_its_action(code: str, action: Action) -> None:
    found = find(code)
    assert found is not None
    assert found.action is action


@pytest.mark.parametrize("code", REGISTRY)
def test_every_code_has_a_cause_a_remedy_and_somebody_to_turn_to(code: str) -> None:
    found = REGISTRY[code]
    assert isinstance(found.who, Who)
    for sentence in (found.cause, found.remedy):
        assert sentence[0].isupper()
        assert sentence.rstrip(')"').endswith(".")
    if found.who is Who.NOBODY and code != "ENTITY_IS_DELETED":
        assert found.is_retried or found.action is STOP


def test_every_status_is_declared_and_the_descriptions_of_refused_sign_ins_too() -> None:
    assert set(STATUSES) == set(STATUS_LIST)
    assert all(code.cause and code.remedy for code in (*STATUSES.values(), *DESCRIPTIONS.values()))


def test_pushed_rows_and_requests_read_the_same_declaration() -> None:
    for code, found in REGISTRY.items():
        row = explain(code)
        assert (row.meaning, row.remedy, row.action, row.who) == (found.cause, found.remedy, found.action, found.who)
        assert row.transient == (found.action is NOW)


def of_request(org: Org, method: str, path: str, **options: Any) -> None:
    org._connection.json(method, path, **options)


def a_query(soql: str) -> Callable[[Org], object]:
    return lambda org: list(org.query(soql))


def a_job(org: Org) -> str:
    body = '{"operation":"query","query":"SELECT Id FROM Account"}'
    return f"jobs/query/{org._connection.json('POST', 'jobs/query', body=body)['id']}"


def job_ended(org: Org) -> None:
    path = a_job(org)
    while org._connection.json("GET", path)["state"] != "JobComplete":
        pass
    of_request(org, "PATCH", path, body='{"state":"Aborted"}')


LONG_QUERY = "SELECT Id FROM Account WHERE Name = '" + "x" * 17_000 + "'"
REPLICATION = "sobjects/Account/updated?start=2020-01-01T00:00:00Z&end=2020-01-01T00:00:10Z"
SITUATIONS: Mapping[str, Callable[[Org], object]] = {
    "INVALID_QUERY_LOCATOR": lambda org: of_request(org, "GET", "query/01g000000000000AAA-2000"),
    "MALFORMED_QUERY": a_query("SELECT FROM Account WHERE"),
    "INVALID_FIELD": a_query("SELECT Id, Website FROM Account"),
    "INVALID_TYPE": a_query("SELECT Id FROM XYZZY"),
    "NOT_FOUND": lambda org: org.describe("Nonsense__c"),
    "URI_TOO_LONG": a_query(LONG_QUERY),
    "INVALID_REPLICATION_DATE": lambda org: of_request(org, "GET", REPLICATION),
    "INVALIDENTITY": lambda org: of_request(
        org, "POST", "jobs/ingest", body='{"object":"Nonsense","operation":"update"}'
    ),
    "INVALIDJOBSTATE": job_ended,
    "API_ERROR": lambda org: of_request(org, "DELETE", a_job(org)),
    "JOB_NOT_COMPLETE": lambda org: of_request(org, "GET", f"{a_job(org)}/results"),
    "JSON_PARSER_ERROR": lambda org: of_request(org, "PATCH", "composite/sobjects", body="{no json"),
}


@pytest.mark.parametrize("code", SITUATIONS)
def test_a_refused_request_is_told_in_the_words_of_its_code(org: Org, practice_org: PracticeOrg, code: str) -> None:
    practice_org.admin("field_access", {"sobject": "Account", "field": "Website", "readable": False, "editable": False})
    with pytest.raises(RequestRefused) as caught:
        SITUATIONS[code](org)
    known = REGISTRY[code]
    assert (caught.value.code, caught.value.known) == (code, known)
    assert (caught.value.meaning, caught.value.remedy) == (known.cause, known.remedy)
    assert caught.value.transient == known.is_retried
    assert code in caught.value.problem or known.problem


FAULTS: Mapping[str, tuple[str, type[SalesforceProblem]]] = {
    "INVALID_SESSION_ID": ("unauthorized", AuthenticationFailed),
    "REQUEST_LIMIT_EXCEEDED": ("daily_limit", DailyLimitReached),
    "CONCURRENT_LIMIT": ("concurrent_limit", ConcurrentLimit),
    "SERVER_UNAVAILABLE": ("server_unavailable", OrgUnreachable),
    "UNKNOWN_EXCEPTION": ("server_error", OrgUnreachable),
    "QUERY_TIMEOUT": ("query_timeout", RequestRefused),
}


@pytest.mark.parametrize("code", FAULTS)
def test_a_disturbed_request_ends_as_the_kind_of_its_code(org: Org, practice_org: PracticeOrg, code: str) -> None:
    fault, kind = FAULTS[code]
    practice_org.fault(fault)
    practice_org.forget_calls()
    with pytest.raises(kind) as caught:
        list(org.query("SELECT Id FROM Account"))
    tries = sum("/query" in call["path"] for call in practice_org.calls())
    assert tries == {NOW: 5, LATER: 5, Action.SIGN_IN_AGAIN: 2}.get(REGISTRY[code].action, 1)
    assert caught.value.remedy


def test_a_retired_version_is_told_as_such(sign_in: Connect) -> None:
    with pytest.raises(RequestRefused) as caught:
        sign_in(api_version="29.0").organization_id()
    assert caught.value.known is REGISTRY["UNSUPPORTED_API_VERSION"]


ROWS: Mapping[str, dict[str, object]] = {
    "STRING_TOO_LONG": {"ERP_Number__c": "x" * 11},
    "NUMBER_OUTSIDE_VALID_RANGE": {"ERP_Amount__c": 123456},
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": {"ERP_Class__c": "C"},
    "INVALID_EMAIL_ADDRESS": {"ERP_Mail__c": "nobody"},
    "DUPLICATE_VALUE": {"ERP_Number__c": "taken"},
    "REQUIRED_FIELD_MISSING": {"Name": None},
    "INVALID_FIELD_FOR_INSERT_UPDATE": {"Website": "https://x.example"},
    "INACTIVE_OWNER_OR_USER": {"OwnerId": "inactive"},
    "MALFORMED_ID": {"ParentId": "nonsense"},
    "INVALID_CROSS_REFERENCE_KEY": {"Id": "001999999999999AAA"},
    "ENTITY_IS_DELETED": {"Id": "deleted"},
}


@pytest.fixture
def row_world(practice_org: PracticeOrg) -> dict[str, str]:
    """An account, one that holds a unique value, one that was deleted, and a user who left."""
    practice_org.admin("fields", {"sobject": "Account", "fields": FIELDS})
    practice_org.admin("field_access", {"sobject": "Account", "field": "Website", "editable": False})
    one, _, gone = practice_org.seed(
        "Account", {"Name": "One"}, {"Name": "Two", "ERP_Number__c": "taken"}, {"Name": "Gone"}
    )
    practice_org.admin("delete", {"sobject": "Account", "ids": [gone]})
    (left,) = practice_org.seed(
        "User",
        {"Username": "l@x.example", "LastName": "Left", "Email": "l@x.example", "Alias": "l", "IsActive": False},
    )
    return {"one": one, "deleted": gone, "inactive": left}


@pytest.mark.parametrize("code", ROWS)
def test_a_refused_row_comes_with_its_code(org: Org, row_world: dict[str, str], code: str) -> None:
    values = {name: row_world.get(str(value), value) for name, value in ROWS[code].items()}
    (answer,) = org.update_collection("Account", [{"Id": row_world["one"], **values}])
    assert (answer.ok, answer.code) == (False, code)
    assert answer.text
    assert explain(answer.code).known
    assert not explain(answer.code).transient


def test_a_locked_row_is_the_only_kind_worth_another_try(
    org: Org, row_world: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.fault("lock_rows", share=1)
    (answer,) = org.update_collection("Account", [{"Id": row_world["one"], "Name": "New"}])
    assert answer.code == "UNABLE_TO_LOCK_ROW"
    assert explain(answer.code).transient


FURTHER = sorted(set(REGISTRY) - set(ROWS) - set(SITUATIONS) - set(FAULTS) - set(SIGN_IN) - OURS)


@pytest.mark.parametrize("code", FURTHER)
def test_any_further_code_arrives_as_it_is_as_a_row_and_as_a_request(
    org: Org, row_world: dict[str, str], practice_org: PracticeOrg, code: str
) -> None:
    practice_org.fault("reject_rows", code=code, message="Salesforce's own words.")
    (answer,) = org.update_collection("Account", [{"Id": row_world["one"], "Name": "New"}])
    assert (answer.code, answer.text) == (code, "Salesforce's own words.")
    problem = refusal(400, [{"errorCode": code, "message": "Salesforce's own words."}])
    known = REGISTRY[code]
    if known.action is Action.SIGN_IN_AGAIN:
        assert isinstance(problem, SessionLost)
    elif known.action is STOP:
        assert isinstance(problem, DailyLimitReached)
    else:
        assert isinstance(problem, RequestRefused)
        assert (problem.known, problem.transient) == (known, known.is_retried)


@pytest.mark.parametrize("error", SIGN_IN)
def test_a_refused_sign_in_has_a_remedy(sign_in: Connect, practice_org: PracticeOrg, error: str) -> None:
    practice_org.fault("token_error", error=error, description="no more words")
    with pytest.raises(AuthenticationFailed, match=error) as caught:
        sign_in()
    assert caught.value.remedy == SIGN_IN[error].remedy
    assert caught.value.transient == SIGN_IN[error].is_retried


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_a_known_description_says_more_than_its_code(
    sign_in: Connect, practice_org: PracticeOrg, description: str
) -> None:
    practice_org.fault("token_error", error="invalid_grant", description=description)
    with pytest.raises(AuthenticationFailed) as caught:
        sign_in()
    assert caught.value.remedy == DESCRIPTIONS[description].remedy


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_an_unknown_code_is_shown_as_received_and_never_retried(status: int) -> None:
    problem = refusal(status, [{"errorCode": "BRAND_NEW_CODE", "message": "Something of next year."}])
    assert isinstance(problem, RequestRefused)
    assert "BRAND_NEW_CODE: Something of next year." in problem.problem
    assert not problem.transient
    assert problem.remedy


def test_an_unknown_code_of_a_row_is_shown_as_received_and_never_retried(
    org: Org, row_world: dict[str, str], practice_org: PracticeOrg
) -> None:
    practice_org.fault("reject_rows", code="BRAND_NEW_CODE", message="Something of next year.")
    (answer,) = org.update_collection("Account", [{"Id": row_world["one"], "Name": "New"}])
    assert (answer.code, answer.text) == ("BRAND_NEW_CODE", "Something of next year.")
    row = explain(answer.code)
    assert (row.known, row.transient) == (False, False)
    assert "own text" in row.meaning


def test_the_bystander_of_a_failed_request_is_not_the_cause() -> None:
    errors = [{"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "Record rolled back", "fields": []}]
    answer = _answer("001000000000001AAA", {"success": False, "errors": errors})
    assert explain(answer.code).transient
