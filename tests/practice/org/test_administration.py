"""The /practice/ addresses."""

import pytest
import requests

from tests.practice_org import AdminRefused


def test_seeded_records_keep_their_ids_stamps_and_references(practice_org):
    ids = practice_org.seed(
        "Account",
        {"Id": "001D000000IRFma", "Name": "Given", "_ref": "given", "SystemModstamp": "2020-01-01T00:00:00Z"},
        {"Name": "Child", "ParentId": {"ref": "given"}, "CreatedDate": "2019-05-05T00:00:00Z"},
    )
    practice_org.seed("Contact", {"LastName": "Later", "AccountId": {"ref": "given"}})
    given, child = practice_org.records("Account")
    assert ids[0] == "001D000000IRFmaIAH"
    assert given["SystemModstamp"] == "2020-01-01T00:00:00.000+0000"
    assert child["ParentId"] == ids[0]
    assert child["SystemModstamp"] == child["CreatedDate"] == "2019-05-05T00:00:00.000+0000"
    assert practice_org.records("Contact")[0]["AccountId"] == ids[0]


def test_a_known_id_changes_that_record_even_silently(practice_org):
    practice_org.admin(
        "fields", {"sobject": "Account", "fields": [{"name": "Score__c", "type": "double", "calculated": True}]}
    )
    stamp = "2020-01-01T00:00:00.000+0000"
    (record_id,) = practice_org.seed("Account", {"Name": "A", "Phone": "1", "SystemModstamp": stamp})
    practice_org.seed("Account", {"Id": record_id, "Score__c": 7, "SystemModstamp": stamp})
    (record,) = practice_org.records("Account")
    assert (record["Phone"], record["Score__c"], record["SystemModstamp"]) == ("1", 7.0, stamp)


def test_a_bad_seed_names_the_record_and_stores_none(practice_org):
    with pytest.raises(AdminRefused, match="record 1: Account has no field 'Nope'"):
        practice_org.seed("Account", {"Name": "Good"}, {"Nope": 1})
    assert practice_org.records("Account") == []


def test_reset_forgets_records_fields_faults_and_calls(practice_org):
    practice_org.admin("fields", {"sobject": "Account", "fields": [{"name": "X__c", "type": "string"}]})
    practice_org.seed("Account", {"Name": "A", "X__c": "x"})
    practice_org.fault("status_429")
    practice_org.admin("reset")
    assert practice_org.records("Account") == []
    with pytest.raises(AdminRefused, match="no field 'X__c'"):
        practice_org.seed("Account", {"Name": "A", "X__c": "x"})


def test_calls_list_what_clients_called_and_administration_is_not_among_it(api):
    api.query("SELECT Id FROM Account")
    api.get("nothing")
    calls = api.org.calls()
    assert calls[0].pop("at") <= calls[1].pop("at")
    assert calls == [
        {"method": "GET", "path": "/services/data/v62.0/query?q=SELECT+Id+FROM+Account", "status": 200},
        {"method": "GET", "path": "/services/data/v62.0/nothing", "status": 404},
    ]


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("records", {"sobject": "Nothing", "records": []}, "no object 'Nothing'"),
        ("records", {"sobject": "Account"}, "records"),
        ("fields", {"sobject": "Account", "fields": [{"name": "A b"}]}, "needs a name of letters"),
        ("fields", {"sobject": "Account", "fields": [{"name": "A", "type": "money"}]}, "there is no type 'money'"),
        ("field_access", {"sobject": "Account", "field": "Nope"}, "no field 'Nope'"),
        ("clock", {"now": "soon"}, "Invalid isoformat"),
        ("clock", {"offset_seconds": 1e12}, "the clock can be set to the years"),
        ("clock", {"offset_seconds": "1e300"}, "the clock can be set to the years"),
        ("clock", {"now": "9999-12-31T23:59:59Z"}, "the clock can be set to the years"),
        ("usage", {"count": 1}, "there is no usage setting 'count'"),
        ("usage", {"max": -5}, "never negative"),
        ("elsewhere", {}, "There is no POST /practice/elsewhere"),
        ("merge", {"sobject": "Account", "winner": "001000000000001AAA", "loser": "x"}, "invalid cross reference id"),
    ],
)
def test_a_wrong_request_is_refused_with_its_reason(practice_org, path, body, reason):
    with pytest.raises(AdminRefused, match=reason):
        practice_org.admin(path, body)
    assert practice_org.admin("usage", {}) is not None, "the org still answers"


def test_a_page_of_another_site_may_not_administer(practice_org):
    headers = {"Origin": "https://elsewhere.example"}
    assert requests.post(f"{practice_org.url}/practice/reset", headers=headers, timeout=10).status_code == 403
