"""REST queries over HTTP: shapes, pages, locators."""

import pytest

from .conftest import refusal


def account(api, **values):
    return api.org.seed("Account", {"Name": "Acme", **values})[0]


def test_a_row_carries_attributes_and_nested_parents_in_select_order(api):
    record_id = account(api, AnnualRevenue=12345678, Phone="0228")
    answer = api.query("SELECT Name, Owner.Name, Parent.Name, Owner.Username, AnnualRevenue, Id FROM Account")
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    (row,) = answer.json()["records"]
    assert list(row) == ["attributes", "Name", "Owner", "Parent", "AnnualRevenue", "Id"]
    assert row["attributes"] == {"type": "Account", "url": f"/services/data/v62.0/sobjects/Account/{record_id}"}
    assert row["Owner"]["Name"] == "Practice Integration"
    assert row["Owner"]["Username"] == api.org.username
    assert row["Parent"] is None


def test_numbers_from_ten_million_on_are_written_in_scientific_notation(api):
    account(api, AnnualRevenue=12345678)
    assert '"AnnualRevenue":1.2345678E7' in api.query("SELECT AnnualRevenue FROM Account").text


def test_instants_have_an_offset_without_a_colon(api):
    account(api, CreatedDate="2026-01-02T03:04:05+01:00")
    assert api.rows("SELECT CreatedDate, SystemModstamp FROM Account") == [
        {"CreatedDate": "2026-01-02T02:04:05.000+0000", "SystemModstamp": "2026-01-02T02:04:05.000+0000"}
    ]


def test_pretty_print_puts_a_space_before_the_colon(api):
    text = api.query("SELECT COUNT() FROM Account", headers={"X-PrettyPrint": "1"}).text
    assert text == '{\n  "totalSize" : 0,\n  "done" : true,\n  "records" : [ ]\n}'


def test_pages_are_smaller_than_asked_and_total_size_is_the_whole_result(api):
    api.org.admin("settings", {"rest_page_rows": 3})
    ids = api.org.seed("Account", *[{"Name": f"A{n}"} for n in range(8)])
    page = api.query("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=2000"}).json()
    seen, sizes = [], []
    while True:
        assert page["totalSize"] == 8
        seen += [row["Id"] for row in page["records"]]
        sizes.append(len(page["records"]))
        if page["done"]:
            break
        page = api.get(page["nextRecordsUrl"]).json()
    assert (sizes, seen) == ([3, 3, 2], ids)


def test_a_batch_size_below_two_hundred_is_raised_to_it(api):
    api.org.seed("Account", *[{"Name": f"A{n}"} for n in range(201)])
    page = api.query("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=1"}).json()
    assert len(page["records"]) == 200


def test_a_locator_dies_with_the_session_that_opened_it(api):
    api.org.admin("settings", {"rest_page_rows": 1})
    api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    following = api.query("SELECT Id FROM Account").json()["nextRecordsUrl"]
    api.sign_in()
    assert refusal(api.get(following)) == (401, "INVALID_SESSION_ID")


def test_the_eleventh_open_cursor_closes_the_first(api):
    api.org.admin("settings", {"rest_page_rows": 1})
    api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    opened = [api.query("SELECT Id FROM Account").json()["nextRecordsUrl"] for _ in range(11)]
    assert refusal(api.get(opened[0])) == (400, "INVALID_QUERY_LOCATOR")
    assert api.get(opened[1]).status_code == 200


def test_children_come_nested_and_their_absence_is_null(api):
    with_child, without = api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    api.org.seed("Contact", {"LastName": "Lee", "AccountId": with_child})
    rows = api.rows("SELECT Id, (SELECT LastName FROM Contacts) FROM Account ORDER BY Name")
    assert rows[0]["Contacts"]["totalSize"] == 1
    assert rows[0]["Contacts"]["records"][0]["LastName"] == "Lee"
    assert rows[1] == {"Id": without, "Contacts": None}


def test_an_address_is_an_object_and_empty_ones_are_null(api):
    api.org.seed("Account", {"Name": "A", "BillingCity": "Bonn"}, {"Name": "B"})
    first, second = api.rows("SELECT BillingAddress FROM Account ORDER BY Name")
    assert first["BillingAddress"]["city"] == "Bonn"
    assert first["BillingAddress"]["postalCode"] is None
    assert second["BillingAddress"] is None


def test_a_query_answer_does_not_move_when_a_row_changes_between_pages(api):
    api.org.admin("settings", {"rest_page_rows": 1})
    ids = api.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    following = api.query("SELECT Name FROM Account").json()["nextRecordsUrl"]
    api.update({"id": ids[1], "Phone": "1"})
    assert api.get(following).json()["records"][0]["Name"] == "B"


def test_a_trailing_slash_is_accepted_and_a_doubled_one_is_not(api):
    assert api.get("query/", params={"q": "SELECT Id FROM Account"}).status_code == 200
    assert refusal(api.get("jobs/query//750")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/services/data/v30.0/limits", (410, "UNSUPPORTED_API_VERSION")),
        ("/services/data/v99.0/limits", (404, "NOT_FOUND")),
        ("nothing/here", (404, "NOT_FOUND")),
        ("query", (400, "MALFORMED_QUERY")),
        ("composite", (405, "METHOD_NOT_ALLOWED")),
        ("query?q=" + "x" * 17_000, (414, "URI_TOO_LONG")),
    ],
)
def test_wrong_addresses_are_refused_with_a_list_of_errors(api, path, expected):
    assert refusal(api.get(path)) == expected


def test_calls_without_a_valid_token_are_refused_and_the_version_list_is_open(api):
    del api.session.headers["Authorization"]
    assert refusal(api.get("limits")) == (401, "INVALID_SESSION_ID")
    versions = api.get("/services/data/").json()
    assert {"version": "62.0", "url": "/services/data/v62.0", "label": "Winter '25"} in versions


def test_limits_and_the_usage_header_count_down_and_the_daily_limit_refuses(api):
    api.org.admin("usage", {"max": 10, "used": 7})
    answer = api.get("limits")
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=8/10"
    assert answer.json()["DailyApiRequests"] == {"Max": 10, "Remaining": 2}
    api.get("limits")
    api.get("limits")
    assert refusal(api.get("limits")) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_record_counts_leave_out_objects_without_rows(api):
    account(api)
    counts = api.get("limits/recordCount", params={"sObjects": "Account,Contact"}).json()
    assert counts == {"sObjects": [{"count": 1, "name": "Account"}]}
