"""Bulk API 2.0 query jobs."""

import pytest

from .conftest import refusal, table


def seed(api, count):
    return api.org.seed("Account", *[{"Name": f"A{n:03}"} for n in range(count)])


def test_a_job_needs_several_looks_until_it_is_complete(api):
    seed(api, 3)
    created = api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"}).json()
    assert created["id"].startswith("750")
    assert (created["state"], created["object"], created["apiVersion"]) == ("UploadComplete", "Account", 62.0)
    assert "numberRecordsProcessed" not in created
    looks = [api.get(f"jobs/query/{created['id']}").json() for _ in range(2)]
    assert [look["state"] for look in looks] == ["InProgress", "JobComplete"]
    assert looks[1]["numberRecordsProcessed"] == 3
    assert looks[1]["jobType"] == "V2Query"


def test_results_asked_too_early_are_not_ready(api):
    job = api.bulk_query("SELECT Id FROM Account")
    assert refusal(api.get(f"jobs/query/{job}/results")) == (412, "JOB_NOT_COMPLETE")


def test_every_value_is_quoted_and_null_and_empty_look_alike(api):
    api.org.seed(
        "Account",
        {"Name": 'say "hi", Müller\nline two', "AnnualRevenue": 12345678, "CreatedDate": "2026-01-01T10:00:00Z"},
    )
    job = api.bulk_query("SELECT Name, Phone, AnnualRevenue, Owner.Name, IsDeleted, CreatedDate FROM Account")
    api.finish("query", job)
    answer = api.get(f"jobs/query/{job}/results")
    assert answer.content.decode("utf-8") == (
        '"Name","Phone","AnnualRevenue","Owner.Name","IsDeleted","CreatedDate"\n'
        '"say ""hi"", Müller\nline two","","1.2345678E7","Practice Integration","false","2026-01-01T10:00:00.000Z"\n'
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Sforce-NumberOfRecords"] == "1"
    assert answer.headers["Sforce-Locator"] == "null"


def test_pages_are_read_by_locator_and_can_be_read_again(api):
    ids = seed(api, 7)
    api.org.admin("settings", {"bulk_page_rows": 3})
    job = api.bulk_query("SELECT Id FROM Account")
    api.finish("query", job)
    locator, pages = None, []
    while locator != "null":
        params = {"maxRecords": "50000"} | ({"locator": locator} if locator else {})
        answer = api.get(f"jobs/query/{job}/results", params=params)
        assert answer.text == api.get(f"jobs/query/{job}/results", params=params).text
        assert answer.text.startswith('"Id"\n')
        locator = answer.headers["Sforce-Locator"]
        pages.append([row["Id"] for row in table(answer.text)])
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(each for page in pages for each in page) == sorted(ids)


def test_an_empty_result_is_a_header_line(api):
    job = api.bulk_query("SELECT Id, Name FROM Account")
    api.finish("query", job)
    answer = api.get(f"jobs/query/{job}/results")
    assert (answer.text, answer.headers["Sforce-NumberOfRecords"]) == ('"Id","Name"\n', "0")


def test_rows_come_shuffled_unless_ordered(api):
    ids = seed(api, 50)
    plain, ordered = api.bulk_query("SELECT Id FROM Account"), api.bulk_query("SELECT Id FROM Account ORDER BY Name")
    for job in (plain, ordered):
        api.finish("query", job)
    first = [row["Id"] for row in table(api.get(f"jobs/query/{plain}/results").text)]
    second = [row["Id"] for row in table(api.get(f"jobs/query/{ordered}/results").text)]
    assert second == ids
    assert first != ids
    assert sorted(first) == sorted(ids)


def test_deleted_rows_come_with_query_all(api):
    ids = seed(api, 2)
    api.org.admin("delete", {"sobject": "Account", "ids": ids[:1]})
    sizes = []
    for operation in ("query", "queryAll"):
        job = api.bulk_query("SELECT Id FROM Account", operation)
        sizes.append(api.finish("query", job)["numberRecordsProcessed"])
    assert sizes == [1, 2]


def test_parallel_pages_cover_the_result_five_at_a_time(api):
    ids = seed(api, 13)
    api.org.admin("settings", {"bulk_page_rows": 2})
    job = api.bulk_query("SELECT Id FROM Account")
    api.finish("query", job)
    seen, path = [], f"/services/data/v62.0/jobs/query/{job}/resultPages"
    sizes = []
    while path:
        body = api.get(path).json()
        sizes.append(len(body["resultPages"]))
        for page in body["resultPages"]:
            seen += [row["Id"] for row in table(api.get(page["resultUrl"]).text)]
        path = body["nextRecordsUrl"]
    assert sizes == [5, 2]
    assert body["done"] is True
    assert sorted(seen) == sorted(ids)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(Id) FROM Account",
        "SELECT Name, COUNT(Id) FROM Account GROUP BY Name",
        "SELECT Id FROM Account LIMIT 5 OFFSET 2",
        "SELECT BillingAddress FROM Account",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
    ],
)
def test_what_bulk_cannot_do_is_refused(api, query):
    answer = api.post("jobs/query", {"operation": "query", "query": query})
    assert refusal(answer) == (400, "FUNCTIONALITY_NOT_ENABLED")


