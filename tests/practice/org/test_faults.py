"""Every fault switch does what its name says, as often as asked, where asked."""

import time

import pytest
import requests

from integration_hub.practice.org.faults import ANSWER_FAULTS, KNOWN
from tests.practice_org import AdminRefused

from .conftest import refusal

STATUS = {
    "unauthorized": 401, "unauthorized_html": 401, "unauthorized_object": 401, "daily_limit": 403,
    "concurrent_limit": 403, "server_unavailable": 503, "maintenance_page": 503, "status_406": 406, "status_420": 420,
    "status_429": 429, "server_error": 500, "html_200": 200, "query_timeout": 400,
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(ANSWER_FAULTS - {"connection_reset"}))
def test_a_wrong_answer_is_given_as_often_as_asked_and_then_no_more(api, fault):
    api.org.fault(fault, count=2)
    answers = [api.get("limits") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [STATUS[fault], STATUS[fault], 200]
    assert "DailyApiRequests" in answers[2].json()
    assert "DailyApiRequests" not in answers[0].text


def test_limits_are_told_apart_by_their_message_and_faults_strike_in_the_order_set(api):
    api.org.fault("concurrent_limit", count=1)
    api.org.fault("daily_limit", count=1)
    messages = [api.get("limits").json()[0]["message"] for _ in range(2)]
    assert messages == ["ConcurrentPerOrgLongTxn Limit exceeded.", "TotalRequests Limit exceeded."]


def test_bodies_are_html_an_object_or_empty_where_the_name_says_so(api):
    bodies = {}
    for fault in ("unauthorized_html", "unauthorized_object", "status_420"):
        api.org.fault(fault, count=1)
        answer = api.get("limits")
        bodies[fault] = (answer.headers["Content-Type"].partition(";")[0], answer.text[:6])
    assert bodies == {
        "unauthorized_html": ("text/html", "<html>"),
        "unauthorized_object": ("application/json", '{"erro'),
        "status_420": ("application/json", ""),
    }


def test_a_fault_can_be_held_to_a_path_a_method_and_a_later_call(api):
    api.org.fault("status_429", path="limits", method="GET", after=1, count=1)
    assert [api.get("limits").status_code for _ in range(3)] == [200, 429, 200]
    api.org.fault("status_429", path="composite")
    assert api.get("limits").status_code == 200


def test_a_probability_is_seeded_and_so_repeats(api):
    def run():
        api.org.admin("faults", method="DELETE")
        api.org.fault("status_429", probability=0.5, seed=7)
        return [api.get("limits").status_code for _ in range(20)]

    first = run()
    assert first == run()
    assert set(first) == {200, 429}


def test_a_header_asks_for_a_fault_on_one_request(api):
    assert api.get("limits", headers={"X-Practice-Fault": "server_unavailable"}).status_code == 503
    assert api.get("limits").status_code == 200


def test_switching_off_ends_all_faults(api):
    api.org.fault("status_429")
    api.org.admin("faults", method="DELETE")
    assert api.get("limits").status_code == 200


def test_an_unknown_fault_is_refused_with_the_list_of_known_ones(api):
    with pytest.raises(AdminRefused, match="known are bulk_limit, "):
        api.org.fault("gremlins")


def test_a_session_expires_after_the_calls_let_through_and_a_new_token_works(api):
    api.org.fault("expire_session", after=2, count=1)
    assert [api.get("limits").status_code for _ in range(4)] == [200, 200, 401, 401]
    api.sign_in()
    assert api.get("limits").status_code == 200


def test_a_connection_is_cut_in_the_body(api):
    api.org.fault("cut_body", count=1)
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        api.get("sobjects/Account/describe")
    assert api.get("limits").status_code == 200


def test_a_connection_is_reset_without_an_answer(api):
    api.org.fault("connection_reset", count=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        api.get("limits")


def test_a_compressed_body_can_be_broken(api):
    whole = api.get("sobjects/Account/describe").content
    api.org.fault("truncated_gzip", count=1)
    answer = api.get("sobjects/Account/describe")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) < len(whole)


def test_an_answer_can_hang_without_holding_up_other_calls(api):
    api.org.fault("hang", seconds=5, path="recordCount")
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(
            f"{api.org.url}/services/data/v62.0/limits/recordCount", headers=dict(api.session.headers), timeout=0.2
        )
    started = time.monotonic()
    assert api.get("limits").status_code == 200
    assert time.monotonic() - started < 2


def test_a_hanging_call_does_not_reach_into_an_org_that_was_reset(api):
    api.org.fault("hang", seconds=0.3, count=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{api.org.url}/services/data/v62.0/limits", headers=dict(api.session.headers), timeout=0.1)
    api.org.admin("reset")
    time.sleep(0.4)
    assert api.org.calls() == []


def test_small_pages_and_repeated_pages_reach_rest_queries(api):
    api.org.seed("Account", *[{"Name": f"A{n}"} for n in range(5)])
    api.org.fault("small_pages", rows=2)
    first = api.query("SELECT Name FROM Account").json()
    assert len(first["records"]) == 2
    api.org.fault("duplicate_page", count=1)
    assert api.get(first["nextRecordsUrl"]).json()["records"] == first["records"]
    second = api.get(first["nextRecordsUrl"]).json()["records"]
    assert [row["Name"] for row in second] == ["A2", "A3"]


def test_a_locator_expires(api):
    api.org.admin("settings", {"rest_page_rows": 1})
    api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    following = api.query("SELECT Id FROM Account").json()["nextRecordsUrl"]
    api.org.fault("locator_expired", count=1)
    assert refusal(api.get(following)) == (400, "INVALID_QUERY_LOCATOR")


def test_bulk_result_headers_go_missing_and_results_are_late(api):
    job = api.bulk_query("SELECT Id FROM Account")
    api.finish("query", job)
    api.org.fault("missing_headers", count=1)
    assert "Sforce-Locator" not in api.get(f"jobs/query/{job}/results").headers
    api.org.fault("results_not_ready", count=1)
    assert refusal(api.get(f"jobs/query/{job}/results")) == (412, "JOB_NOT_COMPLETE")
    assert api.get(f"jobs/query/{job}/results").headers["Sforce-Locator"] == "null"


def test_a_slow_job_takes_the_polls_it_is_told(api):
    api.org.fault("slow_job", polls=5, count=1)
    job = api.bulk_query("SELECT Id FROM Account")
    states = [api.get(f"jobs/query/{job}").json()["state"] for _ in range(7)]
    assert states == ["InProgress"] * 6 + ["JobComplete"]


def test_the_charset_goes_missing_from_ingest_results(api):
    (account,) = api.org.seed("Account", {"Name": "A"})
    api.org.fault("no_charset")
    for _ in range(2):
        job = api.ingest(f"Id,Phone\n{account},2\n")
        api.finish("ingest", job)
        assert api.get(f"jobs/ingest/{job}/successfulResults").headers["Content-Type"] == "text/csv"


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        ("bulk_limit", "LIMIT_EXCEEDED", "limit exceeded"),
        ("invalid_entity", "INVALIDENTITY", "Entity 'Account' is not supported by the Bulk API"),
        ("implementation_restriction", "API_ERROR", "Implementation restriction"),
    ],
)
def test_a_bulk_job_is_refused_when_it_is_created(api, fault, code, word):
    spec = {"operation": "query", "query": "SELECT Id FROM Account"}
    api.org.fault(fault, count=1)
    answer = api.post("jobs/query", spec)
    assert refusal(answer) == (400, code)
    assert word in answer.json()[0]["message"]
    assert api.post("jobs/query", spec).status_code == 200


