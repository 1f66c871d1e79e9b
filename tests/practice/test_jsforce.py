"""A client nobody here wrote, jsforce from npm, judges the practice org; both sides must tell the same."""

import shutil
from pathlib import Path

import pytest

from tests.practice_org import PracticeOrg

from .conftest import Judge
from .org.conftest import Api, api

__all__ = ["api"]
pytestmark = pytest.mark.external


@pytest.fixture
def judge(practice_org: PracticeOrg, api: Api, node_modules: Path) -> Judge:
    token = str(api.session.headers["Authorization"]).removeprefix("Bearer ")
    return Judge(str(shutil.which("node")), node_modules, practice_org.url, token)


def paths(api: Api, part: str) -> list[str]:
    return [call["method"] for call in api.org.calls() if part in call["path"]]


def test_a_query_with_auto_fetch_reads_every_page_once(api, judge):
    ids = api.org.seed("Account", *[{"Name": f"Firm {number}", "Phone": "O'1"} for number in range(1050)])
    api.org.admin("settings", {"rest_page_rows": 200})
    seen = judge.see("query", soql="SELECT Id, Name, Owner.Name FROM Account WHERE Phone = 'O\\'1'", most=5000)
    assert (seen["totalSize"], len(seen["rows"])) == (1050, 1050)
    assert [row["Id"] for row in seen["rows"]] == ids
    assert seen["rows"][0]["Owner"]["Name"] == "Practice Integration"
    assert len(paths(api, "/query/")) == 5, "six pages, five of them behind a locator"


def test_an_update_of_many_records_goes_through_collections_and_tells_each_row(api, judge):
    ids = api.org.seed("Account", *[{"Name": f"Firm {number}"} for number in range(250)])
    records = [{"Id": each, "ERP_Overdue__c": "12.50", "ERP_As_Of__c": "2026-02-10"} for each in ids]
    records[7]["ERP_Number__c"] = "far too long a number"
    results = judge.see("update", records=records)
    assert [each["success"] for each in results] == [number != 7 for number in range(250)]
    assert results[7]["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    changed = api.rows("SELECT Id FROM Account WHERE ERP_Overdue__c = 12.5 AND ERP_As_Of__c = 2026-02-10")
    assert [row["Id"] for row in changed] == [each for number, each in enumerate(ids) if number != 7]
    assert paths(api, "/composite/sobjects") == ["PATCH", "PATCH"]


def test_an_upsert_by_external_id_says_what_it_made(api, judge):
    (known,) = api.org.seed("Account", {"Name": "Old", "ERP_Number__c": "1"})
    records = [{"Name": "New name", "ERP_Number__c": "1"}, {"Name": "Second", "ERP_Number__c": "2"}]
    results = judge.see("upsert", records=records, key="ERP_Number__c")
    assert [(each["success"], each["created"]) for each in results] == [(True, False), (True, True)]
    assert results[0]["id"] == known
    assert [row["Name"] for row in api.rows("SELECT Name FROM Account ORDER BY ERP_Number__c")] == [
        "New name", "Second",
    ]  # fmt: skip


def test_describe_shows_fields_with_their_types_and_rights(api, judge):
    seen = judge.see("describe")
    fields = {each["name"]: each for each in seen["fields"]}
    overdue, score = fields["ERP_Overdue__c"], fields["ERP_Score__c"]
    assert (overdue["type"], overdue["precision"], overdue["scale"], overdue["updateable"]) == ("currency", 16, 2, True)
    assert (score["calculated"], score["updateable"]) == (True, False)
    assert {"Account", "AccountHistory", "UserRecordAccess"} <= set(seen["objects"])


def test_a_bulk_query_reads_every_page_of_the_result(api, judge):
    names = {f'Müller "{number}", Söhne\n\u2028😀' for number in range(6000)}
    ids = api.org.seed("Account", *[{"Name": name} for name in sorted(names)])
    api.org.admin("settings", {"bulk_page_rows": 2500})
    seen = judge.see("bulkQuery", soql="SELECT Id, Name, Owner.Name FROM Account")
    # This client keeps the header that each further page repeats; the tool built on it drops those lines itself.
    rows = [row for row in seen if row["Id"] != "Id"]
    assert len(seen) - len(rows) == 2
    assert {row["Id"] for row in rows} == set(ids)
    assert len(rows) == 6000
    assert {row["Name"] for row in rows} == names
    assert {row["Owner.Name"] for row in rows} == {"Practice Integration"}
    assert len(paths(api, "/results")) == 3


def test_a_bulk_update_is_uploaded_in_chunks_and_its_results_add_up(api, judge):
    ids = api.org.seed("Account", *[{"Name": f"Firm {number}", "Phone": "old"} for number in range(300)])
    lines = [f"{each},{number}.25,#N/A\n" for number, each in enumerate(ids)]
    lines[5] = f"{ids[5]},not a number,#N/A\n"
    pieces = ["Id,ERP_Overdue__c,Phone\n", *("".join(lines[start : start + 50]) for start in range(0, 300, 50))]
    seen = judge.see("bulkIngest", operation="update", pieces=pieces)
    assert seen["chunked"] == ["PUT batches"]
    assert (seen["info"]["state"], seen["info"]["numberRecordsProcessed"]) == ("JobComplete", 300)
    good, (bad,) = seen["results"]["successfulResults"], seen["results"]["failedResults"]
    assert {row["sf__Id"] for row in good} == set(ids) - {ids[5]}
    assert (bad["Id"], bad["sf__Error"].partition(":")[0]) == (ids[5], "INVALID_TYPE_ON_FIELD_IN_RECORD")
    assert seen["results"]["unprocessedRecords"] == []
    stored = {row["Id"]: row for row in api.rows("SELECT Id, ERP_Overdue__c, Phone FROM Account")}
    assert [stored[each]["ERP_Overdue__c"] for each in ids[:4]] == [0.25, 1.25, 2.25, 3.25]
    assert (stored[ids[5]]["Phone"], stored[ids[6]]["Phone"]) == ("old", None)


def test_a_bulk_insert_creates_records(api, judge):
    pieces = ["Name,ERP_Number__c\n", '"One, ""quoted""",1\n', "Two,2\n"]
    seen = judge.see("bulkIngest", operation="insert", pieces=pieces)
    assert [row["sf__Created"] for row in seen["results"]["successfulResults"]] == ["true", "true"]
    assert {row["Name"] for row in api.rows("SELECT Name FROM Account")} == {'One, "quoted"', "Two"}


def test_refusals_arrive_with_code_and_text(api, judge):
    seen = judge.see("errors", soql=["SELECT Nope FROM Account", "SELECT Id FROM Nothing", "SELECT FROM Account"])
    assert [each["name"] for each in seen] == ["INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY"]
    assert "No such column 'Nope' on entity 'Account'" in seen[0]["message"]
