"""composite/sobjects and composite: many changes in one call."""

import pytest

from .conftest import refusal


@pytest.fixture
def ids(api):
    return api.org.seed("Account", {"Name": "A", "ERP_Number__c": "1"}, {"Name": "B"}, {"Name": "C"})


def test_rows_are_answered_in_order_with_200_even_when_some_fail(api, ids):
    answer = api.update(
        {"id": ids[2], "ERP_Overdue__c": "10000"},
        {"id": ids[1], "ERP_Number__c": "1"},
        {"Id": ids[0][:15], "ERP_Overdue__c": None},
    )
    first, second, third = answer.json()
    assert answer.status_code == 200
    assert first == {"id": ids[2], "success": True, "errors": []}
    assert "id" not in second
    assert (second["success"], second["errors"][0]["statusCode"]) == (False, "DUPLICATE_VALUE")
    assert third["id"] == ids[0]
    assert api.rows("SELECT ERP_Overdue__c FROM Account ORDER BY Name")[2] == {"ERP_Overdue__c": 10000.0}


def test_all_or_none_undoes_the_good_rows_and_marks_them_as_bystanders(api, ids):
    answer = api.update({"id": ids[0], "Phone": "1"}, {"id": ids[1], "ERP_Number__c": "1"}, all_or_none=True)
    codes = [row["errors"][0]["statusCode"] for row in answer.json()]
    assert (answer.status_code, codes) == (200, ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "DUPLICATE_VALUE"])
    assert {row["Phone"] for row in api.rows("SELECT Phone FROM Account")} == {None}


def test_an_unknown_field_or_an_unreadable_value_refuses_the_whole_request(api, ids):
    assert refusal(api.update({"id": ids[0], "Phone": "1"}, {"id": ids[1], "No__c": 1})) == (400, "INVALID_FIELD")
    bad_date = api.update({"id": ids[0], "Phone": "1"}, {"id": ids[1], "ERP_As_Of__c": "soon"})
    assert refusal(bad_date) == (400, "JSON_PARSER_ERROR")
    assert {row["Phone"] for row in api.rows("SELECT Phone FROM Account")} == {None}


def test_missing_deleted_foreign_and_repeated_ids_fail_row_by_row(api, ids):
    api.org.admin("delete", {"sobject": "Account", "ids": [ids[2]]})
    rows = api.update(
        {"Phone": "1"}, {"id": ids[2], "Phone": "1"}, {"id": "001000000000001AAA", "Phone": "1"},
        {"id": "003000000000001AAA", "Phone": "1"}, {"id": ids[0], "Phone": "1"}, {"id": ids[0], "Phone": "2"},
    ).json()  # fmt: skip
    assert [row["errors"][0]["statusCode"] if row["errors"] else "ok" for row in rows] == [
        "MISSING_ARGUMENT", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "ok", "DUPLICATE_VALUE",
    ]  # fmt: skip


def test_more_than_two_hundred_records_are_refused(api, ids):
    assert refusal(api.update(*[{"id": ids[0]}] * 201)) == (400, "EXCEEDED_MAX_SIZE_REQUEST")