@pytest.mark.parametrize(("fault", "code"), [("bulk_limit", "LIMIT_EXCEEDED"), ("invalid_entity", "INVALIDENTITY")])
def test_an_ingest_job_is_refused_when_it_is_created(api, fault, code):
    api.org.fault(fault)
    assert refusal(api.post("jobs/ingest", {"object": "Account", "operation": "update"})) == (400, code)


def test_bulk_jobs_end_when_the_days_jobs_are_used_up_and_the_limits_say_so(api):
    api.org.admin("usage", {"bulk_queries": 9_999, "bulk_batches": 7})
    api.bulk_query("SELECT Id FROM Account")
    limits = api.get("limits").json()
    assert limits["DailyBulkV2QueryJobs"] == {"Max": 10_000, "Remaining": 0}
    assert limits["DailyBulkApiBatches"]["Remaining"] == 14_993
    answer = api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"})
    assert refusal(answer) == (400, "LIMIT_EXCEEDED")


def test_an_app_with_an_allowance_of_its_own_is_told_apart_in_the_usage_header(api):
    api.org.admin("usage", {"max": 5000, "used": 24, "app": "Customer360", "app_max": 250, "app_used": 16})
    header = api.get("limits").headers["Sforce-Limit-Info"]
    assert header == "api-usage=25/5000; per-app-api-usage=17/250(appName=Customer360)"


def test_the_known_faults_are_all_tried_somewhere_in_these_tests():
    elsewhere = {
        "rotate_refresh_token", "token_error_without_description", "login_host", "job_failed",
        "job_failed_without_message", "job_half_processed", "lock_rows", "reject_rows", "token_html", "token_error",
    }  # fmt: skip
    here = set(STATUS) | {
        "expire_session", "cut_body", "connection_reset", "truncated_gzip", "hang", "small_pages", "duplicate_page",
        "locator_expired", "missing_headers", "results_not_ready", "slow_job", "no_charset", "bulk_limit",
        "invalid_entity", "implementation_restriction", "clock_skew", "no_usage_header", "hidden_field",
        "concurrent_edit", "concurrent_delete",
    }  # fmt: skip
    assert here | elsewhere == KNOWN


def test_the_token_endpoint_answers_html_or_a_named_error(api):
    url = f"{api.org.url}/services/oauth2/token"
    api.org.fault("token_html", count=1)
    assert requests.post(url, timeout=10).headers["Content-Type"].startswith("text/html")
    api.org.fault("token_error", error="invalid_app_access", description="user is not admin approved", count=1)
    assert requests.post(url, timeout=10).json() == {
        "error": "invalid_app_access", "error_description": "user is not admin approved",
    }  # fmt: skip
