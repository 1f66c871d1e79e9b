"""Faults about who sees and changes what while a client is at work: hidden fields, clocks, other writers."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from .conftest import refusal


def test_a_field_is_hidden_from_describe_and_query_while_the_switch_is_on(api):
    def names():
        return {each["name"] for each in api.get("sobjects/Account/describe").json()["fields"]}

    api.org.fault("hidden_field", field="Account.ERP_Overdue__c", count=2)
    assert "ERP_Overdue__c" not in names()
    assert refusal(api.query("SELECT ERP_Overdue__c FROM Account")) == (400, "INVALID_FIELD")
    assert "ERP_Overdue__c" in names()


def test_a_field_is_hidden_from_one_request_by_header(api):
    hidden = api.query("SELECT Phone FROM Account", headers={"X-Practice-Fault": "hidden_field:Phone"})
    assert refusal(hidden) == (400, "INVALID_FIELD")
    assert api.query("SELECT Phone FROM Account").status_code == 200


def test_the_servers_clock_runs_ahead_in_the_date_header(api):
    def date() -> datetime:
        return parsedate_to_datetime(api.get("limits").headers["Date"])

    right = date()
    api.org.fault("clock_skew", seconds=3600, count=1)
    assert 3590 < (date() - right).total_seconds() < 3660
    assert (date() - right).total_seconds() < 60


def test_the_usage_header_goes_missing(api):
    api.org.fault("no_usage_header", count=1)
    assert "Sforce-Limit-Info" not in api.get("limits").headers
    assert "Sforce-Limit-Info" in api.get("limits").headers


def test_a_colleague_edits_a_record_right_after_it_was_read(api):
    (account,) = api.org.seed("Account", {"Name": "A", "ERP_Overdue__c": 1})
    api.org.admin("track_history", {"sobject": "Account", "fields": ["ERP_Overdue__c"]})
    api.org.fault("concurrent_edit", path="/query", count=1, ids=[account], values={"ERP_Overdue__c": 9})
    assert api.rows("SELECT ERP_Overdue__c FROM Account") == [{"ERP_Overdue__c": 1.0}]
    assert api.rows("SELECT ERP_Overdue__c FROM Account") == [{"ERP_Overdue__c": 9.0}]
    assert api.rows("SELECT CreatedBy.Name FROM AccountHistory")[0]["CreatedBy"]["Name"] == "colleague"


def test_a_colleague_deletes_a_record_right_after_it_was_read(api):
    gone, kept = api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    api.org.fault("concurrent_delete", count=1, ids=f"{gone}, 001000000000001AAA")
    assert len(api.rows("SELECT Id FROM Account")) == 2
    results = api.update({"id": gone, "Phone": "1"}, {"id": kept, "Phone": "1"}).json()
    assert [each["success"] for each in results] == [False, True]
    assert results[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_a_share_of_the_rows_is_locked_in_collections_and_the_same_rows_each_time(api):
    accounts = api.org.seed("Account", *[{"Name": f"A{n}"} for n in range(40)])

    def locked():
        api.org.admin("clear_faults", {"fault": "lock_rows"})
        api.org.fault("lock_rows", share=0.3, seed=11, method="PATCH")
        return [row["success"] for row in api.update(*[{"id": each, "Phone": "1"} for each in accounts]).json()]

    first = locked()
    assert 3 < first.count(False) < 25
    assert first == locked()


def test_one_fault_is_switched_off_and_the_others_stay(api):
    api.org.fault("status_429", path="limits")
    api.org.fault("server_error", path="sobjects", count=3)
    api.org.admin("clear_faults", {"fault": "status_429"})
    assert api.get("limits").status_code == 200
    assert api.get("sobjects").status_code == 500
    (left,) = api.org.admin("faults", method="GET")
    assert (left["fault"], left["count"], left["fired"]) == ("server_error", 3, 1)
