"""Features that an org may have switched on: person accounts, owners that must be active, currencies."""

import pytest

from tests.practice_org import AdminRefused

from .conftest import refusal


@pytest.fixture
def persons(api):
    api.org.admin("features", {"person_accounts": True})
    return api


def test_an_account_created_with_a_last_name_is_a_person_with_a_contact(persons):
    spec = {"FirstName": "Ann", "LastName": "Lee", "PersonEmail": "Ann@X.example"}
    account = persons.post("sobjects/Account", spec).json()["id"]
    (row,) = persons.rows("SELECT Name, IsPersonAccount, PersonEmail, PersonContactId FROM Account")
    contact = row.pop("PersonContactId")
    assert row == {"Name": "Ann Lee", "IsPersonAccount": True, "PersonEmail": "ann@x.example"}
    assert persons.rows("SELECT Id, AccountId, Name, IsPersonAccount FROM Contact") == [
        {"Id": contact, "AccountId": account, "Name": "Ann Lee", "IsPersonAccount": True}
    ]
    assert persons.update({"id": account, "LastName": "Ray"}).json()[0]["success"]
    assert persons.rows("SELECT Name FROM Contact") == persons.rows("SELECT Name FROM Account") == [{"Name": "Ann Ray"}]


def test_a_person_takes_no_name_and_a_company_no_first_name(persons):
    person, company = persons.org.seed("Account", {"LastName": "Lee", "IsPersonAccount": True}, {"Name": "Firm"})
    results = persons.update({"id": person, "Name": "X"}, {"id": company, "FirstName": "X"}).json()
    assert [each["errors"][0]["statusCode"] for each in results] == ["INVALID_FIELD_FOR_INSERT_UPDATE"] * 2
    assert persons.rows("SELECT IsPersonAccount FROM Account WHERE Name = 'Firm'") == [{"IsPersonAccount": False}]


def test_without_the_feature_an_account_has_no_first_name(api):
    assert refusal(api.query("SELECT FirstName FROM Account")) == (400, "INVALID_FIELD")
    with pytest.raises(AdminRefused, match="no feature 'cpq'"):
        api.org.admin("features", {"cpq": True})


def test_a_record_of_an_owner_who_left_can_not_be_changed_where_the_org_asks_for_it(api):
    spec = {"Username": "b@x.example", "LastName": "B", "Alias": "b", "Email": "b@x.example", "IsActive": False}
    (owner,) = api.org.seed("User", spec)
    (account,) = api.org.seed("Account", {"Name": "A", "OwnerId": owner})
    api.org.admin("features", {"owner_must_be_active": True})
    assert refusal(api.patch(f"sobjects/Account/{account}", {"Phone": "1"})) == (400, "INACTIVE_OWNER_OR_USER")
    api.org.admin("features", {"owner_must_be_active": False})
    assert api.patch(f"sobjects/Account/{account}", {"Phone": "1"}).status_code == 204


def test_an_account_changes_its_currency_and_keeps_its_amounts(api):
    api.org.admin("features", {"currencies": ["EUR", "USD"], "rates": {"USD": 1.1}})
    (account,) = api.org.seed("Account", {"Name": "A", "ERP_Overdue__c": 10})
    api.org.admin("edit", {"sobject": "Account", "id": account, "values": {"CurrencyIsoCode": "USD"}})
    assert api.rows("SELECT CurrencyIsoCode, ERP_Overdue__c FROM Account") == [
        {"CurrencyIsoCode": "USD", "ERP_Overdue__c": 10.0}
    ]