def test_creating_and_upserting_tell_what_was_created(api, ids):
    def typed(**values):
        return {"attributes": {"type": "Account"}, **values}

    created = api.post("composite/sobjects", {"records": [typed(Name="D"), typed(Phone="1")]}).json()
    assert [row["success"] for row in created] == [True, False]
    upserted = api.patch(
        "composite/sobjects/Account/ERP_Number__c",
        {"records": [typed(ERP_Number__c="1", Phone="9"), typed(ERP_Number__c="2", Name="E"), typed(Name="F")]},
    ).json()
    assert [row.get("created") for row in upserted] == [False, True, None]
    assert upserted[0]["id"] == ids[0]
    assert upserted[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_upserting_by_id_creates_the_rows_without_one(api, ids):
    rows = [{"attributes": {"type": "Account"}, "Name": "New"}, {"attributes": {"type": "Account"}, "Id": ids[0]}]
    answer = api.patch("composite/sobjects/Account/Id", {"records": rows}).json()
    assert [row["created"] for row in answer] == [True, False]


def test_several_records_are_deleted_by_id(api, ids):
    rows = api.call("DELETE", f"composite/sobjects?ids={ids[0]},{ids[1]},001000000000001AAA").json()
    assert [row["success"] for row in rows] == [True, True, False]
    assert [row["Name"] for row in api.rows("SELECT Name FROM Account")] == ["C"]


def test_faulty_rows_are_locked_or_rejected_by_share_and_by_id(api, ids):
    api.org.fault("lock_rows", share=1, count=1)
    assert {
        row["errors"][0]["statusCode"] for row in api.update(*[{"id": each, "Fax": "1"} for each in ids]).json()
    } == {"UNABLE_TO_LOCK_ROW"}
    api.org.fault("reject_rows", ids=[ids[1]], message="Ask the controller.", count=1)
    rows = api.update(*[{"id": each, "Fax": "1"} for each in ids]).json()
    assert [row["success"] for row in rows] == [True, False, True]
    assert rows[1]["errors"][0]["message"] == "Ask the controller."


def test_composite_subrequests_refer_to_earlier_answers(api, ids):
    base = "/services/data/v62.0"
    answer = api.post(
        "composite",
        {
            "compositeRequest": [
                {"method": "POST", "url": f"{base}/sobjects/Account", "referenceId": "parent", "body": {"Name": "P"}},
                {"method": "POST", "url": f"{base}/sobjects/Contact", "referenceId": "c",
                 "body": {"LastName": "Lee", "AccountId": "@{parent.id}"}},
                {"method": "GET", "url": f"{base}/sobjects/Nothing/describe", "referenceId": "bad"},
                {"method": "GET", "url": f"{base}/query?q=SELECT+Account.Name+FROM+Contact", "referenceId": "q"},
            ]
        },
    )  # fmt: skip
    results = answer.json()["compositeResponse"]
    assert answer.status_code == 200
    assert [each["httpStatusCode"] for each in results] == [201, 201, 404, 200]
    assert results[3]["body"]["records"][0]["Account"]["Name"] == "P"
    assert results[2]["body"][0]["errorCode"] == "NOT_FOUND"


def test_composite_all_or_none_undoes_and_names_bystanders(api, ids):
    base = "/services/data/v62.0/sobjects/Account"
    requests = [
        {"method": "PATCH", "url": f"{base}/{ids[0]}", "referenceId": "a", "body": {"Phone": "1"}},
        {"method": "PATCH", "url": f"{base}/{ids[1]}", "referenceId": "b", "body": {"No__c": "1"}},
        {"method": "PATCH", "url": f"{base}/{ids[2]}", "referenceId": "c", "body": {"Phone": "1"}},
    ]
    results = api.post("composite", {"allOrNone": True, "compositeRequest": requests}).json()["compositeResponse"]
    assert [each["body"][0]["errorCode"] for each in results] == [
        "PROCESSING_HALTED", "INVALID_FIELD", "PROCESSING_HALTED",
    ]  # fmt: skip
    assert {row["Phone"] for row in api.rows("SELECT Phone FROM Account")} == {None}


@pytest.mark.parametrize("requests", [None, [], [5], [{"method": "GET", "url": "/x"}]])
def test_incomplete_composite_requests_are_refused(api, requests):
    assert refusal(api.post("composite", {"compositeRequest": requests})) == (400, "JSON_PARSER_ERROR")


def test_composite_is_limited_to_25_subrequests_and_five_queries(api):
    def many(count, url):
        return {"compositeRequest": [{"method": "GET", "url": url, "referenceId": f"r{n}"} for n in range(count)]}

    assert refusal(api.post("composite", many(26, "/services/data/v62.0/limits"))) == (400, "LIMIT_EXCEEDED")
    assert refusal(api.post("composite", many(6, "/services/data/v62.0/query?q=x"))) == (400, "LIMIT_EXCEEDED")
