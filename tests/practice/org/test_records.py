"""Single records over REST, and the rules every written value must pass."""

import pytest

from .conftest import refusal


def create(api, **values):
    answer = api.post("sobjects/Account/", {"Name": "Acme", **values})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_a_record_lives_from_creation_to_deletion(api):
    record_id = create(api, ERP_Overdue__c=12.5)
    patched = api.patch(f"sobjects/Account/{record_id[:15]}", {"Phone": "0228"})
    assert (patched.status_code, patched.content) == (204, b"")
    shown = api.get(f"sobjects/Account/{record_id}", params={"fields": "Phone,ERP_Overdue__c"}).json()
    assert {**shown, "attributes": None} == {"attributes": None, "Phone": "0228", "ERP_Overdue__c": 12.5}
    assert api.call("DELETE", f"sobjects/Account/{record_id}").status_code == 204
    assert refusal(api.call("DELETE", f"sobjects/Account/{record_id}")) == (404, "ENTITY_IS_DELETED")
    assert refusal(api.get(f"sobjects/Account/{record_id}")) == (404, "ENTITY_IS_DELETED")
    gone = "001000000000001AAA"
    assert refusal(api.call("DELETE", f"sobjects/Account/{gone}")) == (404, "INVALID_CROSS_REFERENCE_KEY")


