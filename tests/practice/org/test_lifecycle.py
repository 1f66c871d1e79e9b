"""Deleting, undeleting, merging, hard deleting, and what replication tells of it."""

import pytest

from .conftest import refusal


@pytest.fixture
def family(api):
    api.org.admin("clock", {"now": "2026-02-01T00:00:00Z"})
    winner, loser = api.org.seed("Account", {"Name": "Winner"}, {"Name": "Loser"})
    api.org.seed("Contact", {"LastName": "Lee", "AccountId": loser})
    api.org.seed("Account", {"Name": "Child", "ParentId": loser})
    api.org.admin("clock", {"now": "2026-02-10T00:00:00Z"})
    return winner, loser


def test_a_merge_deletes_the_loser_and_moves_what_pointed_at_it(api, family):
    winner, loser = family
    api.org.admin("merge", {"sobject": "Account", "winner": winner, "loser": loser})
    (gone,) = api.rows("SELECT Id, MasterRecordId, SystemModstamp FROM Account WHERE IsDeleted = true", deleted=True)
    assert gone == {"Id": loser, "MasterRecordId": winner, "SystemModstamp": "2026-02-10T00:00:00.000+0000"}
    assert api.rows("SELECT AccountId, SystemModstamp FROM Contact") == [
        {"AccountId": winner, "SystemModstamp": "2026-02-10T00:00:00.000+0000"}
    ]
    assert api.rows("SELECT ParentId FROM Account WHERE Name = 'Child'") == [{"ParentId": winner}]


def test_contacts_and_deals_go_and_come_with_their_account(api, family):
    _, loser = family
    api.org.admin("delete", {"sobject": "Account", "ids": [loser]})
    assert api.rows("SELECT Id FROM Contact") == []
    api.org.admin("undelete", {"sobject": "Account", "ids": [loser]})
    assert [row["LastName"] for row in api.rows("SELECT LastName FROM Contact")] == ["Lee"]
    assert {row["IsDeleted"] for row in api.rows("SELECT IsDeleted FROM Account", deleted=True)} == {False}


def test_a_hard_deleted_record_leaves_no_trace(api, family):
    winner, _ = family
    api.org.admin("hard_delete", {"sobject": "Account", "ids": [winner]})
    assert winner not in [row["Id"] for row in api.rows("SELECT Id FROM Account", deleted=True)]


def test_a_reference_to_a_deleted_parent_is_refused(api, family):
    winner, loser = family
    api.org.admin("delete", {"sobject": "Account", "ids": [loser]})
    answer = api.patch(f"sobjects/Account/{winner}", {"ParentId": loser})
    assert refusal(answer) == (400, "INVALID_CROSS_REFERENCE_KEY")


def test_updated_and_deleted_tell_the_ids_of_a_window(api, family):
    winner, loser = family
    api.org.admin("delete", {"sobject": "Account", "ids": [loser]})
    api.update({"id": winner, "Phone": "1"})
    window = {"start": "2026-02-09T00:00:00+00:00", "end": "2026-02-11T00:00:00+00:00"}
    updated = api.get("sobjects/Account/updated/", params=window).json()
    assert updated == {"ids": [winner], "latestDateCovered": "2026-02-10T00:00:01.000+0000"}
    deleted = api.get("sobjects/Account/deleted/", params=window).json()
    assert deleted == {
        "deletedRecords": [{"id": loser, "deletedDate": "2026-02-10T00:00:00.000+0000"}],
        "earliestDateAvailable": "2026-01-26T00:00:00.000+0000",
        "latestDateCovered": "2026-02-10T00:00:01.000+0000",
    }


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("updated", "2026-02-09T00:00:00Z", "2026-02-09T00:01:00Z"),
        ("updated", "2026-01-01T00:00:00Z", "2026-02-09T00:00:00Z"),
        ("deleted", "2026-01-20T00:00:00Z", "2026-02-09T00:00:00Z"),
        ("deleted", "yesterday", "2026-02-09T00:00:00Z"),
    ],
)
def test_a_window_too_small_too_old_or_unreadable_is_refused(api, family, kind, start, end):
    answer = api.get(f"sobjects/Account/{kind}", params={"start": start, "end": end})
    assert refusal(answer) == (400, "INVALID_REPLICATION_DATE")