def test_an_unknown_column_is_refused_at_creation(api):
    answer = api.post("jobs/query", {"operation": "query", "query": "SELECT Nope__c FROM Account"})
    assert refusal(answer) == (400, "INVALID_FIELD")


def test_results_are_read_with_the_version_of_the_job(api):
    job = api.bulk_query("SELECT Id FROM Account")
    api.finish("query", job)
    assert api.get(f"/services/data/v61.0/jobs/query/{job}/results").status_code == 409


def test_jobs_survive_a_new_token(api):
    job = api.bulk_query("SELECT Id FROM Account")
    api.org.admin("expire_sessions")
    assert refusal(api.get(f"jobs/query/{job}")) == (401, "INVALID_SESSION_ID")
    api.sign_in()
    assert api.finish("query", job)["state"] == "JobComplete"


def test_a_job_is_aborted_while_it_runs_and_deleted_at_its_end(api):
    job = api.bulk_query("SELECT Id FROM Account")
    assert refusal(api.call("DELETE", f"jobs/query/{job}")) == (400, "API_ERROR")
    assert api.patch(f"jobs/query/{job}", {"state": "Aborted"}).json()["state"] == "Aborted"
    again = api.patch(f"jobs/query/{job}", {"state": "Aborted"})
    assert refusal(again) == (400, "INVALIDJOBSTATE")
    assert api.call("DELETE", f"jobs/query/{job}").status_code == 204
    assert refusal(api.get(f"jobs/query/{job}")) == (404, "NOT_FOUND")


def test_a_locator_of_another_job_is_refused(api):
    seed(api, 3)
    api.org.admin("settings", {"bulk_page_rows": 1})
    first, second = api.bulk_query("SELECT Id FROM Account"), api.bulk_query("SELECT Id FROM Account")
    for job in (first, second):
        api.finish("query", job)
    locator = api.get(f"jobs/query/{first}/results").headers["Sforce-Locator"]
    answer = api.get(f"jobs/query/{second}/results", params={"locator": locator})
    assert refusal(answer) == (400, "INVALID_QUERY_LOCATOR")


def test_failed_jobs_tell_a_reason_or_none(api):
    api.org.fault("job_failed", message="InternalServerError : broken", count=1)
    told = api.finish("query", api.bulk_query("SELECT Id FROM Account"))
    assert (told["state"], told["errorMessage"]) == ("Failed", "InternalServerError : broken")
    api.org.fault("job_failed_without_message", count=1)
    silent = api.finish("query", api.bulk_query("SELECT Id FROM Account"))
    assert silent["state"] == "Failed"
    assert "errorMessage" not in silent
