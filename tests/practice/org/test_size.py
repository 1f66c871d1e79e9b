"""Many records: made in one request, read in pages that are written only when they are asked for."""

import time

import pytest

from tests.practice_org import AdminRefused

from .conftest import table


def test_generated_accounts_are_the_same_for_the_same_seed(practice_org):
    def names(seed):
        practice_org.admin("reset")
        practice_org.admin("generate", {"sobject": "Account", "count": 50, "seed": seed})
        return [(row["Name"], row["AccountNumber"], row["BillingCity"]) for row in practice_org.records("Account")]

    first = names(1)
    assert len(set(first)) == 50
    assert first == names(1)
    assert first != names(2)


def test_generated_contacts_belong_to_the_accounts_there_are(practice_org):
    with pytest.raises(AdminRefused, match="Contact once there are accounts"):
        practice_org.admin("generate", {"sobject": "Contact", "count": 1})
    practice_org.admin("generate", {"sobject": "Account", "count": 2})
    practice_org.admin("generate", {"sobject": "Contact", "count": 4})
    accounts = [row["Id"] for row in practice_org.records("Account")]
    assert [row["AccountId"] for row in practice_org.records("Contact")] == accounts * 2


@pytest.mark.parametrize("count", [0, 5_000_001])
def test_a_number_of_records_that_makes_no_sense_is_refused(practice_org, count):
    with pytest.raises(AdminRefused, match="from 1 to 5,000,000"):
        practice_org.admin("generate", {"sobject": "Account", "count": count})


def test_a_large_bulk_result_comes_in_pages_each_row_once(api):
    api.org.admin("generate", {"sobject": "Account", "count": 25_000, "seed": 4})
    begun = time.monotonic()
    job = api.bulk_query("SELECT Id, Name, Owner.Name FROM Account")
    assert time.monotonic() - begun < 3, "no line is written before its page is read"
    api.finish("query", job)
    pages, locator = [], ""
    while locator != "null":
        answer = api.get(f"jobs/query/{job}/results", params={"locator": locator} if locator else {})
        pages.append(table(answer.text))
        locator = answer.headers["Sforce-Locator"]
    assert [len(page) for page in pages] == [10_000, 10_000, 5_000]
    assert len({row["Id"] for page in pages for row in page}) == 25_000


def test_a_bulk_result_shows_rows_as_they_were_when_the_query_ran(api):
    kept, gone = api.org.seed("Account", {"Name": "A", "Phone": "old"}, {"Name": "B", "Phone": "old"})
    job = api.bulk_query("SELECT Id, Phone FROM Account")
    api.update({"id": kept, "Phone": "new"})
    api.org.admin("hard_delete", {"sobject": "Account", "ids": [gone]})
    api.finish("query", job)
    rows = table(api.get(f"jobs/query/{job}/results").text)
    assert sorted((row["Id"], row["Phone"]) for row in rows) == [(kept, "old"), (gone, "old")]
