"""UserRecordAccess: who may see and change an account, and why."""

import pytest

from .conftest import refusal


@pytest.fixture
def people(api):
    """A boss above a seller, a colleague beside them, and one account of the seller's."""
    api.org.seed("UserRole", {"Name": "Top", "_ref": "top"})
    api.org.seed("UserRole", {"Name": "Low", "ParentRoleId": {"ref": "top"}, "_ref": "low"})
    rows = [
        {"Username": f"{name}@x.example", "LastName": name, "Alias": name, "Email": f"{name}@x.example",
         "UserRoleId": {"ref": role}} for name, role in (("boss", "top"), ("seller", "low"), ("peer", "low"))
    ]  # fmt: skip
    boss, seller, peer = api.org.seed("User", *rows)
    (account,) = api.org.seed("Account", {"Name": "A", "OwnerId": seller})
    return {"boss": boss, "seller": seller, "peer": peer}, account


def levels(api, people, account):
    text = (
        "SELECT RecordId, HasReadAccess, MaxAccessLevel FROM UserRecordAccess WHERE UserId = '{}' AND RecordId = '{}'"
    )
    return {name: api.rows(text.format(user, account))[0]["MaxAccessLevel"] for name, user in people.items()}


def test_owner_and_the_roles_above_have_all_and_a_colleague_nothing(api, people):
    users, account = people
    assert levels(api, users, account) == {"boss": "All", "seller": "All", "peer": "None"}


def test_team_and_share_open_an_account_as_far_as_they_say(api, people):
    users, account = people
    api.org.seed("AccountTeamMember", {"AccountId": account, "UserId": users["peer"], "AccountAccessLevel": "Read"})
    assert levels(api, users, account)["peer"] == "Read"
    share = {"AccountId": account, "UserOrGroupId": users["peer"], "AccountAccessLevel": "Edit"}
    api.org.seed("AccountShare", share)
    assert levels(api, users, account)["peer"] == "Edit"


def test_the_default_of_the_org_opens_every_account(api, people):
    users, account = people
    organization = api.org.records("Organization")[0]["Id"]
    api.org.seed("Organization", {"Id": organization, "DefaultAccountAccess": "Read"})
    assert levels(api, users, account)["peer"] == "Read"


def test_a_contact_follows_its_account(api, people):
    users, account = people
    (contact,) = api.org.seed("Contact", {"LastName": "Lee", "AccountId": account})
    assert levels(api, users, contact) == {"boss": "All", "seller": "All", "peer": "None"}


def test_a_user_who_left_and_a_deleted_record_have_no_access(api, people):
    users, account = people
    api.org.admin("active_user", {"id": users["boss"], "active": False})
    assert levels(api, users, account)["boss"] == "None"
    api.org.admin("delete", {"sobject": "Account", "ids": [account]})
    assert levels(api, users, account)["seller"] == "None"


@pytest.mark.parametrize(
    "where", ["", " WHERE UserId = '005000000000001AAA'", " WHERE RecordId = '001000000000001AAA'"]
)
def test_a_question_without_user_or_records_is_refused(api, where):
    assert refusal(api.query(f"SELECT RecordId FROM UserRecordAccess{where}")) == (400, "MALFORMED_QUERY")


def test_bulk_does_not_know_it(api, people):
    users, account = people
    text = f"SELECT RecordId FROM UserRecordAccess WHERE UserId = '{users['boss']}' AND RecordId = '{account}'"
    answer = api.post("jobs/query", {"operation": "query", "query": text})
    assert refusal(answer) == (400, "INVALIDENTITY")
    assert api.rows(text) == [{"RecordId": account}]