def test_writing_moves_the_stamp_to_the_second_of_the_orgs_clock(api):
    api.org.admin("clock", {"now": "2026-02-10T12:00:00Z"})
    record_id = create(api)
    api.org.admin("clock", {"now": "2026-02-10T12:00:07.900Z"})
    api.patch(f"sobjects/Account/{record_id}", {"Phone": "1"})
    (row,) = api.rows("SELECT CreatedDate, LastModifiedDate, SystemModstamp FROM Account")
    assert row == {
        "CreatedDate": "2026-02-10T12:00:00.000+0000",
        "LastModifiedDate": "2026-02-10T12:00:07.000+0000",
        "SystemModstamp": "2026-02-10T12:00:07.000+0000",
    }
    assert "Feb 2026 12:00:07 GMT" in api.get("limits").headers["Date"]


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"ERP_Number__c": "12345678901"}, "STRING_TOO_LONG",
         "ERP number: data value too large: 12345678901 (max length=10)"),
        ({"ERP_Overdue__c": "1e14"}, "NUMBER_OUTSIDE_VALID_RANGE",
         "Overdue: value outside of valid range on numeric field: 1.0E14"),
        ({"ERP_Overdue__c": "much"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "Overdue: value not of required type: much"),
        ({"ERP_As_Of__c": "31.12.2025"}, "INVALID_TYPE_ON_FIELD_IN_RECORD",
         "As of: value not of required type: 31.12.2025"),
        ({"ERP_Class__c": "Z"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
         "Class: bad value for restricted picklist field: Z"),
        ({"ERP_Score__c": 1}, "INVALID_FIELD_FOR_INSERT_UPDATE", None),
        ({"SystemModstamp": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", None),
        ({"Nothing__c": 1}, "INVALID_FIELD", "No such column 'Nothing__c' on sobject of type Account"),
        ({"ParentId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        ({"ParentId": "hello"}, "MALFORMED_ID", "Parent Account ID: id value of incorrect type: hello"),
        ({"Name": None}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
    ],
)  # fmt: skip
def test_a_value_that_breaks_a_rule_is_refused_by_label(api, values, code, message):
    record_id = create(api)
    answer = api.patch(f"sobjects/Account/{record_id}", values)
    assert refusal(answer) == (400, code)
    assert message in (None, answer.json()[0]["message"])


def test_a_unique_value_is_refused_a_second_time_in_any_letter_case(api):
    first = create(api, ERP_Number__c="ab1")
    answer = api.post("sobjects/Account", {"Name": "B", "ERP_Number__c": "AB1"})
    assert refusal(answer) == (400, "DUPLICATE_VALUE")
    assert first in answer.json()[0]["message"]


def test_null_and_empty_text_clear_and_an_absent_key_leaves(api):
    record_id = create(api, Phone="1", Fax="2", Site="3")
    api.patch(f"sobjects/Account/{record_id}", {"Phone": None, "Fax": ""})
    assert api.rows("SELECT Phone, Fax, Site FROM Account") == [{"Phone": None, "Fax": None, "Site": "3"}]


def test_excess_decimals_round_half_up_to_the_scale(api):
    create(api, ERP_Overdue__c="0.125")
    assert api.rows("SELECT ERP_Overdue__c FROM Account") == [{"ERP_Overdue__c": 0.13}]


def test_emails_are_stored_in_lower_case_and_names_are_put_together(api):
    api.post("sobjects/Contact", {"LastName": "Myers", "FirstName": "Chloe", "Email": "Chloe.Myers@X.example"})
    assert api.rows("SELECT Name, Email FROM Contact") == [{"Name": "Chloe Myers", "Email": "chloe.myers@x.example"}]


def test_a_stage_decides_whether_a_deal_is_won(api):
    deal = {"Name": "D", "StageName": "Closed Won", "CloseDate": "2026-05-01", "Amount": 200}
    assert api.post("sobjects/Opportunity", deal).status_code == 201
    assert api.rows("SELECT IsWon, IsClosed, Probability, ExpectedRevenue, FiscalQuarter FROM Opportunity") == [
        {"IsWon": True, "IsClosed": True, "Probability": 100.0, "ExpectedRevenue": 200.0, "FiscalQuarter": 2}
    ]


def test_a_field_the_user_may_not_edit_is_refused_and_a_hidden_one_does_not_exist(api):
    record_id = create(api)
    access = {"user": api.org.username, "sobject": "Account", "field": "ERP_Overdue__c"}
    api.org.admin("field_access", {**access, "readable": True, "editable": False})
    change = {"ERP_Overdue__c": 1}
    assert refusal(api.patch(f"sobjects/Account/{record_id}", change)) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    api.org.admin("field_access", {**access, "readable": False, "editable": False})
    assert refusal(api.patch(f"sobjects/Account/{record_id}", change)) == (400, "INVALID_FIELD")


def test_an_inactive_owner_is_refused(api):
    (user,) = api.org.seed(
        "User", {"LastName": "Left", "Username": "left@x.example", "Alias": "left", "Email": "l@x.example",
                 "IsActive": False}
    )  # fmt: skip
    assert refusal(api.patch(f"sobjects/Account/{create(api)}", {"OwnerId": user})) == (400, "INACTIVE_OWNER_OR_USER")


def test_the_name_of_a_person_account_is_not_writable(api):
    api.org.admin("fields", {"sobject": "Account", "fields": [{"name": "IsPersonAccount", "type": "boolean"}]})
    (person,) = api.org.seed("Account", {"Name": "Ann Lee", "IsPersonAccount": True})
    answer = api.patch(f"sobjects/Account/{person}", {"Name": "Other"})
    assert refusal(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_upsert_by_external_id_creates_then_changes_then_reports_ambiguity(api):
    created = api.patch("sobjects/Account/ERP_Number__c/a%20b", {"Name": "New"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    changed = api.patch("sobjects/Account/ERP_Number__c/A%20B", {"Phone": "1"})
    assert (changed.status_code, changed.json()["id"]) == (200, created.json()["id"])
    api.org.seed("Contact", {"LastName": "A", "Email": "a@x.example"}, {"LastName": "B", "Email": "a@x.example"})
    several = api.patch("sobjects/Contact/Email/a@x.example", {"Phone": "1"})
    assert (several.status_code, len(several.json())) == (300, 2)


def test_a_field_that_is_no_key_cannot_be_used_for_upsert(api):
    answer = api.patch("sobjects/Account/AccountNumber/420", {"Name": "X"})
    assert refusal(answer) == (404, "NOT_FOUND")
    assert "Provided external ID field does not exist or is not accessible: AccountNumber" in answer.text


def test_a_body_that_is_no_json_is_refused(api):
    answer = api.call("POST", "sobjects/Account", data="{", headers={"Content-Type": "application/json"})
    assert refusal(answer) == (400, "JSON_PARSER_ERROR")
    plain = api.call("POST", "sobjects/Account", data="x", headers={"Content-Type": "text/plain"})
    assert refusal(plain) == (415, "UNSUPPORTED_MEDIA_TYPE")
