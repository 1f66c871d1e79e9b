"""What people, other systems and Salesforce itself do behind a client's back."""

import pytest

from tests.practice_org import AdminRefused

from .conftest import refusal

RULE = {
    "sobject": "Account", "name": "No_Overdue_Without_Number", "field": "ERP_Overdue__c", "operator": ">", "value": 100,
    "needs": "ERP_Number__c", "message": "An overdue amount needs an ERP number.",
}  # fmt: skip


def test_a_validation_rule_refuses_the_row_in_the_administrators_words_until_it_is_gone(api):
    (account,) = api.org.seed("Account", {"Name": "A"})
    api.org.admin("validation_rules", RULE)
    refused = api.update({"id": account, "ERP_Overdue__c": 100.01}).json()
    assert refused[0]["errors"] == [
        {
            "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "message": "An overdue amount needs an ERP number.",
            "fields": ["ERP_Overdue__c"],
        }
    ]
    assert api.update({"id": account, "ERP_Overdue__c": 100}).json()[0]["success"]
    api.org.admin("drop_validation_rule", {"name": RULE["name"]})
    assert api.update({"id": account, "ERP_Overdue__c": 101}).json()[0]["success"]


def test_a_validation_rule_is_satisfied_by_the_field_it_needs_and_speaks_in_bulk_too(api):
    bad, good = api.org.seed("Account", {"Name": "A"}, {"Name": "B", "ERP_Number__c": "7"})
    api.org.admin("validation_rules", RULE)
    job = api.ingest(f"Id,ERP_Overdue__c\n{bad},200\n{good},200\n")
    assert api.finish("ingest", job)["numberRecordsFailed"] == 1
    text = "FIELD_CUSTOM_VALIDATION_EXCEPTION:An overdue amount needs an ERP number.:ERP_Overdue__c --"
    assert api.result(job, "failedResults").splitlines()[1] == f'"","{text}",{bad},200'


