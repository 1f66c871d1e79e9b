"""Bulk API 2.0 ingest jobs."""

import pytest

from .conftest import refusal, table


@pytest.fixture
def ids(api):
    return api.org.seed("Account", *[{"Name": f"A{n}", "ERP_Number__c": f"{n}", "Phone": "1"} for n in range(4)])


def test_the_states_and_counts_appear_as_in_recordings(api, ids):
    job = api.post("jobs/ingest", {"object": "Account", "operation": "update", "lineEnding": "LF"}).json()
    assert job["state"] == "Open"
    assert job["contentUrl"] == f"services/data/v62.0/jobs/ingest/{job['id']}/batches"
    assert "numberRecordsProcessed" not in api.get(f"jobs/ingest/{job['id']}").json()
    body = f"Id,Phone\n{ids[0]},2\n"
    put = api.call("PUT", f"/{job['contentUrl']}", data=body, headers={"Content-Type": "text/csv"})
    assert (put.status_code, put.content) == (201, b"")
    assert api.get(f"jobs/ingest/{job['id']}").json()["numberRecordsProcessed"] == 0
    closed = api.patch(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"}).json()
    assert closed["state"] == "UploadComplete"
    assert "numberRecordsProcessed" not in closed
    looks = [api.get(f"jobs/ingest/{job['id']}").json() for _ in range(2)]
    assert [(look["state"], look["numberRecordsProcessed"]) for look in looks] == [
        ("InProgress", 1),
        ("JobComplete", 1),
    ]


def test_results_quote_the_added_columns_and_repeat_ours_as_sent(api, ids):
    text = f'Id,Phone,Site\n{ids[0]},"0228 ""x""",Bonn\n{ids[1]},,{"x" * 81}\n001000000000001AAA,5,\n'
    job = api.ingest(text)
    info = api.finish("ingest", job)
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    assert api.result(job, "successfulResults") == (
        f'"sf__Id","sf__Created",Id,Phone,Site\n"{ids[0]}","false",{ids[0]},"0228 ""x""",Bonn\n'
    )
    failed = api.result(job, "failedResults/")
    assert failed.startswith('"sf__Id","sf__Error",Id,Phone,Site\n')
    assert {row["Id"]: row["sf__Error"] for row in table(failed)} == {
        ids[1]: f"STRING_TOO_LONG:Account Site: data value too large: {'x' * 81} (max length=80):Site --",
        "001000000000001AAA": "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
    }
    for spelling in ("unprocessedrecords", "unprocessedRecords"):
        assert api.result(job, spelling) == "Id,Phone,Site\n"


def test_empty_is_ignored_and_the_clearing_mark_clears(api, ids):
    job = api.ingest(f'Id,Phone,Site\n{ids[0]},,\n{ids[1]},#N/A,x\n{ids[2]},"",x\n')
    api.finish("ingest", job)
    assert [row["Phone"] for row in api.rows("SELECT Phone FROM Account ORDER BY Name")] == ["1", None, "1", "1"]


def test_the_order_of_results_is_not_the_order_of_rows(api):
    ids = api.org.seed("Account", *[{"Name": f"A{n}"} for n in range(40)])
    job = api.ingest("Id,Phone\n" + "".join(f"{each},1\n" for each in ids))
    api.finish("ingest", job)
    told = [row["Id"] for row in table(api.result(job, "successfulResults"))]
    assert told != ids
    assert sorted(told) == sorted(ids)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("\ufeffId,Phone", "InvalidBatch : Field name not found : \ufeffId"),
        ("Id,Nope__c,Phone", "InvalidBatch : Field name not found : Nope__c"),
        ("Name,Phone", "InvalidBatch : Field name not found : Id"),
    ],
)
def test_a_column_the_org_does_not_know_fails_the_whole_job(api, ids, head, message):
    job = api.ingest(f"{head}\n{ids[0]},2,3\n")
    info = api.finish("ingest", job)
    assert (info["state"], info["errorMessage"]) == ("Failed", message)
    assert {row["Phone"] for row in api.rows("SELECT Phone FROM Account")} == {"1"}


def test_a_hidden_field_fails_the_job_as_if_it_did_not_exist(api, ids):
    api.org.admin("field_access", {"sobject": "Account", "field": "Phone", "readable": False, "editable": False})
    info = api.finish("ingest", api.ingest(f"Id,Phone\n{ids[0]},2\n"))
    assert info["errorMessage"] == "InvalidBatch : Field name not found : Phone"


@pytest.mark.parametrize(
    ("declared", "sent", "fails"), [("LF", "\r\n", True), ("CRLF", "\n", True), ("CRLF", "\r\n", False)]
)
def test_line_ends_must_be_those_declared(api, ids, declared, sent, fails):
    job = api.ingest(f"Id,Phone{sent}{ids[0]},2{sent}", lineEnding=declared)
    info = api.finish("ingest", job)
    if fails:
        assert info["errorMessage"] == (
            f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {declared}"
        )
    else:
        assert (info["state"], info["numberRecordsFailed"]) == ("JobComplete", 0)
        assert api.result(job, "successfulResults").count("\r\n") == 2


