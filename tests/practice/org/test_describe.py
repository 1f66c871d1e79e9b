"""Describe: keys, rights of the user, conditional requests."""


def field(api, name, sobject="Account"):
    fields = api.get(f"sobjects/{sobject}/describe").json()["fields"]
    return next((each for each in fields if each["name"] == name), None)


def test_every_field_has_the_same_57_keys_and_the_object_45(api):
    body = api.get("sobjects/Account/describe").json()
    assert {len(each) for each in body["fields"]} == {57}
    assert len(body) == 45
    assert body["keyPrefix"] == "001"


def test_a_custom_key_is_external_unique_and_a_lookup(api):
    key = field(api, "ERP_Number__c")
    told = {name: key[name] for name in ("externalId", "unique", "idLookup", "length", "byteLength", "label", "custom")}
    assert told == {
        "externalId": True, "unique": True, "idLookup": True, "length": 10, "byteLength": 30, "label": "ERP number",
        "custom": True,
    }  # fmt: skip


def test_account_number_is_no_key(api):
    number = field(api, "AccountNumber")
    assert (number["externalId"], number["idLookup"], number["unique"]) == (False, False, False)


def test_numbers_tell_precision_and_scale_and_formulas_are_read_only(api):
    overdue, score = field(api, "ERP_Overdue__c"), field(api, "ERP_Score__c")
    assert (overdue["type"], overdue["precision"], overdue["scale"]) == ("currency", 16, 2)
    assert (score["calculated"], score["updateable"], score["createable"]) == (True, False, False)
    assert field(api, "AnnualRevenue")["scale"] == 0


def test_references_name_their_target_and_relationship(api):
    owner = field(api, "OwnerId")
    assert (owner["referenceTo"], owner["relationshipName"]) == (["User"], "Owner")
    children = api.get("sobjects/Account/describe").json()["childRelationships"]
    assert ("Contact", "AccountId", "Contacts") in [
        (each["childSObject"], each["field"], each["relationshipName"]) for each in children
    ]


def test_a_hidden_field_is_missing_and_a_read_only_one_is_not_updateable(api):
    access = {"user": api.org.username, "sobject": "Account"}
    api.org.admin("field_access", {**access, "field": "ERP_Overdue__c", "readable": False, "editable": False})
    api.org.admin("field_access", {**access, "field": "ERP_As_Of__c", "readable": True, "editable": False})
    assert field(api, "ERP_Overdue__c") is None
    assert field(api, "ERP_As_Of__c")["updateable"] is False
    assert api.query("SELECT ERP_Overdue__c FROM Account").json()[0]["errorCode"] == "INVALID_FIELD"


def test_an_unchanged_describe_is_answered_with_304(api):
    first = api.get("sobjects/Account/describe")
    again = api.get("sobjects/Account/describe", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_object_list_names_every_object(api):
    body = api.get("sobjects/").json()
    assert body["maxBatchSize"] == 200
    assert {each["name"] for each in body["sobjects"]} == {
        "Account", "AccountHistory", "AccountShare", "AccountTeamMember", "Contact", "Opportunity", "Order",
        "Organization", "Quote", "RecordType", "User", "UserRecordAccess", "UserRole",
    }  # fmt: skip


def test_currency_appears_only_in_a_multicurrency_org(api):
    api.org.seed("Account", {"Name": "Old"})
    assert field(api, "CurrencyIsoCode") is None
    assert api.get("sobjects/CurrencyType/describe").status_code == 404
    api.org.admin("features", {"currencies": ["EUR", "USD"], "rates": {"USD": "1.1"}})
    assert [each["value"] for each in field(api, "CurrencyIsoCode")["picklistValues"]] == ["EUR", "USD"]
    assert api.rows("SELECT IsoCode, ConversionRate FROM CurrencyType ORDER BY IsoCode") == [
        {"IsoCode": "EUR", "ConversionRate": 1.0},
        {"IsoCode": "USD", "ConversionRate": 1.1},
    ]
    assert api.rows("SELECT CurrencyIsoCode FROM Account") == [{"CurrencyIsoCode": "EUR"}]


def test_an_unknown_object_is_not_found(api):
    assert api.get("sobjects/Nothing/describe").status_code == 404