@pytest.mark.parametrize(
    ("condition", "refused"),
    [
        ({"field": "Phone", "operator": "empty"}, {"Fax": "1"}),
        ({"field": "Phone", "operator": "filled"}, {"Phone": "1"}),
        ({"field": "Industry", "operator": "=", "value": "Banking"}, {"Industry": "Banking"}),
        ({"field": "ERP_As_Of__c", "operator": "<", "value": "2026-01-01"}, {"ERP_As_Of__c": "2025-12-31"}),
        ({"field": "Phone", "needs": "Fax"}, {"Phone": "1"}),
    ],
)
def test_a_rule_may_ask_for_a_value_a_gap_or_a_companion(api, condition, refused):
    (account,) = api.org.seed("Account", {"Name": "A"})
    api.org.admin("validation_rules", {"sobject": "Account", **condition})
    assert not api.update({"id": account, **refused}).json()[0]["success"]
    api.org.admin("validation_rules", method="DELETE")
    assert api.update({"id": account, **refused}).json()[0]["success"]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"field": "Nope"}, "no field 'Nope'"),
        ({"field": "Phone"}, "needs a value"),
        ({"field": "Phone", "operator": "like"}, "no operator 'like'"),
        ({}, "a rule needs a field"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(practice_org, spec, reason):
    with pytest.raises(AdminRefused, match=reason):
        practice_org.admin("validation_rules", {"sobject": "Account", **spec})


def test_a_tracked_field_leaves_a_line_with_who_when_old_and_new(api):
    api.org.admin("clock", {"now": "2026-02-10T12:00:00Z"})
    (account,) = api.org.seed("Account", {"Name": "A", "ERP_Overdue__c": 5})
    api.org.admin("track_history", {"sobject": "Account", "fields": ["ERP_Overdue__c", "Phone"]})
    edit = {"ERP_Overdue__c": "7.50", "Fax": "1"}
    api.org.admin("edit", {"sobject": "Account", "id": account, "user": "carol@practice.example", "values": edit})
    (line,) = api.rows(
        "SELECT AccountId, Field, OldValue, NewValue, CreatedBy.Username, CreatedDate FROM AccountHistory"
    )
    assert line["CreatedBy"].pop("attributes")["type"] == "User"
    assert line == {
        "AccountId": account, "Field": "ERP_Overdue__c", "OldValue": 5.0, "NewValue": 7.5,
        "CreatedBy": {"Username": "carol@practice.example"}, "CreatedDate": "2026-02-10T12:00:00.000+0000",
    }  # fmt: skip
    assert api.rows("SELECT LastModifiedBy.Name FROM Account")[0]["LastModifiedBy"]["Name"] == "carol"
    api.org.admin("track_history", {"sobject": "Account", "fields": []})
    api.update({"id": account, "Phone": "2"})
    assert len(api.rows("SELECT Id FROM AccountHistory")) == 1


def test_a_record_created_while_tracked_says_so_and_long_text_keeps_its_values_to_itself(api):
    api.org.admin("track_history", {"sobject": "Account", "fields": ["Description"]})
    account = api.post("sobjects/Account", {"Name": "A"}).json()["id"]
    api.update({"id": account, "Description": "secret"})
    lines = api.rows("SELECT Field, NewValue FROM AccountHistory ORDER BY Id")
    assert lines == [{"Field": "created", "NewValue": None}, {"Field": "Description", "NewValue": None}]
    where = "SELECT Id FROM AccountHistory WHERE NewValue = 'secret'"
    assert refusal(api.query(where)) == (400, "INVALID_FIELD")


def test_a_calculated_value_changes_without_a_new_stamp(api):
    api.org.admin("clock", {"now": "2026-02-01T00:00:00Z"})
    (account,) = api.org.seed("Account", {"Name": "A"})
    api.org.admin("clock", {"now": "2026-02-10T00:00:00Z"})
    api.org.admin("recalculate", {"sobject": "Account", "id": account, "values": {"ERP_Score__c": 3}})
    assert api.rows("SELECT ERP_Score__c, SystemModstamp FROM Account") == [
        {"ERP_Score__c": 3.0, "SystemModstamp": "2026-02-01T00:00:00.000+0000"}
    ]


def test_a_refreshed_org_has_another_id_and_no_session_survives(api):
    (before,) = api.rows("SELECT Id, IsSandbox FROM Organization")
    answer = api.org.admin("refresh_org")
    assert refusal(api.get("limits")) == (401, "INVALID_SESSION_ID")
    api.sign_in()
    (after,) = api.rows("SELECT Id, IsSandbox FROM Organization")
    assert (before["IsSandbox"], after["IsSandbox"]) == (False, True)
    assert (answer["old"], answer["organization_id"]) == (before["Id"], after["Id"])
    assert before["Id"] != after["Id"]


WINDOW = {"start": "2026-02-01T00:00:00Z", "end": "2026-02-12T00:00:00Z"}


def test_a_cut_log_of_deletions_says_from_when_it_tells(api):
    api.org.admin("clock", {"now": "2026-02-02T00:00:00Z"})
    early, late = api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    api.org.admin("delete", {"sobject": "Account", "ids": [early]})
    api.org.admin("clock", {"now": "2026-02-10T00:00:00Z"})
    api.org.admin("delete", {"sobject": "Account", "ids": [late]})
    api.org.admin("delete_log", {"earliest": "2026-02-05T00:00:00Z"})
    answer = api.get("sobjects/Account/deleted", params=WINDOW).json()
    assert answer["earliestDateAvailable"] == "2026-02-05T00:00:00.000+0000"
    assert [each["id"] for each in answer["deletedRecords"]] == [late]
    api.org.admin("delete_log", {})
    assert len(api.get("sobjects/Account/deleted", params=WINDOW).json()["deletedRecords"]) == 2


def test_an_emptied_recycle_bin_leaves_no_trace_and_moves_the_earliest_date(api):
    api.org.admin("clock", {"now": "2026-02-10T00:00:00Z"})
    kept, gone = api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    api.org.admin("delete", {"sobject": "Account", "ids": [gone]})
    assert api.org.admin("purge_bin", {"sobject": "Account"})["ids"] == [gone]
    answer = api.get("sobjects/Account/deleted", params=WINDOW).json()
    assert (answer["deletedRecords"], answer["earliestDateAvailable"]) == ([], "2026-02-10T00:00:01.000+0000")
    assert [row["Id"] for row in api.rows("SELECT Id FROM Account", deleted=True)] == [kept]


def test_a_user_who_left_can_own_nothing_new(api):
    owner = api.org.seed("User", {"Username": "b@x.example", "LastName": "B", "Alias": "b", "Email": "b@x.example"})[0]
    (account,) = api.org.seed("Account", {"Name": "A", "OwnerId": owner})
    api.org.admin("active_user", {"username": "b@x.example", "active": False})
    assert api.rows("SELECT Owner.IsActive FROM Account")[0]["Owner"]["IsActive"] is False
    row = api.post("sobjects/Account", {"Name": "B", "OwnerId": owner}).json()[0]
    assert row["errorCode"] == "INACTIVE_OWNER_OR_USER"
    assert api.update({"id": account, "Phone": "1"}).json()[0]["success"]