def test_a_space_beside_a_quote_fails_that_row_alone(api, ids):
    job = api.ingest(f'Id,Phone\n{ids[0]}, "2"\n{ids[1]},2\n{ids[2]},2,3\n')
    info = api.finish("ingest", job)
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (3, 2)


def test_line_breaks_inside_quotes_stay_in_the_value(api, ids):
    api.finish("ingest", api.ingest(f'Id,BillingStreet\n{ids[0]},"One\nTwo"\n'))
    assert {"BillingStreet": "One\nTwo"} in api.rows("SELECT BillingStreet FROM Account")


def test_upsert_creates_and_changes_by_external_id_and_finds_parents_by_theirs(api, ids):
    job = api.ingest(
        "ERP_Number__c,Name,Parent.ERP_Number__c\n0,A0 changed,1\nnew,New,0\nlost,Lost,nobody\n",
        "upsert",
        externalIdFieldName="ERP_Number__c",
    )
    api.finish("ingest", job)
    created = {row["ERP_Number__c"]: row["sf__Created"] for row in table(api.result(job, "successfulResults"))}
    assert created == {"0": "false", "new": "true"}
    (lost,) = table(api.result(job, "failedResults"))
    assert lost["sf__Error"].startswith(
        "INVALID_FIELD:Foreign key external ID: nobody not found for field ERP_Number__c"
    )
    assert {"Name": "New", "Parent": {"Name": "A0 changed"}} in [
        {"Name": row["Name"], "Parent": row["Parent"] and {"Name": row["Parent"]["Name"]}}
        for row in api.rows("SELECT Name, Parent.Name FROM Account")
    ]


def test_rows_are_deleted_softly_and_for_good(api, ids):
    api.finish("ingest", api.ingest(f"Id\n{ids[0]}\n", "delete"))
    api.finish("ingest", api.ingest(f"Id\n{ids[1]}\n", "hardDelete"))
    assert [row["Id"] for row in api.rows("SELECT Id FROM Account", deleted=True)] == [ids[0], *ids[2:]]


def test_a_job_that_fails_half_way_keeps_what_was_done_and_lists_the_rest(api, ids):
    api.org.fault("job_half_processed", rows=1, count=1)
    job = api.ingest("Id,Phone\n" + "".join(f"{each},2\n" for each in ids))
    info = api.finish("ingest", job)
    assert (info["state"], info["errorMessage"]) == ("Failed", "InternalServerError : TooManyLockFailure")
    assert len(table(api.result(job, "successfulResults"))) == 1
    assert [row["Id"] for row in table(api.result(job, "unprocessedrecords"))] == ids[1:]
    assert [row["Phone"] for row in api.rows("SELECT Phone FROM Account ORDER BY Name")] == ["2", "1", "1", "1"]


def test_locked_rows_fail_with_the_ids_that_are_locked(api, ids):
    api.org.fault("lock_rows", share=0.5, seed=1, count=1)
    job = api.ingest("Id,Phone\n" + "".join(f"{each},2\n" for each in ids))
    api.finish("ingest", job)
    failed = table(api.result(job, "failedResults"))
    assert 0 < len(failed) < 4
    for row in failed:
        assert row["sf__Error"] == (
            f"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: {row['Id']}:--"
        )


def test_half_of_the_jobs_tell_no_charset(api, ids):
    types = set()
    for _ in range(4):
        job = api.ingest(f"Id,Phone\n{ids[0]},2\n")
        api.finish("ingest", job)
        types.add(api.get(f"jobs/ingest/{job}/successfulResults").headers["Content-Type"])
    assert types == {"text/csv", "text/csv; charset=UTF-8"}


def test_wrong_moves_are_refused(api, ids):
    job = api.ingest(f"Id,Phone\n{ids[0]},2\n")
    assert refusal(api.get(f"jobs/ingest/{job}/successfulResults")) == (412, "JOB_NOT_COMPLETE")
    assert refusal(api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    api.finish("ingest", job)
    aborted = api.patch(f"jobs/ingest/{job}", {"state": "Aborted"})
    assert refusal(aborted) == (400, "INVALIDJOBSTATE")
    assert aborted.json()[0]["message"] == "Aborting already Completed Job not allowed"
    unknown = api.post("jobs/ingest", {"object": "Nothing", "operation": "update"})
    assert refusal(unknown) == (400, "INVALIDENTITY")
    no_key = api.post("jobs/ingest", {"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"})
    assert refusal(no_key) == (400, "INVALIDJOB")
    opened = api.post("jobs/ingest", {"object": "Account", "operation": "update"}).json()["contentUrl"]
    wrong_type = api.call("PUT", f"/{opened}", data="Id\n", headers={"Content-Type": "application/json"})
    assert refusal(wrong_type) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_job_takes_one_upload(api, ids):
    url = "/" + api.post("jobs/ingest", {"object": "Account", "operation": "update"}).json()["contentUrl"]
    headers = {"Content-Type": "text/csv"}
    assert api.call("PUT", url, data="Id,Phone\n", headers=headers).status_code == 201
    assert refusal(api.call("PUT", url, data="Id,Phone\n", headers=headers)) == (400, "INVALIDJOBSTATE")
